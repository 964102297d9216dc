"""A distribution on a grid that was computed, but not taken."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["KnownRow"]


class KnownRow(NamedTuple):
    """A row that was computed, but not taken.

    Parameters
    ----------
    row : int
    alpha, beta : float
    logs, hazards : ndarray of shape (n_nodes,)
        Of :class:`~nbo.policies.live_grid.LiveGrid`.
    """

    row: int
    alpha: float
    beta: float
    logs: np.ndarray
    hazards: np.ndarray
