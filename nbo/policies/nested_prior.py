"""The prior of acceptance rates in nested segments: each level starts from the one above."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nbo.policies.pooling import PooledPrior

__all__ = ["any_child", "fit_nested_prior"]


def any_child(segment: str, separator: str) -> str:
    """Name a segment that is not known yet, below the one that a nested segment lies in.

    Parameters
    ----------
    segment : str
    separator : str

    Returns
    -------
    str

    Examples
    --------
    >>> any_child("gold > north", " > ")
    'gold > '
    """
    above, found, _ = segment.rpartition(separator)
    return above + found


def fit_nested_prior(
    segments: Sequence[str],
    n: np.ndarray,
    accepted: np.ndarray,
    separator: str,
    fit: Callable[[np.ndarray, np.ndarray, np.ndarray | None], PooledPrior],
) -> PooledPrior:
    """Fit the uppermost level, and each level below around the rates of the one above.

    The rate of an offer in "gold > north" is expected where that of the offer in the rest of "gold" is, as far as is
    known from there, with effects of its own segment and of the offer; how near it is expected is learned at each
    level, by the same marginal likelihood.

    Parameters
    ----------
    segments : sequence of str, length n_segments
        Names with the levels parted by `separator`; a name that ends with it stands for all that lie there and are not
        known yet.
    n, accepted : ndarray of shape (n_segments + 1, n_offers)
        Counts; the last row is for segments of which nothing is known.
    separator : str
    fit : callable
        Of counts and, but for the uppermost level, of expected rates.

    Returns
    -------
    PooledPrior
        For the rows of `n`.
    """
    paths = [tuple(segment.split(separator)) for segment in segments]
    deepest = max(map(len, paths), default=1)
    above: dict[tuple[str, ...], int] = {}
    below: PooledPrior | None = None
    mean, strength, spread = np.zeros((3, *n.shape))
    tables = np.zeros((2, 1, n.shape[1]))
    for depth in range(1, deepest + 1):
        names = {path[:depth]: None for path in paths if len(path) >= depth}
        place = {name: row for row, name in enumerate(names)}
        level = np.zeros((2, len(place) + 1, n.shape[1]))
        for row, path in enumerate(paths):
            if len(path) >= depth:
                level[:, place[path[:depth]]] += n[row], accepted[row]
        rates, sds = _expected(below, tables, level, [above[name[:-1]] for name in names] if above else [])
        prior = fit(level[0], level[1], rates)
        if sds is not None:
            prior = PooledPrior(prior.mean, prior.strength, np.hypot(prior.spread, sds))
        own = [row for row, path in enumerate(paths) if len(path) == depth] + ([len(paths)] if depth == 1 else [])
        at = [place[paths[row]] if row < len(paths) else -1 for row in own]
        mean[own], strength[own], spread[own] = prior.mean[at], prior.strength[at], prior.spread[at]
        below, above, tables = prior, place, level
    return PooledPrior(mean, strength, spread)


def _expected(
    above: PooledPrior | None, tables: np.ndarray, level: np.ndarray, parents: list[int]
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Give the posterior mean and standard deviation of each parent without the child's own answers."""
    if above is None:
        return None, None
    # The last row of a level is of no segment.
    rows = [*parents, -1]
    rest = PooledPrior(above.mean[rows], above.strength[rows], above.spread[rows])
    alpha, beta = rest.posterior(tables[0][rows] - level[0], tables[1][rows] - level[1])
    size = alpha + beta
    rate = alpha / size
    return rate, np.sqrt(rate * (1 - rate) / (size + 1))
