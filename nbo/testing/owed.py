"""How a check says that something is not as it must be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from nbo.errors import NboError

__all__ = ["owed", "refused", "same", "unchanged"]


def owed(fulfilled: bool | np.bool_, message: str) -> None:
    """Raise unless a part does what it owes.

    Parameters
    ----------
    fulfilled : bool
    message : str
        What it owes, and what was seen.

    Raises
    ------
    AssertionError
        If not fulfilled.

    Examples
    --------
    >>> owed(1 + 1 == 3, "numbers must add up; 1 + 1 gave 2")
    Traceback (most recent call last):
    AssertionError: numbers must add up; 1 + 1 gave 2
    """
    if not fulfilled:
        raise AssertionError(message)


def same(found: Any, expected: Any, message: str) -> None:
    """Raise unless two results have the same bits.

    Parameters
    ----------
    found, expected : DataFrame or array-like
    message : str
        What must be the same, and why.

    Raises
    ------
    AssertionError
        With the first difference.
    """
    try:
        if isinstance(expected, pd.DataFrame):
            pd.testing.assert_frame_equal(found, expected, check_exact=True)
        else:
            np.testing.assert_array_equal(np.asarray(found), np.asarray(expected), strict=True)
    except AssertionError as error:
        raise AssertionError(f"{message}\n{error}") from None


@contextmanager
def unchanged(who: str, **frames: pd.DataFrame) -> Iterator[None]:
    """Raise at the end if frames that were lent are no longer as they were.

    Parameters
    ----------
    who : str
        The part that they are lent to.
    **frames : DataFrame
        By name.

    Yields
    ------
    None

    Raises
    ------
    AssertionError
        Names the frame.
    """
    before = {name: frame.copy(deep=True) for name, frame in frames.items()}
    yield
    for name, frame in frames.items():
        same(frame, before[name], f"{who} must not change what it is given; {name} is not as it was")


@contextmanager
def refused(who: str, what: str, says: str = "") -> Iterator[None]:
    """Raise unless the block is refused with an error of nbo.

    Parameters
    ----------
    who : str
        The part.
    what : str
        What it must refuse.
    says : str, optional
        Text that the message must hold.

    Yields
    ------
    None

    Raises
    ------
    AssertionError
        If it is not refused, or the message does not say it.
    """
    try:
        yield
    except NboError as error:
        owed(says in str(error), f"{who} must say {says!r} when it refuses {what}; it said: {error}")
        return
    raise AssertionError(f"{who} must refuse {what}; it did not")
