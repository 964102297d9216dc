"""The beta-geometric models of dropout, BG/NBD and its modification, in one likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbo.models.btyd.collapsed import Collapsed
from nbo.models.btyd.special import log_rising

__all__ = ["dropout_draws", "log_likelihood", "odds_of_dropout"]


def log_likelihood(values: list[Any], rows: Collapsed, early: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Compute the log-likelihood of histories.

    Parameters
    ----------
    values : list of r, alpha, a, b
        Numbers, or arrays of shape (m,).
    rows : Collapsed of m rows
        `frequency`, `recency`, `T`.
    early : {0, 1}
        1 if a customer may drop out right after the first purchase.

    Returns
    -------
    value : ndarray of shape (m,)
    slopes : list of 4 ndarrays of shape (m,)
        Derivatives by the logs of r, alpha, a and b.
    """
    r, alpha, _, _ = values
    x, recency, length = rows["frequency"], rows["recency"], rows["T"]
    counted, slope_r, by_a, by_b, b_left, gone_at_once = _by_count(values, rows, early)
    seen, gap, bought = alpha + recency, length - recency, r + x
    before, since = np.log1p(recency / alpha), np.log1p(gap / seen)
    # The history is seen by two ways: still alive, or gone after the last purchase. `odds` is the one to the other.
    later = bought * since
    odds = np.exp(later + gone_at_once)
    alive = 1 / (1 + odds)
    both = np.where(np.isinf(odds), gone_at_once, np.log1p(odds) - later)
    value = counted - r * before - x * np.log(seen) + both
    gone = 1 - alive
    by_r = slope_r - r * (before + alive * since)
    by_alpha = (r * recency - x * alpha + alive * bought * alpha * gap / (alpha + length)) / seen
    return value, [by_r, by_alpha, by_a + gone, by_b - gone * b_left]


def _by_count(values: list[Any], rows: Collapsed, early: int) -> list[np.ndarray]:
    """Give what depends on the number of purchases alone, computed once for each where customers share parameters."""
    r, _, a, b = values
    shared = not (np.ndim(a) or np.ndim(b))
    x = rows.levels["frequency"] if shared else rows["frequency"]
    count_r, slope_r = log_rising(r, x)
    count_b, slope_b = log_rising(b, x + early)
    count_ab, slope_ab = log_rising(a + b, x + early)
    b_left = b / np.maximum(b + x - 1 + early, 1e-300)
    found = [
        count_r + count_b - count_ab,
        r * slope_r,
        -a * slope_ab,
        b * (slope_b - slope_ab),
        b_left,
        _log_gone(a, b, x, early),
    ]
    return [each[rows.codes["frequency"]] for each in found] if shared else found


def odds_of_dropout(values: list[Any], rows: Collapsed, early: int) -> np.ndarray:
    """Compute the odds that customers have dropped out by the end of what is observed.

    Parameters
    ----------
    values, rows, early
        As for :func:`log_likelihood`.

    Returns
    -------
    ndarray of shape (m,)
        0 or more; may be infinite.
    """
    r, alpha, a, b = values
    since = np.log1p((rows["T"] - rows["recency"]) / (alpha + rows["recency"]))
    if np.ndim(a) or np.ndim(b):
        gone_at_once = _log_gone(a, b, rows["frequency"], early)
    else:
        gone_at_once = _log_gone(a, b, rows.levels["frequency"], early)[rows.codes["frequency"]]
    return np.exp((r + rows["frequency"]) * since + gone_at_once)


def _log_gone(a: Any, b: Any, x: np.ndarray, early: int) -> np.ndarray:
    """Give the log of the odds to drop out right after the last purchase."""
    possible = (x > 0) | bool(early)
    return np.where(possible, np.log(a) - np.log(np.where(possible, b + x - 1 + early, 1.0)), -np.inf)


def dropout_draws(p: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw after which purchase customers drop out, 1 for the first to come.

    Parameters
    ----------
    p : ndarray
        Dropout probabilities.
    rng : Generator

    Returns
    -------
    ndarray
        Whole numbers as floats, 1 or more; infinite where `p` is 0.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(1 + np.floor(rng.standard_exponential(np.shape(p)) / -np.log1p(-p)))
