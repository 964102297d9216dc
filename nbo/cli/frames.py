"""Frames that are given as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbo.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_frame"]


def read_frame(path: Path, what: str) -> pd.DataFrame:
    """Read a file of CSV or Parquet.

    Parameters
    ----------
    path : Path
    what : str
        What it holds, for messages.

    Returns
    -------
    DataFrame

    Raises
    ------
    InputError
        If it cannot be read.
    """
    import pandas as pd

    try:
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{what} {path} cannot be read: {error}.") from error
