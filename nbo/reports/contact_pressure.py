"""How often customers were contacted."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.reports.answers import ALL, grouped

__all__ = ["contact_pressure"]


def contact_pressure(decisions: Any, by: str = c.SEGMENT, unit: str = c.CUSTOMER_ID) -> pd.DataFrame:
    """Count contacts by segment, and how they are spread over customers.

    Parameters
    ----------
    decisions : DataFrame
        customer_id, offer_id and the column `by`; an offer is a contact, "no_offer" is none.
    by : str, default="segment"
        A missing value counts as "not known". A customer counts in each segment in which it was.
    unit : str, default="customer_id"
        Column of the customer.

    Returns
    -------
    DataFrame
        One row per segment, "all" last: `by`, customers (about whom anything was decided), contacted, contacts,
        no_actions, contacts_per_customer (of all customers), most_of_95_percent (19 of 20 customers got at most so
        many) and most.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> rows = {"customer_id": [1, 1, 2], "segment": "a", "offer_id": ["card", "loan", "no_offer"]}
    >>> contact_pressure(pd.DataFrame(rows))[["segment", "customers", "contacted", "contacts", "most"]].values.tolist()
    [['a', 2, 1, 2, 2], ['all', 2, 1, 2, 2]]
    """
    frame = check_frame(decisions, "decisions")
    check_columns(frame, [c.OFFER_ID, by, unit], "decisions")
    segment = grouped(frame[by], f"decisions.{by}")
    none = (frame[c.OFFER_ID] == c.NO_OFFER).to_numpy(dtype=bool)
    rows = pd.DataFrame({by: segment, "unit": pd.factorize(frame[unit])[0], "made": ~none, "none": none})
    whole = rows.assign(**{by: pd.Categorical([ALL] * len(rows))})
    return pd.concat([_spread(rows, by), _spread(whole, by)], ignore_index=True)


def _spread(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    own = rows.groupby([by, "unit"], observed=True)[["made", "none"]].sum().reset_index()
    made = own.groupby(by, observed=True)["made"]
    counts = {"customers": made.size(), "contacts": made.sum(), "most": made.max()}
    table = pd.DataFrame(counts).astype("int64")
    table["contacted"] = own[own["made"] > 0].groupby(by, observed=True).size()
    table["no_actions"] = own.groupby(by, observed=True)["none"].sum()
    table["contacts_per_customer"] = table["contacts"] / table["customers"]
    # The least number that is not below at least 95 % of the customers.
    table["most_of_95_percent"] = made.quantile(0.95, interpolation="higher").astype("int64")
    table = table.fillna({"contacted": 0}).astype({"contacted": "int64", "no_actions": "int64"}).reset_index()
    front = [by, "customers", "contacted", "contacts", "no_actions", "contacts_per_customer"]
    return table.assign(**{by: table[by].astype("str")})[[*front, "most_of_95_percent", "most"]]
