"""Which subgroups are reported: few of the false among them, and each tells something new."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

__all__ = ["telling"]


def telling(
    order: Sequence[int],
    inside: Callable[[int], np.ndarray],
    lifts: Callable[[np.ndarray, np.ndarray], bool],
    most: int,
) -> list[int]:
    """Leave out subgroups that repeat better ones.

    A subgroup stays if more than half of it is in none of those before it, and if that part
    still accepts more than those who are in no subgroup.

    Parameters
    ----------
    order : sequence of int
        Candidates, the best first.
    inside : callable
        Gives of a candidate who is in it, ndarray of bool of shape (n,).
    lifts : callable
        Tells of a part and of the rows to be looked at whether the part accepts more.
    most : int
        Stop at so many.

    Returns
    -------
    list of int
        In the order given.
    """
    kept: list[int] = []
    covered: np.ndarray | None = None
    for candidate in order:
        if len(kept) == most:
            break
        here = inside(candidate)
        covered = np.zeros(len(here), dtype=bool) if covered is None else covered
        new = here & ~covered
        if 2 * new.sum() > here.sum() and lifts(new, ~covered):
            kept.append(candidate)
            covered |= here
    return kept
