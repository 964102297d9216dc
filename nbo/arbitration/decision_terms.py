"""The terms of the priority of what was drawn, beside each decision."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.beliefs import Beliefs
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.priority import Priority
from nbo.policies.groups import equal_rows

__all__ = ["with_terms"]

_FIRST = [c.DECISION_ID, c.RUN_ID, c.CUSTOMER_ID, c.DECIDED_AT, c.OFFER_ID, c.CHANNEL, c.ACTION_PROBABILITY]


def with_terms(
    frame: pd.DataFrame,
    row: np.ndarray,
    candidates: Candidates,
    beliefs: Beliefs,
    priority: Priority,
    prices: np.ndarray,
    priced: bool,
) -> pd.DataFrame:
    """Add the way and the terms of the offer drawn; missing where none was.

    Parameters
    ----------
    frame : DataFrame of r rows
        Decisions.
    row : ndarray of int, shape (r,)
        Customer of each decision.
    candidates : Candidates
    beliefs : Beliefs
    priority : Priority
    prices : ndarray of shape (k,) or (n, k)
        Money.
    priced : bool
        Whether the run has prices at all.

    Returns
    -------
    DataFrame of r rows
    """
    column = pd.Index(candidates.catalog.offer_ids).get_indexer(pd.Index(frame[c.OFFER_ID]))
    made, shape = column >= 0, beliefs.propensity.shape

    def drawn(numbers: np.ndarray) -> np.ndarray:
        return np.where(made, np.broadcast_to(numbers, shape)[row, column], np.nan)

    raised = {c.UPLIFT: drawn(beliefs.uplift)} if beliefs.uplift is not None and beliefs.tells_uplift else {}
    terms: dict[str, Any] = {
        **_ways(candidates, row, column),
        c.PROPENSITY: drawn(beliefs.propensity),
        **raised,
        c.CONTEXT_WEIGHT: drawn(priority.context),
        c.VALUE: drawn(priority.value),
        c.LEVER: drawn(priority.lever),
        c.COST: np.where(made, np.broadcast_to(priority.cost, shape)[row, column], 0.0),
        c.PRIORITY: drawn(priority.priority),
        c.PRICE: drawn(prices),
        c.PRICES: _price_texts(candidates, prices)[row if prices.ndim == 2 else np.zeros_like(row)],
    }
    # What says nothing is left out. It must not depend on the rows: a part of a run has the columns of the whole.
    weighs = bool(candidates.contexts) or any(way.weight != 1 for offer in candidates.catalog for way in offer.ways)
    says = {c.CONTEXT_WEIGHT: weighs, c.LEVER: bool(candidates.levers), c.PRICE: priced, c.PRICES: priced}
    kept = {name: term for name, term in terms.items() if says.get(name, True)}
    return frame.assign(**kept).reindex(columns=[*_FIRST, *(n for n in [*frame.columns, *kept] if n not in _FIRST)])


def _price_texts(candidates: Candidates, prices: np.ndarray) -> np.ndarray:
    """Write the prices that are not 0 as JSON; one text for all customers, or one a customer."""
    rows = np.atleast_2d(prices)
    group, first = equal_rows(rows)
    ids = candidates.catalog.offer_ids
    texts = [json.dumps({o: p for o, p in zip(ids, row.tolist(), strict=True) if p}) for row in rows[first]]
    return np.array(texts, dtype=object)[group] if len(group) else np.empty(0, dtype=object)


def _ways(candidates: Candidates, row: np.ndarray, column: np.ndarray) -> dict[str, pd.Series]:
    """Name the channel, and creative, placement and slot where any way has one."""
    at = np.where(column >= 0, candidates.channel[row, column], -1)
    found = {}
    for place, name in enumerate((c.CHANNEL, c.CREATIVE, c.PLACEMENT, c.SLOT)):
        texts = [way.key[place] for way in candidates.ways]
        if name == c.CHANNEL or any(texts):
            found[name] = pd.Series(np.array([*texts, None], dtype=object)[at], dtype="str")
    return found
