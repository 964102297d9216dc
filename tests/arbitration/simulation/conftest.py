from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Candidates, Scenario
from nbo.policies import Uniform
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CATALOG = Catalog(
    [
        Offer("card", value=50, cost=1, category="cards", channels=("email",)),
        Offer("loan", value=100, category="loans", channels=("phone", "email")),
    ]
)
PEOPLE = pd.DataFrame(
    {"customer_id": ["ann", "bob", "cid", "dot"], "age": [30, 17, 50, 70], "consent_phone": [True, True, False, False]}
)
#                  card, loan
CHANCE = np.array([[0.2, 0.05], [0.1, 0.02], [0.3, 0.04], [0.02, 0.01]])


@pytest.fixture
def tiny():
    """Four customers, two offers, a policy that likes them equally; worth 9 5 / 4 2 / 14 4 / 0 1 without rules."""

    def make(*rules, chance=CHANCE, people=PEOPLE, catalog=CATALOG, policy=None, **settings):
        spine = Spine.at("2026-06-30", people)
        segments = np.array(["s", "t"] * len(people), dtype=object)[: len(people)]
        tables = CustomerTables(customers=people)
        candidates = Candidates.of(tables, spine, catalog, tuple(rules), segments=segments)
        return Scenario.of(candidates, chance, policy or Uniform(catalog.offer_ids), **settings)

    return make


@pytest.fixture
def crowd():
    """Many customers with texts, flags, numbers and times; a rule's mask may depend on them."""

    def make(n, seed, refused=None, rules=(), k=2, **settings):
        rng = np.random.default_rng(seed)
        people = pd.DataFrame(
            {
                "customer_id": np.arange(n),
                "city": rng.choice(["north", "south", "east"], n, p=[0.5, 0.3, 0.2]),
                "urban": rng.random(n) < 0.4,
                "age": rng.integers(18, 80, n),
                "birth_date": pd.Timestamp("1950-01-01") + pd.to_timedelta(rng.integers(0, 18000, n), unit="D"),
            }
        )
        catalog = Catalog([Offer(f"o{i}", value=10.0 * (i + 1)) for i in range(k)])
        segments = np.full(n, "s", dtype=object)
        tables = CustomerTables(customers=people)
        candidates = Candidates.of(tables, Spine.at("2026-06-30", people), catalog, tuple(rules), segments=segments)
        if refused is not None:
            candidates = candidates.without("eligibility", {"made up": refused(people, rng)})
        chance = rng.uniform(0.01, 0.3, (n, k))
        return Scenario.of(candidates, chance, Uniform(catalog.offer_ids), **settings)

    return make
