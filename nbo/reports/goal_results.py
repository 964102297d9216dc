"""What was reached of the goals that most businesses have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.windows import known_before
from nbo.tables import CustomerTables
from nbo.times import check_duration, check_time
from nbo.value.cents import money, whole_cents

__all__ = ["goal_results"]

_COLUMNS = ["goal", c.CUSTOMER_ID, c.EVENT_TIME, c.VALUE]


def goal_results(
    tables: CustomerTables, as_of: Any, since: Any = None, active: str | pd.Timedelta = "90D"
) -> pd.DataFrame:
    """List what customers did that a business wants of them: one row each time a goal was served.

    - "sales": each completed sale, with its amount: our share of what customers spend.
    - "loyalty": each completed sale but the customer's first, counted 1.
    - "retention": the first sale in the period of each customer who bought within `active` before it, counted 1.
    - "referrals": each converted referral, with its value, for who referred.

    Parameters
    ----------
    tables : CustomerTables
        `transactions` and `referrals`, as far as they are there.
    as_of : str or Timestamp
        Only what happened and was known before it counts, UTC.
    since : str or Timestamp, optional
        Start of the period, UTC, included. By default all the past counts, and there is no "retention".
    active : str or Timedelta, default="90D"
        How long before the period a customer's last sale may be, for "retention".

    Returns
    -------
    DataFrame
        goal, customer_id, event_time and value (money, to the cent; or 1), by goal and time.

    Raises
    ------
    InputError
        If a time or a length of time is none.

    Examples
    --------
    >>> sales = pd.DataFrame({"customer_id": ["ann", "ann"], "event_time": ["2026-01-05", "2026-02-05"]})
    >>> tables = CustomerTables(transactions=sales.assign(amount=[10.0, 20.0]))
    >>> goal_results(tables, "2026-03-01", "2026-02-01")[["goal", "value"]].values.tolist()
    [['loyalty', 1.0], ['retention', 1.0], ['sales', 20.0]]
    """
    moment = check_time(as_of)
    start = None if since is None else check_time(since, "since")
    sales = _sales(tables, moment)
    before = sales[c.EVENT_TIME] < (start if start is not None else pd.Timestamp.min)
    # Sales of nobody known are no repeated ones of one customer.
    now, again = sales[~before], sales.duplicated(c.CUSTOMER_ID) & sales[c.CUSTOMER_ID].notna()
    parts = [now.assign(goal="sales"), now[again[~before]].assign(goal="loyalty", value=1.0)]
    if start is not None:
        recent = sales.loc[before & (sales[c.EVENT_TIME] >= start - check_duration(active, "active")), c.CUSTOMER_ID]
        kept = now[now[c.CUSTOMER_ID].isin(recent)].drop_duplicates(c.CUSTOMER_ID)
        parts.append(kept.assign(goal="retention", value=1.0))
    referred = _referrals(tables, moment)
    parts.append(referred[(referred[c.EVENT_TIME] >= start).to_numpy()] if start is not None else referred)
    found = pd.concat(parts, ignore_index=True)[_COLUMNS]
    return found.sort_values(["goal", c.EVENT_TIME, c.CUSTOMER_ID], kind="stable", ignore_index=True)


def _sales(tables: CustomerTables, moment: pd.Timestamp) -> pd.DataFrame:
    """Take completed sales, in order of time; what does not say otherwise is one."""
    table = tables.get("transactions")
    counts = known_before(table, moment, "transactions")
    for name, other in ((c.KIND, c.RETURN), (c.STATUS, c.PENDING)):
        if name in table:
            counts = counts & ~(table[name] == other).to_numpy(dtype=bool, na_value=False)
    rows = table[counts]
    amounts = rows[c.AMOUNT].to_numpy(dtype=float, na_value=np.nan) if c.AMOUNT in rows else np.zeros(len(rows))
    value = money(whole_cents(amounts, "transactions.amount"))
    return rows[[c.CUSTOMER_ID, c.EVENT_TIME]].assign(value=value).sort_values(c.EVENT_TIME, kind="stable")


def _referrals(tables: CustomerTables, moment: pd.Timestamp) -> pd.DataFrame:
    table = tables.get("referrals")
    if c.CONVERTED_AT not in table:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in _COLUMNS}).astype({c.VALUE: float})
    converted = (table[c.CONVERTED_AT] < moment).to_numpy(dtype=bool)
    rows = table[known_before(table, moment, "referrals") & converted]
    amounts = rows[c.CONVERTED_VALUE].to_numpy(dtype=float) if c.CONVERTED_VALUE in rows else np.zeros(len(rows))
    value = money(whole_cents(amounts, "referrals.converted_value"))
    return pd.DataFrame(
        {"goal": "referrals", c.CUSTOMER_ID: rows[c.CUSTOMER_ID], c.EVENT_TIME: rows[c.CONVERTED_AT], c.VALUE: value}
    )
