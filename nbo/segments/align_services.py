"""Segments from the most to the least profitable, beside the service that each gets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.segments.group_sums import group_sums
from nbo.segments.service_assignment import ServiceAssignment

__all__ = ["align_services"]


def align_services(service: ServiceAssignment) -> pd.DataFrame:
    """Line up segments, the most profitable first, with their services and what these cost.

    Parameters
    ----------
    service : ServiceAssignment
        Of customers with a segment.

    Returns
    -------
    DataFrame
        One row per segment and level that occurs; segments by falling profit per customer, levels as in the plan:
        `segment`, `level`, `owner`, `channel`, `n`, `share` of all customers, `profit` (sum of contribution, money),
        `profit_share` of the sum over all (NaN where that is not above 0), `profit_per_customer`,
        `staff_minutes` and `service_cost` (money) per month, and `segment_n`, `segment_profit` of
        the whole segment. Sums are exact to the cent.

    Raises
    ------
    InputError
        If a customer has no segment.

    Examples
    --------
    >>> from nbo.segments import ServicePlan, assign_service
    >>> plan = ServicePlan(pd.DataFrame({
    ...     "level": ["team", "online"], "owner": ["experienced team", "self-service"], "segment": ["high", "low"],
    ...     "pool": ["desk", None], "minutes": [30, 0], "cost": [20.0, 0.5]}))
    >>> people = pd.DataFrame({
    ...     "customer_id": [1, 2, 3], "contribution": [900.0, 700, 50], "segment": ["high", "high", "low"]})
    >>> table = align_services(assign_service(people, plan, {"desk": 30}))
    >>> table[["segment", "level", "n", "profit", "service_cost"]].to_numpy().tolist()
    [['high', 'team', 1, 900.0, 20.0], ['high', 'online', 1, 700.0, 0.5], ['low', 'online', 1, 50.0, 0.5]]
    """
    rows, levels = service.assignment, service.entitlements
    if (rows[c.SEGMENT] == "").any():
        raise InputError("service must be of customers with a segment; give `assign_service` the column 'segment'.")
    segment, segments = pd.factorize(rows[c.SEGMENT])
    level = pd.Index(levels["level"]).get_indexer(rows["level"])
    contribution = rows["contribution"].to_numpy()
    cell = segment * max(len(levels), 1) + level
    pairs, position, n = np.unique(cell, return_inverse=True, return_counts=True)
    of_segment, of_level = pairs // max(len(levels), 1), pairs % max(len(levels), 1)
    segment_n = np.bincount(segment, minlength=len(segments))
    segment_profit = group_sums(segment, contribution, len(segments))
    total = group_sums(np.zeros(len(rows), dtype=np.int64), contribution, 1)[0]
    profit, taken = group_sums(position, contribution, len(pairs)), levels.iloc[of_level].reset_index(drop=True)
    table = pd.DataFrame(
        {
            c.SEGMENT: pd.Series(segments[of_segment], dtype="str"),
            **{name: taken[name] for name in ("level", "owner", c.CHANNEL)},
            "n": n,
            "share": n / max(len(rows), 1),
            "profit": profit,
            "profit_share": profit / total if total > 0 else np.nan,
            "profit_per_customer": profit / n,
            "staff_minutes": n * taken["minutes"],
            "service_cost": n * taken["cost"],
            "segment_n": segment_n[of_segment],
            "segment_profit": segment_profit[of_segment],
        }
    )
    order = np.lexsort([of_level, of_segment, -(segment_profit / segment_n)[of_segment]])
    return table.iloc[order].reset_index(drop=True)
