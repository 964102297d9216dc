"""What was sold in each period, and how much of it no pipeline held yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.prospects.calendar_periods import CalendarPeriods
from nbo.prospects.moments import micro
from nbo.prospects.pipeline import Pipeline
from nbo.prospects.sales_rows import group_of, period_sums

__all__ = ["SalesPast"]


@dataclass(frozen=True)
class SalesPast:
    """Sales by period and group, and those that were won from a pipeline, by how long it had held them.

    Parameters
    ----------
    first : int
        Number of the first period.
    total : ndarray of shape (t, g)
        Sales of each period and group, in money.
    held : ndarray of shape (t, h, g)
        Of these, what had been in the pipeline at the start of the period (0), of the one before (1), ...
    """

    first: int
    total: np.ndarray
    held: np.ndarray

    @classmethod
    def of(
        cls,
        pipeline: Pipeline,
        history: pd.DataFrame | None,
        now: int,
        horizon: int,
        periods: CalendarPeriods,
        by: str | None,
        groups: pd.Index,
    ) -> SalesPast:
        """Sum up what was known at the start of a period.

        Parameters
        ----------
        pipeline : Pipeline
        history : DataFrame or None
            Sales; None takes what was won.
        now : int
            Number of the period that starts.
        horizon : int
            Periods h.
        periods : CalendarPeriods
        by : str or None
            Column of groups.
        groups : Index of length g
            All groups.

        Returns
        -------
        SalesPast
        """
        as_of = periods.start([now])[0]
        wins = pipeline.wins(as_of)
        wins = wins[wins[c.EVENT_TIME] < as_of]
        sold = wins if history is None else history[(history["counts"] < micro(as_of)).to_numpy()]
        number = periods.number(sold[c.EVENT_TIME])
        first = int(number.min()) if len(number) else now
        n, g = now - first, len(groups)
        total = period_sums(number - first, groups.get_indexer(group_of(sold, by)), sold[c.AMOUNT], n, g)
        won_in = periods.number(wins[c.EVENT_TIME])
        opened = periods.number(wins["opened_known"].to_numpy().astype("datetime64[us]"))
        # At the start of the period itself it was in the pipeline if it had come in before: held 0 periods earlier.
        earlier = won_in - opened - 1
        held = np.zeros((n, horizon, g))
        codes, amounts = groups.get_indexer(group_of(wins, by)), wins[c.AMOUNT].to_numpy()
        for step in range(horizon):
            there = (earlier >= step) & (won_in >= first)
            held[:, step] = period_sums(won_in[there] - first, codes[there], amounts[there], n, g)
        return cls(first, total, held)

    def new_business(self) -> np.ndarray:
        """Give what was sold that no pipeline held so many periods earlier, shape (t, h, g).

        The first h - 1 periods are left out where there are more: before them there is no pipeline to look at.
        """
        new = self.total[:, None] - self.held
        return new[min(self.held.shape[1] - 1, max(len(new) - 1, 0)) :]
