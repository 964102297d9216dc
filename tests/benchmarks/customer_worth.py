"""How long it takes to say what a million customers are worth.

    python -m tests.benchmarks.customer_worth --customers 1000000

Simulated customers in 50 segments; processor time and the most memory so far, of this process.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from nbo.models import SeasonalForecast
from nbo.tables import CustomerTables, Spine
from nbo.value import Change, entered_top_tier, segment_value, share_of_wallet, what_if


def timed(name: str, do: Callable[[], Any]) -> None:
    start = time.process_time()
    do()
    seconds, peak = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{name:<40}{seconds:8.2f} s{peak:10.0f} MiB\n")


def money_lines(rng: np.random.Generator, clv: np.ndarray, segments: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "segment": segments,
            "revenue": 3 * clv,
            "goods": 1.5 * clv,
            "cost_to_serve": rng.exponential(30, len(clv)),
            "churn_probability": rng.uniform(0, 0.5, len(clv)),
        }
    )


def sales(rng: np.random.Generator, n: int) -> CustomerTables:
    seconds = pd.to_timedelta(rng.integers(0, 540 * 86_400, 3 * n), unit="s")
    when = pd.Timestamp("2025-01-01") + seconds
    rows = {"customer_id": rng.integers(0, n, 3 * n), "event_time": when, "margin": rng.gamma(2, 10, 3 * n)}
    return CustomerTables(transactions=pd.DataFrame(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    n = parser.parse_args().customers
    rng = np.random.default_rng(0)
    clv, cost = rng.lognormal(3, 1, n), rng.exponential(20, n)
    segments = pd.Series(np.array([f"segment {i}" for i in range(50)])[rng.integers(0, 50, n)])
    elsewhere = np.where(rng.random(n) < 0.3, rng.lognormal(4, 1, n), np.nan)
    customers, tables = money_lines(rng, clv, segments), sales(rng, n)
    changes = [Change(f"change {i}", cost_factors={"cost_to_serve": 0.9 - 0.1 * i}) for i in range(5)]
    series = rng.normal(100, 10, (48, 1000))
    timed("segment_value, bootstrap", lambda: segment_value(clv, segments, acquisition_cost=cost))
    timed("segment_value, sd", lambda: segment_value(clv, segments, sd=clv, acquisition_cost=cost))
    timed("share_of_wallet", lambda: share_of_wallet(clv, elsewhere, segments=segments))
    timed("what_if, five changes", lambda: what_if(customers, changes, by="segment"))
    spine = Spine.at("2026-01-01", np.arange(n))
    timed("entered_top_tier", lambda: entered_top_tier(tables, spine, "90D", until="2026-06-01"))
    timed("SeasonalForecast, 1,000 series", lambda: SeasonalForecast().fit(series).predict())


if __name__ == "__main__":
    main()
