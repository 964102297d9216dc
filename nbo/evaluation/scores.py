"""How good predictions are, for many weightings of the same rows at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

__all__ = ["SCORES", "Score", "concentration"]


@dataclass(frozen=True)
class Score:
    """One way to judge predictions.

    Parameters
    ----------
    label : str
        As people write it.
    of_classes : bool
        Whether it judges probabilities of labels; else it judges amounts.
    better : {1, -1}
        1 where more is better, -1 where less is.
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
    order = np.lexsort((score, part))
    score, part, weights = score[order], part[order], weights[order]
    new_part = np.append(True, part[1:] != part[:-1])
    groups = np.flatnonzero(new_part | np.append(True, score[1:] != score[:-1]))
    # Weight and weighted target of each group of rows that a part's model cannot tell apart.
    weight = np.add.reduceat(weights, groups, axis=0)
    amount = np.add.reduceat(weights * target[order, np.newaxis], groups, axis=0)
    starts = np.flatnonzero(new_part[groups])
    sizes = np.diff(np.append(starts, len(groups)))
    total = np.repeat(np.add.reduceat(weight, starts, axis=0), sizes, axis=0)
    so_far = weight.cumsum(axis=0)
    before = np.repeat(so_far[starts] - weight[starts], sizes, axis=0)
    below = so_far - weight - before
    return (amount * (2 * below + weight - total)).sum(axis=0)


def _auc(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return (1 + concentration(target, predictions, part, weights)) / 2


def _log_loss(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    tiny = np.finfo(float).eps
    p = np.clip(predictions, tiny, 1 - tiny)
    return _mean(-(target * np.log(p) + (1 - target) * np.log1p(-p)), weights)


def _rmse(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.sqrt(_mean((target - predictions) ** 2, weights))


def _mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    total = weights.sum(axis=0)
    means = values @ weights
    return np.divide(means, total, out=np.full(means.shape, np.nan), where=total > 0)


SCORES: Final[dict[str, Score]] = {
    "auc": Score("AUC", True, 1, ".3f", _auc),
    "log_loss": Score("log-loss", True, -1, ".4f", _log_loss),
    "gini": Score("Gini", False, 1, ".3f", concentration),
    "rmse": Score("RMSE", False, -1, ".4g", _rmse),
}
