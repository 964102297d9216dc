"""Which share of what customers spend, they spend here."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["Wallet"]


@dataclass(frozen=True, eq=False)
class Wallet:
    """Which share of what customers spend, they spend here.

    Parameters
    ----------
    customers : DataFrame of n rows
        In the order given: ``segment``, ``own``, ``confidence`` (that the record is the customer's own, given its
        amount too; 0 without a record), ``headroom`` (expected spend elsewhere, money) with ``headroom_low`` and
        ``headroom_high``, ``share`` with ``share_low`` and ``share_high``; NaN where nothing is spent anywhere.
    segments : DataFrame
        A row for each segment, the most headroom first: ``segment``, ``n``, ``known`` (customers), ``coverage`` (mean
        confidence), ``own`` (to the cent), ``headroom``, ``share``, each of the two with its bounds.
    total : dict
        The same of all customers.
    level : float
        Of the intervals.
    """

    customers: pd.DataFrame
    segments: pd.DataFrame
    total: dict
    level: float

    def _repr_html_(self) -> str:
        rows = pd.concat([self.segments, pd.DataFrame([self.total])], ignore_index=True)
        said = f"<p>Spend elsewhere is known of {self.total['known']:,} of {self.total['n']:,} customers.</p>"
        return said + rows.to_html(index=False, border=0, float_format="{:,.4g}".format, na_rep="")
