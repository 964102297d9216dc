"""Effects of segments, offers and groups of offers on the log-odds of acceptance, shrunk towards zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = [
    "EffectPriors",
    "MainEffects",
    "fit_main_effects",
    "log_determinant",
    "log_odds",
    "offer_design",
    "offer_variances",
]

# No step moves an effect by more than this on the log-odds, so that Newton's method cannot overshoot.
_LONGEST_STEP = 1.0
_TOLERANCE = 1e-7
_MAX_STEPS = 60


@dataclass(frozen=True)
class MainEffects:
    """Fitted effects on the log-odds of acceptance.

    Parameters
    ----------
    segment : ndarray of shape (n_segments,)
        Effect of each segment of its own.
    block : ndarray of shape (q,)
        All other effects: of each offer of its own, of groups of offers, and the level.
    segment_variance : ndarray of shape (n_segments,)
        Posterior variance of each segment's effect.
    block_covariance : ndarray of shape (q, q)
        Posterior covariance of the others.
    """

    segment: np.ndarray
    block: np.ndarray
    segment_variance: np.ndarray
    block_covariance: np.ndarray


@dataclass(frozen=True)
class EffectPriors:
    """Normal priors of the effects.

    Parameters
    ----------
    segment_variance : float
        Of each segment's own effect, above 0; the mean is 0.
    block_mean, block_variance : ndarray of shape (q,)
        Of the others, in the order of :class:`MainEffects`; the variances above 0.
    """

    segment_variance: float
    block_mean: np.ndarray
    block_variance: np.ndarray


def fit_main_effects(
    n: np.ndarray,
    accepted: np.ndarray,
    offset: np.ndarray,
    offer_groups: np.ndarray,
    priors: EffectPriors,
    start: MainEffects | None = None,
) -> MainEffects:
    r"""Find the posterior mode of the additive model, and the variances around it.

    The log-odds of acceptance in segment s for offer o are
    :math:`x_{so} + a + r_s + e_o + \sum_{h \ni o} c_h` with a known offset x and normal priors on
    the level a, on the effects r of segments, e of offers and c of groups of offers. Newton's
    method works on the block of all others after the segments' block, which is diagonal, has
    been eliminated; the time is linear in the number of segments.

    Parameters
    ----------
    n, accepted : ndarray of shape (n_segments, n_offers)
        Weighted number of answers, and of acceptances among them.
    offset : ndarray of shape (n_segments, n_offers)
        Known part of the log-odds; zeros where nothing is known.
    offer_groups : ndarray of shape (n_offers, n_offer_groups)
        1 where an offer is of a group, else 0.
    priors : EffectPriors
    start : MainEffects, optional
        Where Newton's method starts; at the prior by default.

    Returns
    -------
    MainEffects

    Examples
    --------
    Half of the answers are acceptances, so the level moves from the prior's 4 % up to a half.

    >>> priors = EffectPriors(1e-6, np.array([0.0, -3.2]), np.array([1e-6, 100.0]))
    >>> effects = fit_main_effects(
    ...     np.array([[10000.0]]), np.array([[5000.0]]), np.zeros((1, 1)), np.zeros((1, 0)), priors)
    >>> abs(effects.block.round(3)).tolist()
    [0.0, 0.0]
    """
    design = offer_design(offer_groups)
    segment = np.zeros(len(n)) if start is None else start.segment
    block = priors.block_mean.copy() if start is None else start.block
    for _ in range(_MAX_STEPS):
        rate = special.expit(offset + log_odds(segment, block, design))
        rest = accepted - n * rate
        diagonal, cross, schur = _curvature(n * rate * (1 - rate), design, priors)
        slope = design.T @ rest.sum(axis=0) - (block - priors.block_mean) / priors.block_variance
        segment_slope = rest.sum(axis=1) - segment / priors.segment_variance
        step = np.linalg.solve(schur, slope - cross.T @ (segment_slope / diagonal))
        segment_step = (segment_slope - cross @ step) / diagonal
        longest = max(np.abs(step).max(), np.abs(segment_step).max(initial=0.0))
        scale = min(1.0, _LONGEST_STEP / max(longest, _TOLERANCE))
        block, segment = block + scale * step, segment + scale * segment_step
        if longest < _TOLERANCE:
            break
    inverse = np.linalg.inv(schur)
    own = 1 / diagonal + ((cross @ inverse) * cross).sum(axis=1) / diagonal**2
    return MainEffects(segment, block, own, inverse)


def offer_design(offer_groups: np.ndarray) -> np.ndarray:
    """Say which effects of the block each offer has: its own, those of its groups, and the level.

    Parameters
    ----------
    offer_groups : ndarray of shape (n_offers, n_offer_groups)

    Returns
    -------
    ndarray of shape (n_offers, q)
    """
    n_offers = len(offer_groups)
    return np.hstack([np.eye(n_offers), offer_groups, np.ones((n_offers, 1))])


def offer_variances(effects: MainEffects, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Say how much of each offer's log-odds is open, in all and apart from what is open of all offers alike.

    What offers have in common, such as the level, which is not known apart from the segments' effects, does not say
    which is best. Drawn for each offer by itself it would be explored again and again.

    Parameters
    ----------
    effects : MainEffects
    design : ndarray of shape (n_offers, q)
        Of :func:`offer_design`.

    Returns
    -------
    whole : ndarray of shape (n_offers,)
        Variances.
    apart : ndarray of shape (n_offers,)
        Variances of offers drawn one by one whose differences vary as those of offers drawn together, on average.
    """
    covariance = design @ effects.block_covariance @ design.T
    whole, n_offers = np.diag(covariance), len(covariance)
    if n_offers == 1:
        return whole, whole
    common = (covariance.sum() - whole.sum()) / (n_offers * (n_offers - 1))
    # No less than what is open of an offer when all of the others is known.
    return whole, np.maximum(whole - common, 1 / np.diag(np.linalg.inv(covariance)))


def log_odds(segment: np.ndarray, block: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Add effects up.

    Parameters
    ----------
    segment : ndarray of shape (n_segments,)
    block : ndarray of shape (q,)
    design : ndarray of shape (n_offers, q)
        Of :func:`offer_design`.

    Returns
    -------
    ndarray of shape (n_segments, n_offers)
    """
    return segment[:, None] + design @ block


def log_determinant(weight: np.ndarray, design: np.ndarray, priors: EffectPriors) -> float:
    """Take the logarithm of the determinant of the effects' posterior precision.

    Parameters
    ----------
    weight : ndarray of shape (n_segments, n_offers)
        Precision of each cell's log-odds from its own answers: their weighted number times the variance of one.
    design : ndarray of shape (n_offers, q)
        Of :func:`offer_design`.
    priors : EffectPriors

    Returns
    -------
    float
    """
    diagonal, _, schur = _curvature(weight, design, priors)
    return float(np.log(diagonal).sum() + np.linalg.slogdet(schur)[1])


def _curvature(
    weight: np.ndarray, design: np.ndarray, priors: EffectPriors
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split minus the second derivative: segments' diagonal, cross block, block without the segments."""
    full = (design * weight.sum(axis=0)[:, None]).T @ design + np.diag(1 / priors.block_variance)
    diagonal = weight.sum(axis=1) + 1 / priors.segment_variance
    cross = weight @ design
    return diagonal, cross, full - cross.T @ (cross / diagonal[:, None])
