"""The estimators by name. A file of this room adds one by the decorator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nbo.evaluation.estimate import Estimate
from nbo.evaluation.log import Log

__all__ = ["ESTIMATORS", "estimator"]

Estimator = Callable[[Log, float], Estimate]

ESTIMATORS: Final[dict[str, Estimator]] = {}


def estimator(name: str) -> Callable[[Estimator], Estimator]:
    """Make a function known to :func:`nbo.evaluate`.

    Parameters
    ----------
    name : str
        What users call it.

    Returns
    -------
    callable
        Decorator of a function of a :class:`~nbo.evaluation.log.Log` and of the level of
        confidence; it returns an :class:`~nbo.evaluation.Estimate`.
    """

    def register(function: Estimator) -> Estimator:
        ESTIMATORS[name] = function
        return function

    return register
