"""Factors of the priority by reason, of all rules together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

__all__ = ["multiplied"]


def multiplied(factors: Iterable[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Put the factors of all rules together; those of one reason are multiplied.

    Parameters
    ----------
    factors : iterable of dict of str to ndarray
        Reason -> factor, of each rule.

    Returns
    -------
    dict of str to ndarray
    """
    found: dict[str, np.ndarray] = {}
    for own in factors:
        for reason, factor in own.items():
            found[reason] = factor if reason not in found else found[reason] * factor
    return found
