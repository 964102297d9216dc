"""The default model of rewards."""

import numpy as np
import pytest

from nbo.evaluation.choices import Choices
from nbo.evaluation.log import Log
from nbo.evaluation.rate_table import rate_table


def logged(n=300, customers=120, seed=0):
    """A log of three segments and four offers, some unknown, some forced; simulated."""
    rng = np.random.default_rng(seed)
    taken = rng.choice(5, n) - 1
    forced = (taken < 0) & (rng.random(n) < 0.5)
    target = rng.dirichlet(np.ones(4), n) * ~forced[:, np.newaxis]
    stated = np.where(taken >= 0, target[np.arange(n), taken], forced.astype(float))
    choices = Choices(target, taken, forced, rng.integers(0, 3, n))
    return Log(rng.random(n), rng.uniform(0.1, 1, n), stated, rng.random(n), (), rng.integers(0, customers, n)), choices


def slow(log, choices):
    """The same by loops over rows."""
    n = len(log.reward)
    least = {g: min(log.uniform[i] for i in range(n) if log.customer[i] == g) for g in set(log.customer)}
    place = {g: p % 5 for p, g in enumerate(sorted(least, key=least.get))}
    matrix = np.zeros(choices.target.shape)
    for i in range(n):
        others = [j for j in range(n) if place[log.customer[j]] != place[log.customer[i]] and choices.taken[j] >= 0]
        mean = np.mean([log.reward[j] for j in others])
        for offer in range(matrix.shape[1]):
            of_offer = [j for j in others if choices.taken[j] == offer]
            cell = [j for j in of_offer if choices.segment[j] == choices.segment[i]]
            rate = (sum(log.reward[j] for j in of_offer) + 10 * mean) / (len(of_offer) + 10)
            matrix[i, offer] = (sum(log.reward[j] for j in cell) + 10 * rate) / (len(cell) + 10)
    return matrix


def test_agrees_with_plain_loops():
    log, choices = logged()
    matrix, rewards = slow(log, choices), rate_table(log, choices)
    expected = (matrix * choices.target).sum(axis=1)
    taken = [matrix[i, a] if a >= 0 else 0.0 for i, a in enumerate(choices.taken)]
    assert rewards.expected == pytest.approx(np.where(choices.forced, log.reward, expected))
    assert rewards.taken == pytest.approx(np.where(choices.forced, log.reward, taken))


@pytest.mark.parametrize("used", ["none", "weights"])
def test_the_pull_of_a_reward_is_what_its_change_changes(used):
    log, choices = logged()
    weights = np.zeros(300) if used == "none" else log.weights
    pull = rate_table(log, choices).pull(weights)

    def through_predictions(reward):
        rewards = rate_table(Log(reward, *(vars(log)[k] for k in list(vars(log))[1:])), choices)
        return (np.where(choices.forced, 0.0, rewards.expected - weights * rewards.taken)).sum()

    start = through_predictions(log.reward)
    for row in range(0, 300, 17):
        more = log.reward.copy()
        more[row] += 1.0
        assert through_predictions(more) - start == pytest.approx(pull[row], abs=1e-9)


def test_a_customer_is_not_predicted_from_own_rows():
    log, choices = logged()
    mine = log.customer == log.customer[0]
    changed = Log(np.where(mine, 99.0, log.reward), *(vars(log)[k] for k in list(vars(log))[1:]))
    rows = mine & ~choices.forced
    assert np.array_equal(rate_table(changed, choices).expected[rows], rate_table(log, choices).expected[rows])


def test_a_single_customer_is_predicted_from_own_rows_and_that_is_said():
    everyone = np.zeros(3, dtype=int)
    choices = Choices(np.ones((3, 1)), everyone, np.zeros(3, dtype=bool), everyone)
    log = Log(np.array([0.0, 3.0, 6.0]), np.ones(3), np.ones(3), np.array([0.1, 0.2, 0.3]), (), everyone)
    rewards = rate_table(log, choices)
    assert rewards.expected == pytest.approx(3.0)
    assert "a single customer" in rewards.warnings[0]


def test_a_log_without_a_known_offer_predicts_nothing():
    choices = Choices(np.ones((4, 1)), np.full(4, -1), np.zeros(4, dtype=bool), np.zeros(4, dtype=int))
    rewards = rate_table(Log(np.ones(4), np.ones(4), np.zeros(4), np.linspace(0, 0.9, 4)), choices)
    assert rewards.expected.tolist() == [0.0] * 4
    assert rewards.pull(np.zeros(4)).tolist() == [0.0] * 4
