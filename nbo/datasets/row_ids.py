"""Ids for rows that are published without one."""

from __future__ import annotations

import pandas as pd

__all__ = ["row_ids"]


def row_ids(prefix: str, n_rows: int) -> pd.Series:
    """Give each row an id, counted from 1.

    Parameters
    ----------
    prefix : str
        Keeps the ids of several sets apart.
    n_rows : int

    Returns
    -------
    Series of str, shape (n_rows,)

    Examples
    --------
    >>> row_ids("bank", 2).tolist()
    ['bank-1', 'bank-2']
    """
    return pd.Series([f"{prefix}-{row}" for row in range(1, n_rows + 1)], dtype="str")
