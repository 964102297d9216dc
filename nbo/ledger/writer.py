"""Transactions that write: one at a time, and several threads' rows in one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Engine, PoolProxiedConnection

from nbo.errors import NboError
from nbo.ledger.cursor import Cursor, Memory

__all__ = ["ADVISORY_LOCK", "Writer"]

# An arbitrary number by which all writers of ledgers in one PostgreSQL database know each other.
ADVISORY_LOCK: Final = 6_173_027

T = TypeVar("T")


class Writer:
    """Run operations in transactions of one connection that stays open.

    A thread that comes while another writes waits; the next transaction then takes the rows of
    all that wait. So many threads share one wait for the disk, and each call returns only after
    its own rows are committed.

    Parameters
    ----------
    engine : Engine
    lock : RLock
        Held while a transaction is open.
    """

    def __init__(self, engine: Engine, lock: threading.RLock) -> None:
        self._engine = engine
        self._lock = lock
        self._waiting: deque[_Task[Any]] = deque()
        self._connection: PoolProxiedConnection | None = None
        self._of_driver: Any = None
        self._memory = Memory()

    def run(self, operation: Callable[[Cursor], T]) -> T:
        """Run an operation, and return when what it wrote is committed.

        Parameters
        ----------
        operation : callable
            Takes a cursor. It may run twice, and refuses, with an error of nbo, only before
            it writes.

        Returns
        -------
        object
            What the operation returns.
        """
        task = _Task(operation)
        self._waiting.append(task)
        with self._lock:
            if not task.is_done:
                self._lead(task)
        return task.result()

    def settle(self) -> None:
        """Bring what is committed from SQLite's write-ahead file into the ledger's own, and empty it."""
        if self._is_sqlite:
            with self._lock:
                self._driver().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the connection. A second time does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _lead(self, task: _Task[Any]) -> None:
        group = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            self._commit(group)
        except Exception:
            # One of them may have spoilt it for all, so each tries by itself.
            self._waiting.extend(other for other in group if other is not task)
            if len(group) == 1:
                raise
            self._commit([task])
        except BaseException:
            self._waiting.extend(other for other in group if other is not task)
            raise

    def _commit(self, group: list[_Task[Any]]) -> None:
        driver = self._driver()
        cursor = driver.cursor()
        try:
            # The lock at once: who reads first and locks later can be refused midway.
            cursor.execute("BEGIN IMMEDIATE" if self._is_sqlite else f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
            for task in group:
                task.run(Cursor(cursor, self._is_sqlite, self._memory))
            driver.commit()
        except BaseException:
            self._memory.forget()
            self._undo(driver)
            raise
        for task in group:
            task.is_done = True

    def _undo(self, driver: Any) -> None:
        try:
            driver.rollback()
        except self._engine.dialect.loaded_dbapi.Error:
            # The server is gone; the next call connects anew.
            if self._connection is not None:
                self._connection.invalidate()
                self._connection = None

    @property
    def _is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    def _driver(self) -> Any:
        if self._connection is None:
            self._connection = self._engine.raw_connection()
            # Kept, for the pool's proxy takes longer to ask than the driver.
            self._of_driver = self._connection.driver_connection
        return self._of_driver


class _Task(Generic[T]):
    def __init__(self, operation: Callable[[Cursor], T]) -> None:
        self._operation = operation
        self._value: T | None = None
        self._refusal: NboError | None = None
        self.is_done = False

    def run(self, cursor: Cursor) -> None:
        self._refusal = None
        try:
            self._value = self._operation(cursor)
        except NboError as error:
            self._refusal = error

    def result(self) -> T:
        if self._refusal is not None:
            raise self._refusal
        return self._value  # type: ignore[return-value]
