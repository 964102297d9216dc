"""Scores of single rows whose mean is the mean outcome of an arm."""

from __future__ import annotations

import numpy as np

__all__ = ["arm_scores", "effect_scores"]


def arm_scores(y: np.ndarray, arm: np.ndarray, probability: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
    r"""Give the doubly robust score of each row in each arm [1]_.

    With the expected outcome :math:`\mu_a(x)` and the probability :math:`e_a(x)` of arm a it is

    .. math:: \psi_{ia} = \mu_a(x_i) + \frac{1\{a_i = a\}}{e_a(x_i)} (y_i - \mu_a(x_i)).

    Its mean over any group of customers is the group's mean outcome if all were in that arm, right if either the
    probabilities or the expected outcomes are.

    Parameters
    ----------
    y : ndarray of float, shape (n,)
        Outcomes.
    arm : ndarray of int, shape (n,)
        The arm of each row.
    probability, outcomes : ndarray of float, shape (n, n_arms)
        How probable each arm was, above 0, and the outcome expected in it.

    Returns
    -------
    ndarray of float, shape (n, n_arms)

    References
    ----------
    .. [1] Robins, J. M., Rotnitzky, A. and Zhao, L. P. (1994). Estimation of regression coefficients when some
       regressors are not always observed. Journal of the American Statistical Association 89.

    Examples
    --------
    >>> half = np.full((2, 2), 0.5)
    >>> arm_scores(np.array([1.0, 0.0]), np.array([1, 0]), half, np.array([[0.2, 0.6], [0.2, 0.6]]))
    array([[ 0.2,  1.4],
           [-0.2,  0.6]])
    """
    scores = outcomes.astype(float)
    rows = np.arange(len(y))
    scores[rows, arm] += (y - scores[rows, arm]) / probability[rows, arm]
    return scores


def effect_scores(y: np.ndarray, arm: np.ndarray, probability: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
    """Give the doubly robust score of each treatment's effect on each row.

    Parameters
    ----------
    y : ndarray of float, shape (n,)
        Outcomes.
    arm : ndarray of int, shape (n,)
        The arm of each row; 0 is the control.
    probability, outcomes : ndarray of float, shape (n, n_arms)
        As for :func:`arm_scores`.

    Returns
    -------
    ndarray of float, shape (n, n_arms - 1)
        The mean over a group is the mean effect on it, in the unit of `y`.

    Examples
    --------
    >>> half = np.full((2, 2), 0.5)
    >>> effect_scores(np.array([1.0, 0.0]), np.array([1, 0]), half, np.array([[0.2, 0.6], [0.2, 0.6]]))
    array([[1.2],
           [0.8]])
    """
    scores = arm_scores(y, arm, probability, outcomes)
    return scores[:, 1:] - scores[:, :1]
