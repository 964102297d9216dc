"""How often planted challengers are promoted, judged once or again and again.

    python -m tests.benchmarks.promotions --times 200

Simulated logs of a champion that makes one offer mostly and four others now and then, with planted acceptance rates.
The function that judges is the one that `nbo.registry.promote` calls.
"""

from __future__ import annotations

import argparse
import json
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd

from nbo.policies import Policy
from nbo.registry.bar import Bar
from nbo.registry.comparison import with_money
from nbo.registry.judgement import judge

OFFERS = ["a", "b", "c", "d", "e"]
# P(accept) of each offer, in each of two segments.
RATES = {"young": [0.05, 0.02, 0.03, 0.02, 0.05], "old": [0.02, 0.05, 0.03, 0.02, 0.02]}
# An offer that one of 2,000 accepts and that brings as much as 400 others.
RARE = {"young": [0.1, 0.1, 0.1, 0.0005, 0.1], "old": [0.1, 0.1, 0.1, 0.0005, 0.1]}
RARE_VALUES = [10.0, 10.0, 10.0, 4000.0, 10.0]
START = pd.Timestamp("2026-01-01")
INTERVALS = ("always_valid", "normal")


class Mostly(Policy):
    """Makes one offer to each segment mostly, and the others now and then."""

    offers = OFFERS

    def __init__(self, young: str = "a", old: str = "b", most: float = 0.6) -> None:
        super().__init__()
        self.young, self.old, self.most = young, old, most

    def _probabilities(self, context: pd.DataFrame, eligible: np.ndarray) -> np.ndarray:
        favorite = context["segment"].map({"young": self.young, "old": self.old}).to_numpy()
        likely = favorite[:, np.newaxis] == np.array(OFFERS)
        return np.where(likely, self.most, (1 - self.most) / (len(OFFERS) - 1))


def model(policy: Policy) -> SimpleNamespace:
    """What a judge needs of a model."""
    return SimpleNamespace(policy=policy, segmenter=SimpleNamespace(scheme="s"), as_of_=START)


def truth(policy: Policy, rates: dict = RATES, value: list | None = None) -> float:
    """Reward per decision; half of the customers are young."""
    each = np.array(list(rates.values())) * (1.0 if value is None else np.array(value))
    return float((policy.probabilities(pd.DataFrame({"segment": list(rates)})) * each).sum(axis=1).mean())


def log(
    champion: Policy,
    n: int,
    rng: np.random.Generator,
    customers: int | None = None,
    rates: dict = RATES,
    value: list | None = None,
) -> pd.DataFrame:
    """Decisions of the champion's own policy with their answers."""
    customer = np.arange(n) % (customers or n)
    young = customer % 2 == 0
    context = pd.DataFrame({"segment": np.where(young, "young", "old")})
    stated = champion.probabilities(context)
    chosen = (rng.random(n)[:, np.newaxis] > stated.cumsum(axis=1)).sum(axis=1).clip(max=len(OFFERS) - 1)
    rate = np.where(young, np.array(rates["young"])[chosen], np.array(rates["old"])[chosen])
    by_segment = champion.probabilities(pd.DataFrame({"segment": list(rates)})).tolist()
    texts = {name: json.dumps(dict(zip(OFFERS, row, strict=True))) for name, row in zip(rates, by_segment, strict=True)}
    rows = context.assign(
        decision_id=np.arange(n),
        customer_id=customer,
        decided_at=START + pd.to_timedelta(np.arange(n), unit="s"),
        offer_id=np.array(OFFERS)[chosen],
        action_probability=stated[np.arange(n), chosen],
        candidates=context["segment"].map(texts),
        reward=(rng.random(n) < rate).astype(float),
    )
    return rows if value is None else with_money(rows.assign(value=np.array(value)[chosen]))


def wins(challenger: Policy, champion: Policy, n: int, times: int, interval: str = "always_valid") -> int:
    """How many of some promotions on logs of n decisions go through."""
    logs = (log(champion, n, np.random.default_rng([n, seed])) for seed in range(times))
    models = model(challenger), model(champion)
    return sum(judge(*models, rows, bar=Bar(interval=interval)).won for rows in logs)


def ever_wins(n: int, times: int, looks: int, interval: str) -> int:
    """How many equal challengers are promoted at any of several looks at a log that grows to n decisions."""
    # The log makes both favorites equally often, so that neither side's weights are the larger ones.
    logged, models, found = Mostly("d", "c"), (model(Mostly("e", "c")), model(Mostly("a", "c"))), 0
    for seed in range(times):
        rows = log(logged, n, np.random.default_rng([n, looks, seed]))
        parts = (rows.iloc[: n * look // looks] for look in range(1, looks + 1))
        found += any(judge(*models, part, bar=Bar(interval=interval)).won for part in parts)
    return found


def rare_wins(n: int, times: int) -> tuple[int, int]:
    """How many challengers that drop the rare valuable offer would go through without the reserve, and with it."""
    champion, challenger = Mostly("a", "a"), Mostly("a", "a", 0.96)
    without = with_it = 0
    for seed in range(times):
        rows = log(champion, n, np.random.default_rng([n, seed]), rates=RARE, value=RARE_VALUES)
        found = judge(model(challenger), model(champion), rows, reward="money").found
        without += found.low + found.reserve > 0
        with_it += found.low > 0
    return without, with_it


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=200)
    times = parser.parse_args().times
    cases = {"33 % better": ("c", "c", "a", "b"), "equal": ("a", "c", "e", "c"), "25 % worse": ("a", "b", "c", "c")}
    for name, (young, old, *other) in cases.items():
        for n in (10_000, 20_000, 30_000):
            shares = [wins(Mostly(*other), Mostly(young, old), n, times, interval) / times for interval in INTERVALS]
            sys.stdout.write(f"{name}, {n} decisions: {shares[0]:.1%} always valid, {shares[1]:.1%} normal\n")
    shares = [ever_wins(4000, times, 20, interval) / times for interval in INTERVALS]
    sys.stdout.write(f"equal, at any of 20 looks: {shares[0]:.1%} always valid, {shares[1]:.1%} normal\n")
    without, with_it = rare_wins(10_000, times)
    sys.stdout.write(f"drops a rare valuable offer: {without / times:.1%} without reserve, {with_it / times:.1%}\n")


if __name__ == "__main__":
    main()
