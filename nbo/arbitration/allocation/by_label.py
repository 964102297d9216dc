"""Costs and customers of a limit, by their labels where they have any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from nbo.arbitration.allocation.limit import Limit
from nbo.errors import InputError

__all__ = ["by_label"]


def by_label(limit: Limit, offer_ids: Sequence[Any], index: pd.Index) -> Limit:
    """Bring labelled costs and masks into the order of the priorities.

    Parameters
    ----------
    limit : Limit
    offer_ids : sequence
        Name of each column of the priorities.
    index : Index
        Name of each row.

    Returns
    -------
    Limit
        With arrays.

    Raises
    ------
    InputError
        If labels are not those of the priorities.
    """
    cost, rows, what = limit.cost, limit.rows, limit.name or "a limit"
    if isinstance(cost, pd.Series):
        cost = _in_order(cost, pd.Index(offer_ids), f"cost of {what!r}", "offers").to_numpy()
    elif isinstance(cost, pd.DataFrame):
        by_offer = _in_order(cost.T, pd.Index(offer_ids), f"cost of {what!r}", "offers").T
        cost = _in_order(by_offer, index, f"cost of {what!r}", "customers").to_numpy()
    if isinstance(rows, pd.Series) and rows.dtype == bool:
        rows = _in_order(rows, index, f"rows of {what!r}", "customers").to_numpy()
    return replace(limit, cost=cost, rows=rows)


def _in_order(labelled: Any, wanted: pd.Index, what: str, of: str) -> Any:
    own = labelled.index
    # Without labels of its own it is by position.
    if own.equals(wanted) or (isinstance(own, pd.RangeIndex) and len(own) == len(wanted)):
        return labelled
    if len(own) != len(wanted) or own.has_duplicates or set(own) != set(wanted):
        raise InputError(
            f"{what} has labels, and they must be the {len(wanted)} {of} of the priorities, each once; "
            f"first {wanted[:3].tolist()}, got {own[:3].tolist()}. Give an array to go by position."
        )
    return labelled.reindex(wanted)
