"""What is to be done with a campaign, and why."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field

import pandas as pd

__all__ = ["CampaignVerdict"]


@dataclass(frozen=True)
class CampaignVerdict:
    """Whether a campaign pays, as of the last look.

    Parameters
    ----------
    verdict : {"continue", "stop: does not pay", "scale"}
        It stays what it was at the look that decided.
    reason : str
        Why.
    sends : int
        Customers in the campaign so far.
    decided_after : int or None
        Customers in the campaign at the look that decided; None where none did.
    net_gain : float
        Money for each customer in the campaign, after its cost, more than without it.
    low, high : float
        Interval of the net gain that holds at all times together; infinite as long as nothing can be said.
    cost : float
        Mean cost for each customer in the campaign.
    level : float
        Of the intervals together.
    looks : DataFrame
        All looks, as :func:`~nbo.experiments.always_valid` gives them.
    """

    verdict: str
    reason: str
    sends: int
    decided_after: int | None
    net_gain: float
    low: float
    high: float
    cost: float
    level: float
    looks: pd.DataFrame = field(repr=False, compare=False)

    @property
    def roi(self) -> float:
        """Return on investment: net gain over cost, 0 where the campaign just pays its cost; NaN without cost."""
        return self._over_cost(self.net_gain)

    @property
    def roi_low(self) -> float:
        """Lower bound of the return, at all times together."""
        return self._over_cost(self.low)

    @property
    def roi_high(self) -> float:
        """Upper bound of the return, at all times together."""
        return self._over_cost(self.high)

    def __str__(self) -> str:
        return f"{self.verdict}: {self._sentence} {self._numbers}"

    def _repr_html_(self) -> str:
        return (
            f"<p><strong>{html.escape(self.verdict)}</strong></p><p>{html.escape(self._sentence)} {self._numbers}</p>"
        )

    @property
    def _sentence(self) -> str:
        when = "" if self.decided_after is None else f" after {self.decided_after:,} customers"
        return f"{self.reason[0].upper()}{self.reason[1:]}{when}."

    @property
    def _numbers(self) -> str:
        gain = f"Net gain {self.net_gain:.4g} [{self.low:.4g}, {self.high:.4g}] for each of {self.sends:,} customers"
        back = "" if math.isnan(self.roi) else f"; return {self.roi:.0%} [{self.roi_low:.0%}, {self.roi_high:.0%}]"
        return f"{gain}{back}; {100 * self.level:g} % at all times together."

    def _over_cost(self, amount: float) -> float:
        return amount / self.cost if self.cost else math.nan
