"""Probabilities by the inverse of the gap to the best payoff."""

from __future__ import annotations

import numpy as np

from nbo.policies.even_best import even_best

__all__ = ["inverse_gap_weights"]


def inverse_gap_weights(payoffs: np.ndarray, eligible: np.ndarray, gamma: float) -> np.ndarray:
    r"""Turn payoffs into probabilities, :math:`1 / (K + \gamma \cdot` gap), the best one having the rest.

    Parameters
    ----------
    payoffs : ndarray of shape (n, k)
        Predicted, 1 or less in size.
    eligible : ndarray of bool, shape (n, k)
        At least one in each row; K of them.
    gamma : float
        0 or more.

    Returns
    -------
    ndarray of shape (n, k)
        Rows sum to 1; equal best offers share evenly.

    Examples
    --------
    >>> inverse_gap_weights(np.array([[0.5, 0.3, 0.5]]), np.array([[True, True, False]]), 40.0).round(3)
    array([[0.9, 0.1, 0. ]])
    """
    best = even_best(payoffs, eligible, 1.0)
    allowed = np.where(eligible, payoffs, -np.inf)
    gap = np.where(eligible, allowed.max(axis=1, keepdims=True) - payoffs, 0.0)
    weight = np.where(eligible & (best == 0), 1 / (eligible.sum(axis=1, keepdims=True) + gamma * gap), 0.0)
    return weight + best * (1 - weight.sum(axis=1, keepdims=True))
