"""How often a search without anything to find finds something, and how soon it finds what is there.

The runs marked slow give the figures of docs/spread.md.
"""

import time

import numpy as np
import pandas as pd
import pytest

from nbo.e_bh import e_bh
from nbo.segments import AudienceFinder, find_audiences
from nbo.segments.audiences.evidence import BLOCK, ODDS, log_evidence, log_wealth

OFFERS = ["x", "y", "z"]
RATES = np.array([0.05, 0.12, 0.08])


def _at_most(share, alpha, runs):
    return share <= alpha + 4 * np.sqrt(alpha * (1 - alpha) / runs)


def _log(seed, n, batch, skill=None):
    """A log without any effect of features on any offer, unless `skill` scales chances; simulated.

    With a batch the policy makes the best offer so far of one of four segments eight times in ten, and
    learns after each batch; without, it is uniform.
    """
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"a": rng.normal(size=n), "b": rng.integers(0, 5, n), "c": rng.random(n) < 0.3})
    chance = np.tile(RATES, (n, 1)) * (1.0 if skill is None else skill(X)[:, None])
    segment = (X["a"] > 0).to_numpy(dtype=int) + 2 * X["c"].to_numpy(dtype=int)
    accepted, made, draws = np.full((4, 3), 0.5), np.full((4, 3), 5.0), rng.random((2, n))
    offer, stated = np.zeros(n, dtype=int), np.zeros(n)
    for start in range(0, n, batch or n):
        rows = np.arange(start, min(start + (batch or n), n))
        table = np.full((4, 3), 1 / 3)
        if batch:
            table = np.full((4, 3), 0.1)
            table[np.arange(4), (accepted / made).argmax(axis=1)] = 0.8
        drawn = (table[segment[rows]].cumsum(axis=1) <= draws[0, rows, None]).sum(axis=1).clip(0, 2)
        offer[rows], stated[rows] = drawn, table[segment[rows], drawn]
        won = draws[1, rows] < chance[rows, drawn]
        np.add.at(accepted, (segment[rows], drawn), won)
        np.add.at(made, (segment[rows], drawn), 1)
    reward = (draws[1] < chance[np.arange(n), offer]).astype(float)
    feedback = pd.DataFrame({"offer_id": np.array(OFFERS)[offer], "reward": reward, "action_probability": stated})
    return X, feedback


def _alarm(X, feedback, looks, alpha):
    finder = AudienceFinder(alpha=alpha, min_customers=1, min_accepted=1).prepare(X)
    for part in np.array_split(np.arange(len(X)), looks):
        if len(finder.update(X.iloc[part], feedback.iloc[part]).audiences()):
            return True
    return False


def test_without_an_effect_alarms_are_rare_though_one_looks_after_each_batch():
    runs, alpha = 200, 0.1
    alarms = 0
    for seed in range(runs):
        X, feedback = _log(seed, 900, None)
        # All answers to one offer are without an effect too, and quicker.
        alarms += _alarm(X, feedback.assign(offer_id="x"), looks=4, alpha=alpha)
    assert _at_most(alarms / runs, alpha, runs)


@pytest.mark.parametrize("batch", [1, 100])
def test_the_log_of_a_learning_policy_does_not_fake_an_effect(batch):
    runs, alpha = 40, 0.1
    alarms = sum(_alarm(*_log(seed, 900, batch), looks=2, alpha=alpha) for seed in range(runs))
    assert _at_most(alarms / runs, alpha, runs)


@pytest.mark.slow
@pytest.mark.parametrize("batch", [None, 200, 1])
def test_alarms_in_many_runs_and_looks(batch):
    runs, alpha = 400, 0.2
    alarms = sum(_alarm(*_log(1000 + seed, 4000, batch), looks=10, alpha=alpha) for seed in range(runs))
    assert alarms / runs <= 0.02
    assert _at_most(alarms / runs, alpha, runs)


def test_the_best_candidate_of_a_null_is_believed_rarely_though_one_looks_after_each_block():
    # The search alone, without frames: 1,000 runs, a look after each of 12 blocks, of 30 candidates.
    rng = np.random.default_rng(0)
    runs, blocks, alpha, one = 1000, 12, 0.2, np.arange(30)
    alarms = 0
    for _ in range(runs):
        members, weight = rng.random((blocks * BLOCK, 30)) < 0.3, 1 / rng.choice([0.1, 0.5], blocks * BLOCK)
        reward = (rng.random(blocks * BLOCK) < 0.1).astype(float)
        wealth = np.zeros((len(ODDS), 30))
        for rows in np.arange(blocks * BLOCK).reshape(blocks, BLOCK):
            wealth += log_wealth(members[rows], reward[rows], weight[rows], one, one)
            if e_bh(log_evidence(wealth), alpha).any():
                alarms += 1
                break
    assert 0 < alarms / runs <= alpha + 4 * np.sqrt(alpha * (1 - alpha) / runs)


@pytest.mark.slow
def test_a_large_history_takes_seconds():
    rng = np.random.default_rng(0)
    n = 100_000
    X = pd.DataFrame({f"f{k}": rng.normal(size=n) for k in range(25)})
    X = X.assign(**{f"c{k}": rng.choice(list("ABCDE"), n) for k in range(5)})
    offer = rng.integers(10, size=n)
    chance = np.where((offer == 0) & (X["c0"] == "A") & (X["f0"] > 0), 0.2, 0.04)
    feedback = pd.DataFrame({"offer_id": np.char.add("o", offer.astype(str)), "reward": rng.random(n) < chance})
    start = time.process_time()
    found = find_audiences(X, feedback.assign(reward=feedback["reward"].astype(float), action_probability=0.1))
    assert time.process_time() - start < 20
    assert (found.n_candidates, found.frame["offer_id"].tolist()) == (14_204, ["o0"])


def _found(seed, lifted):
    """Look for an offer that a quarter of the customers accepts more often: when found, and the measured lift."""
    rng = np.random.default_rng(seed)
    n = 12_000
    X = pd.DataFrame({f"f{k}": rng.normal(size=n) for k in range(9)}).assign(town=rng.choice(list("ABCD"), n))
    chance = np.where(X["town"] == "A", lifted, 0.05)
    reward = (rng.random(n) < chance).astype(float)
    found = find_audiences(X, pd.DataFrame({"offer_id": "x", "reward": reward}), looks=24).frame
    row = found[found["rule"] == "town is A"]
    truth = lifted / (0.25 * lifted + 0.75 * 0.05)
    if row.empty:
        return len(found), np.inf, None
    return len(found), int(row["found_after"].iloc[0]), bool(row["low"].iloc[0] <= truth <= row["high"].iloc[0])


@pytest.mark.slow
@pytest.mark.parametrize(("lifted", "by"), [(0.10, 7000), (0.15, 2500), (0.20, 1500)])
def test_how_soon_a_quarter_of_the_customers_is_found(lifted, by):
    runs = [_found(seed, lifted) for seed in range(60)]
    assert np.median([after for _, after, _ in runs]) <= by
    held = [inside for *_, inside in runs if inside is not None]
    assert len(held) >= 50
    assert abs(np.mean(held) - 0.95) < 4 * np.sqrt(0.95 * 0.05 / len(held))
    assert np.mean([n > 1 for n, *_ in runs]) <= 0.1
