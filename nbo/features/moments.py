"""When the rows of a table happened and became known, as whole microseconds of UTC."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_rows
from nbo.tables import CONTRACTS, TableColumns
from nbo.tables.plain_values import MISSING_TIME

__all__ = ["NEVER", "SINCE_EVER", "length", "moments"]

# A missing `valid_from` lies before every moment by itself.
SINCE_EVER: Final = MISSING_TIME
NEVER: Final = int(np.iinfo(np.int64).max)


def length(duration: pd.Timedelta) -> int:
    """Take a length of time as whole microseconds."""
    return duration // pd.Timedelta(1, unit="us")


def moments(table: TableColumns, time: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Say when each row happened and when it was known.

    Parameters
    ----------
    table : TableColumns of m rows
        Its contract says which column is the row's own time.
    time : str, optional
        Another column to take as when the row happened, such as closed_at.

    Returns
    -------
    happened : ndarray of int64, shape (m,)
        `SINCE_EVER` for attributes without a start; `NEVER` where the column `time` is missing.
    known : ndarray of int64, shape (m,)
        `known_at`, or the row's own time where that is missing; the very array `happened` if
        the table states neither.

    Raises
    ------
    InputError
        If an event lacks its time, or a value is not a time.
    """
    own = _own_times(table)
    known = own
    if c.KNOWN_AT in table and len(table):
        stated = table.times(c.KNOWN_AT)
        known = np.where(stated == SINCE_EVER, own, stated)
    if not time or not len(table):
        return own, known
    happened = table.times(time)
    return np.where(happened == SINCE_EVER, NEVER, happened), known


def _own_times(table: TableColumns) -> np.ndarray:
    name = str(CONTRACTS[table.name].time)
    historized = name == c.VALID_FROM
    if historized and name not in table:
        return np.full(len(table), SINCE_EVER)
    if name not in table:
        check_columns(table, [name], table.name)
    if not len(table):
        return np.empty(0, dtype=np.int64)
    times = table.times(name)
    if not historized and len(times) and times.min() == SINCE_EVER:
        what, way_out = f"{table.name}.{name}", "tables.validate() lists all problems of the tables."
        check_rows(times == SINCE_EVER, table[name], what, "there in every row", way_out)
    return times
