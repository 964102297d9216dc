"""Tiers of value: the customers who bring most, those who bring less, and those who cost more than they bring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.errors import InputError
from nbo.segments.base import Segmenter
from nbo.segments.group_sums import group_sums
from nbo.segments.number_words import number_words
from nbo.states import check_parts

__all__ = ["ValueTierSegmenter"]

_UNKNOWN: Final = "unknown"


class ValueTierSegmenter(Segmenter):
    """Put customers into tiers by what they are worth.

    The last tier holds the customers whose value is below zero. The others are parted by limits: those given, or
    those that give each tier its share of the customers of value 0 or more seen in `fit`. A customer is in the
    first tier whose limit is below the value. So equal values are always in the same tier, a value on a limit is
    in the lower one, scarce tiers never hold more than their shares, and a higher value never has a lower tier.
    `predict` uses the limits that were learnt, whoever else is asked about. A customer without value is in the
    segment ``unknown``.

    Parameters
    ----------
    value : str, default="transactions__net_margin__sum__365D"
        Feature with the value in money, such as profit or the predicted lifetime value.
    tiers : sequence of str, default=("high", "middle", "low", "negative")
        Names from the best tier to that of customers of negative value; two or more.
    shares : sequence of float, default=(0.2, 0.3, 0.5)
        Share of each tier but the last, above 0; sum 1. Not used with `limits`.
    limits : sequence of float, optional
        Values in money above which a customer is in the first tier, the second ...; falling, 0 or more, one fewer
        than there are tiers of value 0 or more.

    Attributes
    ----------
    limits_ : ndarray of shape (n_tiers - 2,)
        Limits in use; infinite where nobody in `fit` had a value of 0 or more.
    table_ : DataFrame
        What :meth:`describe` gives: also `value`, the sum of the tier's customers in `fit` in money; `value_share`,
        its share of the sum over all; `mean`.

    Examples
    --------
    >>> X = pd.DataFrame({"profit": [900.0, 120, 80, 40, 10, -30, None]})
    >>> tiers = ValueTierSegmenter("profit").fit(X)
    >>> tiers.predict(X).tolist()
    ['high', 'middle', 'low', 'low', 'low', 'negative', 'unknown']
    >>> tiers.predict(pd.DataFrame({"profit": [500.0]})).tolist()
    ['high']
    """

    def __init__(
        self,
        value: str = "transactions__net_margin__sum__365D",
        tiers: Sequence[str] = ("high", "middle", "low", "negative"),
        shares: Sequence[float] = (0.2, 0.3, 0.5),
        limits: Sequence[float] | None = None,
    ) -> None:
        self.value = value
        self.tiers = tiers
        self.shares = shares
        self.limits = limits

    def fit(
        self,
        X: pd.DataFrame,
        accepted: np.ndarray | None = None,
        offer_id: np.ndarray | None = None,
        action_probability: np.ndarray | None = None,
    ) -> Self:
        """See :meth:`Segmenter.fit`; answers are not needed."""
        names = self._names()
        values = self._values(check_frame(X, "X"))
        if self.limits is None:
            self.limits_ = _limits_of(values[values >= 0], _checked_shares(self.shares, len(names) - 2))
        else:
            self.limits_ = _checked_limits(self.limits, len(names) - 3)
        self.table_ = self._described(names, values)
        return self

    def _described(self, names: list[str], values: np.ndarray) -> pd.DataFrame:
        tier = self._tier(values)
        n = np.bincount(tier, minlength=len(names))
        total = group_sums(tier, values, len(names))
        known = (n > 0) & (np.array(names) != _UNKNOWN)
        return pd.DataFrame(
            {
                c.SEGMENT: pd.array(names, dtype="str"),
                "rule": pd.array(self._rules(), dtype="str"),
                "n": n,
                "share": n / max(len(values), 1),
                "value": total,
                "value_share": total / total.sum() if total.sum() > 0 else np.full(len(names), np.nan),
                "mean": np.where(known, total, np.nan) / np.maximum(n, 1),
            }
        )

    def _names(self) -> list[str]:
        names = [self.tiers] if isinstance(self.tiers, str) else list(self.tiers)
        fine = all(isinstance(name, str) and name and name != _UNKNOWN for name in names)
        if len(names) < 2 or len(set(names)) < len(names) or not fine:
            raise InputError(f"tiers must be two or more names that differ, none {_UNKNOWN!r}; got {self.tiers!r}.")
        return [*names, _UNKNOWN]

    def _values(self, X: pd.DataFrame) -> np.ndarray:
        check_columns(X, [self.value], "X")
        values = check_numbers(X[self.value], f"X.{self.value}")
        check_rows(np.isinf(values), values, f"X.{self.value}", "finite numbers, or missing")
        return values

    def _tier(self, values: np.ndarray) -> np.ndarray:
        """Give the number of each tier: the first has 0, that of negative values the last but one, unknown the last."""
        last = len(self.tiers) - 1
        # Searched from below, so that a value on a limit stays under it.
        above = np.searchsorted(self.limits_[::-1], values, side="left")
        return np.select([np.isnan(values), values < 0], [last + 1, last], len(self.limits_) - above)

    def _rules(self) -> list[str]:
        rules = [f"{self.value} > {number_words(limit)}" for limit in self.limits_]
        rules = [
            rule if i == 0 else f"{rule} and <= {number_words(self.limits_[i - 1])}" for i, rule in enumerate(rules)
        ]
        below = f" and <= {number_words(self.limits_[-1])}" if len(self.limits_) else ""
        return [*rules, f"{self.value} >= 0{below}", f"{self.value} < 0", f"{self.value} is missing"]

    def _labels(self, X: pd.DataFrame) -> np.ndarray:
        check_is_fitted(self, "limits_")
        return np.array(self._names())[self._tier(self._values(X))]

    def _learnt(self) -> dict[str, Any]:
        return {"limits": [limit if np.isfinite(limit) else None for limit in self.limits_.tolist()]}

    def _restore(self, learnt: dict[str, Any]) -> None:
        check_parts(learnt, "ValueTierSegmenter", {"limits": list})
        self.limits_ = np.array([np.inf if limit is None else limit for limit in learnt["limits"]], dtype=float)


def _limits_of(values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Find the largest values that are no longer in each tier: so many are above as its share allows."""
    falling = np.sort(values)[::-1]
    # The slack keeps 0.1 + 0.2 of 10 customers at 3.
    places = np.floor(np.cumsum(shares)[:-1] * len(falling) + 1e-9).astype(np.int64)
    if not len(falling):
        return np.full(len(places), np.inf)
    return falling[np.minimum(places, len(falling) - 1)]


def _checked_shares(shares: Any, count: int) -> np.ndarray:
    numbers = check_numbers(shares, "shares")
    if len(numbers) != count or not (numbers > 0).all() or abs(numbers.sum() - 1) > 1e-9:
        raise InputError(
            f"shares must be {count} numbers above 0 of sum 1, one for each tier but the last; got {shares!r}."
        )
    return numbers


def _checked_limits(limits: Any, count: int) -> np.ndarray:
    numbers = check_numbers(limits, "limits")
    if len(numbers) != count or not (numbers >= 0).all() or not (np.diff(numbers) < 0).all():
        raise InputError(f"limits must be {count} falling numbers, 0 or more; got {limits!r}.")
    return numbers
