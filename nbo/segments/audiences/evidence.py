"""How much answers speak for subgroups, in a way that stays valid however often one looks."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import special

__all__ = ["BLOCK", "ODDS", "log_evidence", "log_wealth"]

# Answers to an offer that are compared among themselves.
BLOCK: Final = 50
# How many times as often an acceptance comes from inside, under the alternatives that are bet on.
ODDS: Final = (1.4, 2.0, 3.5)
# A single acceptance loses at most this share of the wealth.
_MOST_LOST: Final = 0.9
# So small a product BLAS computes in one thread; more threads take longer to meet than to multiply.
_TILE: Final = 64
# Bounds the memory: numbers of one array at a time.
_CELLS_AT_ONCE: Final = 4_000_000


def log_wealth(
    members: np.ndarray, reward: np.ndarray, weight: np.ndarray, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    r"""Bet on each subgroup, on answers to one offer in the order of time.

    Within a block of :data:`BLOCK` answers, let :math:`w_i` be the weights, scaled to sum to the
    effective number of answers, :math:`g_i` be 1 inside the subgroup and 0 outside, and
    :math:`\pi = \sum_i w_i g_i / \sum_i w_i`. If inside and outside accept alike, then whatever
    the rate and however many of the block accept,

    .. math:: \prod_i \big(1 + \lambda\, y_i\, w_i\, (g_i - \pi)\big), \qquad
        \lambda = \frac{\psi - 1}{1 + (\psi - 1) \pi},

    has an expectation of at most 1: the acceptances are a random draw from the block, the terms
    :math:`w_i (g_i - \pi)` sum to 0, and a product over a draw without replacement is at most
    that with replacement (Maclaurin's inequality). So the product over blocks is a test
    supermartingale [1]_, one for each odds :math:`\psi`. With equal weights it is the likelihood
    ratio of "acceptances come from inside with odds :math:`\psi` times those of everybody".

    Parameters
    ----------
    members : ndarray of bool, shape (n, n_conditions)
        Which conditions hold of whom; n is a multiple of :data:`BLOCK`.
    reward : ndarray of shape (n,)
        In [0, 1].
    weight : ndarray of shape (n,)
        One over the probability with which the offer was drawn.
    first, second : ndarray of int, shape (n_candidates,)
        Conditions of each subgroup.

    Returns
    -------
    ndarray of shape (len(ODDS), n_candidates)
        Logarithm of the product, for each odds.

    References
    ----------
    .. [1] Ramdas, A., Grünwald, P., Vovk, V. and Shafer, G. (2023). Game-theoretic statistics
       and safe anytime-valid inference. Statistical Science 38(4), 576-601.
    """
    total = np.zeros((len(ODDS), len(first)))
    step = BLOCK * max(_CELLS_AT_ONCE // max(members.shape[1] ** 2, 1), 1)
    for start in range(0, len(members), step):
        part = slice(start, start + step)
        scaled = _scaled(weight[part].reshape(-1, BLOCK))
        total += _wealth_of_blocks(members[part], reward[part], scaled, first, second)
    return total


def log_evidence(wealth: np.ndarray) -> np.ndarray:
    """Average the wealth over the odds that were bet on.

    Parameters
    ----------
    wealth : ndarray of shape (len(ODDS), n_candidates)
        Logarithms, of :func:`log_wealth`.

    Returns
    -------
    ndarray of shape (n_candidates,)
        Logarithm of the e-value.
    """
    return special.logsumexp(wealth, axis=0) - np.log(len(wealth))


def _scaled(weight: np.ndarray) -> np.ndarray:
    """Let the weights of each block sum to the number of equal answers that would tell as much."""
    return weight * (weight.sum(axis=1) / (weight**2).sum(axis=1))[:, None]


def _wealth_of_blocks(
    members: np.ndarray, reward: np.ndarray, weight: np.ndarray, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    inside = _joint_shares(members.reshape(len(weight), BLOCK, -1).astype(np.float32), weight.astype(np.float32))
    accepted = np.flatnonzero(reward > 0)
    block = accepted // BLOCK
    stake = (reward * weight.ravel())[accepted].astype(np.float32)
    heaviest = weight.max(axis=1).astype(np.float32)[:, None]
    result = np.zeros((len(ODDS), len(first)))
    size = max(_CELLS_AT_ONCE // max(len(accepted), len(weight)), 1)
    for start in range(0, len(first), size):
        one, two = first[start : start + size], second[start : start + size]
        share = inside[:, one, two]
        away = stake[:, None] * ((members[accepted][:, one] & members[accepted][:, two]) - share[block])
        most = _MOST_LOST / np.maximum(share * heaviest, np.float32(1e-6))
        for number, odds in enumerate(ODDS):
            bet = np.minimum((odds - 1) / (1 + (odds - 1) * share), most)
            result[number, start : start + size] = np.log1p(bet[block] * away).sum(axis=0, dtype=float)
    return result


def _joint_shares(members: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted share of each pair of conditions in each block; pairs below the diagonal are not computed."""
    # Copied in its own order, for BLAS multiplies no stack of transposed views.
    weighted = np.ascontiguousarray(np.swapaxes(members * (weight / weight.sum(axis=1)[:, None])[:, :, None], 1, 2))
    shares = np.zeros((len(weight), members.shape[2], members.shape[2]), dtype=np.float32)
    for row in range(0, members.shape[2], _TILE):
        for column in range(row, members.shape[2], _TILE):
            tile = slice(row, row + _TILE), slice(column, column + _TILE)
            shares[:, tile[0], tile[1]] = np.matmul(weighted[:, tile[0]], members[:, :, tile[1]])
    return shares
