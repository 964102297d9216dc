"""Parts of the test rows that are judged by themselves: segments and periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns
from nbo.errors import InputError

__all__ = ["period_rows", "segment_rows", "take_segments"]

_MOST_SEGMENTS = 50
_MOST_PERIODS = 12
_MISSING = "(missing)"


def take_segments(segments: Any, X: pd.DataFrame | None, n_rows: int) -> pd.DataFrame:
    """Take one segmentation or several.

    Parameters
    ----------
    segments : str, sequence of str, array-like of shape (n,), DataFrame or None
        Columns of X by name, or the segments themselves.
    X : DataFrame, optional
        Where columns are looked up.
    n_rows : int

    Returns
    -------
    DataFrame of n rows
        A column for each segmentation, of texts; none where there are no segments.

    Raises
    ------
    InputError
        If a column or rows are missing, or a segmentation has more than 50 segments.

    Examples
    --------
    >>> take_segments(np.array(["a", None]), None, 2)["segment"].tolist()
    ['a', '(missing)']
    """
    if segments is None:
        return pd.DataFrame(index=range(n_rows))
    names = [segments] if isinstance(segments, str) else segments
    of_columns = isinstance(names, Sequence) and len(names) > 0 and all(isinstance(name, str) for name in names)
    if X is not None and of_columns and len(names) != n_rows:
        check_columns(X, names, "X")
        frame = X[list(names)]
    elif isinstance(segments, pd.DataFrame | Mapping):
        frame = pd.DataFrame(segments)
    else:
        frame = pd.DataFrame({getattr(segments, "name", None) or "segment": pd.Series(segments).to_numpy()})
    if len(frame) != n_rows:
        raise InputError(f"segments must have {n_rows} rows, as X; got {len(frame)}.")
    texts = frame.reset_index(drop=True).astype(object)
    texts = texts.where(texts.notna(), _MISSING).astype("str")
    for name in texts.columns:
        if (count := texts[name].nunique()) > _MOST_SEGMENTS:
            raise InputError(
                f"a segmentation must have {_MOST_SEGMENTS} segments or fewer; {name!r} has {count}. "
                "Cut it into bands, such as with pandas.qcut."
            )
    return texts


def segment_rows(segments: pd.DataFrame) -> list[tuple[tuple[str, str], np.ndarray]]:
    """List the segments with their rows.

    Parameters
    ----------
    segments : DataFrame of n rows

    Returns
    -------
    list of ((segmentation, segment), ndarray of int)
    """
    return [
        ((str(name), str(segment)), np.sort(rows))
        for name in segments.columns
        for segment, rows in segments.groupby(name).indices.items()
    ]


def period_rows(time: pd.Series) -> list[tuple[tuple[pd.Timestamp], np.ndarray]]:
    """List the periods with their rows, the earliest first.

    Periods are the moments themselves if they are 12 or fewer, else days, weeks, months, quarters or
    years, the first of these that makes 12 or fewer.

    Parameters
    ----------
    time : Series of datetime64, length n

    Returns
    -------
    list of ((begin,), ndarray of int)

    Examples
    --------
    >>> days = pd.Series(pd.date_range("2026-01-01", "2026-06-30"))
    >>> [(str(begin.date()), len(rows)) for (begin,), rows in period_rows(days)][:2]
    [('2026-01-01', 31), ('2026-02-01', 28)]
    """
    begins = _period_of(time).to_numpy()
    return [((pd.Timestamp(begin),), np.flatnonzero(begins == begin)) for begin in np.unique(begins)]


def _period_of(time: pd.Series) -> pd.Series:
    """Name the period of each row by its begin: one of 12 or fewer, in the finest unit that there are so few of."""
    if time.nunique() <= _MOST_PERIODS:
        return time
    for unit in ("D", "W", "M", "Q", "Y"):
        periods = time.dt.to_period(unit).dt.start_time
        if periods.nunique() <= _MOST_PERIODS:
            break
    return periods
