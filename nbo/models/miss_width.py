"""How wide an interval must be to hold what was missed so far."""

from __future__ import annotations

import numpy as np

__all__ = ["miss_width"]


def miss_width(missed: np.ndarray, level: float) -> np.ndarray | None:
    """Give the half width that a new miss stays within with a probability.

    It is the conformal order statistic of the absolute misses; where these are fewer than `level` needs, Student's
    quantile times their root mean square.

    Parameters
    ----------
    missed : ndarray of shape (n, k)
        What came minus what was forecast, of k series.
    level : float
        In (0, 1).

    Returns
    -------
    ndarray of shape (k,), or None
        None where there are fewer than two misses.

    Examples
    --------
    >>> miss_width(np.array([[1.0], [-3.0], [2.0]]), 0.75)
    array([3.])
    """
    from scipy.stats import t as student

    n = len(missed)
    rank = int(np.ceil(round((n + 1) * level, 9)))
    if rank <= n:
        return np.sort(np.abs(missed), axis=0)[rank - 1]
    if n < 2:
        return None
    return np.asarray(student.ppf((1 + level) / 2, n) * np.sqrt((missed**2).mean(axis=0)))
