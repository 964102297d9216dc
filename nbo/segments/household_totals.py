"""What households add up to, to the cent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_rows
from nbo.segments.labels.by_customer import check_same_ids

__all__ = ["household_totals"]

# Beyond it, whole cents are no longer exact as floats.
_MOST_CENTS = 2.0**53


def household_totals(members: Any, values: Any) -> pd.DataFrame:
    """Add up the values of customers by household.

    Values are taken in whole cents, so the totals of the households are exactly those of the customers,
    however households are joined or parted.

    Parameters
    ----------
    members : DataFrame
        customer_id, each once, and household_id, as of :func:`~nbo.segments.households`.
    values : DataFrame
        customer_id and columns of numbers, such as money; a customer may have several rows. Missing counts as 0.

    Returns
    -------
    DataFrame
        One row for each household, in the order of its first member: household_id, members, and the total of each
        column, in the same unit, rounded to 0.01. Where values are of customers who are not in `members`, they
        stand in a last row without household_id and members, so nothing gets lost.

    Raises
    ------
    InputError
        If a column is missing or not of numbers, a customer is twice in `members`, or a total is above 2**53 cents.

    Examples
    --------
    >>> members = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "household_id": ["ann", "ann", "cy"]})
    >>> spent = pd.DataFrame({"customer_id": ["bob", "ann", "bob", "zoe"], "spent": [0.1, 0.2, 0.3, 5.0]})
    >>> household_totals(members, spent).values.tolist()
    [['ann', 2, 0.6], ['cy', 1, 0.0], [nan, 0, 5.0]]
    """
    members, values = check_frame(members, "members"), check_frame(values, "values")
    check_columns(members, [c.CUSTOMER_ID, c.HOUSEHOLD_ID], "members")
    check_columns(values, [c.CUSTOMER_ID, *values.columns], "values")
    for name in (c.CUSTOMER_ID, c.HOUSEHOLD_ID):
        check_keys(members[name], f"members.{name}")
    twice = members[c.CUSTOMER_ID].duplicated()
    check_rows(twice.to_numpy(), members[c.CUSTOMER_ID], "members.customer_id", "there once")
    ids = pd.Index(members[c.CUSTOMER_ID]), pd.Index(values[c.CUSTOMER_ID])
    check_same_ids(*ids, ("members.customer_id", "values.customer_id"))
    group, names = pd.factorize(members[c.HOUSEHOLD_ID])
    member = ids[0].get_indexer(ids[1])
    owner = np.append(group, len(names))[member]
    found = pd.DataFrame({c.HOUSEHOLD_ID: pd.Series(names), "members": np.bincount(group, minlength=len(names))})
    if (owner == len(names)).any():
        found = found.reindex(range(len(names) + 1)).fillna({"members": 0}).astype({"members": "int64"})
    for name in values.columns.drop(c.CUSTOMER_ID):
        found[name] = _totals(check_numbers(values[name], f"values.{name}"), owner, len(found), str(name))
    return found


def _totals(values: np.ndarray, owner: np.ndarray, n: int, name: str) -> np.ndarray:
    with np.errstate(over="ignore"):
        cents = np.rint(np.where(np.isnan(values), 0.0, values) * 100)
    too_much = np.full(len(values), np.abs(cents).sum() > _MOST_CENTS)
    check_rows(too_much, values, f"values.{name}", "less than 2**53 cents in all")
    return np.bincount(owner, weights=cents, minlength=n) / 100
