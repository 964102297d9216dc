"""Who is a member, as the caller says."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbo.checks import check_numbers, check_probabilities
from nbo.errors import InputError

__all__ = ["known_members"]


def known_members(given: Any, n: int, what: str) -> np.ndarray:
    """Take flags or rewards as members, above 0, and others, 0 or missing.

    Parameters
    ----------
    given : array-like of shape (n,) or None
    n : int
        Customers.
    what : str
        Name for messages.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    InputError
        If there are none, their number is another, or one is not in [0, 1].
    """
    if given is None:
        raise InputError(f"fit needs `{what}`: who the known members are.")
    flags = np.nan_to_num(check_numbers(given, what))
    if len(flags) != n:
        raise InputError(f"{what} must have one value for each of the {n} rows of X; got {len(flags)}.")
    return check_probabilities(flags, what) > 0
