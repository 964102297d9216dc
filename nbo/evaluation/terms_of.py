"""The terms of an estimator by its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nbo.checks import check_matrix, check_numbers, check_one_of, check_rows
from nbo.errors import InputError
from nbo.evaluation.estimators import ESTIMATORS, MODEL_ESTIMATORS, TUNED
from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards
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
    shape = choices.target.shape
    given = check_matrix(matrix, shape if log.usable is None else (len(log.usable), shape[1]), "predicted_rewards")
    given = given if log.usable is None else given[log.usable]
    numbers = check_numbers(given.ravel(), "predicted_rewards", "finite numbers").reshape(given.shape)
    # Nobody asks what an offer would have brought that was neither made nor possible.
    asked = choices.target > 0
    made = choices.taken >= 0
    asked[made, choices.taken[made]] = True
    wrong = asked & ~np.isfinite(numbers)
    first = numbers[np.arange(len(numbers)), wrong.argmax(axis=1)]
    check_rows(np.asarray(wrong.any(axis=1)), first, "predicted_rewards", "finite numbers")
    return PredictedRewards.of(log, choices, numbers)
