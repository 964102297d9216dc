"""The beta-geometric models of dropout, BG/NBD and its modification, in one likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbo.models.btyd.collapsed import Collapsed
from nbo.models.btyd.special import log_rising_at

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
    r, alpha, a, b = values
    x, recency, length = rows["frequency"], rows["recency"], rows["T"]
    levels, codes = rows.levels["frequency"], rows.codes["frequency"]
    count_r, slope_r = log_rising_at(r, levels, codes)
    count_b, slope_b = log_rising_at(b, levels + early, codes)
    count_ab, slope_ab = log_rising_at(a + b, levels + early, codes)
    seen, gap, bought = alpha + recency, length - recency, r + x
    before, since = np.log1p(recency / alpha), np.log1p(gap / seen)
    # The history is seen by two ways: still alive, or gone after the last purchase. `odds` is the one to the other.
    gone_at_once = _log_gone(values, rows, early)
    odds = np.exp(bought * since + gone_at_once)
    alive = 1 / (1 + odds)
    both = np.where(np.isinf(odds), gone_at_once, np.log1p(odds) - bought * since)
    value = count_r - r * before - x * np.log(seen) + count_b - count_ab + both
    gone = 1 - alive
    by_r = r * (slope_r - before - alive * since)
    by_alpha = (r * recency - x * alpha + alive * bought * alpha * gap / (alpha + length)) / seen
    by_a = gone - a * slope_ab
    by_b = b * (slope_b - slope_ab - gone / np.maximum(b + x - 1 + early, 1e-300))
    return value, [by_r, by_alpha, by_a, by_b]


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
    r, alpha, _, _ = values
    since = np.log1p((rows["T"] - rows["recency"]) / (alpha + rows["recency"]))
    return np.exp((r + rows["frequency"]) * since + _log_gone(values, rows, early))


def _log_gone(values: list[Any], rows: Collapsed, early: int) -> np.ndarray:
    """Give the log of the odds to drop out right after the last purchase."""
    _, _, a, b = values
    shared = not (np.ndim(a) or np.ndim(b))
    x = rows.levels["frequency"] if shared else rows["frequency"]
    possible = (x > 0) | bool(early)
    odds = np.where(possible, np.log(a) - np.log(np.where(possible, b + x - 1 + early, 1.0)), -np.inf)
    return odds[rows.codes["frequency"]] if shared else odds


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
