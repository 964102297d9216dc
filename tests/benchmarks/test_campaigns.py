"""Campaigns never break a budget, and spend it better than greedy ones."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbo import columns as c
from nbo.arbitration import allocate
from nbo.experiments import AGENT, ARMS, HOLDOUT
from tests.benchmarks.campaigns import starbucks, world

DATA = Path(__file__).parents[2] / os.environ.get("NBO_DATA", "../shared/data") / "starbucks_rewards"
# Neither beats what the certificate allows; the first is the peer to beat.
GREEDY = ("greedy by pairs", "greedy by pairs, per cost")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the published Starbucks files are not in {DATA}")


def made_up(n: int = 3000, k: int = 5, seed: int = 3) -> starbucks.Campaign:
    rng = np.random.default_rng(seed)
    accepts = rng.beta(1, 4, (n, k))
    costs = starbucks.CONTACT + accepts * rng.choice([2.0, 5.0, 10.0], k)
    ids = [f"offer {j}" for j in range(k)]
    sent = rng.integers(0, k, n)
    answers = (rng.random(n) < accepts[np.arange(n), sent]).astype(float)
    log = pd.DataFrame({c.OFFER_ID: np.array(ids)[sent], c.ACTION_PROBABILITY: 1 / k, "accepted": answers})
    return starbucks.Campaign(accepts, costs, log, ids, ids)


@pytest.fixture(scope="module")
def real() -> starbucks.Campaign:
    return starbucks.prepare(DATA, trees=20, train_waves=1)


def keeps_limits_and_beats_greedy(campaign: starbucks.Campaign, budget: float) -> None:
    ways = starbucks.plans(campaign, budget)
    told = {name: starbucks.expected(campaign, plan) for name, plan in ways.items()}
    for name, plan in ways.items():
        assert told[name][1] <= budget * (1 + 1e-9), name
        if name != "evenly":
            assert plan[:, :-1].sum(axis=0).max() <= campaign.cap, name
    proven = allocate(campaign.accepts, campaign.limits(budget), progress=False)
    assert proven.value == pytest.approx(told["allocate"][0])
    assert told["allocate"][0] > told["greedy by pairs"][0]
    for name in GREEDY:
        assert told[name][0] <= proven.bound * (1 + 1e-9), name


@pytest.mark.parametrize("budget", [20.0, 200.0, 1000.0, 2000.0])
def test_budgets_of_made_up_campaigns_hold_and_greedy_ones_are_beaten(budget):
    for seed in range(3):
        keeps_limits_and_beats_greedy(made_up(seed=seed), budget)


def test_pairs_are_given_in_their_order():
    campaign = made_up(n=4, k=2)
    score = np.array([[0.9, 0.1], [0.8, 0.7], [0.2, 0.3], [0.0, 0.4]])
    # Room for one of each offer (a quarter of four): pair (0, 0) first, then (1, 1); nobody else can get one.
    assert starbucks.in_order(campaign, 1e9, score).tolist() == [0, 1, -1, -1]


def test_money_spent_evenly_is_spent_to_the_last():
    campaign = made_up()
    plan = starbucks.evenly(campaign, 40.0)
    assert plan.sum(axis=1) == pytest.approx(1.0)
    assert starbucks.expected(campaign, plan)[1] == pytest.approx(40.0)


@needs_data
@pytest.mark.parametrize("budget", [2000.0, 10_000.0, 20_000.0])
def test_budgets_on_the_starbucks_set_hold_and_greedy_ones_are_beaten(real, budget):
    keeps_limits_and_beats_greedy(real, budget)


@needs_data
def test_the_log_says_so_too(real):
    ways = starbucks.plans(real, 10_000.0)
    for other in ("greedy by pairs", "evenly"):
        assert starbucks.difference(real, ways["allocate"], ways[other]).low > 0
    paid = starbucks.measured(real, ways["allocate"], "paid")
    assert len(real.log) * paid.low < 10_000.0


@needs_data
def test_answers_within_five_days_are_those_of_the_log(real):
    rate = real.log.groupby(c.OFFER_ID)["accepted"].mean()
    assert (rate > 0).sum() == 8  # informational offers cannot be completed
    assert len(real.log) == 12_765


def test_the_arms_of_a_small_simulated_world_are_compared_with_the_truth():
    played = world.run(seed=7, customers=400, rounds=1, share=0.25, wave=1.0)
    arms, effects = world.by_arm(played), played.compared()
    assert list(arms.index) == list(ARMS)
    assert arms.loc[HOLDOUT, ["offers", "accepted", "value", world.HARM]].tolist() == [0, 0, 0, 0]
    assert arms.loc[AGENT, "offers"] > 0
    assert len(effects) == 6
    assert effects.loc[effects["experiment"] == "agent vs holdout", "true"].gt(0).all()
