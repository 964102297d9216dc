"""The probability that each offer is the best one, when acceptance rates are known as Beta distributions."""

from __future__ import annotations

import numpy as np
from scipy import special

__all__ = ["probability_of_best"]

# The best payoff lies outside the quantiles at _TAIL and 1 - _TAIL with a chance far below the error allowed.
_TAIL = 1e-6
# Nodes of each pass: all but the last only zoom in to where the mass of the best payoff lies. The last
# count is odd, so that every second node makes a grid of double width.
_PASSES = (24, 24, 24, 24, 161)
# Rows are worked off in blocks of about this many (row, offer, node) cells, to bound the memory.
_BLOCK = 2_000_000


def probability_of_best(
    alpha: np.ndarray, beta: np.ndarray, values: np.ndarray, costs: np.ndarray, eligible: np.ndarray
) -> np.ndarray:
    r"""Compute the chance that an offer pays most among the eligible ones.

    Offer j pays :math:`U_j = v_j P_j - c_j` with independent :math:`P_j \sim
    \mathrm{Beta}(\alpha_j, \beta_j)`. Thompson sampling [1]_ takes offer j with the chance that
    :math:`U_j` is the largest,

    .. math:: \pi_j = \int \prod_i F_i(u) \; d \log F_j(u),

    where :math:`F_i` is the distribution function of :math:`U_i`. The integral is a sum over
    cells between quantiles of the largest payoff; within a cell, the mass of the largest
    payoff is shared in proportion to the growth of each :math:`\log F_j`, so that the shares
    add up to 1 by construction.

    Parameters
    ----------
    alpha, beta : ndarray of shape (n, k)
        Parameters of the Beta distributions, above 0.
    values : ndarray of shape (k,)
        What an acceptance is worth, 0 or more. An offer of value 0 pays its cost for certain.
    costs : ndarray of shape (k,)
        What making the offer costs, in the unit of `values`.
    eligible : ndarray of bool, shape (n, k)
        Which offers may be made; at least one in each row.

    Returns
    -------
    ndarray of shape (n, k)
        Rows sum to 1; offers that are not eligible have exactly 0. Offers that pay the same for
        certain share equally. The error is below 1e-3.

    References
    ----------
    .. [1] Thompson, W. R. (1933). On the likelihood that one unknown probability exceeds
       another in view of the evidence of two samples. Biometrika 25, 285-294.

    Examples
    --------
    Beta(2, 1) beats Beta(1, 1) with probability 2/3.

    >>> one = np.ones(2)
    >>> pi = probability_of_best(np.array([[2.0, 1.0]]), np.array([[1.0, 1.0]]), one, 0 * one, np.array([[True, True]]))
    >>> pi.round(3)
    array([[0.667, 0.333]])
    """
    block = max(1, _BLOCK // (max(_PASSES) * max(1, len(values))))
    result = np.zeros(alpha.shape)
    for start in range(0, len(alpha), block):
        rows = slice(start, start + block)
        result[rows] = _block(alpha[rows], beta[rows], values, costs, eligible[rows])
    return result


def _block(
    alpha: np.ndarray, beta: np.ndarray, values: np.ndarray, costs: np.ndarray, eligible: np.ndarray
) -> np.ndarray:
    certain = eligible & (values == 0)
    uncertain = eligible & (values > 0)
    scale = np.where(values > 0, values, 1.0)
    floor = np.where(certain, -costs, -np.inf).max(axis=1)
    low, highs = _support(alpha, beta, scale, costs, uncertain, floor)
    high = np.maximum(low, highs.max(axis=1))
    contender = (uncertain & (highs > low[:, None]))[:, :, None]

    def log_cdf(nodes: np.ndarray) -> np.ndarray:
        rate = np.clip((nodes[:, None, :] + costs[:, None]) / scale[:, None], 0.0, 1.0)
        cdf = np.ones(rate.shape)
        special.betainc(alpha[:, :, None], beta[:, :, None], rate, out=cdf, where=contender)
        return np.log(np.maximum(cdf, np.finfo(float).tiny))

    nodes = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, _PASSES[0])
    for count in _PASSES[1:]:
        nodes = _equal_mass(nodes, np.exp(log_cdf(nodes).sum(axis=1)), count)
    logs = log_cdf(nodes)
    # The rule's error is quadratic in the cell width, so Richardson's step removes its leading term.
    result = np.maximum((4.0 * _integral(logs) - _integral(logs[:, :, ::2])) / 3.0, 0.0)
    # All uncertain offers pay less than the best certain one with the chance best[:, 0].
    top = certain & (-costs == floor[:, None])
    result += top * (np.exp(logs[:, :, 0].sum(axis=1, keepdims=True)) / np.maximum(top.sum(axis=1, keepdims=True), 1))
    return result / result.sum(axis=1, keepdims=True)


def _integral(logs: np.ndarray) -> np.ndarray:
    """Sum over the cells between nodes: each offer's share of the best payoff's mass."""
    growth = np.diff(logs, axis=2)
    total = growth.sum(axis=1)
    mass = np.diff(np.exp(logs.sum(axis=1)), axis=1)
    share = np.divide(mass, total, out=np.zeros_like(total), where=total > 0)
    return (growth * share[:, None, :]).sum(axis=2)


def _support(
    alpha: np.ndarray, beta: np.ndarray, scale: np.ndarray, costs: np.ndarray, uncertain: np.ndarray, floor: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Bracket the best payoff: below by the largest low quantile or what is certain, above by each offer's."""
    low = np.where(uncertain, scale * special.betaincinv(alpha, beta, _TAIL) - costs, -np.inf).max(axis=1)
    highs = np.where(uncertain, scale * special.betainccinv(alpha, beta, _TAIL) - costs, -np.inf)
    return np.maximum(low, floor), highs


def _equal_mass(nodes: np.ndarray, best: np.ndarray, count: int) -> np.ndarray:
    """Place nodes at equal steps of the best payoff's distribution, keeping some spread evenly in between."""
    span = np.maximum(nodes[:, -1:] - nodes[:, :1], np.finfo(float).tiny)
    # The even part keeps cells from growing long where the distribution is flat.
    level = 0.9 * best / best[:, -1:] + 0.1 * (nodes - nodes[:, :1]) / span
    low, high = level[:, :1], level[:, -1:]
    wanted = low + (high - low) * np.linspace(0.0, 1.0, count)
    return np.stack([np.interp(w, v, x) for w, v, x in zip(wanted, level, nodes, strict=True)])
