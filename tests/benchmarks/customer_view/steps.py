"""What is timed: from the Parquet files to segments, services and the page of the report."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from tests.benchmarks.customer_view.data import AS_OF, CATEGORIES

START = "2025-07-01"
LEVELS = pd.DataFrame(
    {
        "level": ["representative", "team", "center", "online"],
        "owner": ["named representative", "experienced team", "center", "self-service"],
        "pool": ["reps", "desk", "phone", None],
        "minutes": [45, 15, 5, 0],
        "cost": [30.0, 9.0, 2.0, 0.1],
    }
)
CAPACITY = {"reps": 200_000, "desk": 1_000_000, "phone": 1_500_000}


def steps(folder: Path, out: Path) -> Iterator[str]:
    """Do one step after the other, and name it."""
    import nbo
    from nbo.reports import value_report
    from nbo.segments import (
        ClusterSegmenter,
        LifeStageSegmenter,
        MicroSegmenter,
        ServicePlan,
        ValueTierSegmenter,
        assign_service,
        segment_customers,
    )
    from nbo.value import profitability

    tables = nbo.CustomerTables.read(folder)
    spine = nbo.known_customers(tables, AS_OF)
    yield "read the tables"
    sales, spent_on = [("kind", "sale")], {"category": CATEGORIES}
    features = nbo.FeatureSet(
        [
            nbo.AggregateFeatures("transactions", ["count", "sum(amount)", "recency_days"], ["365D"], where=sales),
            nbo.AggregateFeatures("transactions", ["sum(amount)"], ["365D"], where=sales, pivots=spent_on),
            nbo.AggregateFeatures("cases", ["count"], ["365D"]),
            nbo.DemographicFeatures(),
        ]
    )
    X = features.fit(tables, spine).build(tables, spine)
    yield f"{X.shape[1]} features"
    accounts = profitability(tables, START, AS_OF).customers.set_index("customer_id")
    X["profit"] = accounts["profit"].reindex(spine.frame["customer_id"]).to_numpy()
    yield "profitability by customer"
    spent = [name for name in X if "category_" in name]
    schemes = {
        "rfm": nbo.RFMSegmenter(
            "transactions__recency_days", "transactions__count__365D", "transactions__amount__sum__365D"
        ),
        "value": ValueTierSegmenter("profit"),
        "needs": ClusterSegmenter([*spent, "cases__count__365D", "customers__region"], needs=spent),
        "micro": MicroSegmenter("profit", max_segments=24),
        "life_stage": LifeStageSegmenter(),
    }
    for name, segmenter in schemes.items():
        segmenter.fit(X)
        yield f"segments: {name}"
    labels = segment_customers(schemes, X, spine)
    assert len(labels) == len(schemes) * len(spine)
    yield "labels of all schemes"
    own = labels[labels["scheme"] == "value"]
    people = own[["customer_id", "segment"]].assign(contribution=X["profit"].to_numpy())
    service = assign_service(people, ServicePlan(LEVELS), CAPACITY)
    yield "services"
    report = value_report(tables, START, AS_OF, segments=labels, service=service)
    assert (report.tables["reconciliation"]["difference"] == 0).all()
    yield "value report"
    report.to_html(out / "value.html")
    report.write_tables(out / "tables")
    yield "its page and tables"


def peak() -> float:
    """Give the highest memory of this process so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 2**30


def run(folder: Path, results: multiprocessing.SimpleQueue[list[tuple[str, float, float, float]]]) -> None:
    """Time the steps in a process of their own, so that its peak is theirs."""
    taken, clock, cpu = [], time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as out:
        for name in steps(folder, Path(out)):
            now, used = time.perf_counter(), time.process_time()
            taken.append((name, now - clock, used - cpu, peak()))
            clock, cpu = now, used
    results.put(taken)
