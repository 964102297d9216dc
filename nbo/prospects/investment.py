"""Which leads and opportunities to go on with, and what that brings."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

__all__ = ["Investment"]


@dataclass(frozen=True)
class Investment:
    """What to do with each lead or opportunity, and what it is expected to bring.

    Parameters
    ----------
    rows : DataFrame
        The scores, in their order, with value, cost, p_gain (probability that spending adds), gain (money that
        it adds), profit (gain minus cost), low and high (of the profit), p_gain_per_cost, gain_per_cost, rank (1 is
        the best use of money), decision ("invest", "wait" or "stop") and reason.
    curve : DataFrame
        By number of rows invested in, down the rank, from none to all: n, share, cost, gain, profit, low, high;
        and realized, where it is known what was won.
    summary : DataFrame
        decision, reason, n, cost, gain, profit: sums over the rows.
    peak : int
        Number of rows at which the expected profit is highest, if money were no limit.
    budget : float or None
        What may be spent.
    spent : float
        Cost of what to invest in.
    profit : float
        Expected profit of what to invest in.
    level : float
        Of the intervals.
    """

    rows: pd.DataFrame = field(repr=False, compare=False)
    curve: pd.DataFrame = field(repr=False, compare=False)
    summary: pd.DataFrame = field(repr=False, compare=False)
    peak: int
    budget: float | None
    spent: float
    profit: float
    level: float

    def chosen(self, decision: str = "invest") -> pd.DataFrame:
        """Give the rows of one decision, the best use of money first.

        Parameters
        ----------
        decision : {"invest", "wait", "stop"}, default="invest"

        Returns
        -------
        DataFrame
        """
        return self.rows[self.rows["decision"] == decision].sort_values("rank", ignore_index=True)

    def _repr_html_(self) -> str:
        limit = "no budget is set" if self.budget is None else f"the budget is {self.budget:,.2f}"
        n = int((self.rows["decision"] == "invest").sum())
        head = f"Invest {self.spent:,.2f} in {n:,} of {len(self.rows):,}: expected profit {self.profit:,.2f}; {limit}."
        table = self.summary.to_html(index=False, border=0, float_format="{:,.2f}".format)
        return f"<p>{head} Profit would be highest with {self.peak:,}.</p>{table}"
