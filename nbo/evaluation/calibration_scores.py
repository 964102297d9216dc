"""Whether probabilities are at the right level and as far apart as they should be."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

__all__ = ["calibration_in_the_large", "calibration_slope"]

_STEPS = 50
_NEAR = 1e-9
_BINS = 2000


def calibration_in_the_large(
    target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    r"""Say by how much, in log-odds, all probabilities together are too low.

    It is :math:`a` in :math:`\mathrm{logit} P(y = 1) = a + \mathrm{logit}\, p`, by maximum likelihood [1]_:
    0 is right, above 0 more came true than was predicted.

    Parameters
    ----------
    target : ndarray of shape (n,)
        0 and 1.
    predictions : ndarray of shape (k, n)
    part : ndarray of int, shape (n,)
        Has no say: levels are compared across test parts.
    weights : ndarray of shape (n, b)

    Returns
    -------
    ndarray of shape (k, b)
        NaN where there are not both labels.

    References
    ----------
    .. [1] Van Calster, B. et al. (2019). Calibration: the Achilles heel of predictive analytics.
       BMC Medicine 17, 230.

    Examples
    --------
    Half came true of what was predicted with 0.2, whose log-odds are -ln 4.

    >>> y, p = np.array([0.0, 1.0]), np.array([[0.2, 0.2]])
    >>> calibration_in_the_large(y, p, np.zeros(2, dtype=int), np.ones((2, 1))).round(4)
    array([[1.3863]])
    """
    return np.stack([_shift(target, _log_odds(p), weights) for p in predictions])


def calibration_slope(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    r"""Say how much further apart probabilities should be, in log-odds.

    It is :math:`b` in :math:`\mathrm{logit} P(y = 1) = a + b\, \mathrm{logit}\, p`, by maximum likelihood [1]_: 1
    is right, below 1 the probabilities are too extreme, as those of an overfitted model.

    Parameters
    ----------
    target, predictions, part, weights
        As for :func:`calibration_in_the_large`.

    Returns
    -------
    ndarray of shape (k, b)
        NaN where there are not both labels, the predictions are all the same, or they tell the labels
        apart without error: no finite slope fits these.

    References
    ----------
    .. [1] Cox, D. R. (1958). Two further applications of a model for binary regression. Biometrika
       45, 562-565.

    Examples
    --------
    >>> y, p = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 1.0]), np.array([[1, 1, 1, 9, 9, 9]]) / 10
    >>> calibration_slope(y, p, np.zeros(6, dtype=int), np.ones((6, 1))).round(4)
    array([[0.3155]])
    """
    return np.stack([_slope(target, _log_odds(p), weights) for p in predictions])


def _log_odds(p: np.ndarray) -> np.ndarray:
    tiny = np.finfo(float).eps
    return logit(np.clip(p, tiny, 1 - tiny))


def _thinned(target: np.ndarray, score: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put rows of one label and nearly one score together, where there are many rows and weightings."""
    if weights.shape[1] == 1 or len(score) <= 2 * _BINS:
        return target, score, weights
    # So fine that what replicates lose is far below what they differ by. The value itself is not thinned.
    cell = np.empty(len(score), dtype=int)
    cell[np.argsort(score, kind="stable")] = np.arange(len(score)) * _BINS // len(score)
    cell = 2 * cell + (target == 1)
    order = np.argsort(cell, kind="stable")
    first = np.unique(cell[order], return_index=True)[1]
    n = np.diff(np.append(first, len(score)))
    return target[order][first], np.add.reduceat(score[order], first) / n, np.add.reduceat(weights[order], first)


def _shift(target: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    target, score, weights = _thinned(target, score, weights)
    ones = target @ weights
    fine = (ones > 0) & ((1 - target) @ weights > 0)
    shift = np.zeros(weights.shape[1])
    for _ in range(_STEPS):
        p = expit(score[:, np.newaxis] + shift)
        predicted = weights * p
        slope = (predicted * (1 - p)).sum(axis=0)
        # Newton's step, bounded, since the curve is flat far from its zero.
        step = np.clip((ones - predicted.sum(axis=0)) / np.maximum(slope, 1e-300), -2, 2)
        shift += np.where(fine, step, 0.0)
        if (np.abs(step[fine]) < _NEAR).all():
            break
    return np.where(fine, shift, np.nan)


def _slope(target: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    target, score, weights = _thinned(target, score, weights)
    spread = score.std()
    ones, total = target @ weights, weights.sum(axis=0)
    fine = (ones > 0) & (ones < total) & (spread > 1e-9)
    if not fine.any():
        return np.full(weights.shape[1], np.nan)
    x = (score - score.mean()) / spread
    powers = np.stack([np.ones_like(x), x, x * x])
    a, b = np.zeros((2, weights.shape[1]))
    a[fine] = logit(ones[fine] / total[fine])
    near = np.zeros(weights.shape[1], dtype=bool)
    for _ in range(_STEPS):
        p = expit(a + x[:, np.newaxis] * b)
        g0, g1 = powers[:2] @ (weights * (target[:, np.newaxis] - p))
        h0, h1, h2 = powers @ (weights * p * (1 - p))
        det = h0 * h2 - h1**2
        solvable = fine & (det > 1e-12 * np.maximum(h0, 1e-300) ** 2)
        det = np.where(solvable, det, 1.0)
        step_a, step_b = (h2 * g0 - h1 * g1) / det, (h0 * g1 - h1 * g0) / det
        a += np.where(solvable, np.clip(step_a, -2, 2), 0.0)
        b += np.where(solvable, np.clip(step_b, -2, 2), 0.0)
        near = solvable & (np.maximum(np.abs(step_a), np.abs(step_b)) < _NEAR)
        if (near | ~solvable).all():
            break
    return np.where(near, b / spread, np.nan)
