"""How many customers a second are decided, by ten rules, step by step: simulated.

::

    python -m tests.benchmarks.decisions                        # 1,000,000 customers x 20 offers, ten rules
    python -m tests.benchmarks.decisions --customers 100000 --repeat 3

Models are not asked: propensities, features and segments are given. The tables hold three past decisions for every
two customers.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
import numpy as np
import pandas as pd

from nbo import NO_OFFER
from nbo.arbitration import Beliefs, Candidates, Eligibility, Lever, Plan, Rule, Weigh, When, decide
from nbo.arbitration.contact import ContactLimit, RestAfter
from nbo.policies import SegmentThompson
from nbo.tables import Catalog, CustomerTables, Offer, Spine

AS_OF = pd.Timestamp("2026-06-30")
CHANNELS = (("email", "phone"), ("email",), ("app", "email"))
KINDS = ("discount", "retention", "news")


@dataclass(frozen=True)
class Case:
    """One run of decisions: who, what, and what is believed."""

    tables: CustomerTables
    spine: Spine
    catalog: Catalog
    features: pd.DataFrame
    segments: np.ndarray
    beliefs: Beliefs
    policy: SegmentThompson


def rules() -> tuple[Rule, ...]:
    """Ten rules, as a company has them."""
    return (
        Eligibility(),
        When("adults only", refuse="age < 18"),
        When("good payers", allow_if="risk < 0.9", offers=[f"offer {i}" for i in range(5)]),
        When("active", allow_if="recency < 300", stage="applicability", kinds=["discount"]),
        When("not twice the income", refuse="offer.value > income / 100", stage="suitability"),
        When("calls for the valuable", allow_if="clv > 50", channels=["phone"], stage="applicability"),
        ContactLimit(at_most=2, window="7D"),
        RestAfter("reject", rest="30D", what="offer"),
        Weigh("leaving", when="churn_probability > 0.5", weight=1.5, kinds=["retention"]),
        Lever("push news", percent=20, kinds=["news"]),
    )


def make(customers: int, offers: int) -> Case:
    """Make customers, what was offered to them, and what is believed of them."""
    rng = np.random.default_rng(1)
    ids = np.char.add("c", np.arange(customers).astype(str)).astype(object)
    people = pd.DataFrame(
        {"customer_id": ids, **{f"consent_{name}": rng.random(customers) < 0.8 for name in ("email", "phone")}}
    )
    catalog = Catalog(
        Offer(f"offer {i}", 5.0 + i, 0.1, CHANNELS[i % 3], kind=KINDS[i % 3], category=f"group {i % 4}")
        for i in range(offers)
    )
    past = int(customers * 1.5)
    decisions = pd.DataFrame(
        {
            "decision_id": np.char.add("d", np.arange(past).astype(str)).astype(object),
            "customer_id": ids[rng.integers(0, customers, past)],
            "offer_id": np.array(catalog.offer_ids, dtype=object)[rng.integers(0, offers, past)],
            "decided_at": AS_OF - pd.to_timedelta(rng.uniform(0, 60, past), unit="D"),
            "channel": "email",
        }
    )
    answered = decisions.sample(frac=0.5, random_state=1)
    outcomes = pd.DataFrame(
        {
            "decision_id": answered["decision_id"],
            "outcome": np.where(rng.random(len(answered)) < 0.2, "accept", "reject"),
            "outcome_at": answered["decided_at"] + pd.Timedelta("1h"),
        }
    )
    features = pd.DataFrame(
        {
            "age": rng.uniform(10, 90, customers),
            "risk": rng.random(customers),
            "recency": rng.exponential(100, customers),
            "income": rng.lognormal(8, 1, customers),
            "clv": rng.lognormal(4, 1, customers),
            "churn_probability": rng.random(customers),
        }
    )
    segments = np.char.add("s", rng.integers(0, 50, customers).astype(str)).astype(object)
    tables = CustomerTables(customers=people, decisions=decisions, outcomes=outcomes)
    policy = SegmentThompson([*catalog.offer_ids, NO_OFFER], values=[*catalog.values, 0.0], costs=[*catalog.costs, 0.0])
    beliefs = Beliefs(rng.uniform(0.001, 0.2, (customers, offers)))
    return Case(tables, Spine.at(AS_OF, people), catalog, features, segments, beliefs, policy)


def timed(work: Callable[[], Any], seconds: dict[str, list[float]], name: str) -> Any:
    begun = time.perf_counter()
    found = work()
    seconds.setdefault(name, []).append(time.perf_counter() - begun)
    return found


def run(case: Case, seconds: dict[str, list[float]]) -> pd.DataFrame:
    """Decide once, step by step."""
    candidates = timed(
        lambda: Candidates.of(case.tables, case.spine, case.catalog, rules(), case.features, case.segments),
        seconds,
        "look customers up",
    )
    timed(lambda: candidates.codes, seconds, "ask ten rules")
    timed(lambda: candidates.channel, seconds, "choose ways")
    plan = timed(lambda: Plan.make(candidates, case.beliefs), seconds, "settle the plan")
    return timed(
        lambda: decide(candidates, case.beliefs, case.segments, case.policy, 7, "run", plan=plan),
        seconds,
        "state, draw, log",
    )


@click.command()
@click.option("--customers", default=1_000_000, show_default=True)
@click.option("--offers", default=20, show_default=True)
@click.option("--repeat", default=1, show_default=True, help="Runs; the median is shown.")
def main(customers: int, offers: int, repeat: int) -> None:
    """Time decisions for many customers."""
    case = make(customers, offers)
    seconds: dict[str, list[float]] = {}
    for _ in range(repeat):
        decisions = timed(lambda: run(case, seconds), seconds, "all")
    click.echo(f"{customers:,} customers x {offers} offers, {len(rules())} rules, median of {repeat}")
    for name, taken in seconds.items():
        click.echo(
            f"{name:20s} {statistics.median(taken):7.2f} s {customers / statistics.median(taken):12,.0f} customers/s"
        )
    click.echo(f"{(decisions['offer_id'] != NO_OFFER).mean():.1%} of the customers get an offer")
    click.echo(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
