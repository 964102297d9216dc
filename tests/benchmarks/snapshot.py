"""How long the card of a customer takes: ``python -m tests.benchmarks.snapshot --help``."""

from __future__ import annotations

import argparse
import gc
import logging
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from nbo.models import PropensityModel
from nbo.next_best_offer import NextBestOffer
from nbo.simulate import World
from nbo.tables import CustomerTables, Spine
from nbo.views import StoredScores, customer_index, customer_snapshot

AS_OF = "2025-06-30"
START = np.datetime64("2025-01-01", "us")
CATEGORIES = np.array(["groceries", "fashion", "electronics", "home", "sports", "travel"])


def made_up_tables(customers: int, events: int, own: int, seed: int = 0) -> CustomerTables:
    """Make tables of random rows; the first customer has `own` of the events."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"C{number:07d}" for number in range(customers)])

    def rows(n: int, time_column: str = "event_time") -> dict[str, np.ndarray]:
        times = START + rng.integers(0, 365 * 86_400, n).astype("timedelta64[s]")
        return {"customer_id": ids[rng.integers(0, customers, n)], time_column: np.sort(times)}

    def drawn(texts: list[str], n: int) -> np.ndarray:
        return np.array(texts)[rng.integers(0, len(texts), n)]

    seen = rows(events)
    seen["customer_id"][rng.choice(events, own, replace=False)] = ids[0]
    sales, cases, made = 2 * events // 5, events // 16, events // 5
    decided = rows(made, "decided_at")
    opened = rows(cases, "opened_at")
    return CustomerTables(
        customers=pd.DataFrame(
            {
                "customer_id": ids,
                "valid_from": START - np.timedelta64(365, "D"),
                "name": ids,
                "birth_date": np.datetime64("1980-05-05"),
                "household_id": np.arange(customers) // 2,
                "consent_email": True,
            }
        ),
        events=pd.DataFrame(
            {**seen, "event_type": drawn(["page_view", "search", "cart", "email_open"], events), "channel": "web"}
        ).assign(category=CATEGORIES[rng.integers(0, 6, events)]),
        identities=pd.DataFrame({**rows(events // 50), "anonymous_id": [f"V{at}" for at in range(events // 50)]}),
        transactions=pd.DataFrame(
            {**rows(sales), "transaction_id": [f"T{at}" for at in range(sales)], "kind": "sale", "status": "completed"}
        ).assign(amount=rng.integers(1, 10_000, sales) / 100, category=CATEGORIES[rng.integers(0, 6, sales)]),
        cases=pd.DataFrame(
            {**opened, "case_id": [f"K{at}" for at in range(cases)], "kind": drawn(["complaint", "inquiry"], cases)}
        ).assign(closed_at=opened["opened_at"] + np.timedelta64(3, "D"), topic=drawn(["delivery", "price"], cases)),
        decisions=pd.DataFrame(
            {**decided, "decision_id": [f"D{at}" for at in range(made)], "offer_id": "home_bundle", "channel": "email"}
        ),
        outcomes=pd.DataFrame({"decision_id": [f"D{at}" for at in range(0, made, 2)], "outcome": "reject"}).assign(
            outcome_at=decided["decided_at"][::2] + np.timedelta64(2, "D")
        ),
        surveys=pd.DataFrame({**rows(events // 20), "survey": "csat", "score": 3.0}),
        social=pd.DataFrame({**rows(events // 20), "kind": "comment", "topic": "home", "sentiment": 0.2}),
    )


def seconds(call: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Give the time of one call."""
    start = clock()
    call()
    return clock() - start


def quantiles(took: list[float]) -> str:
    """Write the least, the median and the 99th percentile in milliseconds; what else runs adds, never takes away."""
    return "least {:.1f} ms, p50 {:.1f} ms, p99 {:.1f} ms".format(*(1e3 * np.percentile(took, [0, 50, 99])))


def with_a_model(own: int, customers: int = 5_000) -> tuple[NextBestOffer, CustomerTables]:
    """Fit a model of 50 trees on a simulated world, of which the first customer then gets `own` events more.

    They stand in the order of time, as in a log.
    """
    world = World(customers=customers, days=180, seed=1)
    spine = Spine.at(AS_OF, world.tables)
    model = NextBestOffer(propensity=PropensityModel(n_estimators=50)).fit(world.tables, spine, as_of=AS_OF)
    more = world.tables.events.sample(own, replace=True, random_state=0).assign(customer_id="C0000001")
    events = pd.concat([world.tables.events, more]).sort_values("event_time", kind="stable", ignore_index=True)
    return model, world.tables.replace(events=events)


def main() -> None:
    """Measure cards with and without an index, with and without a model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--own", type=int, default=10_000, help="Events of the busiest customer.")
    parser.add_argument("--cards", type=int, default=200)
    parser.add_argument("--as-of", default="2026-01-01", help="Moment of the cards of made-up customers.")
    parser.add_argument("--freeze", action="store_true", help="Spare what is loaded from the collector of garbage.")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    log = logging.getLogger("snapshot")
    tables = made_up_tables(given.customers, given.events, given.own)
    start = time.perf_counter()
    index = customer_index(tables)
    log.info("index of %s: %.2f s", tables, time.perf_counter() - start)
    if given.freeze:
        gc.collect()
        gc.freeze()
    busiest, others = ["C0000000"] * given.cards, [f"C{number:07d}" for number in range(1, given.cards + 1)]
    for what, source, n in (("tables", tables, given.cards // 10), ("index", index, given.cards)):
        for who, names in (("busiest", busiest), ("others", others)):
            for clock in (time.perf_counter, time.process_time):
                took = [
                    seconds(lambda name=name, source=source: customer_snapshot(None, source, name, given.as_of), clock)
                    for name in names[:n]
                ]
                log.info("%s, %s, %s: %s", what, who, clock.__name__, quantiles(took))
    model, tables = with_a_model(given.own)
    index = customer_index(tables)
    scoring: list[float] = []

    class Timed:
        """Keeps the time of the model's own scores apart."""

        def score(self, tables: CustomerTables, spine: Spine) -> pd.DataFrame:
            found: list[pd.DataFrame] = []
            scoring.append(seconds(lambda: found.append(model.score(tables, spine)), time.process_time))
            return found[0]

    took = [
        seconds(lambda name=name: customer_snapshot(Timed(), index, name, AS_OF), time.process_time)
        for name in ["C0000001"] * 40
    ]
    log.info("index, busiest, with a model, process_time: %s", quantiles(took))
    log.info("of it the scores: %s", quantiles(scoring))
    stored = StoredScores(model.score(tables, Spine.at(AS_OF, tables)))
    took = [seconds(lambda: customer_snapshot(stored, index, "C0000001", AS_OF), time.process_time) for _ in range(40)]
    log.info("index, busiest, with stored scores, process_time: %s", quantiles(took))


if __name__ == "__main__":
    main()
