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

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each row.

        Parameters
        ----------
        sql : str
        rows : sequence of sequence
            The values of each run.
        """
        if len(rows) == 1:
            self.run(sql, rows[0])
        elif rows:
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
            The columns to read, or expressions.
        ids : sequence of str
            Decision ids, each once.

        Returns
        -------
        list of tuple
            The rows that are there.
        """
        read = f"SELECT {', '.join(names)} FROM"
        if len(ids) == 1:
            return self.all(f"{read} {table} WHERE {c.DECISION_ID} = ?", ids)
        # One value for all ids: databases limit how many values a statement takes. The cross join
        # has SQLite look up each id by the index.
        if self._is_sqlite:
            asked = "(SELECT value AS asked FROM json_each(?))"
            return self.all(f"{read} {asked} CROSS JOIN {table} ON {c.DECISION_ID} = asked", (json.dumps(ids),))
        return self.all(f"{read} {table} WHERE {c.DECISION_ID} = ANY(?)", (list(ids),))
