"""Who was a customer, as far as it was known then."""

from __future__ import annotations

from typing import Any

from nbo.errors import InputError
from nbo.features.windows import known_before
from nbo.tables import CustomerTables, Spine
from nbo.times import check_time

__all__ = ["known_customers"]


def known_customers(tables: CustomerTables, as_of: Any) -> Spine:
    """Ask for all customers who were known before a moment, as of that moment.

    Parameters
    ----------
    tables : CustomerTables
        With customers.
    as_of : Timestamp or str
        UTC.

    Returns
    -------
    Spine
        Each customer once, in the order of the table.

    Raises
    ------
    InputError
        If there is no table of customers.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob"], "valid_from": ["2025-01-01", "2026-01-01"]})
    >>> known_customers(CustomerTables(customers=customers), "2025-06-30").frame["customer_id"].tolist()
    ['ann']
    """
    if not tables.has("customers"):
        raise InputError(f"there is no table of customers; the tables are {', '.join(tables.names) or 'none'}.")
    moment, customers = check_time(as_of), tables.get("customers")
    return Spine.at(moment, customers[known_before(customers, moment, "customers")])
