"""A cause for which customers leave: who has it, and what shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from nbo.features.history import History
from nbo.tables.plain_values import MISSING_TIME

__all__ = ["DAY", "Signal", "day_of", "days_text", "last_rows", "silent"]

DAY: Final = 86_400_000_000


@dataclass(frozen=True, eq=False)
class Signal:
    """A cause for which customers leave: who has it, and what shows it.

    Parameters
    ----------
    name : str
        Such as "open complaint".
    holds : ndarray of bool, shape (n,)
        Who has it.
    evidence : callable
        Takes the number of a row that has it, gives what shows it in words.
    detail : ndarray of object (str), shape (n,), optional
        What it is about, such as the topic of a complaint; empty where not known.
    """

    name: str
    holds: np.ndarray
    evidence: Callable[[int], str]
    detail: np.ndarray | None = None


def silent(name: str, n: int) -> Signal:
    """Make a signal that nobody has, for tables that cannot tell.

    Parameters
    ----------
    name : str
    n : int
        Customers.

    Returns
    -------
    Signal
    """
    return Signal(name, np.zeros(n, dtype=bool), lambda _: "")


def last_rows(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Find the last row of a table that each spine row sees.

    Parameters
    ----------
    history : History of n slices

    Returns
    -------
    some : ndarray of bool, shape (n,)
        Who sees any.
    rows : ndarray of int, shape (n,)
        Positions in the table; 0 where there is none.
    """
    some = history.end > history.first
    rows = np.zeros(len(history), dtype=np.int64)
    rows[some] = history.rows[history.end[some] - 1]
    return some, rows


def day_of(moment: int) -> str:
    """Say on which day a moment lies, such as ``2026-03-31``."""
    return "an unknown day" if moment == MISSING_TIME else str(np.datetime64(int(moment), "us"))[:10]


def days_text(length: float) -> str:
    """Say a length of time in days.

    Parameters
    ----------
    length : float
        In microseconds.

    Returns
    -------
    str

    Examples
    --------
    >>> days_text(2.4 * DAY), days_text(DAY)
    ('2 days', '1 day')
    """
    days = int(length // DAY)
    return f"{days} day{'' if days == 1 else 's'}"
