"""The features by pandas, one cut-off after the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks.features import plan
from tests.benchmarks.features.data import CATEGORIES

COLUMNS = ["customer_id", "event_time", "amount", "kind", "category", "product_id"]


def build(folder: Path, spine: pd.DataFrame) -> pd.DataFrame:
    """Give one row per spine row; fast where many customers share a cut-off."""
    events = pd.read_parquet(folder / "transactions.parquet", columns=COLUMNS)
    sold = events.pop("kind") == "sale"
    sales, returns = events[sold], events[~sold].drop(columns=["category", "product_id"])
    del events
    return pd.concat(
        [as_of(sales, returns, moment, rows["customer_id"]) for moment, rows in spine.groupby("as_of")],
        ignore_index=True,
    )


def as_of(sales: pd.DataFrame, returns: pd.DataFrame, moment: pd.Timestamp, customers: pd.Series) -> pd.DataFrame:
    """Aggregate by ring, between two window edges, first; windows are running totals over rings."""
    sales, returns = with_rings(sales, moment), with_rings(returns, moment)
    customers = pd.Index(customers)
    columns = {
        **in_windows(sales, customers, plan.sales, ["count", "sum", "max"]),
        **in_windows(returns, customers, plan.returns, ["count", "sum"]),
        **distinct(sales, customers),
        **by_category(sales, customers),
    }
    for window in plan.WINDOWS:
        columns[plan.sales("mean", window)] = columns[plan.sales("sum", window)] / columns[plan.sales("count", window)]
    columns |= days(sales, customers, moment)
    frame = pd.DataFrame(columns, index=customers)[plan.FEATURES].reset_index()
    frame.insert(1, "as_of", moment)
    return frame


def with_rings(events: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    known = events[events["event_time"] < moment]
    edges = [known["event_time"] < moment - pd.Timedelta(days=length) for length in plan.DAYS.values()]
    return known.assign(ring=sum(edge.astype(np.int8) for edge in edges))


def in_windows(events: pd.DataFrame, customers: pd.Index, name, aggregates: list[str]) -> dict[str, pd.Series]:
    by_ring = events.groupby(["customer_id", "ring"])["amount"].agg(aggregates)
    columns = {}
    for aggregate in aggregates:
        rings = spread(by_ring[aggregate], customers)
        totals = rings.cummax(axis=1).ffill(axis=1) if aggregate == "max" else rings.fillna(0).cumsum(axis=1)
        columns |= {name(aggregate, window): totals[ring] for ring, window in enumerate(plan.WINDOWS)}
    return columns


def distinct(sales: pd.DataFrame, customers: pd.Index) -> dict[str, pd.Series]:
    """A product counts from the ring of its latest sale on."""
    products = sales.groupby(["customer_id", "product_id"], sort=False)["ring"].min().reset_index()
    totals = spread(products.groupby(["customer_id", "ring"]).size(), customers).fillna(0).cumsum(axis=1)
    return {plan.sales("distinct", window): totals[ring] for ring, window in enumerate(plan.WINDOWS)}


def spread(by_ring: pd.Series, customers: pd.Index) -> pd.DataFrame:
    return by_ring.unstack("ring").reindex(index=customers, columns=range(len(plan.WINDOWS)))


def by_category(sales: pd.DataFrame, customers: pd.Index) -> dict[str, pd.Series]:
    year = sales[sales["ring"] < len(plan.DAYS)]
    spent = year.groupby(["customer_id", "category"], observed=True)["amount"].sum().unstack("category")
    spent = spent.reindex(index=customers, columns=CATEGORIES).fillna(0)
    return {plan.spent_on(category): spent[category] for category in CATEGORIES}


def days(sales: pd.DataFrame, customers: pd.Index, moment: pd.Timestamp) -> dict[str, pd.Series]:
    span = sales.groupby("customer_id")["event_time"].agg(["min", "max", "count"]).reindex(customers)
    day = pd.Timedelta(days=1)
    gaps = (span["count"] - 1).where(span["count"] > 1)
    return {
        plan.RECENCY: (moment - span["max"]) / day,
        plan.TENURE: (moment - span["min"]) / day,
        plan.MEAN_GAP: (span["max"] - span["min"]) / day / gaps,
    }
