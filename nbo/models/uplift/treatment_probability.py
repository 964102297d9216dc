"""How probable each arm was for each row: as given, or learnt from the other rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_numbers, check_rows
from nbo.errors import InputError
from nbo.models.boosting import BoostingSettings
from nbo.models.calibration import sigmoid
from nbo.models.holdout import choose_parts
from nbo.models.probability import fit_probability
from nbo.models.training_data import TrainingData

__all__ = ["check_overlap", "estimate_probability", "known_probability", "overlap_report", "take_probability"]

_STOP_SHARE = 0.2
_STOP_ROUNDS = 20
_ROUNDING = 1e-6


def take_probability(given: Any, n_rows: int, n_arms: int) -> np.ndarray:
    """Take the probability of each arm that a caller knows.

    Parameters
    ----------
    given : float, or array-like of shape (n,), (n_arms - 1,), (n, n_arms - 1) or (n, n_arms)
        The probability of being treated, or of each treatment (or each arm, the control first), for all rows or for
        each. With one treatment one number a row.
    n_rows, n_arms : int
        The shape to give.

    Returns
    -------
    ndarray of float, shape (n, n_arms)
        A row sums to 1.

    Raises
    ------
    InputError
        If the shape is another, a probability is missing or outside [0, 1], or a row sums to more than 1.

    Examples
    --------
    >>> take_probability(0.25, 2, 2)
    array([[0.75, 0.25],
           [0.75, 0.25]])
    """
    what = "treatment_probability"
    values = np.asarray(given)
    if values.ndim < 2:
        values = check_numbers(np.atleast_1d(values), what)
    if values.ndim == 1 and not (n_arms == 2 and len(values) == n_rows):
        # One number is for every row, and with several treatments one number for each of them.
        one_each = values.shape in ((1,), (n_arms - 1,)) if n_arms > 2 else values.shape == (1,)
        values = np.tile(np.broadcast_to(values, n_arms - 1), (n_rows, 1)) if one_each else values
    values = values[:, None] if values.ndim == 1 and n_arms == 2 else values
    if values.shape not in ((n_rows, n_arms - 1), (n_rows, n_arms)):
        raise InputError(f"{what} must be a number or of the shape ({n_rows}, {n_arms - 1}); got {np.shape(given)}.")
    try:
        values = values.astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} must be numbers: {error}") from error
    fine = np.asarray(((values >= 0) & (values <= 1)).all(axis=1))
    check_rows(~fine, values.tolist(), what, "in [0, 1]")
    total = values.sum(axis=1)
    if values.shape[1] == n_arms:
        check_rows(np.abs(total - 1) > _ROUNDING, total, f"the sum of {what} over the arms", "1")
        return values
    check_rows(total > 1 + _ROUNDING, total, f"the sum of {what} over the treatments", "at most 1")
    return np.column_stack([np.maximum(1 - total, 0.0), values])


def known_probability(given: Any, arm: np.ndarray, n_arms: int) -> np.ndarray | None:
    """Take the probability of each arm that a caller knows, if any, and refuse what happened against all odds.

    Parameters
    ----------
    given : float, array-like or None
        As for :func:`take_probability`.
    arm : ndarray of int, shape (n,)
        The arm of each row.
    n_arms : int

    Returns
    -------
    ndarray of float, shape (n, n_arms), or None

    Raises
    ------
    InputError
        As :func:`take_probability`, or if a row was in an arm of probability 0.

    Examples
    --------
    >>> known_probability(0.25, np.array([1]), 2)
    array([[0.75, 0.25]])
    """
    if given is None:
        return None
    probability = take_probability(given, len(arm), n_arms)
    own = probability[np.arange(len(arm)), arm]
    check_rows(own == 0, own, "treatment_probability of the arm that the row was in", "above 0")
    return probability


def estimate_probability(
    data: TrainingData, arm: np.ndarray, fold: np.ndarray, settings: BoostingSettings
) -> np.ndarray:
    """Learn how probable each arm was for each row, from the rows of the other folds.

    Trees are grown until rows held out no longer improve, and calibrated on these. Where nothing tells who was
    treated, that leaves a tree or two: the share of the treated, as good as.

    Parameters
    ----------
    data : TrainingData
        The rows.
    arm : ndarray of int, shape (n,)
        The arm of each row.
    fold : ndarray of int, shape (n,)
        The fold of each row.
    settings : BoostingSettings
        How trees are grown.

    Returns
    -------
    ndarray of float, shape (n, n_arms)
        A row sums to 1.
    """
    n_arms = int(arm.max()) + 1
    settings = replace(settings, early_stopping_rounds=_STOP_ROUNDS)
    probability = np.zeros((len(arm), n_arms))
    for f in range(fold.max() + 1):
        train, rest = data.part(fold != f), fold == f
        for a in range(1, n_arms):
            rows = replace(train, target=(arm[fold != f] == a).astype(float))
            parts = choose_parts(rows.target, _STOP_SHARE, settings.seed, rows.time, rows.groups)
            model, _ = fit_probability(rows, parts, settings, "beta")
            probability[rest, a] = sigmoid(model.logit(data.matrix[rest], settings.n_jobs))
    treated = probability.sum(axis=1)
    # One model a treatment: where they add up to more than the shares leave for the control, they are scaled.
    most = np.maximum(1.0, treated / (1 - 1e-3)) if n_arms > 2 else np.ones(len(arm))
    probability /= most[:, None]
    probability[:, 0] = 1 - probability.sum(axis=1)
    return probability


def check_overlap(probability: np.ndarray, least: float, most_outside: float) -> np.ndarray:
    """Refuse rows that could hardly be in some arm, unless they are few, and clip their probabilities.

    Parameters
    ----------
    probability : ndarray of float, shape (n, n_arms)
        How probable each arm was.
    least : float
        The smallest probability that counts as a chance, in (0, 0.5).
    most_outside : float
        The share of rows that may have a smaller one, in [0, 1].

    Returns
    -------
    ndarray of float, shape (n, n_arms)
        A row sums to 1. With two arms each is at least `least`, with more as good as.

    Raises
    ------
    InputError
        If too many rows have a smaller probability in some arm.

    Examples
    --------
    >>> check_overlap(np.array([[0.5, 0.5], [0.999, 0.001]]), 0.01, 0.5)
    array([[0.5 , 0.5 ],
           [0.99, 0.01]])
    """
    outside = (probability < least).any(axis=1)
    n_outside, n_rows = int(outside.sum()), len(probability)
    if n_outside > most_outside * n_rows:
        first = int(outside.argmax())
        raise InputError(
            f"there is too little overlap: {n_outside} of {n_rows} rows had a probability below {least:g} of being in "
            f"some arm, first at row {first}: {np.round(probability[first], 6).tolist()} (control first). Nobody like "
            f"them was seen in that arm, so no effect can be learnt for them. Leave such rows out, add rows that were "
            f"treated at random, or set min_probability lower or max_outside (now {most_outside:g}) higher."
        )
    if probability.shape[1] == 2:
        treated = np.clip(probability[:, 1], least, 1 - least)
        return np.column_stack([1 - treated, treated])
    clipped = np.maximum(probability, least)
    return clipped / clipped.sum(axis=1, keepdims=True)


def overlap_report(arm: np.ndarray, probability: np.ndarray, labels: np.ndarray, least: float) -> pd.DataFrame:
    """Say how well the arms overlap.

    Parameters
    ----------
    arm : ndarray of int, shape (n,)
        The arm of each row.
    probability : ndarray of float, shape (n, n_arms)
        How probable each arm was, before clipping.
    labels : ndarray of shape (n_arms,)
        The control, then the treatments.
    least : float
        The smallest probability that counts as a chance.

    Returns
    -------
    DataFrame
        One row an arm: ``arm``, ``n`` rows in it, ``share``, the ``least``, ``mean`` and ``most`` probability over
        all rows, how many rows lie ``outside`` (a smaller probability than `least`), and ``effective_n``: as many
        rows of equal weight would say as much, once rows are weighed by one over their probability.
    """
    rows = []
    for a, label in enumerate(labels.tolist()):
        p = probability[:, a]
        weight = 1 / np.maximum(p[arm == a], least)
        rows.append(
            {
                "arm": label,
                "n": int((arm == a).sum()),
                "share": float((arm == a).mean()),
                "least": float(p.min()),
                "mean": float(p.mean()),
                "most": float(p.max()),
                "outside": int((p < least).sum()),
                "effective_n": float(weight.sum() ** 2 / (weight**2).sum()),
            }
        )
    return pd.DataFrame(rows)
