"""One transaction of the driver: the same SQL for SQLite and PostgreSQL, without a layer in between."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from nbo import columns as c

__all__ = ["Cursor", "Memory"]

_FETCHED: Final = 10_000


@dataclass
class Memory:
    """What a writer remembers from one transaction to the next, to ask less.

    Parameters
    ----------
    kinds : dict
        Kinds of columns by table: they only ever widen.
    ends : dict
        Rows and last hash of each table's chain: right until another process writes.
    """

    kinds: dict[str, dict[str, str]] = field(default_factory=dict)
    ends: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def forget(self) -> None:
        """Forget all, as after a transaction that was undone."""
        self.kinds.clear()
        self.ends.clear()


class Cursor:
    """The driver's cursor in an open transaction.

    A hundred thousand rows a second leave ten microseconds for each; a statement of SQLAlchemy
    takes more than that. So what is written goes to the driver.

    Parameters
    ----------
    driver : object
        A cursor as the database API of Python (PEP 249) defines it.
    is_sqlite : bool
        Whether the database is SQLite; else it is PostgreSQL.
    memory : Memory, optional
        What earlier transactions read or wrote.
    """

    def __init__(self, driver: Any, is_sqlite: bool, memory: Memory | None = None) -> None:
        self._driver = driver
        self._is_sqlite = is_sqlite
        self.memory = Memory() if memory is None else memory

    @classmethod
    def of(cls, connection: Connection) -> Cursor:
        """Use the transaction of a connection.

        Parameters
        ----------
        connection : Connection

        Returns
        -------
        Cursor
        """
        return cls(connection.connection.cursor(), connection.dialect.name == "sqlite")

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement.

        Parameters
        ----------
        sql : str
            With a question mark for each value.
        values : sequence

        Returns
        -------
        int
            How many rows it changed.
        """
        self._driver.execute(sql if self._is_sqlite else sql.replace("?", "%s"), values)
        changed: int = self._driver.rowcount
        return changed

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row.

        Parameters
        ----------
        sql : str
        rows : iterable of sequence
            The values of each run.
        """
        self._driver.executemany(sql if self._is_sqlite else sql.replace("?", "%s"), rows)

    def one(self, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Read the first row of an answer.

        Parameters
        ----------
        sql : str
        values : sequence

        Returns
        -------
        tuple or None
        """
        self.run(sql, values)
        row: tuple[Any, ...] | None = self._driver.fetchone()
        return row

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Read all rows of an answer.

        Parameters
        ----------
        sql : str
        values : sequence

        Returns
        -------
        list of tuple
        """
        self.run(sql, values)
        return list(self._driver.fetchall())

    def each(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Read the rows of an answer one after the other.

        Parameters
        ----------
        sql : str

        Yields
        ------
        tuple
        """
        self.run(sql)
        while rows := self._driver.fetchmany(_FETCHED):
            yield from rows

    def of_decisions(self, table: str, names: Iterable[str], ids: Sequence[str]) -> list[tuple[Any, ...]]:
        """Read the rows of some decisions, in any order.

        Parameters
        ----------
        table : str
        names : iterable of str
            The columns to read.
        ids : sequence of str
            Decision ids, each once.

        Returns
        -------
        list of tuple
            The rows that are there.
        """
        if len(ids) == 1:
            return self.all(f"SELECT {', '.join(names)} FROM {table} WHERE {c.DECISION_ID} = ?", ids)
        return self.of_asked(", ".join(names), table, ids)

    def of_asked(self, what: str, table: str, ids: Sequence[str | None]) -> list[tuple[Any, ...]]:
        """Read from the rows of the decisions that are asked for, in any order.

        Parameters
        ----------
        what : str
            Columns; `place` is the position in `ids`, as counted from 0.
        table : str
        ids : sequence of str or None
            Decision ids.

        Returns
        -------
        list of tuple
            One row for each id and each row of its decision.
        """
        # One value for all ids: databases limit how many values a statement takes. The cross join
        # has SQLite look up each id by the index.
        if self._is_sqlite:
            asked = "(SELECT key AS place, value AS asked FROM json_each(?)) AS ids CROSS JOIN"
            return self.all(f"SELECT {what} FROM {asked} {table} ON {c.DECISION_ID} = asked", (json.dumps(ids),))
        asked = "(SELECT n - 1 AS place, asked FROM unnest(?::text[]) WITH ORDINALITY AS t(asked, n)) AS ids JOIN"
        return self.all(f"SELECT {what} FROM {asked} {table} ON {c.DECISION_ID} = asked", (list(ids),))

    def overwrite(self) -> None:
        """Have SQLite overwrite what is changed from here on, and not only forget it."""
        if self._is_sqlite:
            self.run("PRAGMA secure_delete = ON")
