"""Moments as a caller gives them, and as whole microseconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.times import check_time

__all__ = ["DAY", "micro", "take_moments"]

DAY: Final = 86_400_000_000


def micro(moment: pd.Timestamp) -> int:
    """Give a moment as whole microseconds.

    Parameters
    ----------
    moment : Timestamp

    Returns
    -------
    int
    """
    return int(moment.to_datetime64().astype("datetime64[us]").astype(np.int64))


def take_moments(as_of: Any) -> list[pd.Timestamp]:
    """Take one or several moments, in order and each once.

    Parameters
    ----------
    as_of : Timestamp or str, or sequence of them

    Returns
    -------
    list of Timestamp

    Raises
    ------
    InputError
        If there is none, or one is not a moment.
    """
    many = isinstance(as_of, Sequence | np.ndarray | pd.Series | pd.Index) and not isinstance(as_of, str)
    moments = sorted({check_time(each) for each in (as_of if many else [as_of])})
    if not moments:
        raise InputError("as_of must be one moment or more; got none.")
    return moments
