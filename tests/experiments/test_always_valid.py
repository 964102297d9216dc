"""Looking after every customer: few false alarms, true differences found, and the same by a plain loop."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import special

from nbo.errors import InputError
from nbo.experiments import NormalMixture, always_valid, cuped


def rates(rng, n, change=0.0):
    """Who accepts, at 5 %, simulated."""
    return lambda arm: (rng.random(n) < 0.05 + change * arm).astype(float)


def money(rng, n, change=0.0):
    """Skewed spending: 5 % of customers spend, few of them much, simulated."""
    return lambda arm: np.where(rng.random(n) < 0.05 + change * arm, rng.lognormal(3, 1.2, n), 0.0)


def simulated(kind, share, n, rng, change=0.0):
    arm = rng.random(n) < share
    return pd.DataFrame({"arm": np.where(arm, "agent", "control"), "reward": kind(rng, n, change)(arm)})


def slowly(frame, planned, level=0.95):
    """Bounds by plain loops over all rows so far."""
    mixture, low, high, table = NormalMixture(planned, level), -math.inf, math.inf, []
    for t in range(1, len(frame) + 1):
        seen = frame.head(t)
        one, two = (seen.loc[seen["arm"] == arm, "reward"] for arm in ("agent", "control"))
        if min(len(one), len(two)) > 1:
            whole = seen["reward"].var()
            error = math.sqrt(max(one.var(), whole) / len(one) + max(two.var(), whole) / len(two))
            pull = (seen["reward"] - seen["reward"].mean()).abs().max() / min(len(one), len(two))
            if pull < 0.5 * error:
                half = mixture.reach(np.array([t]))[0] * error
                low, high = max(low, one.mean() - two.mean() - half), min(high, one.mean() - two.mean() + half)
        table.append((low, high))
    return np.array(table)


@pytest.mark.parametrize("kind", [rates, money])
def test_by_a_plain_loop(kind):
    frame = simulated(kind, 0.5, 400, np.random.default_rng(0), change=0.4)
    found = always_valid(frame, planned=200)
    expected = slowly(frame, 200)
    assert np.isfinite(expected[-1]).all()
    np.testing.assert_allclose(found[["low", "high"]], expected, rtol=1e-9)
    every = always_valid(frame, planned=200, every=70)
    assert every["customers"].tolist() == [70, 140, 210, 280, 350, 400]
    same = ["difference", "log_e_value"]
    np.testing.assert_allclose(every[same], found.iloc[every["customers"] - 1][same])


def test_the_p_value_is_below_its_limit_just_when_zero_is_outside():
    frame = simulated(rates, 0.5, 4000, np.random.default_rng(1), change=0.04)
    found = always_valid(frame, planned=2000)
    outside = (found["low"] > 0) | (found["high"] < 0)
    assert outside.any()
    assert ((found["p_value"] < 0.05) == outside).all()
    assert (found["p_value"].diff().dropna() <= 0).all()


def looked_at(frame, looks):
    """p-values of ordinary tests of rows so far."""
    values, inside = frame["reward"].to_numpy(), (frame["arm"] == "agent").to_numpy()
    parts = []
    for of in (inside, ~inside):
        n = np.maximum(of.cumsum(), 1)
        mean = (values * of).cumsum() / n
        parts.append((mean, np.maximum((values**2 * of).cumsum() / n - mean**2, 0) / n))
    (one, v1), (two, v2) = parts
    return 2 * special.ndtr(-np.abs(one - two) / np.sqrt(np.maximum(v1 + v2, 1e-12)))[looks]


def alarms(kind, share, n, runs, seed, every):
    """Share of experiments without effect in which one of the looks says that there is one; with ordinary tests."""
    rng, false, naive = np.random.default_rng(seed), 0, 0
    for _ in range(runs):
        frame = simulated(kind, share, n, rng)
        found = always_valid(frame, every=every, planned=n)
        false += found["p_value"].iloc[-1] < 0.05
        naive += (looked_at(frame, found["customers"] - 1)[100 // every :] < 0.05).any()
    return false / runs, naive / runs


@pytest.mark.parametrize(("kind", "share"), [(rates, 0.5), (money, 0.5), (rates, 0.1)])
def test_looking_after_every_customer_gives_few_false_alarms(kind, share):
    false, naive = alarms(kind, share, 4000, 150, 2, every=1)
    assert false < 0.05
    assert naive > 0.25


@pytest.mark.slow
@pytest.mark.parametrize("kind", [rates, money])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.1])
@pytest.mark.parametrize("every", [1, 500])
def test_two_thousand_experiments_without_effect_give_few_false_alarms(kind, share, every):
    false, _ = alarms(kind, share, 10_000, 2000, 3, every)
    assert false <= 0.05


# The mean of spending is exp(3 + 1.2^2 / 2).
@pytest.mark.parametrize(("kind", "change", "truth"), [(rates, 0.03, 0.03), (money, 0.05, 0.05 * math.exp(3.72))])
@pytest.mark.parametrize("planned", [1000, 5000])
def test_all_intervals_hold_a_true_difference(kind, change, truth, planned):
    rng, runs, held, found = np.random.default_rng(4), 120, 0, 0
    for _ in range(runs):
        table = always_valid(simulated(kind, 0.5, 6000, rng, change), planned=planned, every=20)
        held += (table["low"].iloc[-1] <= truth) and (table["high"].iloc[-1] >= truth)
        found += table["low"].iloc[-1] > 0
    assert held / runs >= 0.95
    # A test at one moment finds these changes among 6,000 nearly always.
    assert found / runs > 0.6


def test_what_is_known_before_may_be_taken_out_first():
    """Slopes of all customers so far, at each of some looks, simulated: few false alarms, and earlier true ones."""
    rng, runs, false, plain, adjusted = np.random.default_rng(6), 50, 0, [], []
    for change in (0.0, 0.3):
        for _ in range(runs):
            before, inside = rng.gamma(1.0, 10.0, 3000), rng.random(3000) < 0.5
            spent = 0.2 * before + rng.gamma(1.0, 1.0, 3000) + change * inside
            frame = pd.DataFrame({"arm": np.where(inside, "agent", "control"), "reward": spent})
            out = [
                always_valid(
                    frame.head(n).assign(reward=cuped(spent[:n], before[:n], inside[:n])), planned=1500, every=n
                )
                for n in range(600, 3001, 600)
            ]
            found = [look["p_value"].iloc[-1] < 0.05 for look in out]
            if not change:
                false += any(found)
                continue
            looks = always_valid(frame, planned=1500, every=600)
            adjusted.append(600 * (1 + found.index(True)) if any(found) else 4000)
            plain.append(
                int(looks.loc[looks["p_value"] < 0.05, "customers"].min()) if looks["p_value"].iloc[-1] < 0.05 else 4000
            )
    assert false / runs <= 0.05
    # The past explains 4 / 5 of the variance.
    assert np.mean(adjusted) < 0.6 * np.mean(plain)


def test_customers_in_the_order_of_time_and_several_arms():
    times = pd.to_datetime("2026-01-01") + pd.to_timedelta(np.arange(600), "min")
    arms = ["agent", "holdout", "control"] * 200
    frame = pd.DataFrame({"arm": arms, "reward": [1.0, 0.0, 1.0, 0.0] * 150, "at": times})
    found = always_valid(frame, order="at", planned=500, every=100)
    assert found["arm"].tolist() == ["agent"] * 4 + ["holdout"] * 4
    assert found["customers"].tolist() == [100, 200, 300, 400] * 2
    mixed = always_valid(frame.sample(frac=1.0, random_state=0), order="at", planned=500, every=100)
    pd.testing.assert_frame_equal(found, mixed)
    assert found["at"].iloc[3] == times[599]
    outside = pd.concat([frame, frame.head(50).assign(arm="outside")])
    pd.testing.assert_frame_equal(always_valid(outside, order="at", planned=500, every=100), found)


def test_a_metric_that_does_not_vary_tells_nothing():
    frame = pd.DataFrame({"arm": ["agent", "control"] * 50, "reward": 7.0})
    last = always_valid(frame).iloc[-1]
    assert (last["low"], last["high"], last["p_value"], last["difference"]) == (-np.inf, np.inf, 1, 0)


GOOD = pd.DataFrame({"customer_id": range(6), "arm": ["agent", "control"] * 3, "reward": [0.0, 1, 1, 0, 0, 1]})


@pytest.mark.parametrize(
    ("frame", "arguments", "says"),
    [
        (GOOD, {"baseline": "holdout"}, "baseline must be one of 'agent', 'control'; got 'holdout'"),
        (GOOD, {"every": 0}, "every must be 1 or more; got 0"),
        (GOOD, {"planned": -1}, "planned must be above 0; got -1"),
        (GOOD, {"metric": "profit"}, "frame lacks the column 'profit'"),
        (GOOD.assign(reward=[0, 1, 1, None, 0, 1]), {}, "frame.reward must be there and finite; 1 of 6 rows is not"),
        (GOOD.assign(customer_id=[0, 1, 2, 3, 4, 4]), {}, "1 of 5 are in several, first 4: 'agent', 'control'"),
        (GOOD.assign(customer_id=[0, 1, 2, 3, 0, 5]), {}, "must be in one row; 1 of 6 .* first at row 4: 0"),
        (GOOD.iloc[[0, 1, 3]], {}, "each arm must have at least 2 customers; 'agent' has 1"),
        (GOOD.assign(arm="control"), {}, "must have an arm beside 'control'"),
        (GOOD.assign(arm=[None, "control"] * 3), {}, "frame.arm must be there in every row; 3 of 6"),
    ],
)
def test_what_is_not_allowed_is_refused(frame, arguments, says):
    with pytest.raises(InputError, match=says):
        always_valid(frame, **arguments)
