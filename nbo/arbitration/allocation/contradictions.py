"""Limits that no allocation can keep: found beforehand where sums show it, else told with what was reached."""

from __future__ import annotations

import numpy as np

from nbo.arbitration.allocation.coupling import Coupling
from nbo.arbitration.allocation.scores import Scores
from nbo.arbitration.allocation.solution import Solution
from nbo.errors import InputError

__all__ = ["check_contradictions", "refuse_broken"]


def check_contradictions(coupling: Coupling, scores: Scores) -> None:
    """Refuse minimums that maximums, or missing offers, make impossible.

    Parameters
    ----------
    coupling : Coupling
    scores : Scores

    Raises
    ------
    InputError
        Names the limits.
    """
    minimums = np.flatnonzero(np.isfinite(coupling.low) & (coupling.low > 0)).tolist()
    if not minimums:
        return
    allowed = np.append(np.tile(scores.best > -np.inf, coupling.n_groups), True)
    matrices = {matrix.limit: matrix for matrix in coupling.matrices}
    tables: dict[int, np.ndarray] = {}
    for limit in minimums:
        own = coupling.table[:, [limit]].toarray()[:, 0]
        counts = matrices[limit].offers & (scores.best > -np.inf) if limit in matrices else allowed & (own > 0)
        if not counts.any():
            raise InputError(
                f"at_least of {coupling.names[limit]!r} is {coupling.low[limit]:g}, but its offers are allowed to "
                "nobody: their priority is NaN or -inf for all customers. Give them a priority, or take the minimum "
                "away."
            )
        if limit not in matrices:
            tables[limit] = own
    for limit in np.flatnonzero(np.isfinite(coupling.high)).tolist():
        if limit not in matrices:
            _check_minimums_within(limit, tables, coupling)
    _check_minimums_above(tables, set(matrices), coupling)


def refuse_broken(found: Solution, coupling: Coupling) -> None:
    """Refuse an answer that breaks limits, and say what can be reached.

    Parameters
    ----------
    found : Solution
    coupling : Coupling

    Raises
    ------
    InputError
        If a limit is broken.
    """
    wrong = np.flatnonzero(found.wrong)
    if not len(wrong):
        return
    parts = []
    for limit in wrong[:5]:
        name, used = coupling.names[limit], found.used[limit]
        if used < coupling.low[limit]:
            bound = f"at least {coupling.low[limit]:g}" if coupling.low[limit] else "at least its share"
        else:
            bound = f"at most {coupling.high[limit]:g}" if coupling.high[limit] else "at most its share"
        parts.append(f"{name!r} asks for {bound}, and {used:.10g} can be reached")
    more = f" and {len(wrong) - 5} more limits" if len(wrong) > 5 else ""
    tight = [
        repr(coupling.names[limit])
        for limit in np.flatnonzero((found.mu > 0) & np.isfinite(coupling.high))
        if limit not in wrong
    ]
    asking = [
        repr(coupling.names[limit])
        for limit in np.flatnonzero(np.isfinite(coupling.low) & (coupling.low > 0))
        if limit not in wrong
    ]
    beside = f" The minimum of {', '.join(asking[:5])} is kept beside it." if asking else ""
    others = f"{beside} The maximum of {', '.join(tight[:5])} is in the way." if tight else beside
    raise InputError(
        f"no allocation is found that keeps all limits: {'; '.join(parts)}{more}.{others} Lower the minimum, raise the "
        "maximum, or allow its offers to more customers."
    )


def _check_minimums_within(limit: int, tables: dict[int, np.ndarray], coupling: Coupling) -> None:
    """Add up minimums that all count within one maximum."""
    room = coupling.table[:, [limit]].toarray()[:, 0]
    if (room < 0).any():
        return
    total, inside = 0.0, []
    for minimum in sorted(tables, key=lambda place: -coupling.low[place]):
        if (tables[minimum] <= room).all():
            room = room - tables[minimum]
            total += coupling.low[minimum]
            inside.append(minimum)
    if inside and total > coupling.high[limit] * (1 + 1e-12):
        names = " and ".join(f"{coupling.names[place]!r} (at_least {coupling.low[place]:g})" for place in inside)
        ask = "ask" if len(inside) > 1 else "asks"
        raise InputError(
            f"limits contradict each other: {names} {ask} for {total:g} in all, but {coupling.names[limit]!r} allows "
            f"at_most {coupling.high[limit]:g}. Lower a minimum or raise the maximum."
        )


def _check_minimums_above(tables: dict[int, np.ndarray], matrices: set[int], coupling: Coupling) -> None:
    """Add up maximums that together cover all that a minimum counts."""
    finite = np.isfinite(coupling.high) & (coupling.high > 0)
    maximums = [place for place in np.flatnonzero(finite) if place not in matrices]
    for minimum, own in tables.items():
        left, cover = own.copy(), []
        for place in sorted(maximums, key=lambda place: coupling.high[place]):
            counted = coupling.table[:, [place]].toarray()[:, 0]
            if (counted >= 0).all() and ((left > 0) & (counted >= left)).any():
                left = np.where(counted >= left, 0.0, left)
                cover.append(place)
        total = float(coupling.high[cover].sum())
        if not left.any() and total < coupling.low[minimum] * (1 - 1e-12):
            names = " and ".join(f"{coupling.names[place]!r} (at_most {coupling.high[place]:g})" for place in cover)
            raise InputError(
                f"limits contradict each other: {coupling.names[minimum]!r} asks for at_least "
                f"{coupling.low[minimum]:g}, but {names} leave no more than {total:g}. Lower the minimum or raise a "
                "maximum."
            )
