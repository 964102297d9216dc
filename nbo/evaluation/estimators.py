"""The estimators by name. A file of this room adds one by a decorator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from nbo.evaluation.estimate import Estimate
from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards

__all__ = ["ESTIMATORS", "MODEL_ESTIMATORS", "TUNED_ESTIMATORS", "estimator", "model_estimator", "tuned_estimator"]

Estimator = Callable[[Log, float], Estimate]
ModelEstimator = Callable[[Log, PredictedRewards, float], Estimate]
TunedEstimator = Callable[[Log, PredictedRewards, float, float | None], Estimate]
T = TypeVar("T")

ESTIMATORS: Final[dict[str, Estimator]] = {}
MODEL_ESTIMATORS: Final[dict[str, ModelEstimator]] = {}
TUNED_ESTIMATORS: Final[dict[str, TunedEstimator]] = {}


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
    return _registered_in(ESTIMATORS, name)


def model_estimator(name: str) -> Callable[[ModelEstimator], ModelEstimator]:
    """Make a function that needs predicted rewards known to :func:`nbo.evaluate`.

    Parameters
    ----------
    name : str
        What users call it.

    Returns
    -------
    callable
        Decorator of a function of a :class:`~nbo.evaluation.log.Log`, of
        :class:`~nbo.evaluation.predicted_rewards.PredictedRewards` and of the level of
        confidence; it returns an :class:`~nbo.evaluation.Estimate`.
    """
    return _registered_in(MODEL_ESTIMATORS, name)


def tuned_estimator(name: str) -> Callable[[TunedEstimator], TunedEstimator]:
    """Make a function that needs predicted rewards and a parameter known to :func:`nbo.evaluate`.

    Parameters
    ----------
    name : str
        What users call it.

    Returns
    -------
    callable
        Decorator of a function as for :func:`model_estimator`, with the parameter last: a number
        or None, for the function to choose.
    """
    return _registered_in(TUNED_ESTIMATORS, name)


def _registered_in(table: dict[str, T], name: str) -> Callable[[T], T]:
    def register(function: T) -> T:
        table[name] = function
        return function

    return register
