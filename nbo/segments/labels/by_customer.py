"""Labels, each by its customer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_rows

__all__ = ["labels_by_customer"]


def labels_by_customer(labels: Any, what: str) -> pd.Series:
    """Take labels as texts, by customer.

    Parameters
    ----------
    labels : Series or array-like of shape (n,)
        The index of a series names the customers, each once; without one their places do. May be missing.
    what : str
        Name for messages.

    Returns
    -------
    Series of str
        Missing where missing.

    Raises
    ------
    InputError
        If a customer stands twice.
    """
    series = labels if isinstance(labels, pd.Series) else pd.Series(np.asarray(labels, dtype=object))
    twice = series.index.duplicated()
    if twice.any():
        check_rows(twice, series.index, f"the index of {what}", "of customers, each once")
    return series.astype("str")
