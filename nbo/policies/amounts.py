"""Money for each offer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo.checks import check_numbers, check_rows
from nbo.errors import InputError

__all__ = ["amounts_of_offers"]


def amounts_of_offers(
    amounts: Sequence[float] | np.ndarray | None, n_offers: int, what: str, default: float
) -> np.ndarray:
    """Take one amount of money for each offer.

    Parameters
    ----------
    amounts : sequence of float, or None
    n_offers : int
    what : str
        Name for messages.
    default : float
        Of every offer, where there are no amounts.

    Returns
    -------
    ndarray of shape (n_offers,)

    Raises
    ------
    InputError
        If there are more or fewer, or one is not finite.

    Examples
    --------
    >>> amounts_of_offers(None, 2, "values", 1.0)
    array([1., 1.])
    """
    if amounts is None:
        return np.full(n_offers, default)
    numbers = check_numbers(amounts, what)
    if numbers.shape != (n_offers,):
        raise InputError(
            f"{what} must hold one number for each of the {n_offers} offers; got the shape {numbers.shape}."
        )
    check_rows(~np.isfinite(numbers), numbers, what, "finite")
    return numbers
