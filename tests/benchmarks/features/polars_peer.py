"""The features by Polars: the lazy engine on one join, and a form with as-of joins for many cut-offs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import polars as pl

from tests.benchmarks.features import plan
from tests.benchmarks.features.data import CATEGORIES

AMOUNT, RING, SALE, TIME = (pl.col(name) for name in ("amount", "ring", "sale", "event_time"))
DAY = timedelta(days=1)


def build(folder: Path, spine: pd.DataFrame) -> pl.DataFrame:
    """Give one row per spine row, by the in-memory engine."""
    return query(folder, spine).collect(engine="in-memory")


def build_streaming(folder: Path, spine: pd.DataFrame) -> pl.DataFrame:
    """Give one row per spine row, by the streaming engine."""
    return query(folder, spine).collect(engine="streaming")


def query(folder: Path, spine: pd.DataFrame) -> pl.LazyFrame:
    """Join questions and events once; each pair falls into one ring between two window edges."""
    rows, events = inputs(folder, spine)
    pairs = rows.join(events, on="customer_id").filter(pl.col("as_of") > TIME).with_columns(ring=ring())
    span = pairs.filter(SALE).group_by("id").agg(earliest=TIME.min(), latest=TIME.max())
    parts = [*in_windows(pairs, plan.WINDOWS), span]
    return finished(rows, parts)


def build_asof(folder: Path, spine: pd.DataFrame) -> pl.DataFrame:
    """Give one row per spine row: all history by as-of joins on running totals, one year by pairs."""
    rows, events = inputs(folder, spine)
    recent = (pl.col("as_of") > TIME) & (pl.col("as_of") - plan.DAYS[plan.YEAR] * DAY <= TIME)
    pairs = rows.join(events, on="customer_id").filter(recent).with_columns(ring=ring())
    parts = [*in_windows(pairs, list(plan.DAYS)), *all_history(rows, events)]
    return finished(rows, parts).collect(engine="streaming")


def inputs(folder: Path, spine: pd.DataFrame) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    rows = pl.from_pandas(spine).lazy().with_row_index("id")
    events = pl.scan_parquet(folder / "transactions.parquet")
    return rows, events.with_columns(sale=pl.col("kind") == "sale").drop("kind")


def ring() -> pl.Expr:
    """How many window edges lie between the event and the question."""
    edges = [pl.col("as_of") - days * DAY for days in plan.DAYS.values()]
    return pl.sum_horizontal((edge > TIME).cast(pl.UInt8) for edge in edges).cast(pl.UInt8)


def in_windows(pairs: pl.LazyFrame, windows: list[str]) -> list[pl.LazyFrame]:
    """Aggregate by ring first, then windows from the rings inside them."""
    sold = pairs.filter(SALE)
    totals = {"n": pl.len(), "spent": AMOUNT.sum(), "highest": AMOUNT.max()}
    sums = pairs.group_by("id", "sale", "ring").agg(**totals)
    products = sold.group_by("id", "product_id").agg(RING.min())
    years = sold.filter(len(plan.DAYS) > RING).group_by("id", "category").agg(AMOUNT.sum())
    return [
        sums.group_by("id").agg(**windowed(windows)),
        products.group_by("id").agg(
            (place >= RING).sum().alias(plan.sales("distinct", w)) for place, w in enumerate(windows)
        ),
        years.group_by("id").agg(
            AMOUNT.filter(pl.col("category") == c).sum().alias(plan.spent_on(c)) for c in CATEGORIES
        ),
    ]


def windowed(windows: list[str]) -> dict[str, pl.Expr]:
    columns = {}
    for place, window in enumerate(windows):
        sold, returned = SALE & (place >= RING), ~SALE & (place >= RING)
        columns[plan.sales("count", window)] = pl.col("n").filter(sold).sum()
        columns[plan.sales("sum", window)] = pl.col("spent").filter(sold).sum()
        columns[plan.sales("max", window)] = pl.col("highest").filter(sold).max()
        columns[plan.returns("count", window)] = pl.col("n").filter(returned).sum()
        columns[plan.returns("sum", window)] = pl.col("spent").filter(returned).sum()
    return columns


def all_history(rows: pl.LazyFrame, events: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Running totals of each customer, taken at the last event before each question."""
    ordered = events.sort("customer_id", "event_time")
    running = {
        plan.sales("count", "all"): SALE.cum_sum(),
        plan.sales("sum", "all"): (AMOUNT * SALE).cum_sum(),
        plan.sales("max", "all"): pl.when(SALE).then(AMOUNT).cum_max().forward_fill(),
        plan.returns("count", "all"): (~SALE).cum_sum(),
        plan.returns("sum", "all"): (AMOUNT * ~SALE).cum_sum(),
        "earliest": pl.when(SALE).then(TIME).cum_min().forward_fill(),
        "latest": pl.when(SALE).then(TIME).cum_max().forward_fill(),
    }
    totals = ordered.select("customer_id", "event_time", **{k: v.over("customer_id") for k, v in running.items()})
    first_sales = (
        events.filter(SALE).group_by("customer_id", "product_id").agg(TIME.min()).sort("customer_id", "event_time")
    )
    known = {plan.sales("distinct", "all"): pl.int_range(1, pl.len() + 1).over("customer_id")}
    return [as_of_join(rows, totals), as_of_join(rows, first_sales.select("customer_id", "event_time", **known))]


def as_of_join(rows: pl.LazyFrame, totals: pl.LazyFrame) -> pl.LazyFrame:
    joined = rows.sort("as_of").join_asof(
        totals.sort("event_time"),
        left_on="as_of",
        right_on="event_time",
        by="customer_id",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    return joined.drop("customer_id", "as_of", "event_time")


def finished(rows: pl.LazyFrame, parts: list[pl.LazyFrame]) -> pl.LazyFrame:
    """Put the parts beside the spine; add means and days, and zeros where nothing happened."""
    for part in parts:
        rows = rows.join(part, on="id", how="left")
    ratio = {w: pl.col(plan.sales("sum", w)) / pl.col(plan.sales("count", w)) for w in plan.WINDOWS}
    means = {plan.sales("mean", window): mean for window, mean in ratio.items()}
    count, earliest, latest = pl.col(plan.sales("count", "all")), pl.col("earliest"), pl.col("latest")
    spans = {
        plan.RECENCY: (pl.col("as_of") - latest) / DAY,
        plan.TENURE: (pl.col("as_of") - earliest) / DAY,
        plan.MEAN_GAP: pl.when(count > 1).then((latest - earliest) / DAY / (count.cast(pl.Int64) - 1)),
    }
    zeros = pl.col(plan.ZERO_WITHOUT_ROWS).fill_null(0)
    return rows.with_columns(**means, **spans).with_columns(zeros).select("customer_id", "as_of", *plan.FEATURES)
