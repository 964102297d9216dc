"""Venn-Abers calibration: two isotonic fits, one for each label that a new row could have."""

from __future__ import annotations

import numpy as np

__all__ = ["fit_venn_abers", "venn_abers_interval"]


def fit_venn_abers(score: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, list[float]]:
    """Fit inductive Venn-Abers calibration.

    A new row is put among the calibration rows once with the label 0 and once with 1, and the
    isotonic fit at its score read off: p0 and p1. If the rows are exchangeable, one of the two
    is calibrated [1]_. Both are step functions of the score, found in one pass over the corners
    of the cumulative sums [2]_.

    Parameters
    ----------
    score : ndarray of shape (n,)
        Raw scores of rows that the model was not trained on.
    y : ndarray of shape (n,)
        0 or 1.
    weight : ndarray of shape (n,), optional
        Weight of each row; the new row has their mean.

    Returns
    -------
    dict of str to list of float
        The steps: scores ``low_score`` where p0 changes and the values ``low`` around them, and
        ``high_score`` and ``high`` of p1.

    References
    ----------
    .. [1] Vovk, V. and Petej, I. (2014). Venn-Abers predictors. UAI.
    .. [2] Vovk, V., Petej, I. and Fedorova, V. (2015). Large-scale probabilistic predictors
       with and without guarantees of validity. NeurIPS 28.

    Examples
    --------
    >>> steps = fit_venn_abers(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    >>> venn_abers_interval(steps, np.array([0.0, 1.0]))
    array([[0. , 0.5],
           [0.5, 1. ]])
    """
    weight = np.ones(len(y)) if weight is None else weight / weight.mean()
    scores, group = np.unique(score, return_inverse=True)
    sizes, ones = np.bincount(group, weight), np.bincount(group, weight * y)
    high = _with_one_more(sizes, ones)
    # A label 0 among the rows is a label 1 among their mirror images.
    low = 1 - _with_one_more(sizes[::-1], (sizes - ones)[::-1])[::-1]
    last = np.append(np.diff(high) != 0, True)
    first = np.append(True, np.diff(low) != 0)
    return {
        "low_score": scores[first].tolist(),
        "low": [0.0, *low[first].tolist()],
        "high_score": scores[last].tolist(),
        "high": [*high[last].tolist(), 1.0],
    }


def venn_abers_interval(steps: dict[str, list[float]], score: np.ndarray) -> np.ndarray:
    """Give p0 and p1 of rows.

    Parameters
    ----------
    steps : dict
        From :func:`fit_venn_abers`.
    score : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n, 2)
        p0, below 1, and p1, above 0; p0 is not above p1.
    """
    low = np.array(steps["low"])[np.searchsorted(steps["low_score"], score, side="right")]
    high = np.array(steps["high"])[np.searchsorted(steps["high_score"], score, side="left")]
    return np.column_stack([low, high])


def _with_one_more(sizes: np.ndarray, ones: np.ndarray) -> np.ndarray:
    """Give the isotonic fit at each score when one row with the label 1 joins just there."""
    points = [(-1.0, -1.0), *zip([0.0, *np.cumsum(sizes)], [0.0, *np.cumsum(ones)], strict=True)]
    corners: list[tuple[float, float]] = []
    for point in points:
        while len(corners) > 1 and _turn(corners[-2], corners[-1], point) <= 0:
            corners.pop()
        corners.append(point)
    corners.reverse()
    fitted = np.empty(len(sizes))
    before = points[0]
    for i in range(len(sizes)):
        (x0, y0), (x1, y1) = corners[-1], corners[-2]
        fitted[i] = (y1 - y0) / (x1 - x0)
        # The new row moves behind score i: one point of the cumulative sums falls.
        before = (before[0] + sizes[i], before[1] + ones[i])
        if _turn(corners[-1], corners[-2], before) >= 0:
            continue
        corners.pop()
        while len(corners) > 1 and _turn(before, corners[-1], corners[-2]) <= 0:
            corners.pop()
        corners.append(before)
    return fitted


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
