"""Intervals of the value of segments, by what is known of their customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.value.resampled_means import expanded_tail, resampled_means

__all__ = ["CustomerWorth", "per_cost", "segment_bounds"]

_REPEATS = 1000


@dataclass(frozen=True)
class CustomerWorth:
    """What each of n customers is worth, and what it cost to win them.

    Parameters
    ----------
    draws : ndarray of shape (n, d)
        Values, money; one column where there are no draws.
    cost : ndarray of shape (n,)
        Of winning them; NaN where not known.
    codes : ndarray of int, shape (n,)
        Segment of each.
    k : int
        Number of segments.
    sd : ndarray of shape (n,) or None
        Standard deviation of each value.
    """

    draws: np.ndarray
    cost: np.ndarray
    codes: np.ndarray
    k: int
    sd: np.ndarray | None = None

    @property
    def mean(self) -> np.ndarray:
        """Expected value of each customer, shape (n,)."""
        return self.draws.mean(axis=1) if self.draws.shape[1] > 1 else self.draws[:, 0]

    @property
    def known(self) -> np.ndarray:
        """Whose cost is known, shape (n,)."""
        return ~np.isnan(self.cost)

    def sums(self, values: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Add up numbers of some customers by segment, shape (k,)."""
        return np.bincount(self.codes[rows], values[rows], self.k)


def segment_bounds(worth: CustomerWorth, level: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, str]:
    """Bound the value of each segment, and its ratio to the cost.

    Parameters
    ----------
    worth : CustomerWorth
    level : float
        In (0, 1).
    rng : numpy.random.Generator
        For the bootstrap.

    Returns
    -------
    value, ratio : ndarray of shape (2, k)
        Lower and upper bounds; of the ratio, of the customers whose cost is known.
    kind : {"sd", "draws", "bootstrap"}
        Where they come from.

    Examples
    --------
    >>> values, cost, codes = np.array([[10.0], [20.0]]), np.array([1.0, 1.0]), np.array([0, 0])
    >>> worth = CustomerWorth(values, cost, codes, 1, sd=np.array([3.0, 4.0]))
    >>> segment_bounds(worth, 0.95, np.random.default_rng(0))[0].ravel().round(2).tolist()
    [20.2, 39.8]
    """
    spent = worth.sums(worth.cost, worth.known)
    if worth.sd is not None:
        value, of_known = (_by_deviations(worth, worth.sd, rows, level) for rows in (slice(None), worth.known))
        return value, per_cost(of_known, spent), "sd"
    if worth.draws.shape[1] > 1:
        value, of_known = (_by_draws(worth, rows, level) for rows in (slice(None), worth.known))
        return value, per_cost(of_known, spent), "draws"
    n = np.bincount(worth.codes, minlength=worth.k)
    drawn = resampled_means(worth.mean[:, None], worth.codes, worth.k, _REPEATS, rng)
    # Of the ratio, only customers whose cost is known are drawn: no others tell of it.
    pairs, codes = np.column_stack([worth.mean, worth.cost])[worth.known], worth.codes[worth.known]
    known = np.bincount(codes, minlength=worth.k)
    both = resampled_means(pairs, codes, worth.k, _REPEATS, rng)
    ratio = _quantiles(per_cost(both[:, :, 0], both[:, :, 1]), expanded_tail(known, level))
    return _quantiles(drawn[:, :, 0] * n, expanded_tail(n, level)), ratio, "bootstrap"


def per_cost(value: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Divide value by cost.

    Parameters
    ----------
    value : ndarray
    cost : ndarray
        Broadcast to `value`.

    Returns
    -------
    ndarray
        NaN where nothing was spent.

    Examples
    --------
    >>> per_cost(np.array([6.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [3.0, nan]
    """
    value, cost = np.broadcast_arrays(value, cost)
    return np.divide(value, cost, out=np.full(value.shape, np.nan), where=cost > 0)


def _by_deviations(worth: CustomerWorth, sd: np.ndarray, rows: np.ndarray | slice, level: float) -> np.ndarray:
    from scipy.stats import norm

    half = norm.ppf((1 + level) / 2) * np.sqrt(worth.sums(sd**2, rows))
    return worth.sums(worth.mean, rows) + np.array([[-1.0], [1.0]]) * half


def _by_draws(worth: CustomerWorth, rows: np.ndarray | slice, level: float) -> np.ndarray:
    drawn = np.stack([worth.sums(column, rows) for column in worth.draws.T])
    return np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)


def _quantiles(drawn: np.ndarray, tail: np.ndarray) -> np.ndarray:
    """Give the order statistics that leave a tail of its own on each side of each column, shape (2, k)."""
    ranked = np.sort(drawn, axis=0)
    known = ~np.isnan(tail)
    place = np.floor(np.where(known, tail, 0.0) * (len(drawn) - 1)).astype(int)
    columns = np.arange(drawn.shape[1])
    found = np.stack([ranked[place, columns], ranked[len(drawn) - 1 - place, columns]])
    return np.where(known, found, np.nan)
