"""Learn from the tables alone which causes go before leaving."""

from __future__ import annotations

import logging
from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.alerting.cause_model import CauseModel
from nbo.features import AggregateFeatures, FeatureSet, known_customers, labels
from nbo.features.builders.transaction import completed_sales
from nbo.features.moments import length
from nbo.features.slices import first_at_or_after
from nbo.features.windows import rows_before
from nbo.rng import uniform_by_key
from nbo.tables import CustomerTables, Spine

__all__ = ["learn_causes"]

logger = logging.getLogger(__name__)

_MOMENTS: Final = 3
_MOST: Final = 50_000
_LEAST_LEFT: Final = 20


def learn_causes(
    tables: CustomerTables, as_of: pd.Timestamp, horizon: pd.Timedelta, contract_end: str = "contract_end"
) -> CauseModel | None:
    """Fit a cause model on the past that is over at a moment.

    Leaving is to buy nothing within the horizon, of those who bought within the horizon before; how often they
    bought is the context. Up to three
    past moments count, one, two and three horizons back, and up to 50,000 customers, chosen by key.

    Parameters
    ----------
    tables : CustomerTables
    as_of : Timestamp
        Only what was known before it counts.
    horizon : Timedelta
    contract_end : str
        As in :class:`CauseModel`.

    Returns
    -------
    CauseModel or None
        None where there is no table of transactions, or fewer than 20 left or stayed.

    Examples
    --------
    >>> learn_causes(CustomerTables(), pd.Timestamp("2026-01-01"), pd.Timedelta("90D")) is None
    True
    """
    if not tables.has("transactions"):
        return None
    spine = _past(tables, as_of, horizon)
    if not len(spine):
        return None
    left = labels.churned(tables, spine, horizon=str(horizon), until=as_of)
    if min(left.sum(), len(left) - left.sum()) < _LEAST_LEFT:
        logger.info("causes: %d of %d past rows left, too few to learn from", left.sum(), len(left))
        return None
    # Who buys every week is seldom silent for long: without it, silence would tell of good customers.
    habit = FeatureSet([AggregateFeatures("transactions", ["count"], windows=["90D", "365D"])])
    return CauseModel(horizon=str(horizon), context=habit, contract_end=contract_end).fit(tables, spine, left)


def _past(tables: CustomerTables, as_of: pd.Timestamp, horizon: pd.Timedelta) -> Spine:
    """Ask for customers at past moments, each if it had bought within the horizon before."""
    parts = []
    for back in range(1, _MOMENTS + 1):
        moment = as_of - back * horizon
        if tables.has("customers"):
            frame = known_customers(tables, moment).frame
        else:
            frame = Spine.at(moment, tables.get("transactions")).frame
        chance = uniform_by_key(frame[c.CUSTOMER_ID], "causes")
        if len(frame) > _MOST:
            frame = frame[chance <= np.partition(chance, _MOST - 1)[_MOST - 1]]
        parts.append(frame)
    asked = pd.concat(parts, ignore_index=True)
    table = tables.columns("transactions")
    history = rows_before(table, asked)
    sales = history.where(completed_sales(table)[history.rows])
    recent = first_at_or_after(sales.times, sales.first, sales.end, sales.as_of - length(horizon))
    return Spine.of(asked[recent < sales.end])
