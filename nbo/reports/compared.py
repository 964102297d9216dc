"""Two rates that are set against each other, many pairs at once."""

from __future__ import annotations

import numpy as np
from scipy import special

from nbo.reports.fisher import fisher_p_values

__all__ = ["difference_p_values"]


def difference_p_values(
    counts: tuple[np.ndarray, np.ndarray], others: tuple[np.ndarray, np.ndarray], effects: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    r"""Test whether two rates are the same, two-sided, where customers may have answered several times.

    The larger of two p-values: that of Fisher's exact test, and, where a design effect d is above 1, that of the
    normal distribution with the variance :math:`\bar p (1 - \bar p) (d_1 / n_1 + d_0 / n_0)`.

    Parameters
    ----------
    counts, others : (ndarray of shape (m,), ndarray of shape (m,))
        Acceptances and answers of each group, and of the group to compare with; answers above 0.
    effects : (ndarray of shape (m,), ndarray of shape (m,))
        Design effects of both, 1 or more.

    Returns
    -------
    ndarray of shape (m,)
        In [0, 1].
    """
    (won, n), (base_won, base_n) = counts, others
    exact = fisher_p_values(won, n, base_won, base_n)
    pooled = (won + base_won) / (n + base_n)
    variance = pooled * (1 - pooled) * (effects[0] / n + effects[1] / base_n)
    z = np.abs(won / n - base_won / base_n) / np.sqrt(np.where(variance > 0, variance, np.inf))
    spread = (effects[0] > 1) | (effects[1] > 1)
    return np.where(spread, np.maximum(exact, special.erfc(z / np.sqrt(2))), exact)
