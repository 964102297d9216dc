"""What it cost to make an offer the way it was made."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.tables import Catalog, CustomerTables, TableColumns

__all__ = ["contact_costs"]

_WAY = [c.CHANNEL, c.CREATIVE, c.PLACEMENT, c.SLOT]


def contact_costs(tables: CustomerTables, decisions: TableColumns, rows: np.ndarray) -> np.ndarray:
    """Give the catalog's cost of the offer of each decision, and of the way in which it came.

    Parameters
    ----------
    tables : CustomerTables
        With a catalog.
    decisions : TableColumns
    rows : ndarray of int, shape (m,)
        Decisions to make an offer.

    Returns
    -------
    ndarray of float, shape (m,)
        Money; NaN where the catalog has not the offer. A way that is none of the offer's treatments adds nothing.
    """
    offers = decisions.codes(c.OFFER_ID)
    if not len(tables.get("catalog")):
        return np.full(len(rows), np.nan)
    catalog = Catalog.from_frame(tables.get("catalog"))
    costs = dict(zip(catalog.offer_ids, catalog.costs.tolist(), strict=True))
    own = np.array([costs.get(text, np.nan) for text in offers.texts] + [np.nan])[offers.codes[rows]]
    return own + _way_costs(catalog, decisions, rows)


def _way_costs(catalog: Catalog, decisions: TableColumns, rows: np.ndarray) -> np.ndarray:
    """Look up the cost of each decision's treatment; there are few different ones."""
    costs: dict[tuple[str, ...], float] = {
        (offer.offer_id, *way.key): way.cost for offer in catalog for way in offer.treatments if way.cost
    }
    if not costs or not len(rows):
        return np.zeros(len(rows))
    texts = {
        name: pd.Series(np.array([*decisions.codes(name).texts, ""], dtype=object)[decisions.codes(name).codes[rows]])
        for name in [c.OFFER_ID, *_WAY]
        if name in decisions
    }
    named = pd.DataFrame(texts).reindex(columns=[c.OFFER_ID, *_WAY], fill_value="")
    number = named.groupby([c.OFFER_ID, *_WAY], sort=False, observed=True).ngroup().to_numpy()
    first = named.iloc[np.unique(number, return_index=True)[1]]
    each = [costs.get((str(offer), *map(str, way)), 0.0) for offer, *way in first.to_numpy()]
    return np.array(each)[number]
