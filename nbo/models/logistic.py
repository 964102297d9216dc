"""Log-odds, and a logistic regression of a few columns."""

from __future__ import annotations

import numpy as np

__all__ = ["log_sides", "logistic_regression", "sigmoid"]

_RIDGE = 1e-6


def sigmoid(logit: np.ndarray) -> np.ndarray:
    """Turn log-odds into probabilities, without overflow.

    Parameters
    ----------
    logit : ndarray

    Returns
    -------
    ndarray
    """
    return np.exp(-np.logaddexp(0.0, -logit))


def log_sides(logit: np.ndarray) -> np.ndarray:
    """Give ln(p) and -ln(1 - p) straight from the log-odds: exact where p rounds to 0 or 1.

    Parameters
    ----------
    logit : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n, 2)
    """
    # Both sides have the same curve; what they add to it is exact.
    curve = np.logaddexp(0.0, -np.abs(logit))
    return np.column_stack([-(np.maximum(-logit, 0.0) + curve), np.maximum(logit, 0.0) + curve])


def logistic_regression(
    columns: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None, offset: np.ndarray | None = None
) -> list[float]:
    """Fit a logistic regression by Newton's method with step halving.

    Parameters
    ----------
    columns : ndarray of shape (n, p)
    y : ndarray of shape (n,)
        In [0, 1].
    weight : ndarray of shape (n,), optional
    offset : ndarray of shape (n,), optional
        Log-odds that are given.

    Returns
    -------
    list of p + 1 floats
        The slopes, then the shift. A ridge too small to see keeps them finite where the rows are separable.

    Examples
    --------
    >>> slope, shift = logistic_regression(np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0.25, 0.25, 0.75, 0.75]))
    >>> round(shift, 3), round(slope, 3)    # ln(1/3), and ln(3) - ln(1/3)
    (-1.099, 2.197)
    """
    design = np.column_stack([columns, np.ones(len(y))])
    weight = np.ones(len(y)) if weight is None else weight / weight.mean()
    offset = np.zeros(len(y)) if offset is None else offset
    ridge = _RIDGE * len(y) * (np.arange(design.shape[1]) < columns.shape[1])

    def loss(beta: np.ndarray) -> float:
        logit = offset + design @ beta
        return float(weight @ (np.logaddexp(0.0, logit) - y * logit) + ridge @ beta**2 / 2)

    beta = np.zeros(design.shape[1])
    for _ in range(100):
        p = sigmoid(offset + design @ beta)
        gradient = design.T @ (weight * (p - y)) + ridge * beta
        hessian = design.T @ (design * (weight * p * (1 - p))[:, None]) + np.diag(ridge + 1e-12 * len(y))
        step = np.linalg.solve(hessian, gradient)
        size, before = 1.0, loss(beta)
        while loss(beta - size * step) > before and size > 1e-8:
            size /= 2
        beta = beta - size * step
        if np.abs(size * step).max() < 1e-10:
            break
    return [float(value) for value in beta]
