"""The terms of an estimator by its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nbo.checks import check_matrix, check_one_of
from nbo.errors import InputError
from nbo.evaluation.estimators import ESTIMATORS, MODEL_ESTIMATORS, TUNED
from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards, check_predicted
from nbo.evaluation.rate_table import rate_table
from nbo.evaluation.terms import Terms

__all__ = ["check_estimator_takes", "terms_of"]


def check_estimator_takes(estimator: Any, predicted_rewards: Any, parameter: Any) -> None:
    """Refuse an unknown estimator, and what it does not take.

    Parameters
    ----------
    estimator : object
        A name.
    predicted_rewards, parameter : object
        None where they are not given.

    Raises
    ------
    InputError
        If the name is unknown, or the estimator has no model or no parameter.
    """
    check_one_of(estimator, sorted({**ESTIMATORS, **MODEL_ESTIMATORS}), "estimator")
    _check_takes(parameter, "parameter", estimator, TUNED)
    _check_takes(predicted_rewards, "predicted_rewards", estimator, MODEL_ESTIMATORS)


def terms_of(estimator: str, log: Log, predicted_rewards: np.ndarray | None, parameter: float | None) -> Terms:
    """Ask an estimator for its terms, with a model of rewards if it needs one.

    Parameters
    ----------
    estimator : str
    log : Log
    predicted_rewards : ndarray of shape (n, k), optional
        By default the rates by segment and offer.
    parameter : float, optional
        By default the estimator chooses.

    Returns
    -------
    Terms

    Raises
    ------
    InputError
        If a model is needed and only the logged actions' probabilities are known, or the predictions
        do not fit.
    """
    if estimator in ESTIMATORS:
        return ESTIMATORS[estimator](log, parameter)
    return MODEL_ESTIMATORS[estimator](log, _predicted(log, predicted_rewards), parameter)


def _check_takes(given: Any, what: str, estimator: str, takers: Iterable[str]) -> None:
    if given is not None and estimator not in takers:
        names = ", ".join(repr(name) for name in sorted(takers))
        raise InputError(f"{what} is for the estimators {names}; got {estimator!r}.")


def _predicted(log: Log, matrix: np.ndarray | None) -> PredictedRewards:
    choices = log.choices
    if choices is None:
        raise InputError(
            "an estimator with a model of rewards needs a policy or the probabilities of all offers; "
            "got those of the logged actions."
        )
    if matrix is None:
        return rate_table(log, choices)
    if log.usable is not None:
        matrix = check_matrix(matrix, (len(log.usable), choices.target.shape[1]), "predicted_rewards")[log.usable]
    return PredictedRewards.of(log, choices, check_predicted(matrix, choices.target, choices.taken))
