"""Fisher's exact test of many pairs of rates at once."""

from __future__ import annotations

import numpy as np
from scipy import special, stats

__all__ = ["fisher_p_values"]

# Tables that are equally likely but for rounding count as equally likely, as in R.
_EQUAL = 1e-7


def fisher_p_values(accepted: np.ndarray, n: np.ndarray, base_accepted: np.ndarray, base_n: np.ndarray) -> np.ndarray:
    """Test whether two rates are the same, two-sided, for many pairs at once [1]_.

    Parameters
    ----------
    accepted, n : array-like of int, shape (m,)
        How often it happened, among how many cases.
    base_accepted, base_n : array-like of int, shape (m,)
        Likewise of the group to compare with.

    Returns
    -------
    ndarray of shape (m,)
        In [0, 1]: of all tables with these margins, the share of chance of those that are at most as likely.

    References
    ----------
    .. [1] Fisher, R. A. (1935). The logic of inductive inference. Journal of the Royal Statistical
       Society 98(1), 39-82.

    Examples
    --------
    >>> fisher_p_values([8], [10], [1], [6]).round(4).tolist()
    [0.035]
    """
    won, drawn, base, others = (np.asarray(part, dtype=np.int64) for part in (accepted, n, base_accepted, base_n))
    total, marked = drawn + others, won + base
    lowest, highest = np.maximum(0, drawn + marked - total), np.minimum(drawn, marked)
    mode = np.clip((drawn + 1) * (marked + 1) // (total + 2), lowest, highest)
    limit = _log_mass(won, total, marked, drawn) + _EQUAL
    below = won < mode
    # On the other side of the mode, the first table that is at most as likely.
    start, stop = np.where(below, mode, lowest - 1), np.where(below, highest + 1, mode)
    while (open_ := stop - start > 1).any():
        middle = (start + stop) // 2
        rarer = _log_mass(np.clip(middle, lowest, highest), total, marked, drawn) <= limit
        up = np.where(below, rarer, ~rarer)
        stop, start = np.where(open_ & up, middle, stop), np.where(open_ & ~up, middle, start)
    left, right = np.where(below, won, start), np.where(below, stop, won)
    of = (total, marked, drawn)
    p_values = stats.hypergeom.cdf(left, *of) + stats.hypergeom.sf(right - 1, *of)
    likeliest = _log_mass(mode, total, marked, drawn) <= limit
    return np.where(likeliest, 1.0, np.minimum(p_values, 1.0))


def _log_mass(x: np.ndarray, total: np.ndarray, marked: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    parts = _log_choose(marked, x) + _log_choose(total - marked, drawn - x) - _log_choose(total, drawn)
    return np.asarray(parts)


def _log_choose(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))
