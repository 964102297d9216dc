"""How much of a total the customers with the most of it have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from nbo.numbers import check_number
from nbo.value.top_share import gini_index, top_share

__all__ = ["Concentration", "ShareEstimate"]

_STEPS = 25
_POINTS = 101


@dataclass(frozen=True)
class ShareEstimate:
    """A share with its interval.

    Parameters
    ----------
    value, low, high : float
        NaN where it cannot be said.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1%} [{self.low:.1%}, {self.high:.1%}]"


@dataclass(frozen=True, eq=False, repr=False)
class Concentration:
    """How much of a total the customers with the most of it have.

    Parameters
    ----------
    values : ndarray of shape (n,)
        From the largest to the smallest.
    customers : Index of n ids
        In the same order; equals as they were given.
    of : {"net", "positive"}
        Whether values below 0 count, or are taken as 0.
    level : float
        Of the intervals.
    """

    values: np.ndarray
    customers: pd.Index
    of: str
    level: float

    @property
    def total(self) -> float:
        """Sum of the values; where it is not above 0, there are no shares of it and all is NaN."""
        return float(self.values.sum())

    def share_of_top(self, share: float = 0.2) -> ShareEstimate:
        """Give the share of the total that the top share of the customers has.

        Parameters
        ----------
        share : float, default=0.2
            Of the customers, in (0, 1].

        Returns
        -------
        ShareEstimate
            Above 1 where others have less than 0.

        Raises
        ------
        InputError
            If the share is not in (0, 1].
        """
        _check_share(share, "share")
        return ShareEstimate(*top_share(self.values, share, self.level)) if self._told else _NOTHING

    def fewest_for(self, part: float = 0.75) -> ShareEstimate:
        """Give the smallest share of the customers that has a part of the total.

        The interval holds the shares of customers whose own part may be `part`.

        Parameters
        ----------
        part : float, default=0.75
            Of the total, in (0, 1].

        Returns
        -------
        ShareEstimate
            Of the customers.

        Raises
        ------
        InputError
            If the part is not in (0, 1].
        """
        _check_share(part, "part")
        if not self._told:
            return _NOTHING
        reached, n = np.append(0.0, np.cumsum(self.values)) / self.values.sum(), len(self.values)
        # The last one may miss the whole by rounding.
        first = int(np.argmax(reached >= part * (1 - 1e-12)))
        before = reached[first - 1]
        value = (first - 1 + (part - before) / (reached[first] - before)) / n
        low, high = (self._reaches(part, end, np.count_nonzero(self.values > 0) / n) for end in (2, 1))
        return ShareEstimate(float(min(value, 1.0)), low, high) if n > 1 else ShareEstimate(value, np.nan, np.nan)

    def members(self, share: float = 0.2) -> list[Any]:
        """List the customers of the top share, the largest first; of a fraction of a customer, the whole.

        Parameters
        ----------
        share : float, default=0.2
            Of the customers, in (0, 1].

        Returns
        -------
        list

        Raises
        ------
        InputError
            If the share is not in (0, 1].
        """
        _check_share(share, "share")
        return self.customers[: int(np.ceil(share * len(self.values) - 1e-9))].tolist()

    @cached_property
    def gini(self) -> ShareEstimate:
        """Gini's index: 0 where all have the same, near 1 where one has all; above 1 it may be with losses."""
        return ShareEstimate(*gini_index(self.values, self.level)) if self._told else _NOTHING

    @cached_property
    def curve(self) -> pd.DataFrame:
        """The curve at every hundredth of the customers: customers, share, low, high; all shares in [0, 1] or above."""
        shares = np.linspace(0, 1, _POINTS)[1:] if self._told else np.empty(0)
        rows = [(share, *top_share(self.values, share, self.level)) for share in shares]
        return pd.DataFrame([(0.0, 0.0, 0.0, 0.0), *rows], columns=["customers", "share", "low", "high"])

    def summary(self) -> pd.DataFrame:
        """Tell the numbers that are asked for most.

        Returns
        -------
        DataFrame
            what, value, low, high.
        """
        top = {f"share of the top {share:.0%}": self.share_of_top(share) for share in (0.01, 0.05, 0.1, 0.2, 0.5)}
        few = {f"fewest customers for {part:.0%}": self.fewest_for(part) for part in (0.5, 0.75, 0.8, 0.9)}
        told = {**top, **few, "Gini's index": self.gini}
        rows = [(what, estimate.value, estimate.low, estimate.high) for what, estimate in told.items()]
        return pd.DataFrame(rows, columns=["what", "value", "low", "high"])

    @property
    def _told(self) -> bool:
        return len(self.values) > 0 and self.values.sum() > 0

    def _reaches(self, part: float, end: int, peak: float) -> float:
        """Find the smallest share of customers for which an end of the interval reaches the part; 1 if none does."""
        low, high = 0.0, peak
        if top_share(self.values, peak, self.level)[end] < part:
            return 1.0
        for _ in range(_STEPS):
            middle = (low + high) / 2
            reached = top_share(self.values, middle, self.level)[end] >= part
            low, high = (low, middle) if reached else (middle, high)
        return high

    def __repr__(self) -> str:
        whole = "all that is above 0" if self.of == "positive" else "the net total"
        return (
            f"Of {len(self.values):,} customers the top 20 % have {self.share_of_top(0.2)} of {whole}, "
            f"{self.total:,.2f}; 75 % of it is with {self.fewest_for(0.75)} of them."
        )

    def _repr_html_(self) -> str:
        shown = self.summary().to_html(index=False, float_format="{:.1%}".format, border=0, na_rep="")
        return f"<p>{self!r}</p>{shown}"


def _check_share(share: float, what: str) -> None:
    check_number(share, what, "in (0, 1]", lambda given: 0 < given <= 1)


_NOTHING = ShareEstimate(np.nan, np.nan, np.nan)
