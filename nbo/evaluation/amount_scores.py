"""How good predicted amounts are: their level, their ranking and their errors."""

from __future__ import annotations

from typing import Final

import numpy as np

from nbo.evaluation.ranked_groups import ranked_groups
from nbo.evaluation.scores import SCORES, Score, weighted_mean

__all__ = ["AMOUNT_SCORES", "rank_correlation"]


def rank_correlation(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Give Spearman's correlation of amounts and predictions, whose ties share a rank.

    Ranks are those within each test part.

    Parameters
    ----------
    target : ndarray of shape (n,)
    predictions : ndarray of shape (k, n)
    part : ndarray of int, shape (n,)
    weights : ndarray of shape (n, b)

    Returns
    -------
    ndarray of shape (k, b)
        In [-1, 1]; NaN where all amounts or all predictions are the same.

    Examples
    --------
    >>> y, p = np.array([0.0, 5.0, 9.0]), np.array([[1.0, 3.0, 2.0]])
    >>> rank_correlation(y, p, np.zeros(3, dtype=int), np.ones((3, 1)))
    array([[0.5]])
    """
    actual = _ranks(target, part, weights)
    variance = (weights * actual**2).sum(axis=0)
    found = np.full((len(predictions), weights.shape[1]), np.nan)
    for row, prediction in zip(found, predictions, strict=True):
        ranks = _ranks(prediction, part, weights)
        norm = np.sqrt(variance * (weights * ranks**2).sum(axis=0))
        np.divide((weights * actual * ranks).sum(axis=0), norm, out=row, where=norm > 0)
    return found


def _ranks(values: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Give each row's rank, as its distance from the middle of its part."""
    groups = ranked_groups(values, part)
    weight = groups.sums(weights)
    middle = groups.reached(weight) - weight / 2 - groups.totals(weight) / 2
    ranks = np.empty_like(weights, dtype=float)
    ranks[groups.order] = np.repeat(middle, np.diff(np.append(groups.first, len(values))), axis=0)
    return ranks


def _mean_actual(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.tile(weighted_mean(target, weights), (len(predictions), 1))


def _mean_predicted(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return weighted_mean(predictions, weights)


def _level_ratio(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    actual, predicted = target @ weights, predictions @ weights
    return np.divide(predicted, actual, out=np.full(predicted.shape, np.nan), where=actual > 0)


def _mae(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return weighted_mean(np.abs(target - predictions), weights)


AMOUNT_SCORES: Final[dict[str, Score]] = {
    "mean_actual": Score("mean", False, 0, ".4g", _mean_actual),
    "mean_predicted": Score("mean prediction", False, 0, ".4g", _mean_predicted),
    "level_ratio": Score("level ratio", False, 0, ".3f", _level_ratio),
    "mae": Score("MAE", False, -1, ".4g", _mae),
    "rmse": SCORES["rmse"],
    "gini": SCORES["gini"],
    "spearman": Score("Spearman", False, 1, ".3f", rank_correlation),
}
