"""The linear program over the cheap changes, which brings the limits to their bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from nbo.arbitration.allocation.coupling import Coupling
from nbo.arbitration.allocation.moves import Moves

__all__ = ["CoreAnswer", "solve_core"]


@dataclass(frozen=True)
class CoreAnswer:
    """Which changes to make.

    Parameters
    ----------
    made : ndarray of bool, shape (some,)
        Changes made in whole; what is to be made in part is left out.
    mu : ndarray of shape (m,)
        Prices of the limits by this program.
    """

    made: np.ndarray
    mu: np.ndarray


def solve_core(
    moves: Moves, coupling: Coupling, low: np.ndarray, high: np.ndarray, largest: np.ndarray
) -> CoreAnswer | None:
    """Choose changes by a linear program; at most m customers then have parts of changes.

    Parameters
    ----------
    moves : Moves
    coupling : Coupling
    low, high : ndarray of shape (m,)
        What the limits still take.
    largest : ndarray of shape (m,)
        Price at which a limit is broken rather than kept, so that there always is an answer.

    Returns
    -------
    CoreAnswer or None
        None where there are no changes, or the solver gives no answer.
    """
    some, m = moves.counts.shape
    if not some:
        return None
    size = float(np.abs(moves.gain).mean()) or 1.0
    counts = sparse.csr_array(moves.counts.T / coupling.scale[:, None])
    upper, lower = np.flatnonzero(np.isfinite(high)), np.flatnonzero(np.isfinite(low))
    price = largest * coupling.scale / size
    once = _once(moves.who)
    n_bounds = len(upper) + len(lower)
    slack = sparse.vstack([-sparse.eye_array(n_bounds), sparse.csr_array((once.shape[0], n_bounds))])
    matrix = sparse.hstack([sparse.vstack([counts[upper], -counts[lower], once]), slack], format="csr")
    scaled_high, scaled_low = high / coupling.scale, low / coupling.scale
    answer = optimize.linprog(
        np.concatenate([-moves.gain / size, price[upper], price[lower]]),
        A_ub=matrix,
        b_ub=np.concatenate([scaled_high[upper], -scaled_low[lower], np.ones(once.shape[0])]),
        bounds=np.column_stack([np.zeros(some + n_bounds), np.r_[np.ones(some), np.full(n_bounds, np.inf)]]),
        method="highs-ds",
    )
    if answer.x is None:
        return None
    mu = np.zeros(m)
    marginals = -answer.ineqlin.marginals * size
    mu[upper] += marginals[: len(upper)] / coupling.scale[upper]
    mu[lower] -= marginals[len(upper) : n_bounds] / coupling.scale[lower]
    return CoreAnswer(answer.x[:some] > 1 - 1e-6, mu)


def _once(who: np.ndarray) -> sparse.csr_array:
    """Give a row for each customer with several changes: at most one is made."""
    customers, which, times = np.unique(who, return_inverse=True, return_counts=True)
    several = np.flatnonzero(times > 1)
    number = np.full(len(customers), -1)
    number[several] = np.arange(len(several))
    columns = np.flatnonzero(number[which] >= 0)
    ones = np.ones(len(columns))
    return sparse.csr_array((ones, (number[which[columns]], columns)), shape=(len(several), len(who)))
