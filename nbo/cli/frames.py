"""Frames that are given as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nbo.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_frame"]


def read_frame(path: Path, what: str, texts: Sequence[str] = ()) -> pd.DataFrame:
    """Read a file of CSV or Parquet.

    Parameters
    ----------
    path : Path
    what : str
        What it holds, for messages.
    texts : sequence of str, optional
        Columns of CSV that are texts whatever they look like: 007 keeps its zeros, NA is a name. Nothing but an empty
        cell is missing then.

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
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        if not texts:
            return pd.read_csv(path)
        return pd.read_csv(path, dtype=dict.fromkeys(texts, "str"), keep_default_na=False, na_values=[""])
    except (OSError, ValueError) as error:
        raise InputError(f"{what} {path} cannot be read: {error}.") from error
