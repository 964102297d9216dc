"""Stages of life, by rules, with or without the socioeconomic class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_one_of, check_rows
from nbo.errors import InputError
from nbo.features.attribute_rows import AttributeRows
from nbo.features.builders.life_stage import LIFE_STAGES, life_stage
from nbo.segments.base import Segmenter
from nbo.segments.number_words import number_words
from nbo.states import check_parts
from nbo.tables import TableColumns

__all__ = ["LifeStageSegmenter"]

_OTHER: Final = "not known"
_ATTRIBUTES: Final = (c.AGE, c.MARITAL_STATUS, c.CHILDREN, "household_size", c.JOB, c.CUSTOMER_TYPE)


class LifeStageSegmenter(Segmenter):
    """Put persons into stages of life, and if asked into socioeconomic classes within them.

    The stage is a feature that :class:`~nbo.features.DemographicFeatures` builds, or is told by the same rules
    from age, marital status, children, household size and job. Businesses and who is not known are in
    "not known". With `income`, the label goes on with a class, such as "family, upper": the income over the square
    root of the household's size, where that is known, is compared with limits learnt in `fit` [1]_. A
    value on a limit is in the lower class; a missing income has none.

    Parameters
    ----------
    stage : str or None, default="customers__life_stage"
        Feature with the stage; None to tell it from `attributes`.
    attributes : mapping of str to str, optional
        Which features hold age, marital_status, children, household_size, job and customer_type; those that
        are not named are taken by these names where they are in `X`. Not used with `stage`.
    income : str, optional
        Feature with the income of the household, such as "environment__household_income".
    household_size : str, optional
        Feature with the number of people that live on it.
    classes : sequence of str, default=("lower", "middle", "upper")
        Names of the classes, the lowest income first.
    shares : sequence of float, default=(0.25, 0.5, 0.25)
        Share of each class among customers of known income in `fit`, above 0; sum 1.

    Attributes
    ----------
    limits_ : ndarray of shape (n_classes - 1,)
        Incomes above which the next class begins; empty without `income`.

    References
    ----------
    .. [1] OECD (2011). Divided we stand: why inequality keeps rising. OECD Publishing. For the square root scale.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [17, 25, 40, 70, None], "marital_status": "married", "children": [0, 0, 2, 0, 0]})
    >>> LifeStageSegmenter(stage=None).fit(X).predict(X).tolist()
    ['youth', 'young couple', 'family', 'senior', 'not known']
    """

    def __init__(
        self,
        stage: str | None = "customers__life_stage",
        attributes: Mapping[str, str] | None = None,
        income: str | None = None,
        household_size: str | None = None,
        classes: Sequence[str] = ("lower", "middle", "upper"),
        shares: Sequence[float] = (0.25, 0.5, 0.25),
    ) -> None:
        self.stage = stage
        self.attributes = attributes
        self.income = income
        self.household_size = household_size
        self.classes = classes
        self.shares = shares

    def fit(
        self,
        X: pd.DataFrame,
        accepted: np.ndarray | None = None,
        offer_id: np.ndarray | None = None,
        action_probability: np.ndarray | None = None,
    ) -> Self:
        """See :meth:`Segmenter.fit`; answers are not needed."""
        X = check_frame(X, "X").reset_index(drop=True)
        self._check_names()
        shares = check_numbers(self.shares, "shares")
        if len(shares) != len(self.classes) or not (shares > 0).all() or abs(shares.sum() - 1) > 1e-9:
            raise InputError(
                f"shares must be {len(self.classes)} numbers above 0 of sum 1, one a class; got {self.shares!r}."
            )
        self.limits_ = np.zeros(0)
        if self.income is not None:
            income = self._income(X)
            known = income[~np.isnan(income)]
            self.limits_ = np.quantile(known, np.cumsum(shares)[:-1]) if len(known) else np.zeros(len(shares) - 1)
        names = self._names()
        n = pd.Series(self._labels(X)).value_counts().reindex(names, fill_value=0).to_numpy()
        self.table_ = pd.DataFrame(
            {
                c.SEGMENT: pd.array(names, dtype="str"),
                "rule": pd.array([self._rule(name) for name in names], dtype="str"),
                "n": n,
                "share": n / max(len(X), 1),
            }
        )
        return self

    def _check_names(self) -> None:
        names = [] if isinstance(self.classes, str) else list(self.classes)
        if not names or len(set(names)) < len(names) or not all(isinstance(name, str) and name for name in names):
            raise InputError(f"classes must be a list of names that differ; got {self.classes!r}.")
        for name in self.attributes or {}:
            check_one_of(name, _ATTRIBUTES, "a key of attributes")

    def _names(self) -> list[str]:
        stages = [*LIFE_STAGES, _OTHER]
        if self.income is None:
            return stages
        return [name for stage in stages for name in (stage, *(f"{stage}, {name}" for name in self.classes))]

    def _rule(self, name: str) -> str:
        stage, _, class_ = name.partition(", ")
        told = "stage of life not known, or a business" if stage == _OTHER else f"stage of life {stage}"
        if not class_:
            return told if self.income is None else f"{told}, {self.income} missing"
        place = list(self.classes).index(class_)
        low = f"{number_words(self.limits_[place - 1])} < " if place else ""
        high = f" <= {number_words(self.limits_[place])}" if place < len(self.limits_) else ""
        return f"{told}, {low}{self._shown()}{high}"

    def _shown(self) -> str:
        return f"{self.income}" if self.household_size is None else f"{self.income} / sqrt({self.household_size})"

    def _labels(self, X: pd.DataFrame) -> np.ndarray:
        check_is_fitted(self, "limits_")
        stage = self._stage(X)
        if self.income is None:
            return stage
        income = self._income(X)
        endings = np.array(["", *(f", {name}" for name in self.classes)])
        class_ = np.where(np.isnan(income), 0, 1 + np.searchsorted(self.limits_, income))
        return np.char.add(stage, endings[class_])

    def _stage(self, X: pd.DataFrame) -> np.ndarray:
        if self.stage is not None:
            check_columns(X, [self.stage], "X")
            given = X[self.stage].astype("str")
            unknown = given.notna() & ~given.isin(LIFE_STAGES)
            check_rows(unknown.to_numpy(), given, f"X.{self.stage}", f"one of {', '.join(LIFE_STAGES)}")
            return given.fillna(_OTHER).to_numpy(dtype=object).astype(str)
        names = {name: (self.attributes or {}).get(name, name) for name in _ATTRIBUTES}
        check_columns(X, [names[c.AGE], *(self.attributes or {}).values()], "X")
        frame = pd.DataFrame({name: X[column] for name, column in names.items() if column in X})
        age = check_numbers(frame[c.AGE], f"X.{names[c.AGE]}")
        table = TableColumns.of(frame, "customers")
        rows = AttributeRows(table, np.arange(len(X)), np.zeros(len(X), dtype=np.int64))
        return pd.Series(life_stage(rows, age), dtype="str").fillna(_OTHER).to_numpy(dtype=object).astype(str)

    def _income(self, X: pd.DataFrame) -> np.ndarray:
        asked = [name for name in (self.income, self.household_size) if name is not None]
        check_columns(X, asked, "X")
        income = check_numbers(X[self.income], f"X.{self.income}")
        check_rows(np.isinf(income), income, f"X.{self.income}", "finite numbers, or missing")
        if self.household_size is None:
            return income
        size = check_numbers(X[self.household_size], f"X.{self.household_size}")
        return income / np.sqrt(np.where(size >= 1, size, 1.0))

    def _learnt(self) -> dict[str, Any]:
        return {"limits": self.limits_.tolist()}

    def _restore(self, learnt: dict[str, Any]) -> None:
        check_parts(learnt, "LifeStageSegmenter", {"limits": list})
        self.limits_ = np.array(learnt["limits"], dtype=float)
