"""The estimators by name. A file of this room adds one by a decorator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards
from nbo.evaluation.terms import Terms

__all__ = ["ESTIMATORS", "MODEL_ESTIMATORS", "TUNED", "estimator", "model_estimator"]

Estimator = Callable[[Log, float | None], Terms]
ModelEstimator = Callable[[Log, PredictedRewards, float | None], Terms]

ESTIMATORS: Final[dict[str, Estimator]] = {}
MODEL_ESTIMATORS: Final[dict[str, ModelEstimator]] = {}
# Those that take a parameter.
TUNED: Final[set[str]] = set()


def estimator(name: str, *, tuned: bool = False) -> Callable[[Callable[..., Terms]], Callable[..., Terms]]:
    """Make a function known to :func:`nbo.evaluate`.

    Parameters
    ----------
    name : str
        What users call it.
    tuned : bool, default=False
        Whether it takes a parameter: a number, or None for the function to choose.

    Returns
    -------
    callable
        Decorator of a function of a :class:`~nbo.evaluation.log.Log`, and of the parameter if it is
        tuned; it returns :class:`~nbo.evaluation.terms.Terms`.
    """
    return _registered_in(ESTIMATORS, name, tuned)


def model_estimator(name: str, *, tuned: bool = False) -> Callable[[Callable[..., Terms]], Callable[..., Terms]]:
    """Make a function that needs predicted rewards known to :func:`nbo.evaluate`.

    Parameters
    ----------
    name : str
        What users call it.
    tuned : bool, default=False
        As for :func:`estimator`.

    Returns
    -------
    callable
        Decorator of a function of a :class:`~nbo.evaluation.log.Log`, of
        :class:`~nbo.evaluation.predicted_rewards.PredictedRewards`, and of the parameter if it is tuned;
        it returns :class:`~nbo.evaluation.terms.Terms`.
    """
    return _registered_in(MODEL_ESTIMATORS, name, tuned)


def _registered_in(
    table: dict[str, Any], name: str, tuned: bool
) -> Callable[[Callable[..., Terms]], Callable[..., Terms]]:
    def register(function: Callable[..., Terms]) -> Callable[..., Terms]:
        # In the tables all take a parameter, so that a caller need not ask which do.
        table[name] = function if tuned else lambda *given: function(*given[:-1])
        if tuned:
            TUNED.add(name)
        return function

    return register
