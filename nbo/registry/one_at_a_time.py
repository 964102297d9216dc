"""A lock between processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["one_at_a_time"]


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Let one process at a time do something with a file; the others wait.

    The system frees the lock of a process that ends, however it ends. Where the system has no such locks, as Windows,
    or the folder is not there or cannot be written to, nobody waits.

    Parameters
    ----------
    path : Path
        What is locked is a file beside it, ``.<name>.lock``, which stays.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with one_at_a_time(Path(folder) / "mlflow.db"):
    ...         [file.name for file in Path(folder).iterdir()]
    ['.mlflow.db.lock']
    """
    try:
        import fcntl

        handle = path.with_name(f".{path.name}.lock").open("a")
    except (ImportError, OSError):
        yield
        return
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
