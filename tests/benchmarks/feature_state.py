"""Measure features of the moment: ``python -m tests.benchmarks.feature_state --help``.

Simulated customers with rows in all tables. For each size: microseconds to add an event, milliseconds for a
customer's row, and from an event to the changed row; bytes an event. The row is compared with the batch build first.
"""

from __future__ import annotations

import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from nbo.features import FeatureSet, FeatureState, HouseholdFeatures, NetworkFeatures
from nbo.tables import CustomerTables, Spine

AS_OF = pd.Timestamp("2026-07-01")
DAYS = 540
# Of all rows of a customer, the share that each table has.
SHARES = {"events": 0.6, "transactions": 0.24, "social": 0.1, "decisions": 0.03, "surveys": 0.02, "cases": 0.01}


def moments(rng: np.random.Generator, n: int) -> pd.Series:
    return (
        pd.Series(AS_OF - pd.to_timedelta(np.sort(rng.random(n))[::-1] * DAYS, unit="D"))
        .dt.floor("s")
        .astype("datetime64[us]")
    )


def choices(rng: np.random.Generator, n: int, *values: str) -> np.ndarray:
    return rng.choice(values, n)


def numbered(rng: np.random.Generator, n: int, letter: str, different: int) -> list[str]:
    return [f"{letter}{number}" for number in rng.integers(0, different, n)]


