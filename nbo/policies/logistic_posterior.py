"""The posterior of logistic regressions, one for each offer, that share a prior."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import linalg, special
from scipy.stats import qmc

from nbo.policies.shared_prior import shared_prior_precision

__all__ = ["LogisticPosterior", "fit_logistic_posterior"]

_ROUNDS = 100
# Newton's error after a step is about the square of the step: far below _UNSURE.
_TOLERANCE = 1e-6
# A step this short needs no check that it leads up.
_CLOSE = 1e-3
# The mode is rounded to this grid, unless it lies nearer than _UNSURE to the middle of two of its points.
_GRID = 2.0**-14
_UNSURE = 1e-8
# A fixed set of quasi-random normal points. A power of two, which Sobol's points need.
_POINTS = 4096
_POINTS_SEED = 20260101
# Keeps a covariance that is singular but for rounding one that has a root.
_JITTER = 1e-10


@dataclass(frozen=True)
class LogisticPosterior:
    """Normal distribution of all coefficients, by Laplace's approximation.

    Parameters
    ----------
    mean : ndarray of shape (k, q)
        Coefficients of each offer.
    covariance : ndarray of shape (k, q, k, q)
        Of the coefficients.
    """

    mean: np.ndarray
    covariance: np.ndarray

    def log_odds(self, context: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give what is known of the log-odds of acceptance in one context.

        Parameters
        ----------
        context : ndarray of shape (q,)

        Returns
        -------
        mean : ndarray of shape (k,)
        covariance : ndarray of shape (k, k)
            Offers are learned together, so they are not independent.
        """
        return self.mean @ context, np.tensordot(context, self.covariance @ context, (0, 1))

    def probability_of_best(
        self, matrix: np.ndarray, values: np.ndarray, costs: np.ndarray, eligible: np.ndarray, real: np.ndarray
    ) -> np.ndarray:
        """Compute the chance that an offer pays most among the eligible ones.

        It is the share of a fixed set of 4,096 quasi-random points, the same for all contexts,
        at which the offer pays most.

        Parameters
        ----------
        matrix : ndarray of shape (n, q)
            A row for each context.
        values, costs : ndarray of shape (k_all,)
            An offer pays `values * rate - costs`.
        eligible : ndarray of bool, shape (n, k_all)
            At least one in each row.
        real : ndarray of bool, shape (k_all,)
            Which columns are the k offers of the model; the others pay 0 for certain.

        Returns
        -------
        ndarray of shape (n, k_all)
            Rows sum to 1; offers that are not eligible have exactly 0.
        """
        points = _normal_points(len(self.mean)) if len(self.mean) else np.zeros((_POINTS, 0))
        result = np.zeros(eligible.shape)
        # One by one, for a product of many rows may round otherwise than that of one.
        for row, context in enumerate(matrix):
            mean, covariance = self.log_odds(context)
            root = linalg.cholesky(covariance + _JITTER * np.eye(len(mean)), lower=True)
            pays = np.zeros((_POINTS, len(real)))
            pays[:, real] = values[real] * special.expit(mean + points @ root.T) - costs[real]
            pays[:, ~eligible[row]] = -np.inf
            best = pays == pays.max(axis=1, keepdims=True)
            result[row] = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
        return result


