"""From service to satisfaction, to loyalty, to value: what was found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["SatisfactionChain"]


@dataclass(frozen=True, eq=False)
class SatisfactionChain:
    """From service to satisfaction, to loyalty, to value: what was found.

    Parameters
    ----------
    importance : DataFrame
        A row for each driver, the most important first: ``driver``, ``weight`` (share of the variance of satisfaction
        that it explains; all add up to its R squared) with ``low`` and ``high``, and ``share`` of all weights.
    paths : DataFrame
        ``source``, ``target``, ``coefficient`` (standard deviations of the target by one of the source, all else in
        the equation equal) with ``low`` and ``high``.
    chain : DataFrame
        A row for each driver and for satisfaction itself: ``source``, ``effect`` on value by way of satisfaction and
        loyalty (the product of the paths, in standard deviations) with ``low`` and ``high``, and ``money`` (of value,
        by one standard deviation of the source).
    fit : DataFrame
        ``target`` and ``r_squared`` of each equation.
    n, left_out : int
        Customers, and those with a missing number.
    level : float
        Of the intervals.
    """

    importance: pd.DataFrame
    paths: pd.DataFrame
    chain: pd.DataFrame
    fit: pd.DataFrame
    n: int
    left_out: int
    level: float

    def _repr_html_(self) -> str:
        tables = {"Drivers of satisfaction": self.importance, "Paths": self.paths, "By way of loyalty": self.chain}
        shown = (
            f"<p>{title}</p>{table.to_html(index=False, border=0, float_format='{:,.3g}'.format, na_rep='')}"
            for title, table in tables.items()
        )
        return f"<p>{self.n:,} customers; {self.left_out:,} more have a missing number.</p>" + "".join(shown)
