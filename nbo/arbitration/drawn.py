"""The draw of a run, row by row or slate by slate."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.policies import Policy, draw_slates
from nbo.policies.candidate_texts import candidate_texts
from nbo.policies.draws import row_uniforms
from nbo.policies.picks import picked_columns

__all__ = ["Drawn", "drawn"]


@dataclass(frozen=True)
class Drawn:
    """What was drawn, one row a customer, or one an offer of a slate.

    Parameters
    ----------
    row : ndarray of int, shape (r,)
        Row of the context.
    position : ndarray of int, shape (r,)
        Place in the slate, from 1.
    offer_id, probability, candidates : ndarray, shape (r,)
        Action, its probability, and JSON of those of all that was eligible.
    slate : dict of str to ndarray
        Columns `position` and `slate_probability`, of slates only.
    """

    row: np.ndarray
    position: np.ndarray
    offer_id: np.ndarray
    probability: np.ndarray
    candidates: np.ndarray
    slate: dict[str, Any]


def drawn(
    policy: Policy,
    context: pd.DataFrame,
    eligible: np.ndarray,
    key: str,
    slots: int,
    never_together: Sequence[tuple[str, str]] = (),
    most: np.ndarray | None = None,
) -> Drawn:
    """Draw for every customer; one to whom nothing may be offered gets no offer.

    Parameters
    ----------
    policy : Policy
    context : DataFrame of n rows
        What the policy reads, and `customer_id`.
    eligible : ndarray of bool, shape (n, k)
        In the policy's order.
    key : str
        Names the draw, together with the customer.
    slots : int
        Most offers of a customer.
    never_together : sequence of (str, str), default=()
        Pairs of offers that no slate holds both of.
    most : ndarray of shape (n,), optional
        Most offers of each customer, where that is less than `slots`.

    Returns
    -------
    Drawn
    """
    served = np.asarray(eligible.any(axis=1))
    none = np.flatnonzero(~served)
    asked, allowed = context.loc[served], eligible[served]
    if slots == 1:
        stated = policy.probabilities(asked, allowed)
        column = picked_columns(stated, row_uniforms(asked, key))
        row, position = np.flatnonzero(served), np.ones(len(column), dtype=int)
        offers = np.asarray(list(policy.offers), dtype=object)[column]
        probability = stated[np.arange(len(column)), column]
        texts, whole = candidate_texts(list(policy.offers), stated, allowed), probability
    else:
        slates = draw_slates(
            policy,
            asked.reset_index(drop=True),
            slots,
            allowed,
            key,
            never_together,
            None if most is None else most[served],
        )
        row, position = np.flatnonzero(served)[slates.index.to_numpy()], slates[c.POSITION].to_numpy()
        offers, probability = slates[c.OFFER_ID].to_numpy(dtype=object), slates[c.ACTION_PROBABILITY].to_numpy()
        texts, whole = slates[c.CANDIDATES].to_numpy(dtype=object), slates[c.SLATE_PROBABILITY].to_numpy()
    row, ones = np.concatenate([row, none]), np.ones(len(none))
    # Customers stay in their order, and slates in theirs.
    order = np.argsort(row, kind="stable")
    return Drawn(
        row=row[order],
        position=np.concatenate([position, ones.astype(int)])[order],
        offer_id=np.concatenate([offers, np.full(len(none), c.NO_OFFER, dtype=object)])[order],
        probability=np.concatenate([probability, ones])[order],
        candidates=np.concatenate([texts, np.full(len(none), json.dumps({c.NO_OFFER: 1.0}), dtype=object)])[order],
        slate={}
        if slots == 1
        else {
            c.POSITION: np.concatenate([position, ones.astype(int)])[order],
            c.SLATE_PROBABILITY: np.concatenate([whole, ones])[order],
        },
    )
