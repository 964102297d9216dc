"""What is used of limits, with shares where shares are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nbo.arbitration.allocation.couple import couple
from nbo.arbitration.allocation.limit import Limit

__all__ = ["shares_used"]


def shares_used(
    used: np.ndarray, limits: Sequence[Limit], offer_ids: Sequence[Any], assignment: np.ndarray
) -> np.ndarray:
    """Put the share in the place of what a limit on a share counts.

    Parameters
    ----------
    used : ndarray of shape (m,)
        What all limits count.
    limits : sequence of Limit
    offer_ids : sequence
    assignment : ndarray of int, shape (n, slots)

    Returns
    -------
    ndarray of shape (m,)
        NaN for a share of nothing.
    """
    places = [place for place, limit in enumerate(limits) if limit.share is not None]
    if not places:
        return used
    plain = [replace(limits[place], at_least_share=None, at_most_share=None, at_most=1.0) for place in places]
    everybody = [replace(limit, rows=None, name=None) for limit in plain]
    both = [replace(limit, name=None) for limit in plain] + everybody
    row, slot = np.nonzero(assignment >= 0)
    counted = couple(both, offer_ids, len(assignment)).used(row, assignment[row, slot])
    shown = used.copy()
    with np.errstate(invalid="ignore"):
        shown[places] = counted[: len(places)] / counted[len(places) :]
    return shown
