"""The posterior of linear regressions of acceptance, one for each offer, that share a prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from nbo.policies.shared_prior import shared_prior_precision

__all__ = ["LinearPosterior", "fit_linear_posterior"]

# How many answers the expected rate is worth, where the noise of an answer is estimated.
_EXPECTED_WORTH = 25.0


@dataclass(frozen=True)
class LinearPosterior:
    """Normal distribution of the coefficients of each offer, on the scale of acceptance rates.

    Parameters
    ----------
    mean : ndarray of shape (k, q)
    covariance : ndarray of shape (k, q, q)
        Of each offer's coefficients.
    """

    mean: np.ndarray
    covariance: np.ndarray

    def rates(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give what is known of acceptance rates.

        Parameters
        ----------
        matrix : ndarray of shape (n, q)
            A row for each context.

        Returns
        -------
        mean, sd : ndarray of shape (n, k)
            Mean and standard deviation; a mean may lie outside [0, 1].
        """
        mean, sd = np.zeros((2, len(matrix), len(self.mean)))
        # One by one, for a product of many rows may round otherwise than that of one.
        for row, context in enumerate(matrix):
            mean[row] = self.mean @ context
            sd[row] = np.sqrt(np.maximum((self.covariance @ context) @ context, 0.0))
        return mean, sd


def fit_linear_posterior(
    matrix: np.ndarray, n: np.ndarray, accepted: np.ndarray, *, prior_rate: float | np.ndarray, effect_sd: float
) -> LinearPosterior:
    r"""Fit a linear model of acceptance to all answers at once.

    The acceptance rate of offer o in context x is :math:`x^\top (b + b_o)`, with x's first entry
    1: the hybrid model of [1]_, in which offers share b. The prior is that of
    :func:`~nbo.policies.logistic_posterior.fit_logistic_posterior`, carried from log-odds to
    rates by the slope :math:`s = p (1 - p)` at the overall rate p; s is the variance of an
    answer, too. With :math:`P_0` the prior precision on the log-odds, the precision is

    .. math:: (P_0 + s \textstyle\sum n \, x x^\top) / s^2.

    Parameters
    ----------
    matrix : ndarray of shape (n_contexts, q)
        Contexts.
    n, accepted : ndarray of shape (n_contexts, k)
        Number of answers, and sum of their rewards.
    prior_rate : float or ndarray of shape (k,)
        In (0, 1), of all offers or of each.
    effect_sd : float
        On the log-odds, above 0.

    Returns
    -------
    LinearPosterior
        A function of the answers alone.

    References
    ----------
    .. [1] Li, L., Chu, W., Langford, J. and Schapire, R. (2010). A contextual-bandit approach
       to personalized news article recommendation. WWW 2010, algorithm 2.

    Examples
    --------
    >>> n, accepted = np.array([[1e6]]), np.array([[2e5]])
    >>> fit = fit_linear_posterior(np.ones((1, 1)), n, accepted, prior_rate=0.04, effect_sd=0.5)
    >>> fit.mean.round(3).tolist()
    [[0.2]]
    """
    k, q = n.shape[1], matrix.shape[1]
    start = np.zeros((k, q))
    start[:, 0] = prior_rate
    expected = float(start[:, 0].mean()) if k else 0.5
    overall = (accepted.sum() + _EXPECTED_WORTH * expected) / (n.sum() + _EXPECTED_WORTH)
    slope = float(np.clip(overall, 1e-4, 1 - 1e-4) * (1 - np.clip(overall, 1e-4, 1 - 1e-4)))
    precision, off = shared_prior_precision(k, q, effect_sd), np.zeros((k, q))
    for offer in range(k):
        there = n[:, offer] > 0
        own, count = matrix[there], n[there, offer]
        precision[offer, :, offer, :] += slope * (own * count[:, None]).T @ own
        off[offer] = (accepted[there, offer] - count * (own @ start[offer])) @ own
    covariance = linalg.inv(precision.reshape(k * q, k * q)) if k else np.zeros((0, 0))
    mean = start + slope * (covariance @ off.ravel()).reshape(k, q)
    own_blocks = covariance.reshape(k, q, k, q)[np.arange(k), :, np.arange(k), :]
    return LinearPosterior(mean, slope**2 * own_blocks)
