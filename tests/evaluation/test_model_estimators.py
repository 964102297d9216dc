"""What all estimators with a model of rewards owe."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.evaluation import evaluate
from nbo.policies import Uniform

NAMES = ["dm", "dr", "sndr", "switch", "dros"]
OFFERS = ["card", "loan", "no_offer"]
LOGGING = np.array([[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]])
TARGET = np.array([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]])
RATES = np.array([[0.1, 0.4, 0.0], [0.3, 0.2, 0.0]])
TRUTH = (TARGET * RATES).sum(axis=1).mean()


def simulated(n, rng, logging=LOGGING):
    """A log of two segments with rows of one customer together; simulated."""
    segment = rng.integers(0, 2, n)
    taken = (rng.random((n, 1)) > logging[segment].cumsum(axis=1)[:, :-1]).sum(axis=1)
    feedback = pd.DataFrame(
        {
            "decision_id": np.arange(n),
            "customer_id": np.arange(n) // 2,
            "segment": np.array(["a", "b"])[segment],
            "offer_id": np.array(OFFERS)[taken],
            "action_probability": logging[segment, taken],
            "reward": (rng.random(n) < RATES[segment, taken]).astype(float),
        }
    )
    return TARGET[segment], feedback


FOUR = pd.DataFrame(
    {
        "segment": "a",
        "offer_id": ["x", "y", "x", "y"],
        "action_probability": [0.8, 0.2, 0.8, 0.2],
        "reward": [1.0, 0.0, 0.0, 1.0],
    }
)
PREDICTED = np.array([[0.5, 0.3], [0.4, 0.2], [0.5, 0.3], [0.4, 0.2]])
BASE = np.array([0.4, 0.3, 0.4, 0.3])
RESIDUAL = np.array([1 - 0.5, 0 - 0.2, 0 - 0.5, 1 - 0.2])
WEIGHT = np.array([0.5 / 0.8, 0.5 / 0.2, 0.5 / 0.8, 0.5 / 0.2])


@pytest.mark.parametrize(
    ("name", "parameter", "used"),
    [
        ("dm", None, np.zeros(4)),
        ("dr", None, WEIGHT),
        ("switch", 2.0, np.array([0.625, 0, 0.625, 0])),
        ("switch", 2.5, WEIGHT),
        ("switch", 0, np.zeros(4)),
        ("dros", 3.0, 3 * WEIGHT / (WEIGHT**2 + 3)),
        ("dros", np.inf, WEIGHT),
        ("dros", 0, np.zeros(4)),
    ],
)
def test_by_hand(name, parameter, used):
    estimate = evaluate(Uniform(["x", "y"]), FOUR, name, predicted_rewards=PREDICTED, parameter=parameter)
    parts = BASE + used * RESIDUAL
    assert estimate.value == pytest.approx(parts.mean())
    bias = 0.0 if parameter is None else ((WEIGHT - used) * RESIDUAL).mean()
    assert estimate.standard_error == pytest.approx(np.sqrt(parts.var(ddof=1) / 4 + bias**2))
    assert estimate.effective_sample_size == pytest.approx(WEIGHT.sum() ** 2 / (WEIGHT**2).sum())
    assert (estimate.max_weight, estimate.matched, estimate.estimator) == (2.5, 4, name)
    assert estimate.parameter == parameter


def test_a_model_that_says_zero_makes_dr_ips():
    expected = evaluate(Uniform(["x", "y"]), FOUR)
    got = evaluate(Uniform(["x", "y"]), FOUR, "dr", predicted_rewards=np.zeros((4, 2)))
    assert replace(got, estimator="ips") == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_perfect_model_of_certain_rewards_is_exact(name):
    target, feedback = simulated(500, np.random.default_rng(0))
    segment = (feedback["segment"] == "b").to_numpy().astype(int)
    taken = feedback["offer_id"].map(OFFERS.index).to_numpy()
    feedback["reward"] = RATES[segment, taken]
    estimate = evaluate(target, feedback, name, offers=OFFERS, predicted_rewards=RATES[segment])
    assert estimate.value == pytest.approx((target * RATES[segment]).sum(axis=1).mean())


@pytest.mark.parametrize("name", NAMES)
def test_unbiased_with_honest_errors_and_intervals_over_simulated_logs(name):
    rng = np.random.default_rng(1)
    runs = [evaluate(*simulated(1000, rng), name, offers=OFFERS) for _ in range(300)]
    values = np.array([run.value for run in runs])
    spread = values.std(ddof=1)
    # The shrunk cells leave a bias far below the standard error of one log.
    allowed = 4 * spread / np.sqrt(300) + (0 if name == "dr" else 0.1 * spread)
    assert abs(values.mean() - TRUTH) < allowed
    stated = np.sqrt(np.mean([run.standard_error**2 for run in runs]))
    assert stated / spread == pytest.approx(1, abs=4 / np.sqrt(600))
    covered = np.mean([run.low <= TRUTH <= run.high for run in runs])
    assert covered == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 300))


def test_dr_is_unbiased_if_the_model_or_the_probabilities_are_right():
    rng = np.random.default_rng(2)
    wrong_model, wrong_weights, both = [], [], []
    # The gate finds wrong probabilities by the mean weight; here they are wanted.
    wrong = {"offers": OFFERS, "on_no_support": "report"}
    for _ in range(200):
        target, feedback = simulated(400, rng)
        segment = (feedback["segment"] == "b").to_numpy().astype(int)
        off = feedback.assign(action_probability=1 / 3)
        bad = np.full((400, 3), 0.8)
        wrong_model.append(evaluate(target, feedback, "dr", offers=OFFERS, predicted_rewards=bad).value)
        wrong_weights.append(evaluate(target, off, "dr", predicted_rewards=RATES[segment], **wrong).value)
        both.append(evaluate(target, off, "dr", predicted_rewards=bad, **wrong).value)
    for values, fine in ((wrong_model, True), (wrong_weights, True), (both, False)):
        z = (np.mean(values) - TRUTH) / (np.std(values, ddof=1) / np.sqrt(200))
        assert (abs(z) < 4) == fine


def test_models_vary_less_than_weights_where_few_answers_carry_much_weight():
    logging = np.array([[0.97, 0.02, 0.01], [0.02, 0.97, 0.01]])
    rng = np.random.default_rng(3)
    off = {name: [] for name in ["ips", *NAMES]}
    for _ in range(80):
        target, feedback = simulated(1000, rng, logging)
        feedback["reward"] += 2.0  # a level that weights alone must carry
        for name, values in off.items():
            found = evaluate(target, feedback, name, offers=OFFERS, on_no_support="report")
            values.append(found.value - TRUTH - 2)
    squared = {name: np.mean(np.square(values)) for name, values in off.items()}
    assert squared["dr"] < 0.3 * squared["ips"]
    assert squared["switch"] < 1.1 * squared["dr"]
    assert squared["dros"] < 1.1 * squared["dr"]
    assert squared["sndr"] < 0.3 * squared["ips"]
    assert squared["dm"] < squared["dr"]


@pytest.mark.slow
def test_errors_and_coverage_where_5000_decisions_count_like_180():
    logging = np.array([[0.97, 0.02, 0.01], [0.02, 0.97, 0.01]])
    rng = np.random.default_rng(12)
    runs = {name: [] for name in ["ips", *NAMES]}
    for _ in range(200):
        target, feedback = simulated(5000, rng, logging)
        for name, estimates in runs.items():
            estimates.append(evaluate(target, feedback, name, offers=OFFERS))
    error = {name: np.sqrt(np.mean([(one.value - TRUTH) ** 2 for one in runs[name]])) for name in runs}
    covered = {name: np.mean([one.low <= TRUTH <= one.high for one in runs[name]]) for name in runs}
    assert np.mean([one.effective_sample_size for one in runs["dr"]]) == pytest.approx(180, rel=0.1)
    expected = {"ips": 0.029, "dm": 0.025, "dr": 0.023, "sndr": 0.023, "switch": 0.026, "dros": 0.024}
    assert error == pytest.approx(expected, abs=0.002)
    stated = {"ips": 0.96, "dm": 0.88, "dr": 0.96, "sndr": 0.96, "switch": 0.94, "dros": 0.95}
    assert covered == pytest.approx(stated, abs=0.03)


@pytest.mark.parametrize("name", ["switch", "dros"])
def test_a_wrong_model_is_not_trusted_by_default(name):
    target, feedback = simulated(20_000, np.random.default_rng(4))
    estimate = evaluate(target, feedback, name, offers=OFFERS, predicted_rewards=np.full((20_000, 3), 0.9))
    doubly = evaluate(target, feedback, "dr", offers=OFFERS, predicted_rewards=np.full((20_000, 3), 0.9))
    assert estimate.value == pytest.approx(doubly.value, abs=doubly.standard_error / 10)
    assert np.isfinite(estimate.parameter)


@pytest.mark.parametrize("name", NAMES)
def test_the_logging_policy_is_worth_its_mean_reward_but_for_chance(name):
    _, feedback = simulated(4000, np.random.default_rng(5))
    own = LOGGING[(feedback["segment"] == "b").to_numpy().astype(int)]
    estimate = evaluate(own, feedback, name, offers=OFFERS)
    assert abs(estimate.value - feedback["reward"].mean()) < estimate.standard_error
    assert estimate.effective_sample_size == pytest.approx(4000)


@pytest.mark.parametrize("name", NAMES)
def test_neither_the_order_of_rows_nor_of_offers_matters(name):
    target, feedback = simulated(600, np.random.default_rng(6))
    order = np.random.default_rng(7).permutation(600)
    one = evaluate(target, feedback, name, offers=OFFERS)
    other = evaluate(target[order][:, ::-1], feedback.iloc[order], name, offers=OFFERS[::-1])
    assert (other.value, other.standard_error) == pytest.approx((one.value, one.standard_error), rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_edges(name):
    target, feedback = simulated(300, np.random.default_rng(8))
    assert evaluate(target, feedback.assign(reward=0.0), name, offers=OFFERS).value == 0.0
    one = evaluate(LOGGING[:1], feedback[:1].assign(reward=1.0), name, offers=OFFERS)
    assert np.isfinite(one.value)
    assert np.isnan(one.standard_error)
    assert any("a single customer" in warning for warning in one.warnings)


@pytest.mark.parametrize("name", NAMES)
def test_no_overlap_is_said(name):
    feedback = pd.concat([FOUR[FOUR["offer_id"] == "x"]] * 5, ignore_index=True)
    estimate = evaluate(np.tile([0.0, 1.0], (10, 1)), feedback, name, offers=["x", "y"])
    assert np.isnan(estimate.low)
    assert "says nothing about it" in estimate.reasons[0]


@pytest.mark.parametrize("name", NAMES)
def test_what_could_not_be_offered_is_not_asked_for(name):
    texts = ['{"x": 0.8, "y": 0.2}', '{"x": 0.8, "y": 0.2}', '{"x": 1.0}', '{"y": 1.0}', '{"no_offer": 1.0}']
    none = {"segment": "a", "offer_id": "no_offer", "action_probability": 1.0, "reward": 0.0}
    log = pd.concat([FOUR, pd.DataFrame([none])], ignore_index=True).assign(candidates=texts)
    log["action_probability"] = [0.8, 0.2, 1.0, 1.0, 1.0]
    predicted = np.array([[0.5, 0.3], [0.5, 0.3], [0.5, np.nan], [np.nan, 0.3], [np.nan, np.nan]])
    estimate = evaluate(Uniform(["x", "y"]), log, name, predicted_rewards=predicted)
    base = np.array([0.4, 0.4, 0.5, 0.3, 0.0])
    assert estimate.n == 5
    if name == "dm":
        assert estimate.value == pytest.approx(base.mean())
    if name == "dr":
        weight, residual = np.array([0.625, 2.5, 1, 1, 1]), np.array([0.5, -0.3, -0.5, 0.7, 0.0])
        assert estimate.value == pytest.approx((base + weight * residual).mean())


def test_a_forced_decision_is_worth_what_came_of_it():
    none = {"segment": "a", "offer_id": "no_offer", "action_probability": 1.0, "reward": 7.0}
    log = pd.DataFrame([none] * 3).assign(candidates=json.dumps({"no_offer": 1.0}))
    assert [evaluate(Uniform(["x"]), log, name).value for name in NAMES] == pytest.approx([7.0] * 5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"estimator": "ips", "parameter": 1.0},
            "parameter is for the estimators 'clipped', 'dros', 'switch'; got 'ips'",
        ),
        (
            {"estimator": "dr", "parameter": 1.0},
            "parameter is for the estimators 'clipped', 'dros', 'switch'; got 'dr'",
        ),
        ({"estimator": "snips", "predicted_rewards": PREDICTED}, "predicted_rewards is for the estimators 'dm', 'dr'"),
        ({"estimator": "switch", "parameter": -1.0}, "parameter must be a threshold of 0 or more; got -1.0"),
        ({"estimator": "dros", "parameter": np.nan}, "parameter must be a lambda of 0 or more; got nan"),
        ({"estimator": "dm", "predicted_rewards": PREDICTED[:2]}, r"predicted_rewards must have the shape \(4, 2\)"),
        (
            {"estimator": "dm", "predicted_rewards": PREDICTED * [[1], [np.nan], [1], [1]]},
            "predicted_rewards must be finite numbers; 1 of 4 rows is not, first at row 1: nan",
        ),
        ({"estimator": "dm", "predicted_rewards": np.full((4, 2), "much")}, "predicted_rewards must be finite numbers"),
    ],
)
def test_bad_calls_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        evaluate(Uniform(["x", "y"]), FOUR, **arguments)


@pytest.mark.parametrize("name", NAMES)
def test_probabilities_of_the_logged_actions_alone_are_refused(name):
    with pytest.raises(InputError, match="needs a policy or the probabilities of all offers"):
        evaluate(np.full(4, 0.5), FOUR, name)
