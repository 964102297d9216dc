"""What customers have spent since they were first decided for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.reports.goal_results import goal_results
from nbo.tables import CustomerTables
from nbo.value.cents import money, whole_cents

__all__ = ["spent_since"]


def spent_since(tables: CustomerTables, decided: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Add up the completed sales of each customer from its first decision on.

    Parameters
    ----------
    tables : CustomerTables
    decided : DataFrame
        Decisions in order of decided_at: customer_id, arm, segment.
    as_of : Timestamp
        Only what happened and was known before it counts, UTC.

    Returns
    -------
    DataFrame
        One row per customer with an arm: customer_id, arm and segment of its first decision, and spent (money).
    """
    known = decided[decided[c.ARM].notna()]
    first = known.drop_duplicates(c.CUSTOMER_ID)[[c.CUSTOMER_ID, c.ARM, c.SEGMENT, c.DECIDED_AT]].reset_index(drop=True)
    results = goal_results(tables, as_of)
    sales = results[results["goal"] == "sales"]
    place = pd.Index(first[c.CUSTOMER_ID]).get_indexer(sales[c.CUSTOMER_ID])
    found = place >= 0
    place, sales = place[found], sales[found]
    after = (sales[c.EVENT_TIME].to_numpy() >= first[c.DECIDED_AT].to_numpy()[place]) if len(place) else found[found]
    cents = np.zeros(len(first), dtype=np.int64)
    np.add.at(cents, place[after], whole_cents(sales[c.VALUE].to_numpy(dtype=float)[after], "amount"))
    return first.drop(columns=c.DECIDED_AT).assign(spent=money(cents))
