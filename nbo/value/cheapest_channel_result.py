"""The cheapest channel with the outcome of the best."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd

from nbo import columns as c

__all__ = ["CheapestChannel"]


@dataclass(frozen=True, eq=False, repr=False)
class CheapestChannel:
    """The cheapest channel with the outcome of the best.

    Parameters
    ----------
    channel : str
        The cheapest of those with the same outcome.
    frame : DataFrame
        A row for each channel, the best outcome first: channel, n (decisions that went by it), effective_n (how many
        of equal weight they count like), mean_weight (1 but for chance where everybody could get it), `rate` (of
        acceptance if all contacts went by it) with low and high, `cost` of a contact (money), `difference` (of the rate
        from the best) with difference_low and difference_high, `overlap`, `why` not, and `same` (outcome). What has no
        overlap has no rate.
    tolerance : float
        By how much a rate may be lower and still be the same.
    level : float
        Of the intervals.
    n : int
        Decisions.
    """

    channel: str
    frame: pd.DataFrame
    tolerance: float
    level: float
    n: int

    @property
    def saved(self) -> float:
        """Money that a contact costs less than in the channel with the best outcome."""
        costs = self.frame.set_index(c.CHANNEL)["cost"]
        return float(costs.iloc[0] - costs[self.channel])

    def __repr__(self) -> str:
        best = self.frame[c.CHANNEL].iloc[0]
        return (
            f"{self.channel} is the cheapest channel whose acceptance is within {self.tolerance:.1%} of the best, "
            f"{best}; a contact costs {self.saved:,.2f} less. {self.n:,} decisions."
        )

    def _repr_html_(self) -> str:
        table = self.frame.to_html(index=False, float_format="{:.4g}".format, border=0, na_rep="")
        return f"<p>{html.escape(repr(self))}</p>{table}"
