"""Segments of customers, as they are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_rows
from nbo.tables import TableColumns
from nbo.tables.key_positions import key_positions

__all__ = ["given_segments"]


def given_segments(given: Any, customers: pd.Index) -> pd.Series:
    """Find the segment of each customer among those that a caller gave.

    Parameters
    ----------
    given : Series or DataFrame
        A Series by customer id, or columns `customer_id` and `segment`; customers who are not asked for are left out.
    customers : Index
        Different ids.

    Returns
    -------
    Series
        By `customers`: the segment as a text, None where it is not given.

    Raises
    ------
    InputError
        If a column is missing, an id is none or of another kind than the customers', or a customer stands twice.

    Examples
    --------
    >>> given_segments(pd.Series({7: 1, 9: 2}), pd.Index([7, 8])).tolist()
    ['1', None]
    """
    if isinstance(given, pd.Series):
        frame = pd.DataFrame({c.CUSTOMER_ID: given.index, c.SEGMENT: given.to_numpy()})
    else:
        frame = check_frame(given, "segments").reset_index(drop=True)
    check_columns(frame, [c.CUSTOMER_ID, c.SEGMENT], "segments")
    keys = frame[c.CUSTOMER_ID]
    check_keys(keys, "segments.customer_id")
    check_rows(keys.duplicated().to_numpy(), keys, "segments.customer_id", "each customer once")
    place = key_positions(keys, customers, "segments.customer_id")
    segments = TableColumns.of(frame, "segments").codes(c.SEGMENT)
    texts = np.array([*segments.texts, None], dtype=object)[segments.codes]
    found = np.full(len(customers), None, dtype=object)
    found[place[place >= 0]] = texts[place >= 0]
    return pd.Series(found, index=customers, dtype=object)
