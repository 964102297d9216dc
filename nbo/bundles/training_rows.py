"""Which rows a model of bundles learns from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.rng import uniform_by_key

__all__ = ["customer_parts"]


def customer_parts(customers: pd.Series, share: float, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw customers to learn each part from, and others to learn from how parts hang together.

    The draw is a hash of the customer: all rows of one are in the same part, and other customers change nothing but how
    many there is room for.

    Parameters
    ----------
    customers : Series of n ids
    share : float
        Of the customers for the second part, in (0, 1).
    most : int
        Most rows of each part; one customer at least.

    Returns
    -------
    first, second : ndarray of int
        Rows, in their order.

    Examples
    --------
    >>> first, second = customer_parts(pd.Series(["ann", "ann", "bob", "cy"]), share=0.5, most=100)
    >>> sorted([*first.tolist(), *second.tolist()])
    [0, 1, 2, 3]
    """
    codes, different = pd.factorize(customers)
    draw = uniform_by_key(different, salt="bundles")
    counts = np.bincount(codes, minlength=len(different))
    # From both ends of the draw, so that with room for few the parts are farthest apart.
    first = draw < 1 - share
    # Of very few customers all may fall to one part; then somebody must be learnt from.
    first |= not first.any()
    return _lowest(codes, draw, first, counts, most), _lowest(codes, -draw, ~first, counts, most)


def _lowest(codes: np.ndarray, draw: np.ndarray, among: np.ndarray, counts: np.ndarray, most: int) -> np.ndarray:
    """Take the customers of the lowest draws while there is room."""
    order = np.argsort(draw, kind="stable")
    order = order[among[order]]
    room = np.cumsum(counts[order]) <= most
    room[:1] = True
    taken = np.zeros(len(draw), dtype=bool)
    taken[order[room]] = True
    return np.flatnonzero(taken[codes])
