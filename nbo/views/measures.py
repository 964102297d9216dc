"""Rows of one metric, with their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_frame, check_one_of, check_rows

__all__ = ["measures"]


def measures(frame: Any, metric: str | None, key: str) -> pd.DataFrame:
    """Take the rows of one metric from a frame of several.

    Parameters
    ----------
    frame : DataFrame
        With the columns key, metric, value, low and high; bounds may be missing.
    metric : str or None
        None takes that of the first row.
    key : str
        What the rows are of.

    Returns
    -------
    DataFrame
        key, metric, value, low, high; a bound that is missing is the value.

    Raises
    ------
    InputError
        If a column is missing, the metric is not there, or an interval does not hold its value.
    """
    columns = [key, "metric", "value", "low", "high"]
    rows = check_frame(frame, "frame")
    check_columns(rows, columns, "frame")
    if metric is not None and len(rows):
        check_one_of(metric, list(dict.fromkeys(rows["metric"])), "metric")
    chosen = metric if metric is not None or not len(rows) else rows["metric"].iloc[0]
    rows = rows.loc[rows["metric"] == chosen, columns].reset_index(drop=True)
    value = rows["value"].to_numpy(dtype=float)
    low, high = (rows[name].fillna(rows["value"]).to_numpy(dtype=float) for name in ("low", "high"))
    check_rows(np.greater(low, value) | np.less(high, value), value, "frame.value", "between low and high")
    return rows.assign(value=value, low=low, high=high)
