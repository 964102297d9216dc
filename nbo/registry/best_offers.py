"""Which offers of a scored row are given back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.numbers import check_number
from nbo.tables import Catalog

__all__ = ["best_offers"]

_PRIORITIES = "priorities"


def best_offers(scored: pd.DataFrame, catalog: Catalog, as_of: Any = "", top_k: int = 0) -> pd.DataFrame:
    """Cut the lists of scored rows to the offers that can be made, or to the best of these.

    Parameters
    ----------
    scored : DataFrame of n rows
        With lists in the catalog's order, `priorities` among them.
    catalog : Catalog
    as_of : Timestamp or str, default=""
        Moment, UTC: offers that are not valid then are left out. "" keeps all.
    top_k : int, default=0
        So many offers of the highest priority, the highest first; of equal ones the catalog's first. 0 keeps all, in
        the catalog's order.

    Returns
    -------
    DataFrame of n rows
        The same columns.

    Raises
    ------
    InputError
        If `as_of` is no moment, or `top_k` no number of offers.

    Examples
    --------
    >>> from nbo.tables import Offer
    >>> catalog = Catalog([Offer("card"), Offer("loan"), Offer("fund", valid_until="2026-01-01")])
    >>> scored = pd.DataFrame({"offer_ids": [catalog.offer_ids], "priorities": [[2.0, 3.0, 9.0]]})
    >>> best_offers(scored, catalog, as_of="2026-06-30", top_k=1).iloc[0].tolist()
    [['loan'], [3.0]]
    """
    check_number(top_k, "top_k", "0 (all) or more", lambda k: k >= 0, whole=True)
    valid = np.arange(len(catalog)) if as_of == "" else np.flatnonzero(catalog.valid_at(as_of))
    if not len(scored) or (len(valid) == len(catalog) and not top_k):
        return scored
    priority = np.array(scored[_PRIORITIES].tolist(), dtype=float)[:, valid]
    # Missing priorities come last.
    order = np.argsort(-priority, axis=1, kind="stable")[:, :top_k] if top_k else np.arange(len(valid))[None, :]
    chosen = valid[np.broadcast_to(order, (len(scored), order.shape[1]))]
    return scored.assign(**{name: _taken(scored[name], chosen) for name in _lists(scored)})


def _lists(scored: pd.DataFrame) -> list[str]:
    return [name for name in scored.columns if isinstance(scored[name].iloc[0], list)]


def _taken(lists: pd.Series, chosen: np.ndarray) -> pd.Series:
    first = lists.iloc[0]
    values = np.array(lists.tolist(), dtype=object if first and isinstance(first[0], str) else float)
    taken = np.take_along_axis(values, chosen, axis=1)
    return pd.Series(taken.tolist(), index=lists.index, dtype=object)
