"""Sums of what may be won: each opportunity in one period, or in none."""

from __future__ import annotations

import numpy as np

from nbo.rng import generator

__all__ = ["win_sums"]

_CELLS = 2_000_000


def win_sums(amount: np.ndarray, chance: np.ndarray, n_draws: int, rng: int | np.random.Generator | None) -> np.ndarray:
    """Draw what is won in each period: the sum of amounts, a Poisson binomial one weighed by money.

    Opportunities are drawn independently of each other; one that is won in a period is not won in another.

    Parameters
    ----------
    amount : ndarray of shape (n,)
        Money.
    chance : ndarray of shape (n, h)
        Probability that each is won in each period; a row sums to at most 1.
    n_draws : int
    rng : int, Generator or None

    Returns
    -------
    ndarray of shape (n_draws, h)

    Examples
    --------
    >>> win_sums(np.array([10.0, 5.0]), np.array([[1.0, 0.0], [0.0, 1.0]]), 2, 0).tolist()
    [[10.0, 5.0], [10.0, 5.0]]
    """
    draws = generator(rng)
    sums = np.zeros((n_draws, chance.shape[1]))
    reach = np.cumsum(chance, axis=1)
    rows = max(1, _CELLS // max(n_draws, 1))
    for start in range(0, len(amount), rows):
        own = slice(start, start + rows)
        u = draws.random((len(amount[own]), n_draws))
        before = np.zeros(u.shape, dtype=bool)
        for period in range(chance.shape[1]):
            by_then = u < reach[own, period, None]
            sums[:, period] += amount[own] @ (by_then & ~before)
            before = by_then
    return sums
