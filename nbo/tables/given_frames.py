"""Frames as people give them: names of columns, and rows to add."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.tables.contracts import CONTRACTS

__all__ = ["named_columns", "renamed", "with_rows"]


def named_columns(table: Any, name: str) -> pd.DataFrame:
    """Take a frame whose columns have different names.

    Parameters
    ----------
    table : DataFrame, or any frame with the Arrow stream protocol
    name : str
        Name of the table for messages.

    Returns
    -------
    DataFrame
        With texts as names.

    Raises
    ------
    InputError
        If two columns have the same name.
    TypeError
        If it is no frame.
    """
    frame = check_frame(table, name)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise InputError(
            f"column names of {name} must differ; {twice[0]!r} stands {sum(frame.columns == twice[0])} times."
        )
    return frame.rename(columns=str)


def renamed(name: str, entry: Any) -> pd.DataFrame:
    """Take a frame with people's own names of columns.

    Parameters
    ----------
    name : str
        Name of the table for messages.
    entry : DataFrame or tuple of DataFrame and dict
        The frame, and own column name -> name in the contract.

    Returns
    -------
    DataFrame

    Raises
    ------
    InputError
        If a column to rename is not there, or two would get the same name.
    """
    frame, names = entry if isinstance(entry, tuple) else (entry, {})
    frame = check_frame(frame, name)
    check_columns(frame, names, name)
    return named_columns(frame.rename(columns=dict(names)), name)


def with_rows(old: pd.DataFrame | None, new: pd.DataFrame, name: str) -> pd.DataFrame:
    """Put new rows behind old ones, without those whose whole key stands before them.

    Parameters
    ----------
    old : DataFrame or None
    new : DataFrame
    name : str
        The table that both are; where its contract has no key, all rows are added.

    Returns
    -------
    DataFrame
    """
    both = pd.concat([frame for frame in (old, new) if frame is not None and len(frame)] or [new], ignore_index=True)
    keys = [column for column in CONTRACTS[name].unique if column in both]
    return both[~(both.duplicated(keys) & both[keys].notna().all(axis=1))] if keys else both
