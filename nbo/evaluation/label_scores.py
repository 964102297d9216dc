"""How good predicted probabilities are, beside AUC and log-loss."""

from __future__ import annotations

from typing import Final

import numpy as np

from nbo.evaluation.calibration_scores import calibration_in_the_large, calibration_slope
from nbo.evaluation.decile_sums import decile_sums
from nbo.evaluation.ranked_groups import ranked_groups
from nbo.evaluation.scores import SCORES, Score, weighted_mean
from nbo.models.metrics import like_probabilities

__all__ = ["BRIER_PARTS", "LABEL_SCORES", "average_precision", "brier_parts"]

# Metric -> its name among the parts of the Brier score, which are measured together.
BRIER_PARTS: Final = {
    "brier_reliability": "reliability",
    "brier_resolution": "resolution",
    "brier_uncertainty": "uncertainty",
    "brier_within": "within",
    "ece": "ece",
}


def average_precision(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Give the mean precision at each one, going down the ranking.

    Rows of one prediction count together. Of several test parts it is the mean, weighted by their ones.

    Parameters
    ----------
    target : ndarray of shape (n,)
        0 and 1.
    predictions : ndarray of shape (k, n)
    part : ndarray of int, shape (n,)
    weights : ndarray of shape (n, b)

    Returns
    -------
    ndarray of shape (k, b)
        In (0, 1]; NaN where there are not both labels.

    Examples
    --------
    >>> y, p = np.array([0.0, 0.0, 1.0, 1.0]), np.array([[0.1, 0.4, 0.35, 0.8]])
    >>> average_precision(y, p, np.zeros(4, dtype=int), np.ones((4, 1))).round(4)
    array([[0.8333]])
    """
    all_ones, both = _ones(target, weights)
    found = np.full((len(predictions), weights.shape[1]), np.nan)
    for row, prediction in zip(found, predictions, strict=True):
        groups = ranked_groups(-prediction, part)
        weight, ones = groups.sums(weights), groups.sums(weights * target[:, np.newaxis])
        reached = groups.reached(weight)
        precision = np.divide(groups.reached(ones), reached, out=np.zeros_like(reached), where=reached > 0)
        np.divide((ones * precision).sum(axis=0), all_ones, out=row, where=both)
    return found


def brier_parts(target: np.ndarray, prediction: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    r"""Take the Brier score apart, over ten groups of like probabilities [1]_, [2]_.

    .. math:: \overline{(p - y)^2} = \underbrace{\overline{(\bar p_g - \bar y_g)^2}}_{reliability}
              - \underbrace{\overline{(\bar y_g - \bar y)^2}}_{resolution}
              + \underbrace{\bar y (1 - \bar y)}_{uncertainty} + within

    Reliability is 0 where probabilities come true. Resolution says how far the groups' rates are apart.
    Uncertainty is that of the labels themselves. What is left is due to differences within groups.

    Parameters
    ----------
    target, prediction : ndarray of shape (n,)
    weights : ndarray of shape (n, b)

    Returns
    -------
    dict of str to ndarray of shape (b,)
        "reliability", "resolution", "uncertainty", "within" and "ece", the expected calibration error.

    References
    ----------
    .. [1] Murphy, A. H. (1973). A new vector partition of the probability score. Journal of
       Applied Meteorology 12, 595-600.
    .. [2] Stephenson, D. B., Coelho, C. A. S. and Jolliffe, I. T. (2008). Two extra components in the
       Brier score decomposition. Weather and Forecasting 23, 752-757.

    Examples
    --------
    >>> parts = brier_parts(np.array([0.0, 1.0]), np.array([0.2, 0.9]), np.ones((2, 1)))
    >>> {name: round(value.item(), 3) for name, value in parts.items()}
    {'reliability': 0.025, 'resolution': 0.25, 'uncertainty': 0.25, 'within': 0.0, 'ece': 0.15}
    """
    group = like_probabilities(prediction)
    member = (group == np.unique(group)[:, np.newaxis]).astype(float)
    weight = member @ weights
    means = [_ratio((member * values) @ weights, weight) for values in (target, prediction)]
    share = _ratio(weight, weight.sum(axis=0))
    rate = weighted_mean(target, weights)
    gap = means[1] - means[0]
    found = {
        "reliability": (share * gap**2).sum(axis=0),
        "resolution": (share * (means[0] - rate) ** 2).sum(axis=0),
        "uncertainty": rate * (1 - rate),
    }
    brier = weighted_mean((target - prediction) ** 2, weights)
    within = brier - found["reliability"] + found["resolution"] - found["uncertainty"]
    return {**found, "within": within, "ece": (share * np.abs(gap)).sum(axis=0)}


def _brier_part(label: str, better: int, name: str) -> Score:
    def measure(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return np.stack([brier_parts(target, prediction, weights)[name] for prediction in predictions])

    return Score(label, True, better, ".4f", measure)


def _brier(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return weighted_mean((target - predictions) ** 2, weights)


def _lift(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    ones, both = _ones(target, weights)
    rate = np.where(both, ones, np.nan) / np.where(both, weights.sum(axis=0), 1.0)
    sums = np.stack([decile_sums(prediction, part, weights, [target])[:, 0] for prediction in predictions])
    return _ratio(sums[:, 1], sums[:, 0]) / rate


def _rate(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.tile(weighted_mean(target, weights), (len(predictions), 1))


def _mean_probability(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return weighted_mean(predictions, weights)


def _ones(target: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the weight of ones, and where there are both labels."""
    ones = target @ weights
    return ones, (ones > 0) & ((1 - target) @ weights > 0)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


LABEL_SCORES: Final[dict[str, Score]] = {
    "rate": Score("rate", True, 0, ".4f", _rate),
    "mean_probability": Score("mean probability", True, 0, ".4f", _mean_probability),
    "auc": SCORES["auc"],
    "average_precision": Score("average precision", True, 1, ".3f", average_precision),
    "lift_10": Score("lift of the top tenth", True, 1, ".2f", _lift),
    "log_loss": SCORES["log_loss"],
    "brier": Score("Brier score", True, -1, ".4f", _brier),
    "brier_reliability": _brier_part("Brier reliability", -1, "reliability"),
    "brier_resolution": _brier_part("Brier resolution", 1, "resolution"),
    "brier_uncertainty": _brier_part("Brier uncertainty", 0, "uncertainty"),
    "brier_within": _brier_part("Brier within groups", -1, "within"),
    "ece": _brier_part("ECE", -1, "ece"),
    "calibration_in_the_large": Score("calibration in the large", True, 0, ".3f", calibration_in_the_large),
    "calibration_slope": Score("calibration slope", True, 0, ".3f", calibration_slope),
}
