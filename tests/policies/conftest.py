"""A planted world for policies on features: simulated customers whose features decide what they accept."""

import numpy as np
import pandas as pd
import pytest


class ContextWorld:
    """Customers with two numbers and a text; log-odds of acceptance are linear in them.

    `effect` 0 makes a world in which no feature matters, and offers differ a little.
    """

    def __init__(self, seed, offers=5, effect=1.0):
        rng = np.random.default_rng(seed)
        self.offers = [f"offer {number}" for number in range(offers)]
        self.level = -3.0 + 0.3 * rng.normal(size=offers)
        self.slopes = 0.7 * effect * rng.normal(size=(3, offers))
        self.features = ["age", "balance", "city"]

    def customers(self, rng, n, first=0):
        return pd.DataFrame(
            {
                "decision_id": np.arange(first, first + n),
                "customer_id": np.arange(first, first + n),
                "segment": "all",
                "age": rng.uniform(20, 80, n),
                "balance": rng.normal(1000, 400, n),
                "city": rng.choice(["A", "B"], n),
            }
        )

    def rates(self, frame):
        standard = np.column_stack(
            [(frame["age"] - 50) / 17.3, (frame["balance"] - 1000) / 400, np.where(frame["city"] == "B", 1, -1)]
        )
        return 1 / (1 + np.exp(-(self.level + standard @ self.slopes)))

    def regret(self, policy, seed, decisions=5000, batch=250):
        """Acceptance lost, as a share of what the uniform policy loses."""
        rng, lost, uniform = np.random.default_rng(seed), 0.0, 0.0
        for start in range(0, decisions, batch):
            frame = self.customers(rng, batch, start)
            frame["offer_id"] = policy.draw(frame, rng=rng)["offer_id"]
            rates = self.rates(frame)
            chosen = rates[np.arange(batch), [self.offers.index(offer) for offer in frame["offer_id"]]]
            policy.learn(frame.assign(reward=(rng.random(batch) < chosen).astype(float)))
            lost += (rates.max(axis=1) - chosen).sum()
            uniform += (rates.max(axis=1) - rates.mean(axis=1)).sum()
        return lost / uniform


@pytest.fixture(scope="session")
def make_world():
    return ContextWorld
