"""Frames that are given as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nbo import columns as c
from nbo.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from nbo.tables import CustomerTables

__all__ = ["has_number_ids", "read_frame", "with_ids"]


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


def has_number_ids(tables: CustomerTables) -> bool:
    """Tell whether customers have numbers for ids; any table tells, as none must be there.

    Parameters
    ----------
    tables : CustomerTables

    Returns
    -------
    bool
    """
    import pandas as pd

    given = (tables.get(name) for name in tables.names)
    return any(pd.api.types.is_numeric_dtype(frame[c.CUSTOMER_ID].dtype) for frame in given if c.CUSTOMER_ID in frame)


def with_ids(frame: pd.DataFrame, tables: CustomerTables) -> pd.DataFrame:
    """Make ids of customers numbers where they are numbers in the tables.

    Parameters
    ----------
    frame : DataFrame
        With ids as texts, if it has any.
    tables : CustomerTables

    Returns
    -------
    DataFrame
        Ids that are no numbers make all stay texts, and are refused later.
    """
    import pandas as pd

    if c.CUSTOMER_ID not in frame or not has_number_ids(tables):
        return frame
    numbers = pd.to_numeric(frame[c.CUSTOMER_ID], errors="coerce")
    lost = (numbers.isna() & frame[c.CUSTOMER_ID].notna()).any()
    return frame if lost else frame.assign(**{c.CUSTOMER_ID: numbers})
