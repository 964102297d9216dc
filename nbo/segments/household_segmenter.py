"""Segments by who lives or works together."""

from __future__ import annotations

from typing import Any, Final, Self

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.segments.base import Segmenter
from nbo.segments.number_words import number_words
from nbo.states import check_parts

__all__ = ["HouseholdSegmenter"]

_RULES: Final = {
    "large_account": "contact of an account of {large} contacts or more",
    "small_account": "contact of an account of fewer than {large} contacts",
    "family": "household with children",
    "single": "household of one",
    "couple": "household of two, without children",
    "large_household": "household of three or more, without children",
    "unknown": "neither household nor account is known",
}
_HIGH, _LOW = "_high", "_low"


class HouseholdSegmenter(Segmenter):
    """Segment customers by the household or account that they belong to.

    A contact of an account is of a small or a large account, everybody else is single, of a couple, a family or a
    larger household, or unknown. With `total`, each of these but the unknown is parted at the median of that
    total among its customers in `fit`: "family_high" has more than the median, "family_low" has not, or is not known.

    The features are those of :class:`~nbo.features.HouseholdFeatures` and
    :class:`~nbo.features.AccountFeatures`, or columns of :func:`~nbo.segments.households`.

    Parameters
    ----------
    members : str, default="customers_household__members"
        Feature with the number of customers in the household; 0 or missing where there is none.
    children : str, default="customers_household__children"
        Feature with the number of children among them.
    contacts : str, default="customers_account__contacts"
        Feature with the number of contacts of the account; 0 or missing for who is no contact.
    total : str, optional
        Feature with what household or account add up to, such as "transactions_household__amount__sum__365D".
    large : int, default=10
        Contacts of a large account.

    Attributes
    ----------
    used_ : list of str
        The features that were there in `fit`; one of members and contacts must be.
    medians_ : dict of str to float
        Where a segment is parted by `total`.

    Examples
    --------
    >>> X = pd.DataFrame({"size": [1, 2, 4, 4, 0], "children": [0, 0, 2, 0, 0]})
    >>> HouseholdSegmenter(members="size", children="children").fit(X).predict(X).tolist()
    ['single', 'couple', 'family', 'large_household', 'unknown']
    """

    def __init__(
        self,
        members: str = "customers_household__members",
        children: str = "customers_household__children",
        contacts: str = "customers_account__contacts",
        total: str | None = None,
        large: int = 10,
    ) -> None:
        self.members = members
        self.children = children
        self.contacts = contacts
        self.total = total
        self.large = large

    def fit(
        self,
        X: pd.DataFrame,
        accepted: np.ndarray | None = None,
        offer_id: np.ndarray | None = None,
        action_probability: np.ndarray | None = None,
    ) -> Self:
        """See :meth:`Segmenter.fit`; answers are not needed."""
        check_number(self.large, "large", "2 or more", lambda number: number >= 2, whole=True)
        X = check_frame(X, "X").reset_index(drop=True)
        if self.members not in X and self.contacts not in X:
            raise InputError(
                f"X must have {self.members!r} or {self.contacts!r}; HouseholdFeatures, AccountFeatures and households "
                "give them. Name your columns in `members` and `contacts`."
            )
        self.used_ = [name for name in (self.members, self.children, self.contacts) if name in X]
        kind = self._kinds(X)
        self.medians_ = {} if self.total is None else self._medians(X, kind)
        counts = pd.Series(self._labels(X)).value_counts()
        names = list(_RULES) if self.total is None else [name for rule in _RULES for name in _parts(rule)]
        n = counts.reindex(names, fill_value=0).to_numpy()
        self.table_ = pd.DataFrame(
            {
                c.SEGMENT: pd.array(names, dtype="str"),
                "rule": pd.array([self._rule(name) for name in names], dtype="str"),
                "n": n,
                "share": n / max(len(X), 1),
            }
        )
        return self

    def _kinds(self, X: pd.DataFrame) -> np.ndarray:
        members, children, contacts = (self._numbers(X, name) for name in (self.members, self.children, self.contacts))
        meets = [contacts >= self.large, contacts > 0, members <= 0, children > 0, members == 1, members == 2]
        names = ["large_account", "small_account", "unknown", "family", "single", "couple"]
        return np.select(meets, names, default="large_household")

    def _labels(self, X: pd.DataFrame) -> np.ndarray:
        kind = self._kinds(X)
        if self.total is None:
            return kind.astype(str)
        limit = pd.Series(kind).map(self.medians_).to_numpy(dtype=float)
        part = np.where(self._totals(X) > limit, _HIGH, _LOW)
        return np.where(kind == "unknown", kind, np.char.add(kind.astype(str), part)).astype(str)

    def _medians(self, X: pd.DataFrame, kind: np.ndarray) -> dict[str, float]:
        known = pd.Series(self._totals(X)).groupby(kind).median().dropna()
        # Who comes later to a segment that had nobody is parted at 0.
        return {name: float(known.get(name, 0.0)) for name in _RULES if name != "unknown"}

    def _numbers(self, X: pd.DataFrame, name: str) -> np.ndarray:
        if name not in self.used_:
            return np.zeros(len(X))
        check_columns(X, [name], "X")
        return np.nan_to_num(check_numbers(X[name], f"X.{name}"))

    def _totals(self, X: pd.DataFrame) -> np.ndarray:
        check_columns(X, [str(self.total)], "X")
        totals = check_numbers(X[self.total], f"X.{self.total}")
        check_rows(np.isinf(totals), totals, f"X.{self.total}", "finite numbers, or missing")
        return totals

    def _rule(self, name: str) -> str:
        kind = name.removesuffix(_HIGH).removesuffix(_LOW)
        rule = _RULES[kind].format(large=self.large)
        if kind == name:
            return rule
        side = ">" if name.endswith(_HIGH) else "not >"
        return f"{rule}, {self.total} {side} {number_words(self.medians_[kind])}"

    def _learnt(self) -> dict[str, Any]:
        return {"used": self.used_, "medians": self.medians_}

    def _restore(self, learnt: dict[str, Any]) -> None:
        check_parts(learnt, "HouseholdSegmenter", {"used": list, "medians": dict})
        self.used_, self.medians_ = learnt["used"], learnt["medians"]


def _parts(kind: str) -> list[str]:
    return [kind] if kind == "unknown" else [kind + _HIGH, kind + _LOW]
