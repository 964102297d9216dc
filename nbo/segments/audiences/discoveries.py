"""Which subgroups are reported: few of the false among them, and each tells something new."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

__all__ = ["believable", "telling"]


def believable(evidence: Sequence[float], alpha: float) -> int:
    """Count how many of some subgroups may be reported together.

    Reporting m subgroups needs evidence of 1 / (alpha m) for each of them. Then at most a share
    alpha of those reported is false in expectation, however they depend on each other and
    however they were chosen (e-BH and its self-consistency [1]_).

    Parameters
    ----------
    evidence : sequence of float
        Logarithms of e-value times prior share, where the shares of all subgroups that were
        looked at sum to 1; in descending order.
    alpha : float
        Rate of false discoveries, in (0, 1).

    Returns
    -------
    int
        So many of the first.

    References
    ----------
    .. [1] Wang, R. and Ramdas, A. (2022). False discovery rate control with e-values. Journal of
       the Royal Statistical Society B 84(3), 822-852.

    Examples
    --------
    >>> believable(np.log([50.0, 11.0, 3.0]), alpha=0.05)   # 50 >= 20 / 1 and 11 >= 20 / 2, but 3 < 20 / 3
    2
    """
    rank = np.arange(1, len(evidence) + 1)
    enough = np.flatnonzero(np.asarray(evidence) >= -np.log(alpha * rank))
    return int(enough[-1]) + 1 if len(enough) else 0


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
