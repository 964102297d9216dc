"""A ledger's database: opened and checked once, then read and written in transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, func, insert, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from nbo.errors import InputError, LedgerError, MissingPackageError
from nbo.ledger.schema import FORMAT, META, TABLES
from nbo.ledger.sqlite import WRITES, open_sqlite

__all__ = ["Database"]

# An arbitrary number by which all writers of ledgers in one PostgreSQL database know each other.
_ADVISORY_LOCK: Final = 6_173_027
_HOW_TO_NAME: Final = "Say 'sqlite:///nbo.db' for a file, 'sqlite://' for memory, or 'postgresql://user@host/database'."


class Database:
    """The database behind a ledger.

    Parameters
    ----------
    url : str
        ``sqlite:///file``, ``sqlite://`` or ``postgresql://...``.

    Raises
    ------
    InputError
        If `url` is not such a text.
    LedgerError
        If what is there is not a ledger, is damaged, or is of a newer format.
    MissingPackageError
        If the driver for PostgreSQL is not installed.
    """

    def __init__(self, url: str) -> None:
        self._engine = _open_engine(url)
        self.name = self._engine.url.render_as_string(hide_password=True)
        self.is_open = True
        self._lock = threading.RLock()
        try:
            self._prepare()
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

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that alone may write; all of it is durable at the end, or nothing.

        Yields
        ------
        Connection

        Raises
        ------
        LedgerError
            If the ledger is closed or the database fails; then nothing was written.
        """
        with self._transaction(writes=True) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
            yield connection

    def close(self) -> None:
        """Close all connections. A second time does nothing."""
        self.is_open = False
        self._engine.dispose()

    @contextmanager
    def _transaction(self, writes: bool) -> Iterator[Connection]:
        if not self.is_open:
            raise LedgerError(f"The ledger {self.name!r} is closed. Open it again with Ledger.open.")
        options: dict[str, Any] = {WRITES: writes}
        if self._engine.dialect.name == "postgresql" and not writes:
            options["isolation_level"] = "REPEATABLE READ"
        try:
            with self._lock, self._engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except UnicodeEncodeError as error:
            raise LedgerError(f"The ledger keeps text only; nothing was written: {error}.") from error
        except SQLAlchemyError as error:
            done = "written; nothing of it was kept" if writes else "read"
            cause = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
            raise LedgerError(f"The ledger {self.name!r} could not be {done}: {cause}.{_way_out(cause)}") from error

    def _prepare(self) -> None:
        with self.reading() as connection:
            version = self._format(connection)
        if version is None:
            with self.writing() as connection:
                # Another process may have made the tables since.
                version = self._format(connection)
                if version is None:
                    TABLES.create_all(connection)
                    connection.execute(insert(META).values(name="format", value=str(FORMAT)))

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


def _open_engine(url: str) -> Engine:
    if not isinstance(url, str):
        raise InputError(f"url must be text; got {type(url).__name__}: {url!r}. {_HOW_TO_NAME}")
    try:
        parsed = make_url(url)
        if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
            return open_sqlite(parsed)
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
