"""Simulated transactions as Parquet, in the order of an event log; seeded, and made a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START = np.datetime64("2023-01-01", "D")
DAYS = 3 * 365
CATEGORIES = [f"c{number:02}" for number in range(24)]
KINDS = ["sale", "return"]
RETURNED = 0.08
PRODUCTS = 2000
ROW_GROUP = 1_000_000
SCHEMA = pa.schema(
    {
        "customer_id": pa.int64(),
        "event_time": pa.timestamp("us"),
        "amount": pa.float64(),
        "kind": pa.dictionary(pa.int8(), pa.string()),
        "category": pa.dictionary(pa.int8(), pa.string()),
        "product_id": pa.int64(),
    }
)


def make(cache: Path, events: int, customers: int, seed: int = 7) -> Path:
    """Write `transactions.parquet`, unless it is there from an earlier run, and give its folder."""
    folder = cache / f"{events}_events_{customers}_customers_seed_{seed}"
    file = folder / "transactions.parquet"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        half_written = file.with_suffix(".part")
        with pq.ParquetWriter(half_written, SCHEMA) as writer:
            for piece in pieces(events, customers, seed):
                writer.write_table(piece, row_group_size=len(piece))
        half_written.rename(file)
    return folder


def pieces(events: int, customers: int, seed: int) -> Iterator[pa.Table]:
    """Whole days in their order, about a row group of them at a time."""
    rng = np.random.default_rng(seed)
    activity = np.cumsum(rng.gamma(0.8, 1.0, customers))
    popularity = np.cumsum(1 / np.arange(1, len(CATEGORIES) + 1))
    per_day = rng.multinomial(events, np.full(DAYS, 1 / DAYS))
    piece_of_day = np.cumsum(per_day) // ROW_GROUP
    edges = [0, *(np.flatnonzero(np.diff(piece_of_day)) + 1), DAYS]
    for first, end in pairwise(edges):
        days = np.repeat(np.arange(first, end), per_day[first:end])
        yield table(rng, days, activity, popularity)


def table(rng: np.random.Generator, days: np.ndarray, activity: np.ndarray, popularity: np.ndarray) -> pa.Table:
    """Rows of these days: active customers buy more, the first categories sell best."""
    n = len(days)
    time = (START + days).astype("datetime64[us]") + rng.integers(0, 86_400, n) * np.timedelta64(1, "s")
    cents = np.rint(np.exp(rng.normal(3.2, 1.0, n)) * 100) + 1
    kind = pa.DictionaryArray.from_arrays((rng.random(n) < RETURNED).astype(np.int8), KINDS)
    category = pa.DictionaryArray.from_arrays(drawn(rng, popularity, n).astype(np.int8), CATEGORIES)
    columns = [drawn(rng, activity, n), time, cents / 100, kind, category, rng.integers(0, PRODUCTS, n)]
    return pa.Table.from_arrays([pa.array(column) for column in columns], schema=SCHEMA)


def drawn(rng: np.random.Generator, cumulated: np.ndarray, n: int) -> np.ndarray:
    """Draw `n` positions by their cumulated weights."""
    places = np.searchsorted(cumulated, rng.random(n) * cumulated[-1], side="right")
    return np.minimum(places, len(cumulated) - 1)
