"""The kinds of intervals by name. A file of this room adds one by a decorator."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from nbo.evaluation.log import Log
from nbo.evaluation.terms import Terms

if TYPE_CHECKING:
    from nbo.evaluation.asked import Asked

__all__ = ["INTERVALS", "interval_kind"]

Interval = Callable[[Log, Terms, "Asked"], tuple[float, float]]

INTERVALS: Final[dict[str, Interval]] = {}


def interval_kind(name: str) -> Callable[[Interval], Interval]:
    """Make a kind of interval known to :func:`nbo.evaluate`.

    Parameters
    ----------
    name : str
        What users call it.

    Returns
    -------
    callable
        Decorator of a function of a :class:`~nbo.evaluation.log.Log`,
        :class:`~nbo.evaluation.terms.Terms` and what was :class:`~nbo.evaluation.asked.Asked`; it returns
        the lower and the upper bound.
    """

    def register(function: Interval) -> Interval:
        INTERVALS[name] = function
        return function

    return register
