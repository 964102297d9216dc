"""What bets on subgroups win: by hand, by a plain loop, and on average nothing."""

import itertools
import math

import numpy as np
import pytest

from nbo.segments.audiences.evidence import BLOCK, ODDS, log_evidence, log_wealth

ONE = np.array([0])


def _wealth_by_loop(members, reward, weight, first, second):
    """The formula of the docstring, one answer at a time."""
    wealth = [[0.0] * len(first) for _ in ODDS]
    for start in range(0, len(reward), BLOCK):
        rows = range(start, start + BLOCK)
        scale = sum(weight[i] for i in rows) / sum(weight[i] ** 2 for i in rows)
        w = {i: scale * weight[i] for i in rows}
        for (j, odds), (k, pair) in itertools.product(enumerate(ODDS), enumerate(zip(first, second, strict=True))):
            g = {i: float(members[i][pair[0]] and members[i][pair[1]]) for i in rows}
            share = sum(w[i] * g[i] for i in rows) / sum(w.values())
            bet = (odds - 1) / (1 + (odds - 1) * share)
            if share > 0:
                bet = min(bet, 0.9 / (share * max(w.values())))
            for i in rows:
                wealth[j][k] += math.log(1 + bet * reward[i] * w[i] * (g[i] - share))
    return np.array(wealth)


def test_one_block_by_hand():
    # 20 of 50 inside; 3 of 5 acceptances from there. Bets at odds 2: 2 / (1 + 0.4) inside, 1 / 1.4 outside.
    inside = np.arange(BLOCK) < 20
    reward = np.zeros(BLOCK)
    reward[[0, 1, 2, 30, 40]] = 1.0
    wealth = log_wealth(inside[:, None], reward, np.ones(BLOCK), ONE, ONE)
    expected = [3 * np.log(o / (1 + (o - 1) * 0.4)) - 2 * np.log(1 + (o - 1) * 0.4) for o in ODDS]
    assert wealth[:, 0] == pytest.approx(expected, abs=1e-5)
    assert log_evidence(wealth)[0] == pytest.approx(np.log(np.mean(np.exp(expected))), abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_equals_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    n, conditions = 3 * BLOCK, 70  # more conditions than a tile has
    members = rng.random((n, conditions)) < 0.4
    reward = np.where(rng.random(n) < 0.2, rng.choice([1.0, 0.5], n), 0.0)
    weight = 1 / rng.choice([0.02, 0.1, 0.3, 0.9], n)
    first = rng.integers(0, conditions, 25)
    second = np.maximum(first, rng.integers(0, conditions, 25))
    wealth = log_wealth(members, reward, weight, first, second)
    assert wealth == pytest.approx(_wealth_by_loop(members, reward, weight, first, second), abs=2e-4)


def test_the_bets_win_nothing_on_average_whatever_was_accepted():
    # All draws of 2 acceptances out of a block of which 10 are inside, each as likely: exactly known.
    inside = np.arange(BLOCK) < 10
    weight = np.where(np.arange(BLOCK) % 3 == 0, 4.0, 1.0)
    means = np.zeros(len(ODDS))
    draws = list(itertools.combinations(range(BLOCK), 2))
    for accepted in draws:
        reward = np.zeros(BLOCK)
        reward[list(accepted)] = 1.0
        means += np.exp(log_wealth(inside[:, None], reward, weight, ONE, ONE)[:, 0]) / len(draws)
    assert (means <= 1 + 1e-6).all()
    assert (means > 0.9).all()


def test_nobody_inside_everybody_inside_and_no_acceptance_say_nothing():
    members = np.column_stack([np.zeros(BLOCK, dtype=bool), np.ones(BLOCK, dtype=bool), np.arange(BLOCK) < 5])
    first = np.arange(3)
    # Sums are of single precision: how they are rounded differs from processor to processor.
    nothing = log_wealth(members[:, :2], np.ones(BLOCK), np.ones(BLOCK), first[:2], first[:2])
    assert nothing == pytest.approx(0, abs=1e-4)
    assert not log_wealth(members, np.zeros(BLOCK), np.ones(BLOCK), first, first).any()
