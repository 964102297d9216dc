"""Money for each offer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo import columns as c
from nbo.checks import check_numbers, check_rows
from nbo.errors import InputError

__all__ = ["amounts_of_offers", "money_of_actions"]


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


def money_of_actions(
    actions: Sequence[str], values: Sequence[float] | np.ndarray | None, costs: Sequence[float] | np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take what each action brings and costs; making no offer does neither.

    Parameters
    ----------
    actions : sequence of str
        Offers, and perhaps ``nbo.NO_OFFER``.
    values, costs : sequence of float, or None
        As :func:`amounts_of_offers` takes them; 1 and 0 by default.

    Returns
    -------
    values, costs : ndarray of shape (k,)
        0 for what is no offer.
    real : ndarray of bool, shape (k,)
        Which actions are offers.

    Raises
    ------
    InputError
        As :func:`amounts_of_offers`.

    Examples
    --------
    >>> money_of_actions(["card", "no_offer"], None, [0.5, 0.5])
    (array([1., 0.]), array([0.5, 0. ]), array([ True, False]))
    """
    real = np.array([action != c.NO_OFFER for action in actions])
    given = (("values", values, 1.0), ("costs", costs, 0.0))
    worth, spent = (amounts_of_offers(money, len(actions), what, default) for what, money, default in given)
    return np.where(real, worth, 0.0), np.where(real, spent, 0.0), real
