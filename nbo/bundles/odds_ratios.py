"""How pairs of purchases hang together, beyond how likely each is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import optimize, special

from nbo.bundles.plackett import joint_probability

__all__ = ["OddsRatios", "PairLabels", "fit_odds_ratios", "joint_of"]

# Log odds ratios are sought between these; beyond, pairs are as good as sure.
_FARTHEST = 8.0
# Standard deviations of the priors of the common log odds ratio and of the slope, around 0.
_COMMON_SCALE = 2.0
_SLOPE_SCALE = 1.0
_SMALLEST = 1e-12
_STEP = 0.05
_ROUNDS = 100


def joint_of(first: Any, second: Any, odds_ratio: Any, level: Any, slope: float) -> np.ndarray:
    """Give the probability of both, by an odds ratio that changes with how likely the two are.

    Parameters
    ----------
    first, second : array-like of shape (...)
        Probability of each.
    odds_ratio : array-like of shape (...)
        Of those whose mean log odds of the two are `level`.
    level : array-like of shape (...)
    slope : float
        Change of the log odds ratio for 1 more of the mean log odds.

    Returns
    -------
    ndarray of shape (...)

    Examples
    --------
    >>> float(joint_of(0.5, 0.5, 9.0, 0.0, -1.0).round(3))
    0.375
    """
    middle = (special.logit(first) + special.logit(second)) / 2
    moved = np.log(odds_ratio) + slope * (np.clip(middle, -_FARTHEST, _FARTHEST) - level)
    return joint_probability(first, second, np.exp(np.clip(moved, -_FARTHEST, _FARTHEST)))


@dataclass(frozen=True)
class PairLabels:
    """What is known of one pair: how likely each part was, and which were bought.

    Parameters
    ----------
    first, second : ndarray of shape (n,)
        Predicted probability of each part.
    bought_first, bought_second : ndarray of bool, shape (n,)
    """

    first: np.ndarray
    second: np.ndarray
    bought_first: np.ndarray
    bought_second: np.ndarray

    @property
    def level(self) -> float:
        """Mean log odds of the two parts, over all; 0 without rows."""
        if not len(self.first):
            return 0.0
        return float(special.logit(np.array([self.first, self.second])).mean().clip(-_FARTHEST, _FARTHEST))

    def loss(self, log_odds_ratio: float, slope: float = 0.0) -> float:
        """Give the negative log-likelihood of a log odds ratio and a slope."""
        both = joint_of(self.first, self.second, np.exp(log_odds_ratio), self.level, slope)
        alone = np.where(self.bought_first, self.first, self.second) - both
        neither = 1 - self.first - self.second + both
        chance = np.where(self.bought_first == self.bought_second, np.where(self.bought_first, both, neither), alone)
        return -float(np.log(np.maximum(chance, _SMALLEST)).sum())


@dataclass(frozen=True)
class OddsRatios:
    """How pairs hang together.

    Parameters
    ----------
    odds_ratios, levels : ndarray of shape (k,)
        Of each pair, where the parts' mean log odds are at the level.
    common : float
        The odds ratio around which those of pairs lie.
    slope : float
        Change of the log odds ratio for 1 more of the parts' mean log odds.
    """

    odds_ratios: np.ndarray
    levels: np.ndarray
    common: float
    slope: float


def fit_odds_ratios(pairs: list[PairLabels], scale: float) -> OddsRatios:
    """Find the odds ratio of each pair, drawn towards the one of all.

    The common log odds ratio and the slope are the most likely ones for all pairs together. Each pair's own is
    the mode of its likelihood and a normal prior around the common one, so that a pair of which little is known stays
    near it. How far pairs lie apart is learnt from them.

    Parameters
    ----------
    pairs : list of PairLabels
    scale : float
        Standard deviation of the pairs' log odds ratios, above 0, as if one pair had told it.

    Returns
    -------
    OddsRatios

    Examples
    --------
    >>> chance, bought = np.full(400, 0.5), np.arange(400) < 200
    >>> pair = PairLabels(chance, chance, bought, np.roll(bought, 50))
    >>> fit_odds_ratios([pair], scale=100.0).odds_ratios.round(1).tolist()
    [9.0]
    """

    def together(given: np.ndarray) -> float:
        prior = (given[0] / _COMMON_SCALE) ** 2 + (given[1] / _SLOPE_SCALE) ** 2
        return sum(pair.loss(given[0], given[1]) for pair in pairs) + 0.5 * float(prior)

    bounds = [(-_FARTHEST, _FARTHEST), (-2.0, 2.0)]
    common, slope = (float(each) for each in optimize.minimize(together, np.zeros(2), bounds=bounds).x)
    center, spread = _spread([_told(pair, slope, common) for pair in pairs], scale)
    own = [_mode(partial(_drawn, pair, slope, center, spread)) for pair in pairs]
    levels = np.array([pair.level for pair in pairs])
    return OddsRatios(np.exp(np.array(own)), levels, float(np.exp(center)), slope)


def _told(pair: PairLabels, slope: float, common: float) -> tuple[float, float]:
    """Give what a pair says by itself, with a weak prior, and the variance of that."""
    loss = partial(_drawn, pair, slope, common, _COMMON_SCALE)
    mode = _mode(loss)
    curvature = (loss(mode + _STEP) - 2 * loss(mode) + loss(mode - _STEP)) / _STEP**2
    return mode, 1 / max(curvature, 1 / _COMMON_SCALE**2)


def _spread(told: list[tuple[float, float]], scale: float) -> tuple[float, float]:
    """Find the mean and the standard deviation of what pairs say, beyond their errors, by expectation-maximization."""
    modes, variances = np.array(told).T
    spread = scale**2
    for _ in range(_ROUNDS):
        weight = 1 / (variances + spread)
        center = (weight * modes).sum() / (weight.sum() + 1 / _COMMON_SCALE**2)
        drawn = center + spread * weight * (modes - center)
        expected = (drawn - center) ** 2 + spread * variances * weight
        spread = (scale**2 + expected.sum()) / (1 + len(modes))
    return float(center), float(np.sqrt(spread))


def _drawn(pair: PairLabels, slope: float, center: float, scale: float, psi: float) -> float:
    return pair.loss(psi, slope) + 0.5 * ((psi - center) / scale) ** 2


def _mode(loss: Callable[[float], float]) -> float:
    found = optimize.minimize_scalar(loss, bounds=(-_FARTHEST, _FARTHEST), method="bounded", options={"xatol": 1e-6})
    return float(found.x)
