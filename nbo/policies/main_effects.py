"""Segment and offer effects on the log-odds of acceptance, shrunk towards zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = ["MainEffects", "fit_main_effects"]

# No step moves an effect by more than this on the log-odds, so that Newton's method cannot overshoot.
_LONGEST_STEP = 1.0
_TOLERANCE = 1e-7
_MAX_STEPS = 60


@dataclass(frozen=True)
class MainEffects:
    """Fitted effects on the log-odds of acceptance.

    Parameters
    ----------
    level : float
        Common level.
    segment : ndarray of shape (n_segments,)
        Effect of each segment.
    offer : ndarray of shape (n_offers,)
        Effect of each offer.
    segment_variance : ndarray of shape (n_segments,)
        Posterior variance of each segment's effect.
    offer_variance : ndarray of shape (n_offers,)
        Posterior variance of each offer's effect.
    offer_total_variance : ndarray of shape (n_offers,)
        Posterior variance of level plus the offer's effect.
    """

    level: float
    segment: np.ndarray
    offer: np.ndarray
    segment_variance: np.ndarray
    offer_variance: np.ndarray
    offer_total_variance: np.ndarray

    @classmethod
    def at_prior(cls, n_segments: int, n_offers: int, level: float) -> MainEffects:
        """Give the effects before any answer, to start from.

        Parameters
        ----------
        n_segments, n_offers : int
            Numbers of effects.
        level : float
            Prior mean of the level.

        Returns
        -------
        MainEffects
            All zero but the level.
        """
        segment, offer = np.zeros(n_segments), np.zeros(n_offers)
        return cls(level, segment, offer, segment, offer, offer)


def fit_main_effects(
    n: np.ndarray,
    accepted: np.ndarray,
    offset: np.ndarray,
    *,
    level_mean: float,
    level_variance: float,
    segment_variance: float,
    offer_variance: float,
    start: MainEffects | None = None,
) -> MainEffects:
    r"""Find the posterior mode of the additive model, and the variances around it.

    The log-odds of acceptance in segment s for offer o are :math:`x_{so} + a + r_s + e_o` with
    a known offset x and normal priors on the level a, on the segments' effects r and on the
    offers' effects e. Newton's method works on the offers' block after the segments' block,
    which is diagonal, has been eliminated; the time is linear in the number of segments.

    Parameters
    ----------
    n, accepted : ndarray of shape (n_segments, n_offers)
        Weighted number of answers, and of acceptances among them.
    offset : ndarray of shape (n_segments, n_offers)
        Known part of the log-odds; zeros where nothing is known.
    level_mean, level_variance : float
        Prior of the level.
    segment_variance, offer_variance : float
        Prior variances of the effects, above 0.
    start : MainEffects, optional
        Where Newton's method starts; at the prior by default.

    Returns
    -------
    MainEffects

    Examples
    --------
    Half of the answers are acceptances, so the level moves from the prior's 4 % up to a half.

    >>> effects = fit_main_effects(
    ...     np.array([[10000.0]]), np.array([[5000.0]]), np.zeros((1, 1)), level_mean=-3.2,
    ...     level_variance=100.0, segment_variance=1e-6, offer_variance=1e-6)
    >>> round(abs(effects.level), 3)
    0.0
    """
    n_segments, n_offers = n.shape
    # The level is the last coordinate of the offers' block; `design` adds it to every offer.
    start = start or MainEffects.at_prior(n_segments, n_offers, level_mean)
    segment, block = start.segment, np.append(start.offer, start.level)
    prior_mean = np.append(np.zeros(n_offers), level_mean)
    precision = np.append(np.full(n_offers, 1 / offer_variance), 1 / level_variance)
    for _ in range(_MAX_STEPS):
        rate = special.expit(offset + segment[:, None] + block[:-1] + block[-1])
        rest = accepted - n * rate
        diagonal, cross, schur = _curvature(n * rate * (1 - rate), precision, segment_variance)
        slope = np.append(rest.sum(axis=0), rest.sum()) - (block - prior_mean) * precision
        segment_slope = rest.sum(axis=1) - segment / segment_variance
        step = np.linalg.solve(schur, slope - cross.T @ (segment_slope / diagonal))
        segment_step = (segment_slope - cross @ step) / diagonal
        longest = max(np.abs(step).max(), np.abs(segment_step).max())
        scale = min(1.0, _LONGEST_STEP / max(longest, _TOLERANCE))
        block, segment = block + scale * step, segment + scale * segment_step
        if longest < _TOLERANCE:
            break
    return _with_variances(block, segment, diagonal, cross, schur)


def _with_variances(
    block: np.ndarray, segment: np.ndarray, diagonal: np.ndarray, cross: np.ndarray, schur: np.ndarray
) -> MainEffects:
    """Invert the curvature by blocks; only its diagonal is needed, and the offers' covariance with the level."""
    inverse = np.linalg.inv(schur)
    spread = cross @ inverse
    own = np.diag(inverse)
    return MainEffects(
        level=float(block[-1]),
        segment=segment,
        offer=block[:-1],
        segment_variance=1 / diagonal + (spread * cross).sum(axis=1) / diagonal**2,
        offer_variance=own[:-1],
        offer_total_variance=own[:-1] + own[-1] + 2 * inverse[:-1, -1],
    )


def _curvature(
    weight: np.ndarray, precision: np.ndarray, segment_variance: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split minus the second derivative: segments' diagonal, cross block, offers' block without the segments."""
    by_offer = weight.sum(axis=0)
    by_segment = weight.sum(axis=1)
    full = np.diag(np.append(by_offer, by_offer.sum()) + precision)
    full[-1, :-1] = full[:-1, -1] = by_offer
    diagonal = by_segment + 1 / segment_variance
    cross = np.column_stack([weight, by_segment])
    return diagonal, cross, full - cross.T @ (cross / diagonal[:, None])
