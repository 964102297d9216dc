"""First prices, from a sample of the customers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nbo.arbitration.allocation.coupling import Coupling
from nbo.arbitration.allocation.dual import Dual, Look
from nbo.arbitration.allocation.newton import Reach, descend
from nbo.arbitration.allocation.scores import Scores

__all__ = ["dual_of", "has_ties", "sample_dual", "sample_prices", "typical_priority", "untied"]

# Customers, and how near a second choice must be to be taken in part, as a share of a typical priority: prices
# found on few customers with soft choices are refined on more with harder ones.
_STAGES = ((2000, 0.5), (4000, 0.15), (8000, 0.05), (24_000, 0.02))
_SEED = 7


def sample_prices(
    scores: Scores, coupling: Coupling, slots: int, reach: Reach, start: np.ndarray | None, tied: bool
) -> Look:
    """Find prices on growing samples, with falling widths.

    Parameters
    ----------
    scores : Scores
    coupling : Coupling
    slots : int
    reach : Reach
    start : ndarray of shape (m,) or None
        Prices near the answer, for which the largest sample is enough.
    tied : bool
        Whether many customers are alike.

    Returns
    -------
    Look
        At the largest sample; its curvature is that of all customers.
    """
    n, m = scores.shape[0], len(coupling.names)
    mu = np.zeros(m) if start is None else start
    stages = _STAGES if start is None else _STAGES[-1:]
    for customers, width in stages:
        dual = sample_dual(scores, coupling, slots, max(customers, 50 * m))
        if tied:
            dual = untied(dual, width * reach.step)
        look = descend(dual, mu, width * reach.step, reach, tolerance=1e-3 * width)
        mu = look.mu
    return replace(look, curvature=look.curvature * (n / max(len(dual.rows), 1)))


def has_ties(scores: Scores, coupling: Coupling) -> bool:
    """Tell whether many customers are alike, by a sample.

    Parameters
    ----------
    scores : Scores
    coupling : Coupling

    Returns
    -------
    bool
    """
    values = sample_dual(scores, coupling, 1, _STAGES[0][0]).values
    values = values[:, values.max(axis=0, initial=-np.inf) > -np.inf]
    return bool(len(np.unique(values.T, axis=0)) < 0.9 * values.shape[1])


def untied(dual: Dual, size: float) -> Dual:
    """Raise each priority by chance, so that customers who are alike choose one after the other as prices rise.

    Parameters
    ----------
    dual : Dual
    size : float
        The largest change.

    Returns
    -------
    Dual
    """
    noise = np.random.default_rng(_SEED).random(dual.values.shape, dtype=np.float32)
    return replace(dual, values=dual.values + dual.values.dtype.type(size) * noise)


def sample_dual(scores: Scores, coupling: Coupling, slots: int, customers: int) -> Dual:
    """Make the dual of a sample, with its share of the limits.

    Parameters
    ----------
    scores : Scores
    coupling : Coupling
    slots : int
    customers : int
        Size of the sample; all if there are no more.

    Returns
    -------
    Dual
    """
    n = scores.shape[0]
    size = min(customers, n)
    rows = np.sort(np.random.default_rng(_SEED).choice(n, size, replace=False)) if size < n else np.arange(n)
    return dual_of(scores, coupling, rows, slots, np.float32, share=size / max(n, 1))


def dual_of(
    scores: Scores, coupling: Coupling, rows: np.ndarray, slots: int, dtype: type = np.float64, share: float = 1.0
) -> Dual:
    """Make the dual of some customers alone.

    Parameters
    ----------
    scores : Scores
    coupling : Coupling
    rows : ndarray of int, shape (some,)
    slots : int
    dtype : type, default=float64
        Of the priorities.
    share : float, default=1.0
        Of the limits that is theirs.

    Returns
    -------
    Dual
    """
    costs: list[np.ndarray] = [np.ascontiguousarray(matrix.cost[rows].T, dtype=dtype) for matrix in coupling.matrices]
    return Dual(
        scores, coupling, rows, scores.of(rows, dtype), costs, slots, share * coupling.low, share * coupling.high
    )


def typical_priority(values: np.ndarray) -> float:
    """Give the scale of priorities: the mean over customers of the largest one's size.

    Parameters
    ----------
    values : ndarray of shape (k, n)
        -inf where not allowed.

    Returns
    -------
    float
        Above 0.
    """
    best = np.abs(values.max(axis=0, initial=-np.inf)).astype(np.float64)
    best = best[np.isfinite(best)]
    return float(best.mean()) or 1.0 if best.size else 1.0
