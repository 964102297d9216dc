"""The levels of intervals."""

from __future__ import annotations

from nbo.numbers import check_number

__all__ = ["check_level", "tails"]


def check_level(level: float) -> float:
    """Refuse the level of an interval that is not in (0, 1).

    Parameters
    ----------
    level : float

    Returns
    -------
    float

    Raises
    ------
    InputError
        If it is not in (0, 1).
    """
    return float(check_number(level, "level", "in (0, 1)", lambda value: 0 < value < 1))


def tails(level: float) -> tuple[float, float]:
    """Give the two quantiles that bound an interval.

    Parameters
    ----------
    level : float
        In (0, 1).

    Returns
    -------
    tuple of 2 floats

    Raises
    ------
    InputError
        If it is not in (0, 1).

    Examples
    --------
    >>> tails(0.5)
    (0.25, 0.75)
    """
    return (1 - check_level(level)) / 2, (1 + level) / 2
