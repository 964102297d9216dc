"""The estimators by name. A file of this room adds one by a decorator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nbo.evaluation.estimate import Estimate
from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards

__all__ = ["ESTIMATORS", "MODEL_ESTIMATORS", "TUNED_ESTIMATORS", "estimator", "model_estimator", "tuned_estimator"]

Estimator = Callable[[Log, float], Estimate]
ModelEstimator = Callable[[Log, PredictedRewards, float], Estimate]
TunedEstimator = Callable[[Log, PredictedRewards, float, float | None], Estimate]

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

    def register(function: Estimator) -> Estimator:
        ESTIMATORS[name] = function
        return function

    return register


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

    def register(function: ModelEstimator) -> ModelEstimator:
        MODEL_ESTIMATORS[name] = function
        return function

    return register


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

    def register(function: TunedEstimator) -> TunedEstimator:
        TUNED_ESTIMATORS[name] = function
        return function

    return register
