"""Who was a customer, as far as it was known then."""

from __future__ import annotations

from typing import Any

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.base import Tables
from nbo.features.windows import known_before
from nbo.tables import Spine
from nbo.tables.stored_tables import opened
from nbo.times import check_time

__all__ = ["known_customers"]


def known_customers(tables: Tables, as_of: Any) -> Spine:
    """Ask for all customers who were known before a moment, as of that moment.

    Parameters
    ----------
    tables : CustomerTables, StoredTables, str or Path
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
    >>> from nbo.tables import CustomerTables
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob"], "valid_from": ["2025-01-01", "2026-01-01"]})
    >>> known_customers(CustomerTables(customers=customers), "2025-06-30").frame["customer_id"].tolist()
    ['ann']
    """
    given = opened(tables)
    if not given.has("customers"):
        raise InputError(f"there is no table of customers; the tables are {', '.join(given.names) or 'none'}.")
    moment, customers = check_time(as_of), given.columns("customers")
    return Spine.at(moment, customers.frame([c.CUSTOMER_ID])[known_before(customers, moment)])
