"""How far a column is from what it held when it was trained on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from nbo.features.column_profile import (
    ColumnProfile,
    holds_numbers,
    kind_of_numbers,
    kind_of_words,
    numbers_in,
    words_in,
)

__all__ = ["column_drift", "ks_p_value", "population_stability"]


def population_stability(before: np.ndarray, now: np.ndarray) -> float:
    r"""Give the population stability index of two sets of counts over the same cells.

    With the shares :math:`p_j` before and :math:`q_j` now it is
    :math:`\sum_j (q_j - p_j) \ln (q_j / p_j)` [1]_. Half a row is added to each cell, so that an empty one
    does not make it infinite.

    Parameters
    ----------
    before, now : ndarray of shape (number of cells,)
        Counts, or shares times rows.

    Returns
    -------
    float
        0 if the shares are equal; NaN where one of them has no rows.

    References
    ----------
    .. [1] Siddiqi, N. (2006). Credit risk scorecards: developing and implementing intelligent credit
       scoring. Wiley.

    Examples
    --------
    >>> round(population_stability(np.array([50_000, 50_000]), np.array([60_000, 40_000])), 4)
    0.0405
    """
    if not now.sum() or not before.sum():
        return float("nan")
    used = (before > 0) | (now > 0)
    p, q = before[used] + 0.5, now[used] + 0.5
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def ks_p_value(distance: float, n_before: int, n_now: int) -> float:
    r"""Bound how often two samples of one distribution are so far apart.

    It is :math:`2.17 \exp(-2 D^2 nm / (n + m))` and holds for samples of any size, and for values that
    come many times, too [1]_.

    Parameters
    ----------
    distance : float
        Largest distance D of the distribution functions, or of any points of them, in [0, 1].
    n_before, n_now : int
        Values in each sample.

    Returns
    -------
    float
        In [0, 1]; NaN where a sample is empty.

    References
    ----------
    .. [1] Wei, F. and Dudley, R. M. (2012). Two-sample Dvoretzky-Kiefer-Wolfowitz inequalities.
       Statistics & Probability Letters 82(3), 636-644.

    Examples
    --------
    >>> round(ks_p_value(0.1, 1000, 1000), 6)
    9.8e-05
    """
    if not n_before or not n_now:
        return float("nan")
    return float(min(1.0, 2.16863 * np.exp(-2 * distance**2 * n_before * n_now / (n_before + n_now))))


def column_drift(before: ColumnProfile, column: pd.Series) -> dict[str, Any]:
    """Compare a column with its profile.

    Parameters
    ----------
    before : ColumnProfile
    column : Series of shape (m,)

    Returns
    -------
    dict
        A row of :meth:`nbo.features.FeatureProfile.drift`, without the name.
    """
    numbers, counts = None, None
    if holds_numbers(column):
        numbers = numbers_in(column)
        kind, present = kind_of_numbers(numbers), len(numbers)
    else:
        counts = words_in(column)
        kind, present = kind_of_words(column, counts), int(counts.sum())
    found = {"kind_before": before.kind, "kind_now": kind, "n_before": before.n, "n_now": len(column)}
    found |= {"missing_before": before.missing, "missing_now": 1 - present / len(column) if len(column) else np.nan}
    if not before.shares or not present:
        return found
    if before.categories and counts is not None:
        return found | _of_words(before, before.word_counts(counts), present)
    if not before.categories and numbers is not None:
        beyond = float(((numbers < before.low) | (numbers > before.high)).mean())
        return found | _of_numbers(before, before.number_counts(numbers), present) | {"beyond": beyond}
    return found


def _stability(before: ColumnProfile, now: np.ndarray, present: int) -> dict[str, Any]:
    old = np.array(before.shares) * before.values
    psi = population_stability(old, now)
    n_cells = int(((old > 0) | (now > 0)).sum())
    scale = 1 / before.values + 1 / present
    p_value = float(stats.chi2.sf(psi / scale, n_cells - 1)) if n_cells > 1 else 1.0
    return {"psi": psi, "cells": n_cells, "p_value": p_value}


def _of_words(before: ColumnProfile, now: np.ndarray, present: int) -> dict[str, Any]:
    complete = before.shares[-1] == 0
    return {**_stability(before, now, present), "new": now[-1] / present if complete else np.nan}


def _of_numbers(before: ColumnProfile, now: np.ndarray, present: int) -> dict[str, Any]:
    distance = float(np.abs(np.cumsum(np.array(before.shares)) - np.cumsum(now) / present).max())
    tail = ks_p_value(distance, before.values, present)
    return {**_stability(before, now, present), "ks": distance, "ks_p_value": tail}
