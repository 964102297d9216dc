"""Who gets an alert: the customer's owner, or a campaign; and how many an owner gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.alerting import alert_columns as a
from nbo.alerting.matching import rows_of
from nbo.checks import check_columns, check_frame, check_keys, check_rows
from nbo.features.windows import rows_as_of
from nbo.numbers import check_number
from nbo.tables import CustomerTables, Spine

__all__ = ["check_budget", "find_owners", "within_budget"]

Budget = int | Mapping[str, int] | None


def find_owners(tables: CustomerTables, spine: Spine, owners: Any) -> pd.Series:
    """Find the owner of each customer, as of each row's moment.

    Parameters
    ----------
    tables : CustomerTables
        Without `owners`, the column `owner` of customers counts, where there is one.
    spine : Spine of n rows
    owners : DataFrame or None
        customer_id and owner, each customer at most once.

    Returns
    -------
    Series of str, shape (n,)
        Missing for customers without an owner.

    Raises
    ------
    InputError
        If a column is missing, or a customer has two rows.
    """
    nobody = pd.Series(np.nan, index=spine.frame.index, dtype="str")
    if owners is not None:
        frame = check_frame(owners, "owners")
        check_columns(frame, [c.CUSTOMER_ID, a.OWNER], "owners")
        check_keys(frame[c.CUSTOMER_ID], "owners.customer_id")
        twice = frame[c.CUSTOMER_ID].duplicated().to_numpy()
        check_rows(twice, frame[c.CUSTOMER_ID], "owners.customer_id", "different, one owner for each customer")
        rows = rows_of(spine.frame[c.CUSTOMER_ID], frame[c.CUSTOMER_ID], "owners.customer_id")
        given = frame[a.OWNER]
    elif tables.has("customers") and a.OWNER in tables.get("customers"):
        rows, given = rows_as_of(tables.columns("customers"), spine.frame), tables.get("customers")[a.OWNER]
    else:
        return nobody
    texts = given.astype("str").where(given.notna()).to_numpy(dtype=object)
    return pd.Series(np.append(texts, np.nan)[rows], index=spine.frame.index, dtype="str")


def check_budget(budget: Any) -> Budget:
    """Refuse a budget that is no number of alerts, or none for each owner.

    Parameters
    ----------
    budget : int, mapping of str to int, or None

    Returns
    -------
    int, mapping or None

    Raises
    ------
    InputError
        If a number is not 0 or more.
    """
    for name, number in budget.items() if isinstance(budget, Mapping) else {"": budget}.items():
        what = f"budget[{name!r}]" if name else "budget"
        if number is not None:
            check_number(number, what, "a whole number, 0 or more", lambda number: number >= 0, whole=True)
    checked: Budget = budget
    return checked


def within_budget(
    ranked: pd.DataFrame, past: pd.DataFrame, budget: Budget, since: pd.Timestamp
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mark the alerts that fit into the budget of their owner and period, the first ones first.

    Parameters
    ----------
    ranked : DataFrame of n rows
        Alerts with owner and route, the best first.
    past : DataFrame
        Episodes; what was raised after `since` has used the budget up.
    budget : int, mapping of str to int, or None
        As :func:`check_budget` gives it. One number is that of every owner; a mapping names owners and
        "campaign:<name>", others have none.
    since : Timestamp
        Begin of the period, not included.

    Returns
    -------
    fits : ndarray of bool, shape (n,)
    limit : ndarray of shape (n,)
        Budget of each alert's owner; inf for none.
    used : ndarray of int, shape (n,)
        Alerts that the owner got in the period before.
    """
    names = ranked[a.OWNER].fillna(ranked[a.ROUTE]).astype("str")
    if isinstance(budget, Mapping):
        limit = names.map({str(name): number for name, number in budget.items()}).astype(float).fillna(np.inf)
    else:
        limit = pd.Series(np.inf if budget is None else float(budget), index=ranked.index)
        limit = limit.where(ranked[a.ROUTE] == a.TO_OWNER, np.inf)
    recent = past[past[a.RAISED_AT] > since]
    counts = recent[a.OWNER].fillna(recent[a.ROUTE]).astype("str").value_counts()
    used = names.map(counts).astype(float).fillna(0.0)
    rank = ranked.groupby(names.to_numpy(), sort=False).cumcount() + 1
    return (rank + used <= limit).to_numpy(), limit.to_numpy(), used.to_numpy(dtype=int)
