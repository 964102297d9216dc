"""Which of many claims may be made together, by their e-values."""

from __future__ import annotations

import numpy as np

__all__ = ["e_bh"]


def e_bh(log_e_values: np.ndarray, alpha: float = 0.05, shares: np.ndarray | None = None) -> np.ndarray:
    r"""Choose claims, few of which are false, by e-BH [1]_.

    An e-value is evidence against "nothing is there" whose expectation is at most 1 if nothing is. With
    the prior shares :math:`\pi_i`, which sum to 1, as many claims k as possible are made that each have

    .. math:: \pi_i e_i \ge \frac{1}{\alpha k}.

    Then at most a share alpha of the claims is false in expectation, however the e-values depend on each other.

    Parameters
    ----------
    log_e_values : ndarray of shape (m,)
        Natural logarithms of the e-values of all claims that were looked at; NaN for none.
    alpha : float, default=0.05
        Rate of false discoveries, in (0, 1).
    shares : ndarray of shape (m,), optional
        Prior shares. By default 1 / m each.

    Returns
    -------
    ndarray of bool, shape (m,)
        The claims to be made.

    References
    ----------
    .. [1] Wang, R. and Ramdas, A. (2022). False discovery rate control with e-values. Journal of
       the Royal Statistical Society B 84(3), 822-852.

    Examples
    --------
    >>> e_bh(np.log([3.0, 150.0, 33.0]), alpha=0.05)   # 150 >= 3 * 20 / 1 and 33 >= 3 * 20 / 2, but 3 < 3 * 20 / 3
    array([False,  True,  True])
    """
    m = len(log_e_values)
    prior = np.log(np.full(m, 1 / max(m, 1)) if shares is None else shares)
    evidence = np.nan_to_num(np.asarray(log_e_values, dtype=float) + prior, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    order = np.argsort(-evidence, kind="stable")
    enough = np.flatnonzero(evidence[order] >= -np.log(alpha * np.arange(1, m + 1)))
    chosen = np.zeros(m, dtype=bool)
    if len(enough):
        chosen[order[: enough[-1] + 1]] = True
    return chosen
