"""Segments of customers, as they are given."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_rows

__all__ = ["given_segments"]


def given_segments(given: Any) -> pd.Series:
    """Check the segments of customers.

    Parameters
    ----------
    given : Series or DataFrame
        A Series by customer id, or columns `customer_id` and `segment`.

    Returns
    -------
    Series
        By customer id.

    Raises
    ------
    InputError
        If a column is missing, an id is none, or a customer stands twice.
    """
    if not isinstance(given, pd.Series):
        frame = check_frame(given, "segments")
        check_columns(frame, [c.CUSTOMER_ID, c.SEGMENT], "segments")
        given = frame.set_index(c.CUSTOMER_ID)[c.SEGMENT]
    keys = given.index.to_series()
    check_keys(keys, "segments.customer_id")
    check_rows(given.index.duplicated(), keys, "segments.customer_id", "each customer once")
    return given
