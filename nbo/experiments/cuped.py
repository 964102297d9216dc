"""Take out of a metric what was known before the experiment."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbo.errors import InputError

__all__ = ["cuped"]


def cuped(values: np.ndarray, covariates: np.ndarray, arms: Any = None) -> np.ndarray:
    r"""Take out of each value what the unit's past explains, after Deng, Xu, Kohavi and Walker [1]_.

    .. math:: y_i - \theta^\top (x_i - \bar x)

    has the mean of y where arms were drawn by chance, as they then differ in x by chance alone, and a smaller
    variance: by the share that x explains. :math:`\theta` is the slope of the regression of y on x in all arms
    together, with a mean of its own for each arm.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Metric of each unit.
    covariates : ndarray of shape (n,) or (n, k)
        What was known of it before, such as the same metric in the weeks before the experiment. NaN where
        nothing is known: the mean of the others takes its place, and "nothing is known" is a covariate itself.
    arms : array-like of shape (n,), optional
        Arm of each unit. By default all are of one.

    Returns
    -------
    ndarray of shape (n,)

    Raises
    ------
    InputError
        If lengths differ, or a covariate is infinite.

    References
    ----------
    .. [1] Deng, A., Xu, Y., Kohavi, R. and Walker, T. (2013). Improving the sensitivity of online
       controlled experiments by utilizing pre-experiment data. WSDM.

    Examples
    --------
    What a customer spends is twice what it spent before, but for a gift of 1 in one arm.

    >>> before = np.array([1.0, 2.0, 3.0, 1.0, 2.0, 3.0])
    >>> spent = 2 * before + np.array([1, 1, 1, 0, 0, 0])
    >>> cuped(spent, before, ["gift", "gift", "gift", "none", "none", "none"]).round(6).tolist()
    [5.0, 5.0, 5.0, 4.0, 4.0, 4.0]
    """
    known = np.asarray(covariates, dtype=float)
    known = known[:, np.newaxis] if known.ndim == 1 else known
    names = np.zeros(len(values)) if arms is None else np.asarray(arms)
    n = len(values)
    if not len(known) == len(names) == n:
        raise InputError(f"covariates and arms must be one for each of {n} values; got {len(known)}, {len(names)}.")
    if np.isinf(known).any():
        raise InputError("covariates must be finite or missing; one is infinite.")
    if not len(values):
        return np.asarray(values, dtype=float)
    x = _filled(known)
    x = x - x.mean(axis=0)
    _, arm = np.unique(names, return_inverse=True)
    y = _within(np.asarray(values, dtype=float)[:, np.newaxis], arm)
    slope = np.linalg.lstsq(_within(x, arm), y, rcond=None)[0]
    return values - (x @ slope)[:, 0]


def _filled(known: np.ndarray) -> np.ndarray:
    """Put the mean where nothing is known, and add columns that say so."""
    missing = np.isnan(known)
    counts = (~missing).sum(axis=0)
    means = np.where(missing, 0.0, known).sum(axis=0) / np.maximum(counts, 1)
    some = missing.any(axis=0) & (counts > 0)
    return np.column_stack([np.where(missing, means, known), missing[:, some].astype(float)])


def _within(columns: np.ndarray, arm: np.ndarray) -> np.ndarray:
    """Take out of each column the mean of its arm."""
    means = np.column_stack([np.bincount(arm, column) for column in columns.T]) / np.bincount(arm)[:, np.newaxis]
    return columns - means[arm]
