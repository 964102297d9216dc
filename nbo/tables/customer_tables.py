"""The five data types and what we did, as frames with contracts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from nbo.checks import check_one_of
from nbo.errors import TableError
from nbo.tables.contracts import CONTRACTS
from nbo.tables.given_frames import named_columns, renamed, with_rows
from nbo.tables.problems import PROBLEM_COLUMNS, column_problems, link_problems, problem_message, table_problems
from nbo.tables.store import read_folder, write_folder
from nbo.tables.table_columns import TableColumns
from nbo.tables.typed import empty_frame, typed_frame
from nbo.tables.visitors import with_visitors
from nbo.times import check_time

__all__ = ["CustomerTables"]


class CustomerTables:
    """The five data types and what we did, as frames with contracts.

    Each table may be missing, and extra columns are welcome. Columns that the contract knows
    get their types if every value has one (times become UTC without a zone); `changes` lists
    which. Nothing else is altered and no row is dropped: :meth:`validate` shows what is wrong.

    Parameters
    ----------
    customers, transactions, cases, referrals, environment, macro, events, identities, social, \
surveys, relationships, catalog, decisions, outcomes : DataFrame, optional
        pandas, polars, pyarrow, DuckDB or any frame with the Arrow stream protocol. The data
        dictionary in the documentation says what each column means.

    Attributes
    ----------
    names : list of str
        The tables that are there.
    changes : DataFrame
        Columns whose type was changed on entry: table, column, before, after.

    Raises
    ------
    TypeError
        If a table is not a frame, or its name is unknown.
    InputError
        If two columns have one name, names have several levels, or a cell of a known column holds a list or the like.

    Examples
    --------
    >>> sales = pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-01-31T10:00"], "amount": [9.5]})
    >>> tables = CustomerTables(transactions=sales)
    >>> tables
    CustomerTables(transactions: 1 row)
    >>> tables.validate().empty
    True
    """

    def __init__(self, **tables: Any) -> None:
        unknown = [name for name in tables if name not in CONTRACTS]
        if unknown:
            raise TypeError(f"unknown table {', '.join(map(repr, unknown))}; the tables are {', '.join(CONTRACTS)}.")
        self._frames: dict[str, pd.DataFrame] = {}
        self._changes: list[dict[str, str]] = []
        for name in CONTRACTS:
            if tables.get(name) is not None:
                self._frames[name], changed = typed_frame(named_columns(tables[name], name), CONTRACTS[name])
                self._changes += changed

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Columns whose type was changed: table, column, before, after."""
        return pd.DataFrame(self._changes, columns=["table", "column", "before", "after"])

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in CONTRACTS:
            return self.get(name)
        raise AttributeError(f"CustomerTables has no table {name!r}; the tables are {', '.join(CONTRACTS)}.")

    def __repr__(self) -> str:
        parts = (f"{name}: {len(frame)} row{'s' if len(frame) != 1 else ''}" for name, frame in self._frames.items())
        return f"CustomerTables({', '.join(parts)})"

    def _repr_html_(self) -> str:
        rows = [
            {"table": name, "data type": CONTRACTS[name].data_type, "rows": len(frame), "columns": frame.shape[1]}
            for name, frame in self._frames.items()
        ]
        return str(pd.DataFrame(rows, columns=["table", "data type", "rows", "columns"]).to_html(index=False))

    @property
    def names(self) -> list[str]:
        """The tables that are there."""
        return list(self._frames)

    def has(self, name: str) -> bool:
        """Tell whether a table is there."""
        return name in self._frames

    def get(self, name: str) -> pd.DataFrame:
        """Give a table; one that is not there has no rows and all columns of its contract.

        Parameters
        ----------
        name : str
            Name of the table.

        Returns
        -------
        DataFrame

        Raises
        ------
        InputError
            If there is no such kind of table.
        """
        check_one_of(name, list(CONTRACTS), "table")
        return self._frames[name] if name in self._frames else empty_frame(CONTRACTS[name])

    def columns(self, name: str) -> TableColumns:
        """Give a table column by column, as calculations read it.

        Parameters
        ----------
        name : str
            Name of the table.

        Returns
        -------
        TableColumns

        Raises
        ------
        InputError
            If there is no such kind of table.
        """
        if not self.has(name):
            check_one_of(name, list(CONTRACTS), "table")
            return TableColumns.without_rows(name)
        return TableColumns.of(self._frames[name], name)

    def replace(self, **tables: Any) -> CustomerTables:
        """Make a copy with some tables changed, added or (None) left out.

        Parameters
        ----------
        **tables : DataFrame or None
            As in the constructor.

        Returns
        -------
        CustomerTables
        """
        return CustomerTables(**{**self._frames, **tables})

    def added(self, **rows: Any) -> CustomerTables:
        """Make a copy with rows added to some tables, such as the decisions of a ledger.

        Parameters
        ----------
        **rows : DataFrame
            By table; a row whose key is there already is left out.

        Returns
        -------
        CustomerTables

        Examples
        --------
        >>> tables = CustomerTables(decisions=pd.DataFrame({"decision_id": ["d1"]}))
        >>> tables.added(decisions=pd.DataFrame({"decision_id": ["d1", "d2"]})).decisions["decision_id"].tolist()
        ['d1', 'd2']
        """
        new = CustomerTables(**rows)._frames
        return self.replace(**{name: with_rows(self._frames.get(name), new[name], name) for name in new})

    @classmethod
    def read(cls, folder: str | Path, names: Collection[str] | None = None) -> CustomerTables:
        """Read the tables of a folder.

        Parameters
        ----------
        folder : str or Path
            Holds ``<table>.parquet``, ``<table>.csv`` or a folder ``<table>/`` of Parquet, for each table.
        names : collection of str, optional
            Only these tables, where they are there.

        Returns
        -------
        CustomerTables

        Raises
        ------
        InputError
            If there is no table, one in two forms, or a file that cannot be read.
        """
        return cls(**read_folder(Path(folder), names))

    def write(self, folder: str | Path, format: Literal["parquet", "csv"] = "parquet") -> None:
        """Write one file per table; each appears whole or not at all.

        Parameters
        ----------
        folder : str or Path
            Made if it is not there. Files of the same tables are replaced.
        format : {"parquet", "csv"}, default="parquet"
            Parquet keeps all types.

        Raises
        ------
        InputError
            If the folder holds tables that are not written now: they would be read with these.
        """
        check_one_of(format, ("parquet", "csv"), "format")
        write_folder(self._frames, Path(folder), format)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> CustomerTables:
        """Take frames with people's own column names.

        Parameters
        ----------
        mapping : dict of str to (DataFrame, dict)
            Table -> the frame, and own column name -> name in the contract. Columns that
            are not named keep theirs. A frame alone is taken as it is.

        Returns
        -------
        CustomerTables

        Raises
        ------
        InputError
            If a column to rename is not there, or two would get the same name.

        Examples
        --------
        >>> own = pd.DataFrame({"cust": ["ann"], "when": ["2026-01-31"], "gbp": [9.5]})
        >>> names = {"cust": "customer_id", "when": "event_time", "gbp": "amount"}
        >>> CustomerTables.from_mapping({"transactions": (own, names)}).transactions.columns.tolist()
        ['customer_id', 'event_time', 'amount']
        """
        return cls(**{name: renamed(name, entry) for name, entry in mapping.items()})

    def validate(self, strict: bool = False, as_of: Any = None) -> pd.DataFrame:
        """List every way in which the tables break their contracts.

        Parameters
        ----------
        strict : bool, default=False
            Raise, once and with all of it, if there is any problem.
        as_of : Timestamp or str, optional
            Times after it lie in the future; now by default.

        Returns
        -------
        DataFrame
            One row per problem: table, column, rule, n_rows, first_row (position in the
            table), example, allowed. Empty when all is well.

        Raises
        ------
        TableError
            If `strict` and there is a problem; its `.problems` is the frame.
        """
        now = check_time(as_of) if as_of is not None else pd.Timestamp.now("UTC").tz_localize(None)
        found: list[dict[str, Any]] = []
        for name, frame in self._frames.items():
            found += [*column_problems(frame, CONTRACTS[name], now), *table_problems(frame, CONTRACTS[name])]
            found += link_problems(self._frames, CONTRACTS[name])
        problems = pd.DataFrame(found, columns=PROBLEM_COLUMNS).astype({"first_row": "Int64", "n_rows": "int64"})
        if strict and len(problems):
            raise TableError(problem_message(problems), problems)
        return problems

    def stitched(self) -> CustomerTables:
        """Give the events of anonymous visitors to the customers they turned out to be.

        Such an event keeps its time but counts as known only from when the link was known, so
        it is in no profile before that.

        Returns
        -------
        CustomerTables
        """
        if not (self.has("events") and self.has("identities")):
            return self
        return self.replace(events=with_visitors(self.get("events"), self.get("identities")))
