"""Which offers may be made, as a checked matrix."""

from __future__ import annotations

import numpy as np

from nbo.checks import check_matrix, check_rows
from nbo.errors import InputError

__all__ = ["checked_eligible"]


def checked_eligible(eligible: np.ndarray | None, shape: tuple[int, int]) -> np.ndarray:
    """Take what is eligible.

    Parameters
    ----------
    eligible : ndarray of bool, shape (n, k), optional
        All by default.
    shape : tuple of int
        (n, k).

    Returns
    -------
    ndarray of bool, shape (n, k)

    Raises
    ------
    InputError
        If it has another shape or other values, or a row has nothing eligible.

    Examples
    --------
    >>> checked_eligible(np.array([[1, 0]]), (1, 2))
    array([[ True, False]])
    """
    if eligible is None:
        return np.ones(shape, dtype=bool)
    allowed = check_matrix(eligible, shape, "eligible")
    if allowed.dtype != bool:
        if not np.isin(allowed, (0, 1)).all():
            raise InputError(f"eligible must hold True and False (or 1 and 0) only; got {allowed.dtype}.")
        allowed = allowed.astype(bool)
    some: np.ndarray = np.asarray(allowed.any(axis=1))
    check_rows(
        ~some,
        some.astype(int),
        "eligible",
        "True for at least one offer",
        "Let such customers out, or add `nbo.NO_OFFER` to the offers.",
    )
    return allowed
