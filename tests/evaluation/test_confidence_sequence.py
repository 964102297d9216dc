"""Intervals that hold at all times together."""

import math

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError, OverlapError
from nbo.evaluation import Support, confidence_sequence, evaluate

LOGGED = np.array([0.85, 0.1, 0.05])
TARGET = np.array([0.2, 0.3, 0.5])
RATES = np.array([0.05, 0.2, 0.1])
TRUTH = TARGET @ RATES


def simulated(n, rng):
    """A log with known action probabilities and acceptance rates, simulated."""
    action = (rng.random((n, 1)) > LOGGED.cumsum()[:-1]).sum(axis=1)
    reward = (rng.random(n) < RATES[action]).astype(float)
    return TARGET[action], pd.DataFrame({"action_probability": LOGGED[action], "reward": reward})


def slow_lower_bounds(parts, guess, span, tail):
    """Bounds by a plain loop, row after row, and by bisection."""
    bets = [0.8 / 2**k for k in range(16)]
    own, stake = [0.0] * 16, [0.0] * 16
    total, bounds = guess, []
    for t, part in enumerate(parts, start=1):
        mean = min(total / t, 1.0) if guess > 0 else max(total / t, -1.0)
        for k, bet in enumerate(bets):
            used = min(bet, 0.8 / span)
            own[k] += used * part - ((part - mean) / span) ** 2 * (-math.log(1 - used * span) - used * span)
            stake[k] += used
        total += part
        low, high = -1e4, 1e4
        while high - low > 1e-9:
            middle = (low + high) / 2
            worth = np.logaddexp.reduce([o - middle * s for o, s in zip(own, stake, strict=True)]) - math.log(16)
            low, high = (middle, high) if worth >= math.log(1 / tail) else (low, middle)
        bounds.append(low)
    return np.array(bounds)


@pytest.mark.parametrize("max_weight", [None, 12.0])
def test_equals_a_plain_loop(max_weight):
    target, log = simulated(60, np.random.default_rng(0))
    money = log.assign(reward=40 * log["reward"] - 1)
    found = confidence_sequence(target, money, reward_range=(-1, 39), level=0.9, max_weight=max_weight)
    weights = target / log["action_probability"].to_numpy()
    parts = weights * (money["reward"] + 1) / 40
    low = slow_lower_bounds(parts, 0.5, 1, 0.05)
    if max_weight is None:
        high = 1 - slow_lower_bounds(weights - parts, 0.5, 1, 0.05)
    else:
        high = -slow_lower_bounds(-parts, -0.5, 12, 0.05)
    np.testing.assert_allclose(found["low"], -1 + 40 * np.maximum.accumulate(np.maximum(low, 0)), atol=1e-6)
    np.testing.assert_allclose(found["high"], -1 + 40 * np.minimum.accumulate(np.minimum(high, 1)), atol=1e-6)
    np.testing.assert_allclose(found["value"], (weights * money["reward"]).cumsum() / np.arange(1, 61))
    assert found["decisions"].tolist() == list(range(1, 61))


@pytest.mark.parametrize("max_weight", [None, 10.0])
def test_all_intervals_together_hold_the_value_as_often_as_stated(max_weight):
    rng, runs, n, level = np.random.default_rng(1), 300, 1000, 0.9
    missed = missed_by_normal = 0
    for _ in range(runs):
        target, log = simulated(n, rng)
        found = confidence_sequence(target, log, level=level, max_weight=max_weight)
        missed += not ((found["low"] <= TRUTH) & (found["high"] >= TRUTH)).all()
        parts = target / log["action_probability"].to_numpy() * log["reward"].to_numpy()
        t = np.arange(1, n + 1)
        mean = parts.cumsum() / t
        half = 1.645 * np.sqrt((np.square(parts).cumsum() / t - mean**2) / t)
        missed_by_normal += (np.abs(mean - TRUTH) > half)[99:].any()
    assert missed / runs <= 1 - level + 4 * np.sqrt(level * (1 - level) / runs)
    # What looking after every decision makes of an ordinary interval.
    assert missed_by_normal / runs > 0.3


def test_holds_where_the_logging_policy_learns_on_the_way():
    rng, runs, n = np.random.default_rng(2), 200, 1000
    missed = 0
    for _ in range(runs):
        chance, rows = 0.5, []
        for _block in range(0, n, 100):
            first = rng.random(100) < chance
            accepted = rng.random(100) < np.where(first, 0.2, 0.4)
            rows.append(np.column_stack([np.where(first, chance, 1 - chance), np.where(first, 0.1, 0.9), accepted]))
            # The offer of the last block's acceptances is made more often in the next.
            chance = float(np.clip(chance + (0.1 if (first & accepted).sum() > 9 else -0.1), 0.1, 0.9))
        stated, target, reward = np.vstack(rows).T
        log = pd.DataFrame({"action_probability": stated, "reward": reward})
        found = confidence_sequence(target, log, level=0.9)
        missed += not ((found["low"] <= 0.38) & (found["high"] >= 0.38)).all()
    assert missed / runs <= 0.1 + 4 * np.sqrt(0.1 * 0.9 / runs)


