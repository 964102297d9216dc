"""The difference of two policies on one log: by hand, planted, and honest about chance."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError, OverlapError
from nbo.evaluation import compare, evaluate
from nbo.evaluation.estimators import ESTIMATORS, MODEL_ESTIMATORS
from nbo.policies import Uniform

OFFERS = ["x", "y"]
RATES = np.array([0.2, 0.3])


def simulated(n, rng, customers=None):
    """A log that draws x with 60 %; x is accepted by 20 % and y by 30 %; simulated."""
    made = (rng.random(n) < 0.4).astype(int)
    return pd.DataFrame(
        {
            "decision_id": np.arange(n),
            "customer_id": np.arange(n) if customers is None else rng.integers(0, customers, n),
            "offer_id": np.array(OFFERS)[made],
            "action_probability": np.array([0.6, 0.4])[made],
            "reward": (rng.random(n) < RATES[made]).astype(float),
        }
    )


def target(share, n):
    return np.tile([share, 1 - share], (n, 1))


def test_ips_by_hand():
    feedback = pd.DataFrame({"action_probability": [0.5, 0.25, 0.5, 0.25], "reward": [1.0, 1.0, 0.0, 2.0]})
    a, b = np.array([0.5, 0.25, 0.25, 0.5]), np.array([0.25, 0.5, 0.5, 0.25])
    found = compare(a, b, feedback)
    parts = np.array([(1 - 0.5) * 1, (1 - 2) * 1, 0, (2 - 1) * 2])
    assert found.difference == pytest.approx(parts.mean())
    assert found.standard_error == pytest.approx(parts.std(ddof=1) / 2)
    assert found.high - found.low == pytest.approx(2 * 1.959963984540054 * parts.std(ddof=1) / 2)
    assert found.p_value == pytest.approx(2 * (1 - 0.7257468822), abs=1e-6)
    assert (found.a, found.b) == (evaluate(a, feedback), evaluate(b, feedback))


def test_decisions_of_one_customer_are_clustered_by_hand():
    feedback = pd.DataFrame({"customer_id": [7, 7, 9], "action_probability": 0.5, "reward": [1.0, 1.0, 0.0]})
    found = compare(np.array([0.75, 0.5, 0.5]), np.array([0.25, 0.5, 0.5]), feedback)
    # Parts 1, 0 and 0, of mean 1/3; the first two are one customer's.
    sums = np.array([(1 - 1 / 3) + (0 - 1 / 3), 0 - 1 / 3])
    assert found.standard_error == pytest.approx(np.sqrt(2 / 1 * (sums**2).sum()) / 3)


@pytest.mark.parametrize("estimator", sorted({*ESTIMATORS, *MODEL_ESTIMATORS}))
def test_the_difference_is_that_of_both_values_whatever_the_estimator(estimator):
    feedback = simulated(500, np.random.default_rng(1))
    a, b = target(0.2, 500), target(0.7, 500)
    found = compare(a, b, feedback, estimator, offers=OFFERS)
    values = [evaluate(one, feedback, estimator, offers=OFFERS).value for one in (a, b)]
    assert found.difference == pytest.approx(values[0] - values[1])
    assert (found.a.value, found.b.value) == tuple(values)
    assert 0 < found.standard_error < 0.2
    same = compare(a, a, feedback, estimator, offers=OFFERS)
    assert (same.difference, same.standard_error, same.low, same.high, same.p_value) == (0, 0, 0, 0, 1)


@pytest.mark.parametrize("estimator", ["ips", "snips", "dr", "sndr"])
@pytest.mark.parametrize("b", ["logged", "other"])
def test_intervals_hold_the_planted_difference_as_often_as_stated(estimator, b):
    rng, runs, n = np.random.default_rng(2), 120, 400
    truth = [0.1, 0.9] @ RATES - ([0.6, 0.4] if b == "logged" else [0.8, 0.2]) @ RATES
    held = 0
    for _ in range(runs):
        feedback = simulated(n, rng)
        other = "logged" if b == "logged" else target(0.8, n)
        found = compare(target(0.1, n), other, feedback, estimator, offers=OFFERS)
        held += found.low <= truth <= found.high
    assert abs(held / runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)


def test_equal_policies_are_told_apart_no_more_often_than_stated():
    rng, runs, n = np.random.default_rng(3), 200, 400
    rejected = 0
    for _ in range(runs):
        feedback = simulated(n, rng).assign(reward=(rng.random(n) < 0.2).astype(float))
        rejected += compare(target(0.1, n), target(0.9, n), feedback, offers=OFFERS).p_value < 0.1
    assert abs(rejected / runs - 0.1) < 4 * np.sqrt(0.1 * 0.9 / runs)


def test_pairing_pays():
    feedback = simulated(3000, np.random.default_rng(4))
    found = compare(target(0.5, 3000), target(0.55, 3000), feedback, offers=OFFERS)
    apart = np.hypot(found.a.standard_error, found.b.standard_error)
    assert found.standard_error < 0.1 * apart


def test_logged_is_what_was_earned():
    feedback = simulated(500, np.random.default_rng(5))
    for estimator in ("ips", "dr", "replay", "clipped"):
        found = compare(target(0.5, 500), "logged", feedback, estimator, offers=OFFERS)
        assert found.b.value == feedback["reward"].mean()
        assert (found.b.effective_sample_size, found.b.max_weight) == (500, 1)


def test_the_bootstrap_draws_the_same_customers_for_both():
    feedback = simulated(2000, np.random.default_rng(6), customers=700)
    normal = compare(target(0.4, 2000), target(0.5, 2000), feedback, offers=OFFERS)
    drawn = compare(target(0.4, 2000), target(0.5, 2000), feedback, offers=OFFERS, interval="bootstrap")
    assert (drawn.low, drawn.high) == pytest.approx((normal.low, normal.high), abs=0.15 * (normal.high - normal.low))
    again = compare(target(0.4, 2000), target(0.5, 2000), feedback, offers=OFFERS, interval="bootstrap")
    assert drawn == again


def test_without_support_of_one_there_is_no_difference():
    feedback = simulated(1000, np.random.default_rng(7))
    feedback.loc[0, "action_probability"] = 1e-6
    found = compare(target(0.5, 1000), "logged", feedback, offers=OFFERS)
    assert not found.supported
    assert np.isnan([found.difference, found.standard_error, found.low, found.high, found.p_value]).all()
    assert found.reasons[0].startswith("a: 1000 decisions count only like 1.")
    assert str(found).startswith("No verdict: a: 1000 decisions")
    assert found._repr_html_().startswith("<p><strong>No verdict: a: 1000 decisions")
    assert "nan" not in found._repr_html_()
    assert found.b.supported
    with pytest.raises(OverlapError, match="no verdict by ips"):
        compare(target(0.5, 1000), "logged", feedback, offers=OFFERS, on_no_support="raise")
    assert compare(target(0.5, 1000), "logged", feedback, offers=OFFERS, on_no_support="report").difference > 0


def test_a_comparison_shows_itself():
    found = compare(target(0.2, 500), "logged", simulated(500, np.random.default_rng(8)), offers=OFFERS)
    assert str(found).startswith(f"a - b by ips: {found.difference:.6g} [")
    assert f"<tr><th>a - b</th><td>{found.difference:.6g}</td>" in found._repr_html_()
    assert found.supported
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"b": "champion"}, "b must be a policy, probabilities or 'logged'; got 'champion'"),
        ({"interval": "bernstein"}, "interval must be 'normal' or 'bootstrap' for a comparison; got 'bernstein'"),
        ({"estimator": "magic"}, "estimator must be one of 'clipped'"),
        (
            {"b": Uniform(["y", "x"]), "estimator": "dr", "predicted_rewards": np.zeros((20, 2))},
            r"both must have the same offers; got \['x', 'y'\] and \['y', 'x'\]",
        ),
    ],
)
def test_bad_calls_are_refused(arguments, message):
    given = {"a": Uniform(["x", "y"]), "b": "logged", "feedback": simulated(20, np.random.default_rng(9)), **arguments}
    with pytest.raises(InputError, match=message):
        compare(**given)
