"""Acceptance rates with all doubt about what segments and offers are like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nbo.policies.main_effects import offer_design
from nbo.policies.pooling import PooledPrior

__all__ = ["doubted_posterior"]


def doubted_posterior(
    prior: PooledPrior, n: np.ndarray, accepted: np.ndarray, offer_groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    r"""Update a prior with each cell's own answers, and tell how sure that is.

    :meth:`PooledPrior.posterior` is there to choose between the offers of a segment: what is not known of the segment
    is common to them. An interval of a rate must allow for it as well. With :math:`d_o` the effects that an offer has,
    C their covariance, :math:`w_{so}` the precision of a cell's log-odds and :math:`\tau^2` the variance of segments,
    the log-odds have the variance

    .. math:: v_{so} = \frac{1}{W_s} + (d_o - \bar d_s)^\top C\, (d_o - \bar d_s), \qquad
              W_s = \frac{1}{\tau^2} + \sum_o w_{so}, \qquad \bar d_s = \frac{1}{W_s} \sum_o w_{so} d_o.

    Parameters
    ----------
    prior : PooledPrior
        Where it does not tell of its fit, as with nested segments or without pooling, its own posterior is given.
    n, accepted : ndarray of shape (n_segments, n_offers)
        Number of answers, and sum of their rewards.
    offer_groups : ndarray of shape (n_offers, n_offer_groups)
        As the prior was fitted with.

    Returns
    -------
    alpha, beta : ndarray of shape (n_segments, n_offers)
        Parameters of the Beta distributions.

    Examples
    --------
    Few answers in each of many segments: an interval is wider than what the choice of an offer needs.

    >>> from nbo.policies.pooling import fit_pooled_prior
    >>> n = np.full((50, 2), 10.0)
    >>> prior = fit_pooled_prior(n, 0.1 * n, prior_rate=0.04, prior_strength=25.0)
    >>> chosen, told = sum(prior.posterior(n, 0.1 * n)), sum(doubted_posterior(prior, n, 0.1 * n, np.zeros((2, 0))))
    >>> bool((told < chosen).all())
    True
    """
    fit = prior.fit
    if fit is None or fit.effects is None:
        return prior.posterior(n, accepted)
    design, covariance = offer_design(offer_groups), fit.effects.block_covariance
    slope = prior.mean * (1 - prior.mean)
    weight = n * (fit.strength + 1) / (fit.strength + n) * slope
    total = weight.sum(axis=1, keepdims=True) + 1 / fit.variances[0]
    served = weight @ design / total
    of_offer, of_served = ((rows @ covariance * rows).sum(axis=1) for rows in (design, served))
    variance = 1 / total + of_offer + of_served[:, np.newaxis] - 2 * served @ covariance @ design.T
    return replace(prior, spread=slope * np.sqrt(variance)).posterior(n, accepted)
