"""Which customers cost more than they bring in, how much, and why."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.value.cents import money
from nbo.value.concentration import concentration
from nbo.value.concentration_result import ShareEstimate
from nbo.value.entries import COSTS
from nbo.value.loss_makers_result import LossMakers
from nbo.value.profitability_result import Profitability
from nbo.wilson import wilson_interval

__all__ = ["loss_makers"]

_POINTS: Final = 1001


def loss_makers(profitability: Profitability, *, level: float = 0.95) -> LossMakers:
    """Find the customers with a loss, the sum of it, and what drives it.

    The whale curve adds up the profit of the customers, the most profitable first: where some make a loss it rises
    above the whole before it falls back to it [1]_. What drives a loss is the cost that is furthest above the norm, in
    money: above what it would be at the customer's revenue if it took the share of the revenue that it takes with all
    customers together. These excesses add up to what the customer lacks to the profit that all make of such a revenue.
    Where none is above the norm, as where all make a loss alike, it is the largest cost.

    Parameters
    ----------
    profitability : Profitability
        Periods are added up.
    level : float, default=0.95
        Of the intervals, in (0, 1).

    Returns
    -------
    LossMakers

    Raises
    ------
    InputError
        If the level is not in (0, 1).

    References
    ----------
    .. [1] Kaplan, R. S. and Narayanan, V. G. (2001). Measuring and managing customer profitability. Journal of
       Cost Management 15(5), 5-15.

    Examples
    --------
    >>> from nbo.tables import CustomerTables
    >>> from nbo.value import profitability
    >>> when = "2026-01-05"
    >>> sales = pd.DataFrame({"customer_id": ["ann", "bob"], "event_time": when, "amount": [90.0, 10.0],
    ...                       "margin": [30.0, 4.0]})
    >>> cases = pd.DataFrame({"customer_id": ["bob"], "opened_at": when, "cost_to_serve": [14.0]})
    >>> found = loss_makers(profitability(CustomerTables(transactions=sales, cases=cases), "2026-01-01", "2026-02-01"))
    >>> found.customers[["customer_id", "loss", "driver"]].values.tolist(), found.peak.value
    ([['bob', 10.0, 'cost_to_serve']], 1.5)
    """
    cents = profitability.by_customer()
    profit = cents["profit"].to_numpy()
    worst = np.flatnonzero(profit < 0)
    worst = worst[np.argsort(profit[worst], kind="stable")]
    customers = _with_drivers(cents, worst)
    n, n_gain = len(profit), int((profit > 0).sum())
    low, high = wilson_interval(np.array(len(worst)), np.array(n), level)
    share = ShareEstimate(len(worst) / n if n else np.nan, float(low), float(high))
    whale = concentration(money(profit), level=level)
    peak = whale.share_of_top(n_gain / n) if n_gain else ShareEstimate(np.nan, np.nan, np.nan)
    return LossMakers(
        customers=customers,
        drivers=_totals(customers),
        curve=_curve(profit),
        share=share,
        peak=peak,
        n_customers=n,
        gain_cents=int(profit[profit > 0].sum()),
        loss_cents=int(-profit[worst].sum()),
        total_cents=int(cents["profit"].sum()),
    )


def _with_drivers(cents: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """List customers with the cost that is furthest above the norm."""
    spent = cents[list(COSTS)].to_numpy()
    revenue = cents["revenue"].to_numpy()
    whole = revenue.sum()
    rates = spent.sum(axis=0) / whole if whole else np.zeros(len(COSTS))
    excess = spent[rows] - rates * revenue[rows, None]
    above = (np.rint(excess) > 0).any(axis=1, keepdims=True)
    first = np.where(above, excess, spent[rows]).argmax(axis=1) if len(rows) else np.empty(0, dtype=int)
    return pd.DataFrame(
        {
            c.CUSTOMER_ID: cents[c.CUSTOMER_ID].take(rows).reset_index(drop=True),
            "revenue": money(revenue[rows]),
            "profit": money(cents["profit"].to_numpy()[rows]),
            "loss": money(-cents["profit"].to_numpy()[rows]),
            "driver": pd.Series(np.array(COSTS, dtype=object)[first], dtype="str"),
            "excess": np.rint(excess[np.arange(len(rows)), first]) / 100,
        }
    )


def _totals(customers: pd.DataFrame) -> pd.DataFrame:
    """Add up the losses by driver, in whole cents; the largest first."""
    cents = customers.assign(**{name: np.rint(100 * customers[name]).astype("int64") for name in ("loss", "excess")})
    totals = cents.groupby("driver").agg(customers=("loss", "size"), loss=("loss", "sum"), excess=("excess", "sum"))
    totals = totals.sort_values("loss", ascending=False, kind="stable").reset_index()
    return totals.assign(loss=totals["loss"] / 100, excess=totals["excess"] / 100)


def _curve(profit: np.ndarray) -> pd.DataFrame:
    """Add up the profit, the most profitable first, at the peak and at up to a thousand other places."""
    n, reached = len(profit), np.append(0, np.cumsum(np.sort(profit)[::-1]))
    some = np.unique(np.append(np.linspace(0, n, min(n + 1, _POINTS)).astype(int), int((profit > 0).sum())))
    total = reached[-1]
    return pd.DataFrame(
        {
            "customers": some / max(n, 1),
            "profit": money(reached[some]),
            "share": reached[some] / total if total > 0 else np.full(len(some), np.nan),
        }
    )
