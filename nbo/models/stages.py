"""An offer that is seen first, and then accepted."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbo.checks import check_rows
from nbo.errors import InputError
from nbo.models.targets import take_labels

__all__ = ["both_stages", "take_viewed"]


def take_viewed(viewed: Any, accepted: np.ndarray) -> np.ndarray:
    """Take which offers were seen.

    Parameters
    ----------
    viewed : array-like of shape (n,)
        1 (or True) where the offer was seen.
    accepted : ndarray of float, shape (n,)
        0 or 1.

    Returns
    -------
    ndarray of float, shape (n,)
        0 or 1.

    Raises
    ------
    InputError
        If it is not of two labels, no offer was seen, or one was accepted that was not seen.

    Examples
    --------
    >>> take_viewed([True, False], np.array([1.0, 0.0]))
    array([1., 0.])
    """
    seen, _ = take_labels(viewed, len(accepted))
    if not seen.any():
        raise InputError(f"viewed must be 1 in some row; none of {len(seen)} offers was seen, so none was refused.")
    check_rows(
        (accepted > 0) & (seen == 0),
        seen,
        "viewed",
        "1 where the offer was accepted",
        "Who takes what was not seen has not accepted the offer: set y to 0 there.",
    )
    return seen


def both_stages(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Give the log-odds that both come true.

    Parameters
    ----------
    first : ndarray
        Log-odds of the first.
    second : ndarray
        Log-odds of the second, given the first.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> both_stages(np.array([0.0]), np.array([0.0]))    # ln(1/3): a chance of 1/4
    array([-1.09861229])
    """
    log_p = -np.logaddexp(0.0, -first) - np.logaddexp(0.0, -second)
    # Where both are certain, so is the product.
    with np.errstate(divide="ignore"):
        return log_p - np.log(-np.expm1(log_p))
