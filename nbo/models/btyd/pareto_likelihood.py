"""The likelihood of the Pareto/NBD model, without differences of large numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nbo.models.btyd.collapsed import Collapsed
from nbo.models.btyd.special import log_rising_at

__all__ = ["log_likelihood", "share_alive"]

# What has decayed by so many e-folds adds nothing.
_END = 45.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)
_CHUNK = 50_000


@dataclass(frozen=True)
class _Lapse:
    """Customers who lapse after the last purchase: by time of lapse, relative to what was seen by then.

    Moments over that time, of the density and of its derivatives by r, alpha, s and beta.
    """

    total: np.ndarray
    by_r: np.ndarray
    by_alpha: np.ndarray
    by_s: np.ndarray
    by_beta: np.ndarray


def log_likelihood(values: list[Any], rows: Collapsed) -> tuple[np.ndarray, list[np.ndarray]]:
    """Compute the log-likelihood of histories.

    A customer is alive at the end, or lapsed at some time after the last purchase; the likelihood is the
    sum of the one and the integral of the other. Both are taken relative to what was seen until the last
    purchase, so they are positive, at most of size 1, and never cancel: also for thousands of purchases, where
    differences of hypergeometric functions overflow.

    Parameters
    ----------
    values : list of r, alpha, s, beta
        Numbers, or arrays of shape (m,).
    rows : Collapsed of m rows
        `frequency`, `recency`, `T`.

    Returns
    -------
    value : ndarray of shape (m,)
    slopes : list of 4 ndarrays of shape (m,)
        Derivatives by the logs of r, alpha, s and beta.
    """
    r, alpha, s, beta = values
    x, recency, length = rows["frequency"], rows["recency"], rows["T"]
    count, slope = log_rising_at(r, rows.levels["frequency"], rows.codes["frequency"])
    early_a, early_b = np.log1p(recency / alpha), np.log1p(recency / beta)
    gap = length - recency
    late_a, late_b = np.log1p(gap / (alpha + recency)), np.log1p(gap / (beta + recency))
    alive = np.exp(-(r + x) * late_a - s * late_b)
    lapse = _lapse(values, x, recency, length)
    both = alive + lapse.total
    value = count - r * early_a - x * np.log(alpha + recency) - s * early_b + np.log(both)
    by_r = slope - early_a + (lapse.by_r - alive * late_a) / both
    by_alpha = (r * recency / alpha - x) / (alpha + recency) + (
        alive * (r + x) * gap / ((alpha + length) * (alpha + recency)) + lapse.by_alpha
    ) / both
    by_s = -early_b + (lapse.by_s - alive * late_b) / both
    by_beta = (
        s * recency / (beta * (beta + recency))
        + (alive * s * gap / ((beta + length) * (beta + recency)) + lapse.by_beta) / both
    )
    return value, [r * by_r, alpha * by_alpha, s * by_s, beta * by_beta]


def share_alive(values: list[Any], rows: Collapsed) -> np.ndarray:
    """Compute the probability that customers are alive at the end of what is observed.

    Parameters
    ----------
    values, rows
        As for :func:`log_likelihood`.

    Returns
    -------
    ndarray of shape (m,)
    """
    r, alpha, s, beta = values
    x, recency, length = rows["frequency"], rows["recency"], rows["T"]
    gap = length - recency
    alive = np.exp(-(r + x) * np.log1p(gap / (alpha + recency)) - s * np.log1p(gap / (beta + recency)))
    return np.asarray(alive / (alive + _lapse(values, x, recency, length).total))


def _lapse(values: list[Any], x: np.ndarray, recency: np.ndarray, length: np.ndarray) -> _Lapse:
    """Integrate over the time of lapse, in chunks of rows."""
    m = len(x)
    each = [np.broadcast_to(value, (m,)) for value in values]
    columns = [*each, x, recency, length]
    starts = range(0, max(m, 1), _CHUNK)
    parts = [_integrals([column[start : start + _CHUNK, None] for column in columns]) for start in starts]
    return _Lapse(*(np.concatenate(moments) for moments in zip(*parts, strict=True)))


def _integrals(columns: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    r, alpha, s, beta, x, recency, end = columns
    shape = r + x
    # In the log of time plus the smaller scale, the integrand has no singularity nearby.
    seen = np.minimum(alpha, beta) + recency
    reach = np.minimum(
        (alpha + recency) * np.expm1(np.minimum(_END / shape, 600)),
        (beta + recency) * np.expm1(np.minimum(_END / s, 600)),
    )
    width = np.log1p(np.minimum(end - recency, reach) / seen)
    u = width * ((1 + _NODES) / 2)
    after = seen * np.expm1(u)
    late_a, late_b = np.log1p(after / (alpha + recency)), np.log1p(after / (beta + recency))
    from_beta = 1 / (beta + recency + after)
    density = np.exp(-shape * late_a - s * late_b) * s * from_beta * (width * (seen + after)) * (_WEIGHTS / 2)
    by_alpha = shape * after / ((alpha + recency + after) * (alpha + recency))
    by_beta = s * after * from_beta / (beta + recency) - from_beta
    moments = (1.0, -late_a, by_alpha, 1 / s - late_b, by_beta)
    return tuple((density * moment).sum(axis=1) for moment in moments)
