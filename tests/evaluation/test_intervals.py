"""Kinds of intervals: by hand, and how often they hold the truth."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.evaluation import evaluate
from nbo.evaluation.asked import Asked
from nbo.evaluation.bernstein_interval import bernstein_interval
from nbo.evaluation.bootstrap_interval import replicates
from nbo.evaluation.intervals import INTERVALS
from nbo.evaluation.ips import ips
from nbo.evaluation.log import Log
from nbo.evaluation.sndr import sndr
from nbo.evaluation.snips import snips

LOGGED = np.array([0.6, 0.3, 0.1])
TARGET = np.array([0.2, 0.3, 0.5])
RATES = np.array([0.05, 0.2, 0.5])
TRUTH = TARGET @ RATES


def simulated(n, rng, customers=None):
    """A log; with customers, their decisions are alike: all accept or none does what is accepted at all."""
    action = (rng.random((n, 1)) > LOGGED.cumsum()[:-1]).sum(axis=1)
    chance = rng.random(n) if customers is None else rng.random(customers)[np.arange(n) % customers]
    log = pd.DataFrame({"action_probability": LOGGED[action], "reward": (chance < RATES[action]).astype(float)})
    return TARGET[action], log if customers is None else log.assign(customer_id=np.arange(n) % customers)


def test_names_of_intervals_are_those_registered():
    assert sorted(INTERVALS) == ["bernstein", "bootstrap", "normal"]


def test_bernstein_by_hand():
    weights, reward = np.array([0.5, 2.0, 0.5, 1.0]), np.array([1.0, 1.0, 0.0, 1.0])
    log = Log(reward, np.full(4, 0.25), weights * 0.25, np.zeros(4))
    low, high = bernstein_interval(log, ips(log), Asked(level=0.8, reward_range=(-2, 3), max_weight=2))
    parts = weights * (reward + 2)
    log_term = np.log(2 / 0.1)
    slack = np.sqrt(2 * parts.var(ddof=1) * log_term / 4) + 7 * (2 * 5) * log_term / (3 * 3)
    # Both bounds are beyond what rewards can be.
    assert slack > 5
    assert (low, high) == (-2, 3)
    many = Log(np.tile(reward, 5000), np.full(20_000, 0.25), np.tile(weights * 0.25, 5000), np.zeros(20_000))
    low, high = bernstein_interval(many, ips(many), Asked(level=0.8, reward_range=(-2, 3), max_weight=2))
    parts = np.tile(parts, 5000)
    slack = np.sqrt(2 * parts.var(ddof=1) * log_term / 20_000) + 7 * (2 * 5) * log_term / (3 * 19_999)
    assert (low, high) == pytest.approx((parts.mean() - 2 - slack, parts.mean() - 2 + slack))


def test_bernstein_with_a_cap_by_hand():
    weights, reward = np.tile([0.5, 2.0, 0.5, 1.0], 5000), np.tile([1.0, 1.0, 0.0, 0.0], 5000)
    log = pd.DataFrame({"action_probability": 0.25, "reward": reward})
    estimate = evaluate(weights * 0.25, log, "clipped", parameter=1.5, interval="bernstein")
    used, log_term = np.minimum(weights, 1.5), np.log(2 / 0.025)
    bounds = []
    for part in (used * reward, used * (1 - reward)):
        slack = np.sqrt(2 * part.var(ddof=1) * log_term / 20_000) + 7 * 1.5 * log_term / (3 * 19_999)
        bounds.append(part.mean() - slack)
    assert (estimate.low, estimate.high) == pytest.approx((bounds[0], 1 - bounds[1]))
    assert estimate.value == pytest.approx(np.mean(used * reward))


def test_bernstein_takes_the_largest_weight_from_candidates_and_the_cube_root_without():
    rng = np.random.default_rng(0)
    made = (rng.random(1000) < 0.2).astype(int)
    log = pd.DataFrame(
        {
            "offer_id": np.array(["x", "y"])[made],
            "action_probability": np.array([0.8, 0.2])[made],
            "reward": (rng.random(1000) < 0.3).astype(float),
        }
    )
    target, given = np.tile([0.4, 0.6], (1000, 1)), {"offers": ["x", "y"], "interval": "bernstein"}
    told = evaluate(target, log.assign(candidates='{"x": 0.8, "y": 0.2}'), **given)
    stated = evaluate(target, log, max_weight=3, **given)
    assert (told.low, told.high) == (stated.low, stated.high)
    unknown = evaluate(target, log, **given)
    capped = evaluate(target, log, "clipped", parameter=1000 ** (1 / 3), **given)
    assert (unknown.low, unknown.high) == pytest.approx((capped.low, capped.high))


def test_twice_the_same_rows_of_each_customer_say_no_more():
    target, log = simulated(800, np.random.default_rng(1))
    log["customer_id"] = np.arange(800)
    twice = pd.concat([log, log], ignore_index=True)
    for interval in INTERVALS:
        once = evaluate(target, log, interval=interval, max_weight=5)
        both = evaluate(np.tile(target, 2), twice, interval=interval, max_weight=5)
        assert (both.low, both.high) == pytest.approx((once.low, once.high))


def test_replicates_equal_a_plain_loop():
    rng = np.random.default_rng(2)
    n, m = 60, 20
    customer = rng.integers(0, m, n)
    log = Log(rng.random(n), np.full(n, 0.5), rng.random(n), np.zeros(n), customer=customer)
    drawn = np.random.default_rng(3).integers(m, size=(1000, m))
    rows = [np.concatenate([np.flatnonzero(customer == g) for g in one]) for one in drawn[:20]]
    for function in (ips, snips):
        got = replicates(function(log), 3)
        expected = []
        for one in rows:
            weights = log.weights[one]
            below = len(one) if function is ips else weights.sum()
            expected.append((weights * log.reward[one]).sum() / below)
        assert len(got) == 1001
        assert got[0] == pytest.approx(function(log).value)
        np.testing.assert_allclose(got[1:21], expected)


@pytest.mark.parametrize("customers", [None, 500])
def test_normal_and_bootstrap_intervals_hold_the_truth_as_often_as_stated(customers):
    rng, runs, n = np.random.default_rng(4), 100, 2000
    held = {"normal": 0, "bootstrap": 0}
    for _ in range(runs):
        target, log = simulated(n, rng, customers)
        for interval in held:
            found = evaluate(target, log, interval=interval, level=0.9)
            held[interval] += found.low <= TRUTH <= found.high
    for count in held.values():
        assert abs(count / runs - 0.9) < 4 * np.sqrt(0.9 * 0.1 / runs)


@pytest.mark.parametrize("customers", [None, 50])
@pytest.mark.parametrize("max_weight", [None, 5])
def test_bernstein_intervals_hold_the_truth_at_least_as_often_as_stated(customers, max_weight):
    rng, runs = np.random.default_rng(5), 200
    given = {"interval": "bernstein", "max_weight": max_weight, "level": 0.8, "on_no_support": "report"}
    held = 0
    for _ in range(runs):
        found = evaluate(*simulated(200, rng, customers), **given)
        held += found.low <= TRUTH <= found.high
    assert held / runs >= 0.8


def test_a_bootstrap_of_a_biased_estimator_is_wider_by_the_bias():
    target, log = simulated(2000, np.random.default_rng(6))
    biased = evaluate(target, log, "clipped", parameter=2.0)
    plain = evaluate(target, log, "clipped", parameter=100.0)
    drawn = evaluate(target, log, "clipped", parameter=2.0, interval="bootstrap")
    assert biased.standard_error > 2 * plain.standard_error
    assert drawn.high - drawn.low == pytest.approx(biased.high - biased.low, rel=0.1)


def test_a_fitted_model_adds_to_the_bootstrap():
    rng = np.random.default_rng(7)
    n = 300
    log = pd.DataFrame({"offer_id": rng.choice(["x", "y"], n), "action_probability": 0.5})
    log["reward"] = (rng.random(n) < 0.4).astype(float)
    for estimator in ("dm", "dr", "sndr"):
        given = {"offers": ["x", "y"], "estimator": estimator}
        normal = evaluate(np.tile([0.2, 0.8], (n, 1)), log, **given)
        drawn = evaluate(np.tile([0.2, 0.8], (n, 1)), log, interval="bootstrap", **given)
        assert drawn.high - drawn.low == pytest.approx(normal.high - normal.low, rel=0.15)


def test_sndr_by_hand():
    weights, residual = np.array([1.0, 3.0]), np.array([0.5, -0.5])
    from nbo.evaluation.predicted_rewards import PredictedRewards

    log = Log(np.array([1.0, 0.0]), np.array([0.2, 0.2]), weights * 0.2, np.zeros(2))
    terms = sndr(log, PredictedRewards(np.array([0.4, 0.8]), np.array([0.5, 0.5]), np.zeros_like))
    ratio = (1 * 0.5 + 3 * -0.5) / 4
    assert terms.value == pytest.approx(0.6 + ratio)
    influence = np.array([0.4, 0.8]) - 0.6 + (weights * residual - ratio * weights) / 2
    np.testing.assert_allclose(terms.influence(), influence)
    assert terms.error == pytest.approx(np.sqrt(2 / 1 * (influence**2).sum()) / 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"estimator": "snips"}, "interval='bernstein' is for the estimators 'clipped', 'ips'"),
        ({"reward_range": (0.5, 1)}, r"rewards must be in reward_range, \(0.5, 1\); they go from 0 to 1"),
        ({"reward_range": (0, np.inf)}, "reward_range must be two finite numbers"),
        ({"max_weight": 2}, "max_weight must be at least the largest weight, 5; got 2"),
        ({"max_weight": -2}, "max_weight must be a finite number above 0; got -2"),
    ],
)
def test_bad_calls_are_refused(arguments, message):
    target, log = simulated(100, np.random.default_rng(8))
    with pytest.raises(InputError, match=message):
        evaluate(target, log, interval="bernstein", **arguments)
    with pytest.raises(InputError, match="rewards go from 0 to 40: give reward_range"):
        evaluate(target, log.assign(reward=40 * log["reward"]), interval="bernstein")
