"""Isotonic calibration: the rising steps that fit best."""

from __future__ import annotations

import logging

import numpy as np
from sklearn.isotonic import IsotonicRegression

__all__ = ["fit_isotonic", "isotonic_probability"]

logger = logging.getLogger(__name__)

# Below so many rows it lost log-loss and ranking against beta and sigmoid calibration.
_ENOUGH_ROWS = 50_000


def fit_isotonic(score: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, list[float]]:
    """Fit isotonic calibration, and warn where it ties what the scores tell apart.

    Probabilities of 0 and 1, which no number of rows can bear out, are drawn in to 1 / (n + 2)
    and 1 - 1 / (n + 2).

    Parameters
    ----------
    score : ndarray of shape (n,)
        Raw scores of rows that the model was not trained on.
    y : ndarray of shape (n,)
        0 or 1.
    weight : ndarray of shape (n,), optional
        Weight of each row.

    Returns
    -------
    dict of str to list of float
        The corners: ``score`` and ``probability``.

    Examples
    --------
    >>> fit_isotonic(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.0, 1.0]))["probability"]
    [0.16666666666666666, 0.5, 0.5, 0.8333333333333334]
    """
    fitted = IsotonicRegression(y_min=0.0, y_max=1.0).fit(score, y, weight)
    least = 1 / (len(y) + 2)
    different = len(np.unique(fitted.predict(score)))
    if len(y) < _ENOUGH_ROWS:
        logger.warning(
            "isotonic calibration on %d rows gives %d different probabilities for %d different scores; beta or "
            "sigmoid calibration keeps the ranking",
            len(y),
            different,
            len(np.unique(score)),
        )
    corners = np.clip(fitted.y_thresholds_, least, 1 - least)
    return {"score": fitted.X_thresholds_.tolist(), "probability": corners.tolist()}


def isotonic_probability(steps: dict[str, list[float]], score: np.ndarray) -> np.ndarray:
    """Give the probability of rows, on straight lines between the corners.

    Parameters
    ----------
    steps : dict
        From :func:`fit_isotonic`.
    score : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n,)
        In (0, 1).
    """
    return np.interp(score, steps["score"], steps["probability"])
