"""A folder that one process at a time writes to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbo.errors import InputError

try:
    import fcntl
except ImportError:  # pragma: no cover
    # Windows has no such locks.
    fcntl = None  # type: ignore[assignment]

__all__ = ["locked_folder"]


@contextmanager
def locked_folder(path: Path, what: str) -> Iterator[None]:
    """Keep a folder for one piece of work at a time, as long as its process lives.

    Parameters
    ----------
    path : Path
        Made if it is not there.
    what : str
        The kind of work, for the message.

    Yields
    ------
    None

    Raises
    ------
    InputError
        If another one is at work here.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, locked_folder(Path(folder), "job"):
    ...     with locked_folder(Path(folder), "job"):
    ...         pass
    Traceback (most recent call last):
    nbo.errors.InputError: another job is at work in ...; wait for it, or choose another folder.
    """
    path.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDONLY)
    try:
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InputError(
                    f"another {what} is at work in {path}; wait for it, or choose another folder."
                ) from error
        yield
    finally:
        os.close(handle)
