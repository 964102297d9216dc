"""What SQLite needs to be durable and to let several processes write: pragmas and BEGIN IMMEDIATE."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from nbo.errors import LedgerError

__all__ = ["WRITES", "open_sqlite"]

# The execution option that marks a connection whose transactions will write.
WRITES: Final = "nbo_writes"

_BUSY_SECONDS: Final = 60
_HEADER: Final = b"SQLite format 3\x00"


def open_sqlite(url: URL, durable: str, create: bool) -> Engine:
    """Make an engine whose commits are durable and whose writers wait for each other.

    Parameters
    ----------
    url : URL
        Of a file, or of a database in memory.
    durable : {"power", "process"}
        What commits survive.
    create : bool
        Whether to make the file where there is none.

    Returns
    -------
    Engine

    Raises
    ------
    LedgerError
        If the file is a directory, lies in a folder that is missing, is no SQLite file, or is
        missing itself and shall not be made.
    """
    in_memory = url.database in (None, "", ":memory:") or url.query.get("mode") == "memory"
    is_path = not in_memory and "uri" not in url.query
    fresh = is_path and _is_new(Path(str(url.database)), create)
    engine = create_engine(
        url,
        # A database in memory lives in one connection, which all threads must share.
        poolclass=StaticPool if in_memory else QueuePool,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
    )

    def connected(connection: Any, record: Any) -> None:
        # None: the driver begins nothing by itself, so that `begun` decides.
        connection.isolation_level = None
        # Both flush the file that is written ahead before it is emptied; FULL does so at each commit.
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable == 'power' else 'NORMAL'}")
        # In KB: the index of the decisions of some weeks stays in memory.
        connection.execute("PRAGMA cache_size = -65536")
        # Pages between two visits to the main file, each of which waits for the disk.
        connection.execute("PRAGMA wal_autocheckpoint = 8000")
        if fresh:
            _write_ahead(connection)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", _begun)
    return engine


def _begun(connection: Connection) -> None:
    # A writer takes the lock at once: one that reads first and locks later can be refused
    # in mid-transaction when another wrote meanwhile.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _write_ahead(connection: Any) -> None:
    # SQLite does not wait for this switch when two processes make the file at the same time.
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except connection.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _is_new(path: Path, create: bool) -> bool:
    if path.is_dir():
        raise LedgerError(f"{str(path)!r} is a folder; a ledger is a file. Name one in it, such as 'nbo.db'.")
    if not path.parent.is_dir():
        raise LedgerError(f"The folder {str(path.parent)!r} of the ledger {path.name!r} is missing; make it first.")
    if not path.exists() and not create:
        raise LedgerError(f"There is no ledger {str(path)!r}.")
    if not path.exists() or path.stat().st_size == 0:
        return True
    try:
        with path.open("rb") as file:
            header = file.read(len(_HEADER))
    except OSError as error:
        raise LedgerError(f"{str(path)!r} cannot be read: {error.strerror}.") from error
    if header != _HEADER:
        raise LedgerError(
            f"{str(path)!r} is not a ledger: it is no SQLite file, or it is damaged. "
            "Name a new file, or restore it from a backup."
        )
    return False
