"""What each channel brought in and cost, next to the total of the tables."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from nbo import columns as c
from nbo.value.cents import money
from nbo.value.money_html import money_html
from nbo.value.profitability_result import PERIOD

__all__ = ["ChannelProfit"]


@dataclass(frozen=True, eq=False, repr=False)
class ChannelProfit:
    """What each channel brought in and cost, next to the total of the tables.

    Parameters
    ----------
    start, end, as_of : Timestamp
        Rows of ``start <= time < end`` count, as known before `as_of`.
    cents : DataFrame
        A row for each channel and period, "not known" the last channel: `channel`, `period` (its first moment), the
        lines of :class:`Profitability` in whole cents, and the numbers of `orders`, `cases` and `contacts`.
    total_cents : DataFrame
        A row for each period: `period`, and the lines of all rows of the tables, summed without looking at channels.
    by : str or None
        What the periods are.
    notes : DataFrame
        What is not known: table, what, n_rows.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    as_of: pd.Timestamp
    cents: pd.DataFrame
    total_cents: pd.DataFrame
    by: str | None
    notes: pd.DataFrame

    @property
    def lines(self) -> list[str]:
        """Names of the lines."""
        return [str(name) for name in self.total_cents.columns if name != PERIOD]

    @cached_property
    def channels(self) -> pd.DataFrame:
        """What `cents` holds as money, with `profit_share` of revenue; `period` only where there are several."""
        frame = self.cents.assign(**{line: money(self.cents[line].to_numpy()) for line in self.lines})
        frame["profit_share"] = (frame["profit"] / frame["revenue"]).where(frame["revenue"] > 0)
        return frame if self.by is not None else frame.drop(columns=PERIOD)

    @property
    def total(self) -> pd.Series:
        """Money of the company, by line."""
        return self.total_cents[self.lines].sum() / 100

    def reconcile(self) -> pd.DataFrame:
        """Set the channels next to the total, line by line and period by period.

        Returns
        -------
        DataFrame
            `period` if there are any, line, channels, total and difference, in whole cents. The difference is 0 in
            every row.
        """
        sides = {
            "channels": self.cents.groupby(PERIOD)[self.lines].sum(),
            "total": self.total_cents.set_index(PERIOD)[self.lines],
        }
        table = pd.concat({name: side.stack() for name, side in sides.items()}, axis=1)
        table = table.rename_axis([PERIOD, "line"]).reset_index()
        table["difference"] = table["total"] - table["channels"]
        return table if self.by is not None else table.drop(columns=PERIOD)

    def __repr__(self) -> str:
        sums = self.cents.groupby(c.CHANNEL, sort=False)["profit"].sum() / 100
        parts = ", ".join(f"{channel} {profit:,.2f}" for channel, profit in sums.items())
        return f"Profit from {self.start} to {self.end}: {parts}; in all {self.total['profit']:,.2f}."

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>{money_html(self.channels)}"
