"""Offers that come at run time, with their money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nbo.errors import InputError
from nbo.policies.amounts import amounts_of_offers

__all__ = ["add_more_offers"]


def add_more_offers(
    policy: Any,
    offers: Sequence[str],
    values: Sequence[float] | np.ndarray | None = None,
    costs: Sequence[float] | np.ndarray | None = None,
) -> None:
    """Add offers behind those of a policy.

    Parameters
    ----------
    policy : Policy
        With `offers`, `values` and `costs`, which are replaced; values and costs only where
        the old or the new offers have some.
    offers : sequence of str
        New actions.
    values, costs : array-like of shape (n_new,), optional
        1 and 0 by default.

    Raises
    ------
    InputError
        If an offer is there already, or `values` or `costs` have another length.

    Examples
    --------
    >>> from nbo.policies import LogisticThompson
    >>> policy = LogisticThompson(["card"], costs=[0.5])
    >>> add_more_offers(policy, ["loan"])
    >>> policy.offers, policy.values, policy.costs
    (['card', 'loan'], None, [0.5, 0.0])
    """
    known, new = list(policy.offers), [offers] if isinstance(offers, str) else list(offers)
    twice = [offer for place, offer in enumerate(new) if offer in [*known, *new[:place]]]
    if twice:
        raise InputError(f"offers must be new; {len(twice)} of {len(new)} are there already, first: {twice[0]!r}.")
    joined: dict[str, list[float]] = {}
    for what, given, default in (("values", values, 1.0), ("costs", costs, 0.0)):
        old = getattr(policy, what)
        if old is not None or given is not None:
            parts = ((old, len(known)), (given, len(new)))
            joined[what] = [x for part, n in parts for x in amounts_of_offers(part, n, what, default).tolist()]
    policy.set_params(offers=[*known, *new], **joined)
