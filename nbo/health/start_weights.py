"""Evidence that something has changed since some day, whichever day it was."""

from __future__ import annotations

import numpy as np
from scipy import special

__all__ = ["since_some_day"]

# Upper bound of the sum of all weights before they are scaled.
_TOTAL = 1.216


def since_some_day(log_e: np.ndarray, first: int) -> tuple[np.ndarray, np.ndarray]:
    r"""Average evidence over the days since which something may have changed.

    Day s after the first has the weight :math:`w_s \propto 1 / ((s + e) \ln^2 (s + e))`; the weights of all
    days, also of those to come, sum to 1 at most. A day that has not come has evidence 1. So the average
    is an e-value at all looks together, if each evidence is [1]_.

    Parameters
    ----------
    log_e : ndarray of shape (n_cells, n_days)
        Natural logarithm of the evidence of what came from the start of each day on.
    first : int
        The first day that may be a start.

    Returns
    -------
    log_e : ndarray of shape (n_cells,)
    start : ndarray of int, shape (n_cells,)
        The likeliest day; `first` where there is no evidence.

    References
    ----------
    .. [1] Shin, J., Ramdas, A. and Rinaldo, A. (2024). E-detectors: a nonparametric framework for sequential
       change detection. The New England Journal of Statistics in Data Science 2(2), 229-260.
    """
    late = log_e[:, first:] + np.log(_weights(log_e.shape[1] - first))
    rest = max(1 - _weights(log_e.shape[1] - first).sum(), 0.0)
    total = special.logsumexp(np.column_stack([late, np.full(len(late), np.log(rest))]), axis=1)
    start = first + (late.argmax(axis=1) if late.shape[1] else np.zeros(len(late), dtype=int))
    return total, np.where(total > 0, start, first)


def _weights(n_days: int) -> np.ndarray:
    later = np.arange(n_days) + np.e
    return 1 / (later * np.log(later) ** 2) / _TOTAL
