"""How good predictions are, for many weightings of the same rows at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from nbo.evaluation.ranked_groups import ranked_groups

__all__ = ["SCORES", "Score", "concentration", "weighted_mean"]


@dataclass(frozen=True)
class Score:
    """One way to judge predictions.

    Parameters
    ----------
    label : str
        As people write it.
    of_classes : bool
        Whether it judges probabilities of labels; else it judges amounts.
    better : {1, -1, 0}
        1 where more is better, -1 where less is, 0 where neither, as for a slope.
    digits : str
        How to show it, as a format of Python.
    measure : callable
        From target of shape (n,), predictions of k models of shape (k, n), the number of each
        row's test part, of shape (n,), and weights of shape (n, b), to values of shape (k, b).
    """

    label: str
    of_classes: bool
    better: int
    digits: str
    measure: Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def concentration(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    r"""Measure how well predictions rank targets.

    .. math:: \sum_{i, j} w_i w_j (y_i - y_j) \, \mathrm{sign}(p_i - p_j)
              \Big/ \sum_{i, j} w_i w_j |y_i - y_j|

    over pairs of one test part: models of different parts were trained on different rows, so
    their predictions are not compared with each other. For labels 0 and 1 it is twice the area
    under the ROC curve less one; for amounts, the Gini coefficient of the amounts in predicted
    order over that in their own order [1]_.

    Parameters
    ----------
    target : ndarray of shape (n,)
    predictions : ndarray of shape (k, n)
        Of k models.
    part : ndarray of int, shape (n,)
        Test part of each row.
    weights : ndarray of shape (n, b)
        0 or more.

    Returns
    -------
    ndarray of shape (k, b)
        In [-1, 1]; NaN where all targets of a part that count are the same.

    References
    ----------
    .. [1] Kakwani, N. C. (1977). Applications of Lorenz curves in economic analysis.
       Econometrica 45, 719-727.

    Examples
    --------
    >>> y, p = np.array([0.0, 0.0, 1.0, 1.0]), np.array([[0.1, 0.4, 0.35, 0.8]])
    >>> (1 + concentration(y, p, np.zeros(4, dtype=int), np.ones((4, 1)))) / 2
    array([[0.75]])
    """
    perfect = _ahead(target, target, part, weights)
    ranked = np.stack([_ahead(target, prediction, part, weights) for prediction in predictions])
    return np.divide(ranked, perfect, out=np.full(ranked.shape, np.nan), where=perfect > 0)


def _ahead(target: np.ndarray, score: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sum each target times the weight of rows of its part that score lower, less that of rows that score higher."""
    groups = ranked_groups(score, part)
    # Weight and weighted target of each group of rows that a part's model cannot tell apart.
    weight, amount = groups.sums(weights), groups.sums(weights * target[:, np.newaxis])
    below = groups.reached(weight) - weight
    return (amount * (2 * below + weight - groups.totals(weight))).sum(axis=0)


def _auc(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return (1 + concentration(target, predictions, part, weights)) / 2


def _log_loss(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    tiny = np.finfo(float).eps
    p = np.clip(predictions, tiny, 1 - tiny)
    return weighted_mean(-(target * np.log(p) + (1 - target) * np.log1p(-p)), weights)


def _rmse(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.sqrt(weighted_mean((target - predictions) ** 2, weights))


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Give means of the same rows in many weightings.

    Parameters
    ----------
    values : ndarray of shape (n,) or (k, n)
    weights : ndarray of shape (n, b)

    Returns
    -------
    ndarray of shape (b,) or (k, b)
        NaN where all weights are 0.
    """
    total = weights.sum(axis=0)
    means = values @ weights
    return np.divide(means, total, out=np.full(means.shape, np.nan), where=total > 0)


SCORES: Final[dict[str, Score]] = {
    "auc": Score("AUC", True, 1, ".3f", _auc),
    "log_loss": Score("log-loss", True, -1, ".4f", _log_loss),
    "gini": Score("Gini", False, 1, ".3f", concentration),
    "rmse": Score("RMSE", False, -1, ".4g", _rmse),
}
