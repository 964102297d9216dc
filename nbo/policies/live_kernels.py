"""The compiled loops of single decisions. Importing this file takes numba."""

from __future__ import annotations

from math import exp, lgamma, log

import numba
import numpy as np

__all__ = ["change", "put", "state"]

# Sums may be added up in any order, so that several terms are at once.
_compile = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc"})
# Of a distribution function; as in `live_grid`, whose value numba's cache would not see change.
_LEAST = 1e-200


@_compile
def _fill(
    powers: np.ndarray,
    integral: np.ndarray,
    whole: np.ndarray,
    alpha: float,
    beta: float,
    logs: np.ndarray,
    hazards: np.ndarray,
) -> None:
    """Write what :meth:`~nbo.policies.live_grid.LiveGrid.row` gives."""
    n_nodes = len(logs)
    weight = lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta)
    for node in range(n_nodes):
        hazards[node] = exp((alpha - 1) * powers[node, 0] + (beta - 1) * powers[node, 1] + weight + powers[node, 3])
    for node in range(n_nodes):
        above = 0.0
        for other in range(n_nodes):
            above += integral[node, other] * hazards[other]
        logs[node] = max(1.0 - above, _LEAST)
    for node in range(n_nodes):
        hazards[node] *= whole[node] / logs[node]
        logs[node] = log(logs[node])


@_compile
def put(
    powers: np.ndarray,
    integral: np.ndarray,
    whole: np.ndarray,
    alpha: float,
    beta: float,
    row: int,
    total: np.ndarray,
    logs: np.ndarray,
    hazards: np.ndarray,
) -> None:
    """Put another distribution into a row."""
    total -= logs[row]
    _fill(powers, integral, whole, alpha, beta, logs[row], hazards[row])
    total += logs[row]


@_compile
def state(total: np.ndarray, hazards: np.ndarray, floors: np.ndarray, scale: float, steps: np.ndarray) -> float:
    """Write sums of probabilities, and give the distribution function of the best payoff at the first node."""
    best = np.exp(total)
    last = 0.0
    for offer in range(len(hazards)):
        for node in range(len(best)):
            last += hazards[offer, node] * best[node]
        steps[offer] = last
    for offer in range(len(hazards)):
        steps[offer] = steps[offer] * (scale / last) + floors[offer]
    return float(best[0])


@_compile
def change(
    powers: np.ndarray,
    integral: np.ndarray,
    whole: np.ndarray,
    alpha: float,
    beta: float,
    row: int,
    total: np.ndarray,
    all_logs: np.ndarray,
    all_hazards: np.ndarray,
    known: np.ndarray,
    floors: np.ndarray,
    scale: float,
    steps: np.ndarray,
    changes: np.ndarray,
) -> None:
    """Write a row as it would be, and by how much sums of probabilities would change with it."""
    logs, hazards = known[0], known[1]
    _fill(powers, integral, whole, alpha, beta, logs, hazards)
    best = np.exp(total + logs - all_logs[row])
    last = 0.0
    for offer in range(len(all_hazards)):
        own = hazards if offer == row else all_hazards[offer]
        for node in range(len(best)):
            last += own[node] * best[node]
        changes[offer] = last
    for offer in range(len(all_hazards)):
        changes[offer] = changes[offer] * (scale / last) + floors[offer] - steps[offer]
