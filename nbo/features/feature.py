"""One feature column: what it is in words, and all that is needed to compute it again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from nbo.features.windows import ALL
from nbo.tables import CONTRACTS

__all__ = ["DICTIONARY_COLUMNS", "Feature", "feature_name"]

DICTIONARY_COLUMNS = ["feature", "data_type", "table", "column", "aggregate", "window", "filter", "unit", "meaning"]
Conditions = tuple[tuple[str, str], ...]
_UNSAFE = re.compile(r"[^\w.+-]+")
_DAYS = ("recency_days", "tenure_days", "mean_gap_days")
_WORDS = {
    "count": "Number of {rows}",
    "any": "1 if there are {rows}, else 0",
    "sum": "Sum of {column} over {rows}",
    "mean": "Mean {column} over {rows}",
    "max": "Largest {column} over {rows}",
    "min": "Smallest {column} over {rows}",
    "last": "Latest {column} of {rows}",
    "distinct": "Number of different values of {column} in {rows}",
    "recency_days": "Days from the last of {rows} to as_of",
    "tenure_days": "Days from the first of {rows} to as_of",
    "mean_gap_days": "Mean days from one to the next of {rows}",
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
        What is computed: one of :data:`nbo.features.aggregates.AGGREGATES`, "ratio" of two
        other features, or "as_of" for an attribute.
    window : str, default=""
        Such as "30D" or "all"; empty for an attribute.
    where : tuple of (str, str)
        Column and value that a row must have.
    unit : str, default=""
        Such as "money" or "days".
    meaning : str, optional
        In a sentence; made from the other parts if not given.
    time : str, optional
        Column that says when the row counts, where it is not the table's own time.
    open_until : str, optional
        Column with the end of a row; rows that ended before as_of do not count.
    parts : tuple of str
        Features that make a ratio: the numerator, then those that add up to the denominator.
    scale : float, default=1.0
        The ratio is multiplied by this.
    kind : {"number", "flag", "category"}, default="number"
        What the column holds.
    """

    feature: str
    table: str
    column: str
    aggregate: str
    window: str = ""
    where: Conditions = ()
    unit: str = ""
    meaning: str = ""
    time: str = ""
    open_until: str = ""
    parts: tuple[str, ...] = ()
    scale: float = 1.0
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
        pivot: Conditions = (),
        where: Conditions = (),
        meaning: str = "",
        time: str = "",
        open_until: str = "",
    ) -> Feature:
        """Make an aggregate and compose its name.

        Parameters
        ----------
        table, aggregate, window, column, meaning, time, open_until : str
            As in the class; days since something leave the window out of the name.
        name : str, optional
            Another name.
        pivot, where : tuple of (str, str)
            Conditions that the name shows, and those that it does not.

        Returns
        -------
        Feature
        """
        shown = "" if aggregate in _DAYS else window
        name = name or feature_name(table, column, aggregate, shown, pivot=pivot)
        conditions = (*where, *pivot)
        return cls(
            name, table, column, aggregate, window, conditions, meaning=meaning, time=time, open_until=open_until
        )

    @property
    def filter(self) -> str:
        """Which rows count, in words."""
        conditions = [f"{column} = {value}" for column, value in self.where]
        if self.open_until:
            conditions.append(f"{self.open_until} not before as_of")
        if self.time:
            conditions.append(f"{self.time} before as_of")
        return " and ".join(conditions)

    def describe(self) -> dict[str, str]:
        """Give the feature's row of the feature dictionary."""
        words = {
            "feature": self.feature,
            "data_type": CONTRACTS[self.table].data_type,
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
        state = {**asdict(self), "where": [list(condition) for condition in self.where], "parts": list(self.parts)}
        return {name: value for name, value in state.items() if name == "column" or value not in ("", [])}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Feature:
        """Make the feature of :meth:`to_dict` again."""
        where = tuple((column, value) for column, value in state.get("where", ()))
        return cls(**{**state, "where": where, "parts": tuple(state.get("parts", ()))})

    def _unit(self) -> str:
        if self.aggregate in ("count", "distinct", "decayed_count"):
            return "count"
        if self.aggregate in _DAYS:
            return "days"
        column = CONTRACTS[self.table].column(self.column)
        return column.unit if column else ""

    def _meaning(self) -> str:
        rows = f"{self.table} with {self.filter}" if self.filter else self.table
        words = _WORDS[self.aggregate].format(column=self.column, rows=rows)
        if self.aggregate in _DAYS[:2]:
            return f"{words}."
        return f"{words} before as_of." if self.window == ALL else f"{words} in the {self.window} before as_of."


def feature_name(*parts: str, pivot: Iterable[tuple[str, str]] = ()) -> str:
    """Compose a feature's name, ``<table>__<column>__<aggregate>__<window>__<column>_<value>``.

    Parameters
    ----------
    *parts : str
        Table, column, aggregate and window; empty ones are left out.
    pivot : iterable of (str, str)
        Category columns and values.

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
    values = [f"{column}_{value}" for column, value in pivot]
    return "__".join(_UNSAFE.sub("_", part) for part in (*parts, *values) if part)
