"""Give offers to customers so that the total priority is largest and no limit is broken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nbo.arbitration.allocation.allocation import Allocation
from nbo.arbitration.allocation.by_label import by_label
from nbo.arbitration.allocation.contradictions import check_contradictions, refuse_broken
from nbo.arbitration.allocation.couple import couple
from nbo.arbitration.allocation.coupling import Coupling
from nbo.arbitration.allocation.filled import filled
from nbo.arbitration.allocation.limit import Limit
from nbo.arbitration.allocation.prices import Prices
from nbo.arbitration.allocation.scores import Scores, take_scores
from nbo.arbitration.allocation.shares import shares_used
from nbo.arbitration.allocation.small import solve_small
from nbo.arbitration.allocation.solution import Solution, relative_gap
from nbo.arbitration.allocation.solve import solve
from nbo.arbitration.allocation.take_back import take_back
from nbo.errors import InputError
from nbo.numbers import check_number

__all__ = ["allocate"]


def allocate(
    priority: Any,
    limits: Sequence[Limit] = (),
    slots: int = 1,
    *,
    offer_ids: Sequence[Any] | None = None,
    tolerance: float = 1e-5,
    start: Prices | None = None,
    progress: bool | None = None,
) -> Allocation:
    """Give each customer at most `slots` offers, so that the sum of priorities is largest within the limits.

    Each limit gets a price. At given prices a customer takes the offers with the largest priority minus price above
    0, and what all customers gain so, plus what the limits are worth at their prices, is a bound that no allocation
    passes [1]_. Newton steps, first on samples, lower the bound; one pass then finds the customers for whom another
    choice is nearly as good; a linear program over their changes [2]_ brings the limits to their bounds; changes of
    one or two customers do the rest. Up to 3,000 pairs of a customer and an offer, one linear program of all of them
    gives the prices; where its answer is not whole, up to 150 pairs, the best whole one is searched for.

    Parameters
    ----------
    priority : ndarray or DataFrame of shape (n, k)
        What each offer is worth to each customer, in money or another unit; NaN or -inf where it is not allowed.
        Offers with a priority of 0 or less are given only where a minimum asks for them. Columns of a frame name the
        offers.
    limits : sequence of Limit
        Capacities, budgets, minimums, shares.
    slots : int, default=1
        Offers for a customer at most, 1 or more. Nobody gets an offer twice.
    offer_ids : sequence, optional
        Names of the columns.
    tolerance : float, default=1e-5
        Gap at which work ends. It ends with a larger one where more work does not help.
    start : Prices, optional
        Of a like problem, to begin with.
    progress : bool, optional
        True shows how far it is, False does not; by default shown on a terminal.

    Returns
    -------
    Allocation
        Given the same numbers, always the same: of offers equally good the first column wins, and of customers the
        first rows. Sums of costs are kept within a bound to 1e-12 of it.

    Raises
    ------
    InputError
        If priorities, costs or names are not allowed, limits contradict each other, or no allocation is found that
        keeps them: the message names the limits and says what can be reached.

    References
    ----------
    .. [1] Fisher, M. L. (1981). The Lagrangian relaxation method for solving integer programming problems. Management
       Science 27, 1-18.
    .. [2] Huangfu, Q. and Hall, J. A. J. (2018). Parallelizing the dual revised simplex method. Mathematical
       Programming Computation 10, 119-142.

    Examples
    --------
    Two customers want the one card; the first has the larger loss without it.

    >>> import numpy as np
    >>> from nbo.arbitration import Limit, allocate
    >>> found = allocate(np.array([[9.0, 1.0], [8.0, 5.0]]), [Limit(offers=[0], at_most=1, name="cards")])
    >>> found.assignment.tolist(), found.value
    ([[0], [1]], 14.0)
    >>> found.gap
    0.0
    """
    check_number(slots, "slots", "1 or more", lambda number: number >= 1, whole=True)
    check_number(tolerance, "tolerance", "0 or more", lambda share: share >= 0)
    scores = take_scores(priority, offer_ids)
    if isinstance(limits, list | tuple):
        ids, index = scores.offer_ids, scores.index
        limits = tuple(by_label(limit, ids, index) if isinstance(limit, Limit) else limit for limit in limits)
    coupling = couple(limits, scores.offer_ids, scores.shape[0])
    check_contradictions(coupling, scores)
    mu = _started(start, coupling)
    each = min(slots, max(scores.shape[1], 1))
    found = solve_small(scores, coupling, each)
    if found is None:
        found = solve(scores, coupling, each, tolerance, mu, progress)
    if found.wrong.any():
        found = take_back(found, scores, coupling)
    found = filled(found, scores, coupling, each)
    refuse_broken(found, coupling)
    scores.blocks.clear()  # no pass comes any more, and they are as large as the matrix
    return _allocation(found, scores, tuple(limits), slots)


def _started(start: Prices | None, coupling: Coupling) -> np.ndarray | None:
    if start is None:
        return None
    if list(start.names) != coupling.names:
        raise InputError(f"start must be prices of the same limits; got those of {list(start.names)}.")
    lowest, highest = np.where(np.isfinite(coupling.low), -np.inf, 0), np.where(np.isfinite(coupling.high), np.inf, 0)
    return np.clip(start.values, lowest, highest)


def _allocation(found: Solution, scores: Scores, limits: tuple[Limit, ...], slots: int) -> Allocation:
    n = scores.shape[0]
    assignment = np.full((n, slots), -1, dtype=np.int64)
    assignment[:, : len(found.top)] = found.top.T
    # Free slots come last.
    assignment = np.take_along_axis(assignment, np.argsort(assignment < 0, axis=1, kind="stable"), axis=1)
    priorities = np.full((n, slots), np.nan)
    row, slot = np.nonzero(assignment >= 0)
    priorities[row, slot] = scores.values[row, assignment[row, slot]]
    value = float(priorities[row, slot].sum())
    bound = max(found.bound, value)
    return Allocation(
        assignment,
        Prices.of(found.mu, limits, scores.offer_ids),
        value,
        bound,
        relative_gap(value, bound),
        shares_used(found.used, limits, scores.offer_ids, assignment),
        priorities,
        limits,
        scores.index,
        _notes(scores),
    )


def _notes(scores: Scores) -> tuple[str, ...]:
    worthless = [offer for offer, best in zip(scores.offer_ids, scores.best, strict=True) if not best > 0]
    if not worthless or not scores.shape[0]:
        return ()
    some = ", ".join(map(repr, worthless[:10])) + (" and more" if len(worthless) > 10 else "")
    return (f"{len(worthless)} of {scores.shape[1]} offers have no priority above 0 for anybody: {some}.",)
