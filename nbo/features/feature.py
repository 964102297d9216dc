"""One feature column: what it is in words, and all that is needed to compute it again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from nbo import columns as c
from nbo.features.conditions import Condition, check_conditions, in_words, name_of
from nbo.features.derived import DERIVED
from nbo.features.row_words import row_words
from nbo.features.window import ALL, Window
from nbo.tables import CONTRACTS

__all__ = ["DICTIONARY_COLUMNS", "Feature", "feature_name", "with_own_names"]

DICTIONARY_COLUMNS = ["feature", "data_type", "table", "column", "aggregate", "window", "filter", "unit", "meaning"]
_UNSAFE = re.compile(r"[^\w.+-]+")
_DAYS = ("recency_days", "tenure_days", "mean_gap_days", "std_gap_days")
_TEXTS = ("top", "latest", "earliest")
_UNITS = {
    **dict.fromkeys(("count", "distinct", "decayed_count", "mean_rows"), "count"),
    **dict.fromkeys(("top_share", "single_share"), "share"),
    **dict.fromkeys(("mean_seconds", "max_seconds"), "seconds"),
    **dict.fromkeys(_DAYS, "days"),
    **dict.fromkeys(_TEXTS, ""),
    "entropy": "nats",
}
_WORDS = {
    "count": "Number of {rows}",
    "any": "1 if there are {rows}, else 0",
    "sum": "Sum of {column} over {rows}",
    "mean": "Mean {column} over {rows}",
    "max": "Largest {column} over {rows}",
    "min": "Smallest {column} over {rows}",
    "std": "Standard deviation of {column} over {rows}",
    "first": "Earliest {column} of {rows}",
    "last": "Latest {column} of {rows}",
    "latest": "Latest {column} of {rows}",
    "earliest": "Earliest {column} of {rows}",
    "top": "Most frequent {column} of {rows}",
    "top_share": "Share of the most frequent {column} in {rows}",
    "entropy": "Entropy of {column} over {rows}",
    "distinct": "Number of different values of {column} in {rows}",
    "recency_days": "Days from the last of {rows} to as_of",
    "tenure_days": "Days from the first of {rows} to as_of",
    "mean_gap_days": "Mean days from one to the next of {rows}",
    "std_gap_days": "Standard deviation of the days from one to the next of {rows}",
    "decayed_count": "Number of {rows}, each weighing half as much for every {window} of its age,",
    "decayed_sum": "Sum of {column} over {rows}, each weighing half as much for every {window} of its age,",
    "decayed_mean": "Mean {column} over {rows}, each weighing half as much for every {window} of its age,",
    "mean_rows": "Mean number of {rows} that share a {column},",
    "single_share": "Share of the different values of {column} that only one row has, of {rows}",
    "mean_seconds": "Mean seconds from the first to the last of {rows} that share a {column},",
    "max_seconds": "Longest time in seconds from the first to the last of {rows} that share a {column},",
}


@dataclass(frozen=True)
class Feature:
    """One feature column: what it is in words, and all that is needed to compute it again.

    Parameters
    ----------
    feature : str
        Name of the column.
    table, column : str
        Where it comes from; `column` is empty for what needs only the rows.
    aggregate : str
        What is computed: one of :data:`nbo.features.aggregates.AGGREGATES`, one of
        the combinations of :mod:`nbo.features.combined`, or "as_of" for an attribute.
    window : str, default=""
        Such as "30D" or "all"; empty for an attribute.
    where, pivot : tuple of conditions
        What a row must meet, see :func:`~nbo.features.conditions.check_conditions`; the name
        shows only those of `pivot`.
    unit : str, default=""
        Such as "money" or "days".
    meaning : str, optional
        In a sentence; made from the other parts if not given.
    time : str, optional
        Column that says when the row counts, where it is not the table's own time.
    open_until : str, optional
        Column with the end of a row; rows that ended before as_of do not count.
    parts : tuple of Feature or str
        Features that this one is made of, or names of columns beside it. A "ratio" has the numerator, then
        those that add up to the denominator; a "difference" has one, then those to take off; days "since"
        something have them, then those since what must not have come later.
    scale : float, default=1.0
        What the parts give is multiplied by this.
    weights : tuple of (str, float)
        Makes a column of categories one of numbers: the weight of each text, 0 for all others.
    data_type : str, optional
        Where it is not that of the table.
    kind : {"number", "flag", "category"}, default="number"
        What the column holds.
    """

    feature: str
    table: str
    column: str
    aggregate: str
    window: str = ""
    where: tuple[Condition, ...] = ()
    pivot: tuple[Condition, ...] = ()
    unit: str = ""
    meaning: str = ""
    time: str = ""
    open_until: str = ""
    parts: tuple[Feature | str, ...] = ()
    scale: float = 1.0
    weights: tuple[tuple[str, float], ...] = ()
    data_type: str = ""
    kind: str = "number"

    @classmethod
    def of(
        cls,
        table: str,
        aggregate: str,
        window: str = ALL,
        column: str = "",
        *,
        name: str = "",
        label: str = "",
        pivot: tuple[Condition, ...] = (),
        where: tuple[Condition, ...] = (),
        meaning: str = "",
        time: str = "",
        open_until: str = "",
        weights: tuple[tuple[str, float], ...] = (),
    ) -> Feature:
        """Make an aggregate and compose its name.

        Parameters
        ----------
        table, aggregate, window, column, meaning, time, open_until, weights
            As in the class; days since something leave the window out of the name.
        name : str, optional
            Another name.
        label : str, optional
            Put behind the table in the name.
        pivot, where : tuple of conditions
            Conditions that the name shows, and those that it does not.

        Returns
        -------
        Feature
        """
        shown = "" if aggregate in _DAYS else window
        name = name or feature_name(f"{table}_{label}" if label else table, column, aggregate, shown, pivot=pivot)
        kind = "category" if aggregate in _TEXTS else "number"
        rest: dict[str, Any] = {"meaning": meaning, "time": time, "open_until": open_until, "kind": kind}
        rest["weights"] = tuple(weights)
        return cls(name, table, column, aggregate, window, tuple(where), tuple(pivot), **rest)

    @property
    def filter(self) -> str:
        """Which rows count, in words."""
        conditions = in_words((*self.where, *self.pivot))
        if self.open_until:
            conditions.append(f"{self.open_until} not before as_of")
        if self.time:
            conditions.append(f"{self.time} before as_of")
        return " and ".join(conditions)

    def describe(self) -> dict[str, str]:
        """Give the feature's row of the feature dictionary."""
        words = {
            "feature": self.feature,
            "data_type": self.data_type or CONTRACTS[self.table].data_type,
            "table": self.table,
            "column": self.column,
            "aggregate": self.aggregate,
            "window": self.window,
            "filter": self.filter,
            "unit": self.unit or self._unit(),
            "meaning": self.meaning or self._meaning(),
        }
        return {name: words[name] for name in DICTIONARY_COLUMNS}

    def to_dict(self) -> dict[str, Any]:
        """Give all parts as JSON values; :meth:`from_dict` takes them back."""
        state = {part.name: _as_json(getattr(self, part.name)) for part in fields(self)}
        return {name: value for name, value in state.items() if name == "column" or value not in ("", [])}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Feature:
        """Make the feature of :meth:`to_dict` again."""
        conditions = {name: check_conditions(state.get(name, ()), name) for name in ("where", "pivot")}
        parts = tuple(part if isinstance(part, str) else cls.from_dict(part) for part in state.get("parts", ()))
        weights = tuple((text, weight) for text, weight in state.get("weights", ()))
        return cls(**{**state, **conditions, "parts": parts, "weights": weights})

    def _unit(self) -> str:
        if self.kind != "number":
            return ""
        if self.aggregate in _UNITS:
            return _UNITS[self.aggregate]
        derived = {column.name: column.unit for column in DERIVED.get(self.table, ())}
        column = CONTRACTS[self.table].column(self.column)
        return column.unit if column else derived.get(self.column, "")

    def _meaning(self) -> str:
        rows = row_words(self.table, (*self.where, *self.pivot), self.time, self.open_until)
        words = _WORDS[self.aggregate].format(column=self.column, rows=rows, window=self.window)
        if self.aggregate in _DAYS[:2] or self.open_until == c.CLOSED_AT:
            return f"{words}."
        decayed = self.aggregate.startswith("decayed")
        return f"{words} {Window.of(ALL if decayed else self.window).words}."


