"""How long households, personas, lookalikes, drift and migration take.

    python -m tests.benchmarks.segments_alike --customers 1000000

Simulated customers: 28 numbers and 2 categories, 8 segments; households of about two, and 300,000 relationships for a
million customers. Processor time of one core, and the largest memory so far.
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

from nbo import segments
from nbo.tables import CustomerTables

NOW = "2026-06-30"


def linked(n: int, rng: np.random.Generator) -> CustomerTables:
    """Make customers with households, phones, ages and relationships."""
    ids = names(n)
    born = pd.Timestamp("1990-01-01") - pd.to_timedelta(rng.integers(-7000, 14000, n), unit="D")
    house = pd.Series(rng.integers(0, int(0.45 * n), n)).map("H{:06d}".format)
    customers = pd.DataFrame({"customer_id": ids, "valid_from": pd.Timestamp("2025-01-01"), "birth_date": born})
    customers["household_id"] = house.where(rng.random(n) < 0.9)
    customers["phone"] = rng.integers(0, 3 * n, n).astype(str)
    ends = rng.integers(0, n, (2, int(0.3 * n)))
    kind = rng.choice(["family", "friend"], ends.shape[1], p=[0.1, 0.9])
    edges = pd.DataFrame({"customer_id": ids[ends[0]], "related_id": ids[ends[1]], "kind": kind})
    return CustomerTables(customers=customers, relationships=edges.assign(valid_from=pd.Timestamp("2025-02-01")))


def profiles(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Make features."""
    numbers = {f"x{place}": rng.normal(size=n) for place in range(20)}
    counts = {f"z{place}": rng.poisson(0.3, n) for place in range(8)}
    words = {"town": rng.choice(list("ABCDEFGH"), n), "kind": rng.choice(["a", "b", "c"], n)}
    return pd.DataFrame({**numbers, **counts, **words}, index=names(n))


def names(n: int) -> np.ndarray:
    return np.array([f"C{number:07d}" for number in range(n)], dtype=object)


def timed(name: str, work: Callable[[], Any]) -> Any:
    """Run, and tell how long it took."""
    start = time.process_time()
    result = work()
    spent, peak = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    sys.stdout.write(f"| {name} | {spent:.1f} s | {peak:.1f} GiB |\n")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    n, rng = parser.parse_args().customers, np.random.default_rng(0)
    tables = linked(n, rng)
    by = ["household_id", "relationships", "phone"]
    members = timed("`households` by household_id, phone and family", lambda: segments.households(tables, NOW, by=by))
    spent = pd.DataFrame({"customer_id": names(n), "spent": rng.gamma(2, 50, n).round(2)})
    timed("`household_totals`", lambda: segments.household_totals(members, spent))
    X, labels = profiles(n, rng), rng.choice([f"s{place}" for place in range(8)], n)
    timed("`personas`", lambda: segments.personas(X, labels, values=spent["spent"]))
    known = ((X["x0"] + X["x1"] > 2.2) & X["town"].isin(["A", "B"])).to_numpy() & (rng.random(n) < 0.5)
    alike = timed("`LookalikeSegmenter.fit`", lambda: segments.LookalikeSegmenter().fit(X, known))
    timed("`LookalikeSegmenter.matched`, 1,000 of them", lambda: alike.matched(X, 1000, members=known))
    before = pd.Series(labels, index=X.index)
    after = before.where(rng.random(n) < 0.8, rng.choice(labels, n)).sample(frac=0.95, random_state=0)
    timed("`migration_matrix`", lambda: segments.migration_matrix(before, after))
    timed("`segment_drift`, labels matched", lambda: segments.segment_drift(before, after, match=True))


if __name__ == "__main__":
    main()
