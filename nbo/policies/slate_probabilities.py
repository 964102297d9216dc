"""The probability of every slate, one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.policies.base import Policy
from nbo.policies.slate_items import next_item

__all__ = ["slate_probabilities"]

_MOST_SLATES = 100_000


def slate_probabilities(
    policy: Policy, context: pd.DataFrame, slots: int = 3, eligible: np.ndarray | None = None
) -> dict[tuple[str, ...], float]:
    """List every slate that :func:`draw_slates` can draw for one customer.

    Parameters
    ----------
    policy : Policy
        With few offers: k offers have about k ** slots slates.
    context : DataFrame of one row
        The customer.
    slots : int, default=3
        Most items of a slate.
    eligible : ndarray of bool, shape (1, k), optional
        All by default.

    Returns
    -------
    dict of tuple of str to float
        Offers in their order, and the probability of the slate, above 0. They sum to 1.

    Raises
    ------
    InputError
        If there is not one row, or more than 100,000 slates.

    Examples
    --------
    >>> from nbo.policies import Uniform
    >>> found = slate_probabilities(Uniform(["card", "loan", "fund"]), pd.DataFrame(index=[0]), slots=2)
    >>> len(found), round(found["fund", "card"], 4)
    (6, 0.1667)
    """
    offers = list(policy.offers)
    if len(context) != 1 or len(offers) ** slots > _MOST_SLATES:
        raise InputError(
            f"slate_probabilities takes one customer and at most {_MOST_SLATES} slates; "
            f"got {len(context)} customers, {len(offers)} offers and {slots} slots."
        )
    stated = policy.probabilities(context, eligible)
    allowed = np.ones(stated.shape, dtype=bool) if eligible is None else np.asarray(eligible, dtype=bool)
    open_slates: list[tuple[tuple[int, ...], float]] = [((), 1.0)]
    found: dict[tuple[str, ...], float] = {}
    for slot in range(slots):
        longer = []
        for slate, chance in open_slates:
            left = allowed.copy()
            left[0, list(slate)] = False
            now = next_item(policy, context, stated, left)[0]
            longer += [((*slate, int(item)), chance * float(now[item])) for item in np.flatnonzero(now)]
        open_slates = []
        for slate, chance in longer:
            over = slot + 1 == slots or len(slate) == allowed.sum() or offers[slate[-1]] == c.NO_OFFER
            if over:
                found[tuple(offers[item] for item in slate)] = chance
            else:
                open_slates.append((slate, chance))
    return found
