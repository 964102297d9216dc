"""What segments are worth now and will be."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["SegmentForecast"]


@dataclass(frozen=True, eq=False)
class SegmentForecast:
    """What segments are worth now and will be.

    Parameters
    ----------
    outlook : DataFrame
        A row for each segment, the most valuable to come first: ``segment``, ``now`` (sum of as many last periods as
        are forecast), ``later`` (of the next ones) with ``low`` and ``high``, ``change`` (later minus now),
        ``share_now`` and ``share_later`` (of all segments; NaN where all together are not above 0), ``rank_now``,
        ``rank_later``, ``method``, and ``mase`` and ``ratio`` of the forecasts from past origins.
    total : dict
        The same of all segments together.
    history : DataFrame
        ``segment``, ``period`` and ``value``, also of periods without a row.
    forecast : DataFrame
        ``segment``, ``period``, ``step``, ``forecast``, ``low`` and ``high``; the segments add up to the rows
        of the total to the cent.
    errors : DataFrame
        As :meth:`nbo.models.SeasonalForecast.rolling_origin` gives them, of each segment and the total, before
        the forecasts are made to add up.
    level : float
        Of the intervals.
    """

    outlook: pd.DataFrame
    total: dict
    history: pd.DataFrame
    forecast: pd.DataFrame
    errors: pd.DataFrame
    level: float

    def _repr_html_(self) -> str:
        shown = ["segment", "now", "later", "low", "high", "share_now", "share_later", "mase"]
        rows = pd.concat([self.outlook, pd.DataFrame([self.total])], ignore_index=True)[shown]
        return rows.to_html(index=False, border=0, float_format="{:,.4g}".format, na_rep="")
