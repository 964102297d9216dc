"""Costs to acquire, to serve and to retain customers, next to their total."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pandas as pd

from nbo.value.cents import money
from nbo.value.money_html import money_html
from nbo.value.profitability_result import PERIOD

__all__ = ["PURPOSES", "CustomerCosts"]

# In the order of the alphabet.
PURPOSES: Final = ("acquire", "other", "retain", "serve")


@dataclass(frozen=True, eq=False, repr=False)
class CustomerCosts:
    """Costs to acquire, to serve and to retain customers, next to their total.

    Parameters
    ----------
    cents : DataFrame
        A row for each segment and period, "not known" the last segment: `segment`, `period` (its first moment),
        `customers` (at the end of the period, those whose sign-up is not known among them), `new` (who signed up in
        it), and in whole cents acquire, other, retain, serve and `total`. `given_away`, beside the total, is what
        accepted retention offers gave away.
    total_cents : DataFrame
        A row for each period: `period` and `total`, summed without looking at segments.
    by : str or None
        What the periods are.
    notes : DataFrame
        What is not known: table, what, n_rows.
    """

    cents: pd.DataFrame
    total_cents: pd.DataFrame
    by: str | None
    notes: pd.DataFrame

    @cached_property
    def segments(self) -> pd.DataFrame:
        """What `cents` holds as money, and per head: acquire_per_new, serve_per_customer, retain_per_customer.

        Per head is NaN where there is nobody. `period` is there only where there are several.
        """
        amounts = {name: money(self.cents[name].to_numpy()) for name in (*PURPOSES, "total", "given_away")}
        frame = self.cents.assign(**amounts)
        heads = {"acquire_per_new": "new", "serve_per_customer": "customers", "retain_per_customer": "customers"}
        for name, head in heads.items():
            frame[name] = (frame[name.partition("_")[0]] / frame[head]).where(frame[head] > 0)
        return frame if self.by is not None else frame.drop(columns=PERIOD)

    def reconcile(self) -> pd.DataFrame:
        """Set the segments and purposes next to the total, period by period.

        Returns
        -------
        DataFrame
            `period` if there are any, the purposes, total and difference, in whole cents; the difference is 0.
        """
        table = self.cents.groupby(PERIOD)[list(PURPOSES)].sum()
        table["total"] = self.total_cents.set_index(PERIOD)["total"]
        table["difference"] = table["total"] - table[list(PURPOSES)].sum(axis=1)
        return table.reset_index(drop=self.by is None)

    def __repr__(self) -> str:
        sums = self.cents[list(PURPOSES)].sum() / 100
        return ", ".join(f"{name} {amount:,.2f}" for name, amount in sums.items())

    def _repr_html_(self) -> str:
        return f"<p>{self!r}</p>{money_html(self.segments)}"
