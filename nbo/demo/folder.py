"""The folder of a demo run."""

from __future__ import annotations

import shutil
from pathlib import Path

__all__ = ["clear_folder", "sqlite_address"]


def clear_folder(folder: Path) -> None:
    """Remove what an earlier run left in a folder, and nothing else; the MLflow store keeps all versions.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    """
    for name in ("tables", "scores"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm", "report.html", "customers.html"):
        (folder / name).unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)


def sqlite_address(path: Path) -> str:
    """Name a SQLite file as a database address.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str

    Examples
    --------
    >>> sqlite_address(Path("/tmp/nbo.db"))
    'sqlite:////tmp/nbo.db'
    """
    return f"sqlite:///{path.resolve()}"
