"""The probability that each offer is the best one, for many sets of offers with the same rates."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import special

__all__ = ["probability_of_best_of_sets"]

# Nodes stand at quantiles of each payoff, these log-odds apart: closer in the upper half, where the best one lies.
_LOG_ODDS: Final = np.concatenate([np.linspace(-13.8, -1, 8), np.linspace(-0.5, 4, 16), np.linspace(4.7, 13.8, 9)])
# At least so many nodes for each offer, and for all together.
_EACH, _ALL = 33, 600
# Sets are worked off in blocks of about this many (set, node) cells, which stay in the cache.
_BLOCK: Final = 60_000
_TINY: Final = float(np.finfo(float).tiny)


def probability_of_best_of_sets(
    alpha: np.ndarray, beta: np.ndarray, values: np.ndarray, costs: np.ndarray, eligible: np.ndarray
) -> np.ndarray:
    r"""Compute the chance that an offer pays most among those of a set, for many sets.

    As :func:`~nbo.policies.best.probability_of_best` of rows with the same rates, but the distribution functions are
    computed once for all sets, on nodes at quantiles of each payoff: a set then costs additions only.

    Parameters
    ----------
    alpha, beta : ndarray of shape (k,)
        Parameters of the Beta distributions, above 0.
    values : ndarray of shape (k,)
        What an acceptance is worth, 0 or more. An offer of value 0 pays its cost for certain.
    costs : ndarray of shape (k,)
        What making the offer costs, in the unit of `values`.
    eligible : ndarray of bool, shape (p, k)
        The sets; at least one offer in each.

    Returns
    -------
    ndarray of shape (p, k)
        Rows sum to 1; offers that are not in a set have exactly 0. A row does not depend on the other sets. The error
        is below 1e-3.

    Examples
    --------
    Beta(2, 1) beats Beta(1, 1) with probability 2/3; alone, each is the best.

    >>> one, sets = np.ones(2), np.array([[True, True], [True, False]])
    >>> probability_of_best_of_sets(np.array([2.0, 1.0]), one, one, 0 * one, sets).round(3)
    array([[0.667, 0.333],
           [1.   , 0.   ]])
    """
    certain = values == 0
    nodes = _nodes(alpha, beta, values, costs)
    logs, floors = _log_cdf(nodes, alpha, beta, values, costs), np.searchsorted(nodes, -costs)
    growth = np.diff(logs, axis=1)
    result = np.zeros(eligible.shape)
    block = max(1, _BLOCK // max(1, len(nodes)))
    for start in range(0, len(eligible), block):
        sets = eligible[start : start + block]
        # The node of the best certain payoff; cells below it are never reached.
        floor = np.where(sets & certain, floors, -1).max(axis=1)
        total, grown = np.zeros((len(sets), len(nodes))), np.zeros((len(sets), len(nodes) - 1))
        for offer in np.flatnonzero(~certain):
            has = sets[:, offer, None]
            total += has * logs[offer]
            grown += has * growth[offer]
        mass = np.diff(np.exp(total), axis=1)
        mass[np.arange(len(nodes) - 1) < floor[:, None]] = 0.0
        share = np.divide(mass, grown, out=np.zeros_like(mass), where=grown > 0)
        part = result[start : start + block]
        for offer in np.flatnonzero(~certain):
            part[:, offer] = sets[:, offer] * (share * growth[offer]).sum(axis=1)
        sure = np.exp(total[np.arange(len(sets)), np.maximum(floor, 0)])
        top = sets & certain & (floors == floor[:, None])
        part += top * (sure / np.maximum(top.sum(axis=1), 1))[:, None]
    return result / result.sum(axis=1, keepdims=True)


def _nodes(alpha: np.ndarray, beta: np.ndarray, values: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """Place nodes at quantiles of all payoffs, with those that are certain, and one where all of them are over."""
    count = max(_EACH, _ALL // len(alpha))
    levels = special.expit(np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(_LOG_ODDS)), _LOG_ODDS))
    quantiles = special.betaincinv(alpha[:, None], beta[:, None], levels) * values[:, None] - costs[:, None]
    ends = np.array([quantiles.min(), (values - costs).max()])
    return np.unique(np.concatenate([quantiles.ravel(), -costs, ends]))


def _log_cdf(
    nodes: np.ndarray, alpha: np.ndarray, beta: np.ndarray, values: np.ndarray, costs: np.ndarray
) -> np.ndarray:
    scale = np.where(values > 0, values, 1.0)
    rate = np.clip((nodes + costs[:, None]) / scale[:, None], 0.0, 1.0)
    return np.log(np.maximum(special.betainc(alpha[:, None], beta[:, None], rate), _TINY))
