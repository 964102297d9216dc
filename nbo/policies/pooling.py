"""What all answers together say about one segment and one offer: the prior of its acceptance rate."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import interpolate, special

from nbo.policies.main_effects import (
    EffectPriors,
    MainEffects,
    fit_main_effects,
    log_determinant,
    log_odds,
    offer_design,
    offer_variances,
)
from nbo.policies.worth_learning import worth_learning

__all__ = ["SMALLEST", "PooledPrior", "fit_pooled_prior"]

# Hyperprior of the strength: lognormal around 100 decisions, a factor e = 2.7 either way.
_STRENGTH_CENTER, _STRENGTH_LOG_SD = 100.0, 1.0
_STRENGTHS = np.geomspace(5.0, 2000.0, 9)
# The likelihood is smooth in the logarithm, so few nodes and a spline do for a fine grid.
_FINE = np.linspace(np.log(5.0), np.log(2000.0), 241)
# Hyperprior of the effects' variance: as if 2 effects of size 0.5 on the log-odds had been seen.
_EFFECTS_SEEN, _EFFECT_SD = 2.0, 0.5
# After a warm start the common level of the given rates may be off by this much on the log-odds.
_WARM_LEVEL_SD = 0.5
# A Beta distribution never gets less than this many pseudo-decisions, so that its tails can be computed.
SMALLEST = 0.5
_ROUNDS = 30
_TOLERANCE = 0.01


@dataclass(frozen=True)
class PooledPrior:
    """Prior of each acceptance rate.

    Parameters
    ----------
    mean : ndarray of shape (n_segments, n_offers)
        Prior mean of the acceptance rate, in (0, 1).
    strength : ndarray of shape (n_segments, n_offers)
        How many decisions the prior mean is worth, given the offer's effect.
    spread : ndarray of shape (n_segments, n_offers)
        Standard deviation of the prior mean because the offer's effect is not known exactly.
    fit : object, optional
        Where the fit ended.
    ahead : ndarray of shape (n_segments, 1), optional
        Decisions to come in each segment; it counts in :meth:`sharpened` alone.
    apart : ndarray of shape (n_segments, n_offers), optional
        The `spread` without what no offer has by itself, such as that of the common level: in :meth:`sharpened` it
        takes the place of `spread`.
    """

    mean: np.ndarray
    strength: np.ndarray
    spread: np.ndarray
    fit: _Fit | None = None
    ahead: np.ndarray | None = None
    apart: np.ndarray | None = None

    def posterior(self, n: np.ndarray, accepted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Update with each cell's own answers.

        Given the offer's effect, the posterior is a Beta distribution; over the effect it is a
        mixture of them, and the Beta distribution of equal mean and variance takes its place.

        Parameters
        ----------
        n, accepted : ndarray of shape (n_segments, n_offers)
            Number of answers, and sum of their rewards.

        Returns
        -------
        alpha, beta : ndarray of shape (n_segments, n_offers)
            Parameters of the Beta distributions.

        Examples
        --------
        >>> prior = PooledPrior(np.array([[0.04]]), np.array([[25.0]]), np.array([[0.0]]))
        >>> alpha, beta = prior.posterior(np.array([[75.0]]), np.array([[3.0]]))
        >>> round(float(alpha[0, 0]), 6), round(float(beta[0, 0]), 6)
        (4.0, 96.0)
        """
        mean, total, between = self._moments(n, accepted, self.spread)
        within = mean * (1 - mean) / (total + 1)
        size = np.maximum(mean * (1 - mean) / (within + between) - 1, SMALLEST)
        return mean * size, (1 - mean) * size

    def sharpened(self, n: np.ndarray, accepted: np.ndarray, sharpen: float) -> tuple[np.ndarray, np.ndarray]:
        """Give the distributions that are drawn from to explore: narrower than the posterior, with the same means.

        With `ahead`, what is peculiar to a segment and an offer is explored only as far as that is
        :func:`~nbo.policies.worth_learning.worth_learning`, and the offer's effect, which all segments learn at once,
        in full; else all doubt is treated alike.

        Parameters
        ----------
        n, accepted : ndarray of shape (n_segments, n_offers)
            Number of answers, and sum of their rewards.
        sharpen : float
            How many times all that is known counts.

        Returns
        -------
        alpha, beta : ndarray of shape (n_segments, n_offers)
            Parameters of the Beta distributions.

        Examples
        --------
        What is known from 100 decisions counts 2 times, with few decisions to come more often.

        >>> table, none = np.ones((1, 1)), np.zeros((1, 1))
        >>> for ahead in (None, 2000 * table, 500 * table):
        ...     prior = PooledPrior(0.04 * table, 99 * table, none, ahead=ahead)
        ...     round(float(sum(prior.sharpened(none, none, 2.0)).item()))
        198
        198
        798
        """
        mean, total, between = self._moments(n, accepted, self.spread if self.apart is None else self.apart)
        within = mean * (1 - mean) / (total + 1)
        if self.ahead is not None:
            within, between = within * worth_learning(self.ahead, total + 1), between * sharpen
        size = sharpen * np.maximum(mean * (1 - mean) / (within + between) - 1, SMALLEST)
        return mean * size, (1 - mean) * size

    def _moments(
        self, n: np.ndarray, accepted: np.ndarray, spread: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        total = self.strength + n
        mean = (self.strength * self.mean + accepted) / total
        return mean, total, (self.strength / total * spread) ** 2


@dataclass(frozen=True)
class _Fit:
    """Where a fit ended: the next one may begin there."""

    effects: MainEffects | None
    strength: float
    # Of the effects of segments, offers and groups of offers.
    variances: tuple[float, ...]


def fit_pooled_prior(
    n: np.ndarray,
    accepted: np.ndarray,
    *,
    prior_rate: float,
    prior_strength: float,
    warm_rate: np.ndarray | None = None,
    warm_strength: np.ndarray | None = None,
    offer_groups: np.ndarray | None = None,
    after: PooledPrior | None = None,
) -> PooledPrior:
    r"""Fit a prior for each segment and offer from the answers of all of them.

    The prior of the rate :math:`p_{so}` is :math:`\mathrm{Beta}(\phi m_{so}, \phi (1 - m_{so}))`
    where the mean m is additive on the log-odds in a segment's and an offer's effect, both
    shrunk, and of the groups that the offer is in, so that a new one starts from its like. The
    strength :math:`\phi` is averaged over its posterior on a grid, by the beta-binomial marginal
    likelihood, over the effects by Laplace's approximation [2]_: effects that were fitted to the same
    answers lie nearer to them than the true ones, and taken for true would make rates look more additive than
    they are. The variances of the effects are fitted by expectation maximization. A cell of n
    answers weighs :math:`n (\phi + 1) / (\phi + n)` in the effects: a policy serves an offer
    most where it goes well, and raw totals would take the segments' peculiarities for the
    offer's merit.

    Parameters
    ----------
    n, accepted : ndarray of shape (n_segments, n_offers)
        Number of answers, and sum of their rewards. A row without answers is a new segment, a
        column without answers a new offer: they get a prior and change no other.
    prior_rate : float
        Acceptance rate expected before any answer, in (0, 1).
    prior_strength : float
        How many decisions that belief is worth, above 0.
    warm_rate : ndarray of shape (n_segments, n_offers), optional
        Rates expected by a model, in (0, 1); the effects are then corrections of it.
    warm_strength : ndarray of shape (n_segments, n_offers), optional
        How many decisions each rate of the model is worth; NaN where that is to be learned.
    offer_groups : ndarray of shape (n_offers, n_offer_groups), optional
        1 where an offer is of a group, such as a category, else 0.
    after : PooledPrior, optional
        Of somewhat fewer answers, of the same segments and offers or fewer of them, to begin with: faster, and the
        same but for the tolerance.

    Returns
    -------
    PooledPrior
        Without `after`, a function of the counts alone: no chance, and no memory of earlier fits.

    References
    ----------
    .. [1] Efron, B. and Morris, C. (1975). Data analysis using Stein's estimator and its
       generalizations. Journal of the American Statistical Association 70, 311-319.
    .. [2] Tierney, L. and Kadane, J. B. (1986). Accurate approximations for posterior moments and marginal densities.
       Journal of the American Statistical Association 81, 82-86.

    Examples
    --------
    Segment 1 has never seen offer 1, which does well in segment 0.

    >>> n = np.array([[1000.0, 1000.0], [1000.0, 0.0]])
    >>> accepted = np.array([[40.0, 120.0], [40.0, 0.0]])
    >>> prior = fit_pooled_prior(n, accepted, prior_rate=0.04, prior_strength=25.0)
    >>> bool(prior.mean[1, 1] > 1.5 * prior.mean[1, 0])
    True
    """
    shape = n.shape
    level_mean, level_variance, offset = _start(n, prior_rate, prior_strength, warm_rate)
    groups = np.zeros((shape[1], 0)) if offer_groups is None else offer_groups
    fit = _begin(after, shape, groups.shape[1])
    for _ in range(_ROUNDS):
        weight = (fit.strength + 1) / (fit.strength + n)
        priors = _priors(fit.variances, shape[1], groups, level_mean, level_variance)
        effects = fit_main_effects(n * weight, accepted * weight, offset, groups, priors, fit.effects)
        strength = _mean_strength(n, accepted, _rates(offset, effects, groups), offer_design(groups), priors)
        new = _Fit(effects, strength, _variances(effects, n, groups))
        moved = np.abs(np.log([new.strength, *new.variances]) - np.log([fit.strength, *fit.variances])).max()
        fit = new
        if moved < _TOLERANCE:
            break
    mean = _rates(offset, effects, groups)
    known = np.full(mean.shape, np.nan) if warm_strength is None else warm_strength
    spread, apart = (mean * (1 - mean) * np.sqrt(own) for own in offer_variances(effects, offer_design(groups)))
    return PooledPrior(mean, np.where(np.isnan(known), fit.strength, known), spread, fit, apart=apart)


def _begin(after: PooledPrior | None, shape: tuple[int, int], n_groups: int) -> _Fit:
    """Begin at the prior, or where an earlier fit ended if that was of the same groups."""
    old = after.fit if after is not None else None
    if old is None or old.effects is None or len(old.effects.block) != shape[1] + n_groups + 1:
        return _Fit(None, _STRENGTH_CENTER, (_EFFECT_SD**2,) * 3)
    segment = np.zeros(shape[0])
    segment[: len(old.effects.segment)] = old.effects.segment[: shape[0]]
    return replace(old, effects=replace(old.effects, segment=segment))


def _priors(
    variances: tuple[float, ...], n_offers: int, groups: np.ndarray, level_mean: float, level_variance: float
) -> EffectPriors:
    spread = np.append(np.repeat(variances[1:], [n_offers, groups.shape[1]]), level_variance)
    mean = np.zeros(len(spread))
    mean[-1] = level_mean
    return EffectPriors(variances[0], mean, spread)


def _variances(effects: MainEffects, n: np.ndarray, groups: np.ndarray) -> tuple[float, ...]:
    """Fit the variance of each kind of effects to those of them that were seen."""
    by_offer, last = n.sum(axis=0), len(effects.block) - 1
    own = np.diag(effects.block_covariance)
    of_offers, of_groups = slice(0, len(by_offer)), slice(len(by_offer), last)
    return (
        _effect_variance(effects.segment, effects.segment_variance, n.sum(axis=1) > 0),
        _effect_variance(effects.block[of_offers], own[of_offers], by_offer > 0),
        _effect_variance(effects.block[of_groups], own[of_groups], by_offer @ groups > 0),
    )


def _start(
    n: np.ndarray, prior_rate: float, prior_strength: float, warm_rate: np.ndarray | None
) -> tuple[float, float, np.ndarray]:
    """Give mean and variance of the level, and the offset."""
    if warm_rate is not None:
        return 0.0, _WARM_LEVEL_SD**2, special.logit(warm_rate)
    accepts, refusals = prior_rate * prior_strength, (1 - prior_rate) * prior_strength
    # The variance of the log-odds of a Beta variable.
    variance = float(special.polygamma(1, accepts) + special.polygamma(1, refusals))
    return float(special.logit(prior_rate)), variance, np.zeros(n.shape)


def _rates(offset: np.ndarray, effects: MainEffects, groups: np.ndarray) -> np.ndarray:
    return special.expit(offset + log_odds(effects.segment, effects.block, offer_design(groups)))


def _effect_variance(effect: np.ndarray, variance: np.ndarray, seen: np.ndarray) -> float:
    total = (effect**2 + variance)[seen].sum() + _EFFECTS_SEEN * _EFFECT_SD**2
    return float(total / (seen.sum() + _EFFECTS_SEEN))


def _mean_strength(
    n: np.ndarray, accepted: np.ndarray, mean: np.ndarray, design: np.ndarray, priors: EffectPriors
) -> float:
    """Average the strength's logarithm over its posterior; Laplace's term is for the doubt of the effects."""
    seen = n > 0
    own, own_accepted, own_mean = n[seen], accepted[seen], mean[seen]
    alpha, beta = _STRENGTHS[:, None] * own_mean, _STRENGTHS[:, None] * (1 - own_mean)
    likelihood = special.betaln(alpha + own_accepted, beta + own - own_accepted) - special.betaln(alpha, beta)
    weight = n * mean * (1 - mean)
    doubt = [log_determinant(weight * ((strength + 1) / (strength + n)), design, priors) for strength in _STRENGTHS]
    smooth = interpolate.CubicSpline(np.log(_STRENGTHS), likelihood.sum(axis=1) - 0.5 * np.array(doubt))
    prior = -0.5 * ((_FINE - np.log(_STRENGTH_CENTER)) / _STRENGTH_LOG_SD) ** 2
    return float(np.exp(special.softmax(smooth(_FINE) + prior) @ _FINE))