def test_the_interval_narrows_and_the_price_of_peeking_is_bounded():
    target, log = simulated(50_000, np.random.default_rng(3))
    found = confidence_sequence(target, log, max_weight=10)
    width = (found["high"] - found["low"]).to_numpy()
    assert (np.diff(width) <= 0).all()
    ordinary = evaluate(target, log)
    assert 1 < width[-1] / (ordinary.high - ordinary.low) < 3


@pytest.mark.slow
@pytest.mark.parametrize(("n", "sequence", "bernstein"), [(1000, 2.1, 3.2), (10_000, 1.8, 2.1), (50_000, 1.6, 1.8)])
def test_widths_over_that_of_an_ordinary_interval(n, sequence, bernstein):
    ratios = []
    for seed in range(3, 8):
        target, log = simulated(n, np.random.default_rng(seed))
        last = confidence_sequence(target, log, max_weight=10).iloc[-1]
        bound = evaluate(target, log, interval="bernstein", max_weight=10)
        ordinary = evaluate(target, log)
        ratios.append(np.array([last["high"] - last["low"], bound.high - bound.low]) / (ordinary.high - ordinary.low))
    assert np.mean(ratios, axis=0) == pytest.approx([sequence, bernstein], rel=0.1)


def test_the_largest_weight_is_read_from_candidates():
    rng = np.random.default_rng(8)
    made = (rng.random(500) < 0.2).astype(int)
    log = pd.DataFrame(
        {
            "offer_id": np.array(["x", "y"])[made],
            "action_probability": np.array([0.8, 0.2])[made],
            "reward": (rng.random(500) < 0.3).astype(float),
        }
    )
    told = log.assign(candidates='{"x": 0.8, "y": 0.2}')
    target = np.tile([0.4, 0.6], (500, 1))
    read = confidence_sequence(target, told, offers=["x", "y"])
    pd.testing.assert_frame_equal(read, confidence_sequence(target, log, offers=["x", "y"], max_weight=0.6 / 0.2))
    wide = confidence_sequence(target, log, offers=["x", "y"])
    assert (wide["high"].iloc[-1] - read["high"].iloc[-1]) > 0.02
    assert (wide["low"] == read["low"]).all()


def test_rows_are_taken_in_time_order():
    target, log = simulated(200, np.random.default_rng(4))
    log["decided_at"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(200), unit="h")
    order = np.random.default_rng(5).permutation(200)
    expected = confidence_sequence(target, log)
    pd.testing.assert_frame_equal(confidence_sequence(target[order], log.iloc[order]), expected)
    assert expected["decided_at"].is_monotonic_increasing


def test_of_a_customer_the_first_decision_counts():
    target, log = simulated(200, np.random.default_rng(6))
    twice = pd.concat([log, log.assign(reward=1.0)], ignore_index=True).assign(customer_id=np.tile(np.arange(200), 2))
    once = confidence_sequence(target, log)
    pd.testing.assert_frame_equal(confidence_sequence(np.tile(target, 2), twice), once)
    assert len(confidence_sequence(np.tile(target, 2), twice, repeats="all")) == 400


def test_heavy_weights_make_it_wide_but_not_wrong():
    log = pd.DataFrame({"action_probability": [0.999] * 999 + [0.001], "reward": 0.0})
    found = confidence_sequence(np.full(1000, 0.5), log, support=Support(max_weight_z=100))
    assert (found["low"] == 0).all()
    assert found["high"].iloc[-1] < 1
    assert found["high"].iloc[-1] > 0.4


@pytest.mark.parametrize(
    ("change", "arguments", "error", "message"),
    [
        ({"reward": 5.0}, {}, InputError, r"rewards go from 5 to 5: give reward_range=\(least, largest\)"),
        ({"reward": 5.0}, {"reward_range": (0, 1)}, InputError, r"rewards must be in reward_range, \(0, 1\)"),
        ({}, {"reward_range": (1, 0)}, InputError, "reward_range must be two finite numbers, the smaller one first"),
        ({}, {"max_weight": 3}, InputError, "max_weight must be at least the largest weight, 10; got 3"),
        ({}, {"level": 2}, InputError, r"level must be in \(0, 1\); got 2"),
        ({}, {"repeats": "none"}, InputError, "repeats must be one of 'first', 'all'; got 'none'"),
        ({"action_probability": 0.1}, {}, OverlapError, "no confidence sequence: the mean weight is "),
    ],
)
def test_bad_calls_are_refused(change, arguments, error, message):
    target, log = simulated(500, np.random.default_rng(7))
    with pytest.raises(error, match=message):
        confidence_sequence(target, log.assign(**change), **arguments)