def _as_json(value: Any) -> Any:
    if isinstance(value, Feature):
        return value.to_dict()
    return [_as_json(part) for part in value] if isinstance(value, tuple) else value


def feature_name(*parts: str, pivot: Iterable[Condition] = ()) -> str:
    """Compose a feature's name, ``<table>__<column>__<aggregate>__<window>__<column>_<value>``.

    Parameters
    ----------
    *parts : str
        Table, column, aggregate and window; empty ones are left out.
    pivot : iterable of conditions
        Those that the name shows.

    Returns
    -------
    str
        What is not a letter, digit, ``-``, ``+`` or ``.`` is an underscore, for not every model
        takes such characters in a name.

    Examples
    --------
    >>> feature_name("transactions", "amount", "sum", "30D", pivot=[("category", "pets & food")])
    'transactions__amount__sum__30D__category_pets_food'
    """
    values = [name_of(condition) for condition in pivot]
    return "__".join(_UNSAFE.sub("_", part) for part in (*parts, *values) if part)


def with_own_names(features: Iterable[Feature]) -> list[Feature]:
    """Give a number to names that two categories would share, such as "a b" and "a_b".

    Parameters
    ----------
    features : iterable of Feature

    Returns
    -------
    list of Feature
        Each with a name of its own.
    """
    seen: Counter[str] = Counter()
    named = []
    for feature in features:
        seen[feature.feature] += 1
        n = seen[feature.feature]
        named.append(feature if n == 1 else replace(feature, feature=f"{feature.feature}_{n}"))
    return named
