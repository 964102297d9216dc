"""How fast rules are: ten conditions on a million customers and twenty offers, and a look into the past.

::

    python -m tests.benchmarks.rules

Customers, transactions and decisions are drawn at random. CPU seconds, the least of seven runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import click
import numpy as np
import pandas as pd

from nbo.arbitration import Candidates, Excludes, Owned, Rule, When
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CUSTOMERS, OFFERS, EVENTS = 1_000_000, 20, 2_000_000


def customers(rng: np.random.Generator) -> pd.DataFrame:
    n = CUSTOMERS
    return pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "age": rng.integers(16, 90, n).astype(float),
            "clv": rng.gamma(2.0, 100.0, n),
            "churn_probability": rng.random(n),
            "job": pd.Series(rng.choice(["clerk", "nurse", "manager", "retired"], n), dtype="str"),
            "region": pd.Series(rng.choice(list("abcdefgh"), n), dtype="str"),
            "vip": rng.random(n) < 0.1,
            "signed_up_at": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 2000, n), unit="D"),
            "income": np.where(rng.random(n) < 0.2, np.nan, rng.normal(3000.0, 900.0, n)),
            "debt": rng.normal(500.0, 300.0, n),
        }
    )


CONDITIONS = [
    "age < 18",
    "churn_probability > 0.9 and clv < 50",
    'job == "retired" and age < 40',
    "days_since(signed_up_at) < 30",
    "income < 1000 and not vip",
    "debt / income > 0.8",
    'region in ["a"] and not vip',
    "between(age, 85, 90)",
    'lower(job) == "nurse" and clv > 900',
    "isnull(income) and debt > 1200",
]


def past(rng: np.random.Generator) -> CustomerTables:
    start, days = pd.Timestamp("2026-01-01"), pd.to_timedelta(rng.integers(0, 170, EVENTS), unit="D")
    whom = rng.integers(0, CUSTOMERS, EVENTS)
    sales = pd.DataFrame({"customer_id": whom, "event_time": start + days, "amount": 1.0})
    sales["product_id"] = pd.Series(rng.choice([f"p{at}" for at in range(OFFERS)], EVENTS), dtype="str")
    sales["kind"] = pd.Series(rng.choice(["sale", "return"], EVENTS, p=[0.9, 0.1]), dtype="str")
    done = pd.DataFrame({"decision_id": np.arange(EVENTS), "customer_id": whom, "decided_at": start + days})
    done["offer_id"] = pd.Series(rng.choice([f"o{at}" for at in range(OFFERS)], EVENTS), dtype="str")
    return CustomerTables(transactions=sales, decisions=done)


def seconds(make: Callable[[], Candidates], repeats: int = 7) -> float:
    """Give the least CPU time that it took to find the codes of all triples."""
    spent = []
    for _ in range(repeats):
        candidates = make()
        start = time.process_time()
        candidates.codes  # noqa: B018
        spent.append(time.process_time() - start)
    return min(spent)


def main() -> None:
    rng = np.random.default_rng(0)
    people, tables = customers(rng), past(rng)
    spine = Spine.at("2026-06-30", people)
    catalog = Catalog(Offer(f"o{at}", value=10.0 + at, products=(f"p{at}",)) for at in range(OFFERS))
    ten = [When(f"r{at}", refuse=text, unknown="allow") for at, text in enumerate(CONDITIONS)]
    cases: dict[str, list[Rule]] = {
        "no rules": [],
        "10 conditions on customers": list(ten),
        "10 conditions on customers, each about one offer": [
            When(rule.name, refuse=rule.refuse, unknown="allow", offers=[f"o{at}"]) for at, rule in enumerate(ten)
        ],
        "a condition on customers and offers": [When("r", refuse="clv < offer.value", unknown="allow")],
        f"owned, {EVENTS:,} transactions": [Owned()],
        f"excludes, {EVENTS:,} decisions": [Excludes("r", ["o1"], ["o2"], within="30D", outcomes=["made"])],
    }
    for name, rules in cases.items():
        # A fresh spine, so that nothing of the past is known from before.
        spent = seconds(lambda rules=rules: Candidates(Spine.of(spine.frame), people, catalog, tuple(rules), tables))
        click.echo(f"{name:<50} {spent:6.3f} CPU seconds {CUSTOMERS / spent:12,.0f} customers/s")


if __name__ == "__main__":
    main()
