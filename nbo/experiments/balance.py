"""Even positions in the unit interval, stratum by stratum."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.rng import uniform_by_key

__all__ = ["balanced_positions"]


def balanced_positions(keys: np.ndarray, strata: np.ndarray, salt: str) -> np.ndarray:
    """Rank units by their hash within their stratum, and spread them evenly over [0, 1).

    The unit of rank r of n is at (r + v) / n, with a random v of the stratum. So the number of units in an interval of
    length s is n s, rounded up or down, and each unit is uniform on [0, 1).

    Parameters
    ----------
    keys : ndarray of str, shape (n,)
        Units; may repeat.
    strata : ndarray of str, shape (n,)
    salt : str
        Name of the draw.

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1).

    Raises
    ------
    InputError
        If a unit is in two strata.

    Examples
    --------
    >>> positions = balanced_positions(np.array(list("abcd")), np.full(4, "all"), salt="test")
    >>> sorted((4 * positions).astype(int).tolist())
    [0, 1, 2, 3]
    """
    unique, first, unit = np.unique(keys.astype(str), return_index=True, return_inverse=True)
    stratum = strata[first] if len(first) else strata
    wrong = strata != stratum[unit] if len(unit) else np.zeros(0, dtype=bool)
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError(
            f"segments must be the same for all rows of a customer or household; {str(unique[unit[row]])!r} is in "
            f"{stratum[unit[row]]!r} and {strata[row]!r}."
        )
    frame = pd.DataFrame({"stratum": stratum, "hash": uniform_by_key(unique, salt)})
    groups = frame.groupby("stratum", sort=False)["hash"]
    rank, n = groups.rank(method="first") - 1, groups.transform("size")
    names, code = np.unique(stratum.astype(str), return_inverse=True)
    start = uniform_by_key(names, f"{salt}/start")[code]
    return ((rank.to_numpy() + start) / n.to_numpy())[unit]