def fit_logistic_posterior(
    matrix: np.ndarray,
    n: np.ndarray,
    accepted: np.ndarray,
    *,
    prior_rate: float | np.ndarray,
    effect_sd: float,
    near: np.ndarray | None = None,
) -> LogisticPosterior:
    r"""Fit the mode and the curvature of the posterior.

    The log-odds of acceptance of offer o in context x are :math:`x^\top (b + b_o)`, with x's
    first entry 1. All entries of b and :math:`b_o` are normal around 0 with the standard
    deviation `effect_sd`, but for the first of b, the level, which is normal around
    :math:`\mathrm{logit}` `prior_rate` with 1. The posterior is taken as normal at its mode [1]_,
    which is rounded to a grid of :math:`2^{-14}`: so it is the same to the bit from wherever the
    search starts.

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
    near : ndarray of shape (k, q), optional
        Coefficients to start from, such as those of a fit to fewer answers. They save time and
        change nothing.

    Returns
    -------
    LogisticPosterior
        A function of the answers alone: no chance, and no memory of earlier fits.

    References
    ----------
    .. [1] Spiegelhalter, D. J. and Lauritzen, S. L. (1990). Sequential updating of conditional
       probabilities on directed graphical structures. Networks 20, 579-605.

    Examples
    --------
    >>> n, accepted = np.array([[1e6]]), np.array([[2e5]])
    >>> fit = fit_logistic_posterior(np.ones((1, 1)), n, accepted, prior_rate=0.04, effect_sd=0.5)
    >>> round(float(special.expit(fit.mean[0, 0])), 3)
    0.2
    """
    k, q = n.shape[1], matrix.shape[1]
    start = np.zeros((k, q))
    start[:, 0] = special.logit(prior_rate)
    precision = shared_prior_precision(k, q, effect_sd)
    answers = [_Answers.of(matrix, n[:, offer], accepted[:, offer]) for offer in range(k)]
    mode = None
    if near is not None and near.shape == start.shape:
        found = _mode(near, start, precision, answers)
        # Where rounding would decide by the last bits, the search begins anew at the prior.
        mode = found if (np.abs(found / _GRID - np.floor(found / _GRID) - 0.5) > _UNSURE / _GRID).all() else None
    if mode is None:
        mode = _mode(start, start, precision, answers)
    mode = np.rint(mode / _GRID) * _GRID
    covariance = linalg.inv(_curvature(precision, answers, mode))
    return LogisticPosterior(mode, ((covariance + covariance.T) / 2).reshape(k, q, k, q))


@dataclass(frozen=True)
class _Answers:
    """Answers to one offer: contexts (m, q), and their counts (m,)."""

    matrix: np.ndarray
    n: np.ndarray
    accepted: np.ndarray

    @classmethod
    def of(cls, matrix: np.ndarray, n: np.ndarray, accepted: np.ndarray) -> _Answers:
        there = n > 0
        return cls(matrix[there], n[there], accepted[there])


def _mode(near: np.ndarray, start: np.ndarray, precision: np.ndarray, answers: list[_Answers]) -> np.ndarray:
    """Climb to the mode by Newton's steps."""
    coefficients, shape = near, start.shape
    for _ in range(_ROUNDS):
        slope = -np.einsum("kilj,lj->ki", precision, coefficients - start)
        for row, (offer, own) in enumerate(zip(answers, coefficients, strict=True)):
            slope[row] += (offer.accepted - offer.n * special.expit(offer.matrix @ own)) @ offer.matrix
        curvature = _curvature(precision, answers, coefficients)
        step = linalg.solve(curvature, slope.ravel(), assume_a="pos").reshape(shape)
        size = np.abs(step).max(initial=0.0)
        if size > _CLOSE:
            step = _shortened(step, coefficients, start, precision, answers)
        coefficients = coefficients + step
        if size < _TOLERANCE:
            break
    return coefficients


def _shortened(
    step: np.ndarray, coefficients: np.ndarray, start: np.ndarray, precision: np.ndarray, answers: list[_Answers]
) -> np.ndarray:
    """Halve a step that leads down: the posterior is concave, so a short one leads up."""
    value = _log_posterior(coefficients, start, precision, answers)
    while _log_posterior(coefficients + step, start, precision, answers) < value and np.abs(step).max() > _CLOSE:
        step = step / 2
    return step


def _curvature(precision: np.ndarray, answers: list[_Answers], coefficients: np.ndarray) -> np.ndarray:
    k, q = coefficients.shape
    total = precision.copy()
    for offer, (given, own) in enumerate(zip(answers, coefficients, strict=True)):
        rate = special.expit(given.matrix @ own)
        total[offer, :, offer, :] += (given.matrix * (given.n * rate * (1 - rate))[:, None]).T @ given.matrix
    return total.reshape(k * q, k * q)


def _log_posterior(
    coefficients: np.ndarray, start: np.ndarray, precision: np.ndarray, answers: list[_Answers]
) -> float:
    off = coefficients - start
    total = -0.5 * np.einsum("ki,kilj,lj->", off, precision, off)
    for offer, own in zip(answers, coefficients, strict=True):
        odds = offer.matrix @ own
        total += offer.accepted @ odds - offer.n @ np.logaddexp(0.0, odds)
    return float(total)


@lru_cache(maxsize=8)
def _normal_points(k: int) -> np.ndarray:
    """Give quasi-random points of k independent standard normal variables, shape (points, k)."""
    return special.ndtri(qmc.Sobol(k, scramble=True, rng=np.random.default_rng(_POINTS_SEED)).random(_POINTS))
