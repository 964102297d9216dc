"""A ledger's database: opened and checked once, then read and written in transactions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, insert, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from nbo.errors import InputError, LedgerError, MissingPackageError
from nbo.ledger.cursor import Cursor
from nbo.ledger.schema import FORMAT, META, TABLES
from nbo.ledger.sqlite import WRITES, open_sqlite
from nbo.ledger.upgrade import upgrade
from nbo.ledger.writer import ADVISORY_LOCK, Writer

__all__ = ["Database"]

T = TypeVar("T")

_DURABLE: Final = ("power", "process")
_WRITTEN: Final = "written; nothing of it was kept"
_HOW_TO_NAME: Final = "Say 'sqlite:///nbo.db' for a file, 'sqlite://' for memory, or 'postgresql://user@host/database'."


class Database:
    """The database behind a ledger.

    Parameters
    ----------
    url : str
        ``sqlite:///file``, ``sqlite://`` or ``postgresql://...``.
    durable : {"power", "process"}, default="power"
        What survives of what was written to a SQLite file.
    create : bool, default=True
        Whether to make a ledger where there is none.

    Raises
    ------
    InputError
        If `url` is not such a text, or `durable` another.
    LedgerError
        If what is there is not a ledger, is damaged, or is of a newer format; or there is none
        and none shall be made.
    MissingPackageError
        If the driver for PostgreSQL is not installed.
    """

    def __init__(self, url: str, durable: str = "power", create: bool = True) -> None:
        if durable not in _DURABLE:
            raise InputError(f"durable must be 'power' or 'process'; got {durable!r}.")
        self._engine = _open_engine(url, durable, create)
        self.name = self._engine.url.render_as_string(hide_password=True)
        self.is_open = True
        self._lock = threading.RLock()
        self._writer = Writer(self._engine, self._lock)
        try:
            self._prepare(create)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the ledger.

        Yields
        ------
        Connection

        Raises
        ------
        LedgerError
            If the ledger is closed or the database fails.
        """
        with self._transaction(writes=False) as connection:
            yield connection

    def write(self, operation: Callable[[Cursor], T]) -> T:
        """Run an operation that alone may write; when this returns all of it is durable.

        Parameters
        ----------
        operation : callable
            Takes a cursor. It may run twice, and refuses, with an error of nbo, only before
            it writes.

        Returns
        -------
        object
            What the operation returns.

        Raises
        ------
        LedgerError
            If the ledger is closed or the database fails; then nothing was written.
        """
        self._check_open()
        try:
            return self._writer.run(operation)
        except self._failures as error:
            raise self._explained(error, _WRITTEN) from error

    def settle(self) -> None:
        """Empty SQLite's write-ahead file, which holds pages as they were written."""
        with self._plain_errors("read"):
            self._writer.settle()

    def close(self) -> None:
        """Close all connections. A second time does nothing."""
        self.is_open = False
        with self._lock:
            self._writer.close()
            self._engine.dispose()

    @contextmanager
    def _transaction(self, writes: bool) -> Iterator[Connection]:
        options: dict[str, Any] = {WRITES: writes}
        if self._engine.dialect.name == "postgresql" and not writes:
            options["isolation_level"] = "REPEATABLE READ"
        with (
            self._plain_errors(_WRITTEN if writes else "read"),
            self._lock,
            self._engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _plain_errors(self, done: str) -> Iterator[None]:
        self._check_open()
        try:
            yield
        except self._failures as error:
            raise self._explained(error, done) from error

    def _check_open(self) -> None:
        if not self.is_open:
            raise LedgerError(f"The ledger {self.name!r} is closed. Open it again with Ledger.open.")

    @property
    def _failures(self) -> tuple[type[Exception], ...]:
        return SQLAlchemyError, UnicodeEncodeError, self._engine.dialect.loaded_dbapi.Error

    def _explained(self, error: Exception, done: str) -> LedgerError:
        if isinstance(error, UnicodeEncodeError):
            return LedgerError(f"The ledger keeps text only; nothing was written: {error}.")
        cause = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
        return LedgerError(f"The ledger {self.name!r} could not be {done}: {cause}.{_way_out(cause)}")

    def _prepare(self, create: bool) -> None:
        with self.reading() as connection:
            version = self._format(connection)
        if version == FORMAT:
            return
        if version is None and not create:
            raise LedgerError(f"There is no ledger in {self.name!r}.")
        with self._transaction(writes=True) as connection:
            if connection.dialect.name == "postgresql":
                Cursor.of(connection).run(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
            # Another process may have made the tables since.
            version = self._format(connection)
            if version is None:
                TABLES.create_all(connection)
                connection.execute(insert(META).values(name="format", value=str(FORMAT)))
            elif version < FORMAT:
                upgrade(connection, self.name)

    def _format(self, connection: Connection) -> int | None:
        names = inspect(connection).get_table_names()
        if META.name not in names:
            # A PostgreSQL database may hold other things besides a ledger; a file is one thing.
            if names and connection.dialect.name == "sqlite":
                raise LedgerError(
                    f"{self.name!r} is a SQLite file but not a ledger; it has the tables "
                    f"{', '.join(map(repr, names[:5]))}. Name a new file."
                )
            return None
        text = str(connection.execute(select(META.c.value).where(META.c.name == "format")).scalar())
        if not text.isdecimal():
            raise LedgerError(f"The ledger {self.name!r} does not say its format; restore it from a backup.")
        version = int(text)
        if version > FORMAT:
            raise LedgerError(
                f"The ledger {self.name!r} has format {version}; this nbo reads up to format {FORMAT}. "
                "Install a newer nbo."
            )
        return version


def _open_engine(url: str, durable: str, create: bool) -> Engine:
    if not isinstance(url, str):
        raise InputError(f"url must be text; got {type(url).__name__}: {url!r}. {_HOW_TO_NAME}")
    try:
        parsed = make_url(url)
        if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
            return open_sqlite(parsed, durable, create)
        if parsed.get_backend_name() == "postgresql":
            return create_engine(parsed)
    except ImportError as error:
        raise MissingPackageError(
            "A ledger in PostgreSQL needs a driver. Install it with: pip install 'nbo[postgres]'."
        ) from error
    except ArgumentError as error:
        hint = f"Did you mean 'sqlite:///{url}'? " if url and ":" not in url else ""
        raise InputError(
            f"url must begin with sqlite:// or postgresql://; got {url!r}. {hint}{_HOW_TO_NAME}"
        ) from error
    raise InputError(f"url must begin with sqlite:// or postgresql://; got {parsed.drivername}://. {_HOW_TO_NAME}")


def _way_out(cause: str) -> str:
    if "locked" in cause:
        return " Another process has been writing for a long time; try again."
    if "malformed" in cause or "not a database" in cause:
        return " The file is damaged; restore it from a backup."
    return ""