def money(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.round(rng.gamma(2, 20, n), 2)


def columns_of(name: str, rng: np.random.Generator, n: int) -> dict[str, Any]:
    """What rows of a table hold besides customer and time."""
    if name == "events":
        kinds = choices(rng, n, "page_view", "search", "cart", "email_open", "chat")
        about = {"product_id": numbered(rng, n, "p", 500), "session_id": numbered(rng, n, "s", n // 5 + 1)}
        seconds = rng.integers(1, 400, n) / 4
        return {"event_type": kinds, "category": choices(rng, n, "books", "toys"), "duration": seconds, **about}
    if name == "transactions":
        bought = {"product_id": numbered(rng, n, "p", 500), "category": choices(rng, n, "books", "toys", "pets")}
        kinds = choices(rng, n, "sale", "sale", "sale", "return")
        return {
            "amount": money(rng, n),
            "margin": money(rng, n) / 4,
            "kind": kinds,
            "discount": money(rng, n),
            **bought,
        }
    if name == "social":
        mood = {"sentiment": np.round(rng.uniform(-1, 1, n), 3), "reach": rng.integers(0, 99, n).astype(float)}
        return {
            "kind": choices(rng, n, "like", "comment", "share"),
            "topic": choices(rng, n, "price", "service"),
            **mood,
        }
    if name == "decisions":
        made = {"decision_id": [f"d{number}" for number in range(n)], "channel": choices(rng, n, "email", "app")}
        return {"offer_id": choices(rng, n, "tv", "phone", "no_offer"), **made}
    if name == "surveys":
        return {"survey": choices(rng, n, "csat", "nps"), "score": rng.integers(0, 11, n).astype(float)}
    kinds = choices(rng, n, "complaint", "inquiry", "request")
    return {"kind": kinds, "severity": rng.integers(1, 6, n).astype(float), "case_id": [f"c{i}" for i in range(n)]}


def about_people(rng: np.random.Generator, ids: np.ndarray) -> dict[str, pd.DataFrame]:
    """Attributes: two rows of `customers` each, third-party data, three edges."""
    n = len(ids)
    homes = np.array([f"h{number // 2}" for number in range(n)])
    born, old = moments(rng, n) - pd.Timedelta("12000D"), AS_OF - pd.Timedelta("900D")
    person = pd.DataFrame({"customer_id": ids, "household_id": homes, "birth_date": born, "signed_up_at": old})
    person["gender"], person["city"] = choices(rng, n, "f", "m"), choices(rng, n, "Bern", "Rome", "Oslo")
    moved = person.assign(valid_from=AS_OF - pd.Timedelta("100D"), city="Bonn")
    third = {
        "household_id": homes[::2],
        "valid_from": old,
        "income": money(rng, n)[::2] * 1000,
        "match_confidence": 0.75,
    }
    edges = {"customer_id": np.repeat(ids, 3), "related_id": rng.choice(ids, 3 * n), "valid_from": old}
    return {
        "customers": pd.concat([person.assign(valid_from=old), moved], ignore_index=True),
        "environment": pd.DataFrame(third),
        "relationships": pd.DataFrame(edges),
    }


def make_tables(customers: int, rows_each: int, seed: int) -> CustomerTables:
    rng = np.random.default_rng(seed)
    ids = np.array([f"customer {number}" for number in range(customers)])
    tables = about_people(rng, ids)
    times = {"cases": "opened_at", "decisions": "decided_at"}
    for name, share in SHARES.items():
        n = max(int(customers * rows_each * share), customers)
        tables[name] = pd.DataFrame(
            {
                "customer_id": rng.choice(ids, n),
                times.get(name, "event_time"): moments(rng, n),
                **columns_of(name, rng, n),
            }
        )
    made = tables["decisions"]
    answers = {"outcome": choices(rng, len(made), "accept", "reject", "no_answer"), "decision_id": made["decision_id"]}
    tables["outcomes"] = pd.DataFrame({**answers, "outcome_at": made["decided_at"] + pd.Timedelta("1D")})
    return CustomerTables(**tables)


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as an application has them, with Python's own types."""
    times = [name for name in frame if pd.api.types.is_datetime64_any_dtype(frame[name].dtype)]
    rows = frame.to_dict("records")
    for row in rows:
        row |= {name: row[name].to_pydatetime() for name in times}
    return rows


def timed(calls: Iterator[Callable[[], Any]]) -> np.ndarray:
    """Seconds of each call: by the clock, and of the processor, which counts no other process."""
    seconds = []
    for call in calls:
        begin = time.perf_counter(), time.process_time()
        call()
        seconds.append((time.perf_counter() - begin[0], time.process_time() - begin[1]))
    return np.array(seconds)


def quantiles(seconds: np.ndarray, unit: float) -> dict[str, float]:
    clocks = {"clock": seconds[:, 0], "cpu": seconds[:, 1]}
    return {f"{what} p{q}": round(float(np.percentile(s, q)) / unit, 2) for what, s in clocks.items() for q in (50, 99)}


def adding(features: FeatureSet, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Microseconds of `add`, in runs of 1,000 events, and bytes an event once it is kept."""
    state = FeatureState(features)
    state.add("events", rows[0])

    def some(part: list[dict[str, Any]]) -> Callable[[], None]:
        def add() -> None:
            for row in part:
                state.add("events", row)

        return add

    seconds = timed(some(rows[begin : begin + 1000]) for begin in range(0, len(rows) - 999, 1000)) / 1000
    del state
    gc.collect()
    tracemalloc.start()
    state = FeatureState(features)
    for row in rows:
        state.add("events", row)
    state.tables  # noqa: B018 -- it is alive until here
    size = tracemalloc.get_traced_memory()[0] / len(rows)
    tracemalloc.stop()
    return {"us_per_event": quantiles(seconds, 1e-6), "bytes_per_event": round(size, 1)}


def asking(features: FeatureSet, tables: CustomerTables, customers: int, n: int) -> dict[str, Any]:
    """Milliseconds of `row`; and of an event that comes in and is asked for at once."""
    state = FeatureState(features)
    state.load(tables)
    ids = [f"customer {number}" for number in range(customers)]
    whole = features.build(tables, Spine.at(AS_OF, ids[:5]))
    pd.testing.assert_frame_equal(state.rows(ids[:5], AS_OF), whole, check_exact=True)
    rows = timed((lambda i=i: state.row(ids[i % customers], AS_OF)) for i in range(n))
    moment = AS_OF.to_pydatetime()

    def drift(i: int) -> None:
        state.add("events", customer_id=ids[i % customers], event_time=moment, event_type="cart")
        state.row(ids[i % customers], AS_OF + pd.Timedelta("1s"))

    return {
        "ms_per_row": quantiles(rows, 1e-3),
        "ms_event_to_row": quantiles(timed((lambda i=i: drift(i)) for i in range(n)), 1e-3),
    }


@click.command(help=__doc__)
@click.option("--rows", "sizes", type=int, multiple=True, default=(100, 1_000, 10_000), help="Rows of each customer.")
@click.option("--customers", type=int, default=20, show_default=True)
@click.option("--asks", type=int, default=200, show_default=True, help="Rows asked for, of each size.")
@click.option("--limit", type=float, help="Exit with 1 if the median from event to row takes more milliseconds.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Also write the numbers here.")
def main(sizes, customers, asks, limit, file) -> None:
    found = []
    for size in sizes:
        tables = make_tables(customers, size, seed=7)
        features = FeatureSet.default(tables).fit(tables, Spine.at(AS_OF, tables))
        linked = FeatureSet([HouseholdFeatures(), NetworkFeatures()]).fit(tables, Spine.at(AS_OF, tables))
        figures: dict[str, Any] = {"rows": size, "columns": len(features.feature_names)}
        figures |= asking(features, tables, customers, asks)
        figures["linked columns"] = len(linked.feature_names)
        figures["ms_per_linked_row"] = asking(linked, tables, customers, asks)["ms_per_row"]
        click.echo(json.dumps(figures))
        found.append(figures)
    tables = make_tables(2_000, 100, seed=7)
    features = FeatureSet.default(tables).fit(tables, Spine.at(AS_OF, tables))
    found.append(adding(features, plain_rows(tables.events)))
    click.echo(json.dumps(found[-1]))
    if file:
        file.write_text(json.dumps(found, indent=1))
    late = limit is not None and any(one["ms_event_to_row"]["clock p50"] > limit for one in found[:-1])
    sys.exit(bool(late))


if __name__ == "__main__":
    main()
