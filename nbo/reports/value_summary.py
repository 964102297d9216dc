"""What a report of customer value has found, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.value.breakdown import NOT_KNOWN

__all__ = ["value_summary"]

_WORDS: Final = {
    "goods": "what their goods cost", "returns": "their returns", "cost_to_serve": "what it costs to serve them",
    "contact_cost": "what offers to them cost", "acquisition_cost": "what it cost to win them",
    "other_cost": "other costs",
}  # fmt: skip


def value_summary(tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Say in sentences what the tables of a report of customer value have found.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By name, as far as there are any.
    facts : mapping of str to object
        The large numbers.

    Returns
    -------
    tuple of str
        The most important ones first.
    """
    return (*_profit(tables), *_concentration(tables), *_losses(tables, facts), *_segments(tables))


def _profit(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    rows = tables["profit"]
    profit = rows[rows["line"] == "profit"]
    now, then = (float(profit[name].iloc[0]) for name in ("amount", "before"))
    if not (rows["before"] != 0).any():
        return [f"The profit is {now:,.2f}; there is nothing to compare with in the period before."]
    word = "as much as" if now == then else "more than" if now > then else "less than"
    by = "" if now == then else f"{abs(now - then):,.2f} "
    return [f"The profit is {now:,.2f}, {by}{word} in the period before."]


def _concentration(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    if "concentration" not in tables:
        return []
    rows = tables["concentration"]
    told = {
        what: f"{100 * value:.1f} %" + (f" ({100 * low:.1f} to {100 * high:.1f})" if np.isfinite(low) else "")
        for what, value, low, high in zip(rows["what"], rows["value"], rows["low"], rows["high"], strict=True)
    }
    top, few = told["share of the top 20%"], told["fewest customers for 75%"]
    return [
        f"The top 20 % of the customers make {top} of the profit; {few} of the customers make 75 % of it. Keep them."
    ]


def _losses(tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]) -> list[str]:
    if "loss_drivers" not in tables:
        return ["No customer costs more than they bring in."] if facts["Customers"] else []
    rows = tables["loss_drivers"]
    first, loss = rows.iloc[0], rows["loss"].sum()
    return [
        f"{facts['Customers with a loss']} of the customers cost more than they bring in, {loss:,.2f} in all. The "
        f"largest part of it, {100 * first['loss'] / loss:.0f} %, is with those for whom it is above all "
        f"{_WORDS[first['driver']]}: change that before you let them go."
    ]


def _segments(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    told = []
    for name, rows in tables.items():
        if not name.startswith("segments_"):
            continue
        known = rows[(rows["customers"] > 0) & (rows[c.SEGMENT] != NOT_KNOWN)]
        if len(known) < 2:
            continue
        best, worst = known.iloc[0], known.iloc[-1]
        told.append(
            f"By {name.removeprefix('segments_')}, {best[c.SEGMENT]} brings most, {best['profit']:,.2f} of "
            f"{int(best['customers']):,} customers; {worst[c.SEGMENT]} least, {worst['profit']:,.2f} of "
            f"{int(worst['customers']):,}."
        )
    return told
