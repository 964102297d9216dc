"""What a contract says: columns with their types and limits, keys, times and links."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

__all__ = ["Column", "TableContract"]

ColumnKind = Literal["key", "time", "number", "category", "text", "flag", "list"]
DataType = Literal["demographic", "transaction", "environmental", "behavioral", "social", "what we did"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Its name, from :mod:`nbo.columns`. A name that ends in ``*`` stands for all columns
        that begin so.
    kind : {"key", "time", "number", "category", "text", "flag", "list"}
        ``key``: text or integers; ``time``: a moment in UTC; ``flag``: true or false.
    meaning : str
        What it says, in one line.
    required : bool, default=False
        Whether the table must have it, filled in every row.
    unit : str, optional
        Such as "money" or "seconds".
    low, high : float, optional
        Smallest and largest number allowed.
    above : float, optional
        The number must be larger than this.
    values : tuple of str, optional
        The values allowed, where the set is closed.
    future : bool, default=False
        Whether a time may lie ahead, such as the end of an offer.
    missing : str, optional
        What a missing value stands for.
    """

    name: str
    kind: ColumnKind
    meaning: str
    required: bool = False
    unit: str = ""
    low: float | None = None
    high: float | None = None
    above: float | None = None
    values: tuple[str, ...] = ()
    future: bool = False
    missing: str = ""

    @property
    def allowed(self) -> str:
        """What a value may be, in words."""
        if self.values:
            return "one of " + ", ".join(self.values)
        words = {
            "key": "text or an integer",
            "time": "a time (ISO 8601), UTC where no zone is given",
            "number": "a number",
            "flag": "true or false",
            "list": "a list, or text with | between the items",
        }.get(self.kind, "text")
        if self.above is not None:
            return f"{words} in ({self.above:g}, {self.high:g}]"
        if self.low is not None and self.high is not None:
            return f"{words} in [{self.low:g}, {self.high:g}]"
        if self.low is not None:
            return f"{words}, {self.low:g} or more"
        return words


@dataclass(frozen=True)
class TableContract:
    """One table: its columns, what identifies a row, and what its keys point to.

    Parameters
    ----------
    name : str
        The table's name.
    data_type : str
        One of the five data types, or "what we did".
    meaning : str
        What one row is.
    columns : tuple of Column
        Known columns, in reading order. Others are welcome.
    unique : tuple of str
        Columns that together identify a row, as far as the table has them.
    time : str, optional
        The column that says when a row happened or became valid.
    links : tuple of (str, str, str)
        Own column, table and column that it must be found in, where that table is there.
    any_of : tuple of str
        At least one of these columns must be there.
    """

    name: str
    data_type: DataType
    meaning: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    time: str | None = None
    links: tuple[tuple[str, str, str], ...] = ()
    any_of: tuple[str, ...] = ()

    @property
    def required(self) -> list[str]:
        """Names of the columns that must be there."""
        return [column.name for column in self.columns if column.required]

    def column(self, name: str) -> Column | None:
        """Find the contract of a column, or None for an extra one."""
        if name in self._named:
            return self._named[name]
        return next((column for start, column in self._starts if name.startswith(start)), None)

    @cached_property
    def _named(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def _starts(self) -> list[tuple[str, Column]]:
        return [(column.name[:-1], column) for column in self.columns if column.name.endswith("*")]
