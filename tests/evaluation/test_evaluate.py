"""What evaluate reads from feedback, and what it refuses."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.evaluation import compare, confidence_sequence, evaluate, evaluate_slates, replay_run
from nbo.evaluation.estimators import ESTIMATORS, MODEL_ESTIMATORS, TUNED
from nbo.policies import SegmentThompson, Uniform

FEEDBACK = pd.DataFrame(
    {
        "decision_id": ["d1", "d2", "d3", "d4"],
        "segment": "a",
        "offer_id": ["x", "y", "x", "y"],
        "action_probability": [0.8, 0.2, 0.8, 0.2],
        "reward": [1.0, 0.0, 0.0, 1.0],
    }
)


def test_a_policy_a_matrix_and_a_vector_say_the_same():
    expected = (0.5 / 0.8 * 1 + 0.5 / 0.2 * 1) / 4
    for target, offers in ((Uniform(["x", "y"]), None), (np.full((4, 2), 0.5), ["x", "y"]), (np.full(4, 0.5), None)):
        assert evaluate(target, FEEDBACK, offers=offers).value == pytest.approx(expected)


def test_a_thompson_policy_is_asked_by_segment():
    policy = SegmentThompson(["x", "y"]).learn(FEEDBACK)
    stated = policy.probabilities(FEEDBACK)
    expected = (stated[0, 0] / 0.8 + stated[3, 1] / 0.2) / 4
    assert evaluate(policy, FEEDBACK).value == pytest.approx(expected)


def test_candidates_say_what_was_eligible():
    # In rows d3 and d4 only the offer made was eligible, so any policy would have made it.
    texts = ['{"x": 0.8, "y": 0.2}', '{"x": 0.8, "y": 0.2}', '{"x": 1.0}', '["y"]']
    log = FEEDBACK.assign(candidates=texts, action_probability=[0.8, 0.2, 1.0, 1.0])
    assert evaluate(Uniform(["x", "y"]), log).value == pytest.approx((0.5 / 0.8 + 0 + 0 + 1) / 4)


def test_an_offer_that_was_eligible_but_never_drawn_is_not_taken_for_ineligible():
    log = FEEDBACK.assign(offer_id="x", action_probability=1.0, candidates='{"x": 1.0, "y": 0.0}')
    estimate = evaluate(Uniform(["x", "y"]), log)
    assert (estimate.supported, estimate.uncovered) == (False, 0.5)
    assert np.isnan(estimate.value)


def test_customers_to_whom_nothing_could_be_offered_count():
    none = {"decision_id": "d5", "segment": "a", "offer_id": "no_offer", "action_probability": 1.0, "reward": 0.0}
    log = pd.concat([FEEDBACK.assign(candidates='{"x": 0.8, "y": 0.2}'), pd.DataFrame([none])], ignore_index=True)
    log.loc[4, "candidates"] = json.dumps({"no_offer": 1.0})
    estimate = evaluate(Uniform(["x", "y"]), log)
    assert estimate.value == pytest.approx((0.5 / 0.8 + 0.5 / 0.2) / 5)
    assert (estimate.matched, estimate.warnings[0][:11]) == (5, "5 decisions")


def test_an_offer_that_the_policy_does_not_know_weighs_nothing_if_candidates_tell():
    log = FEEDBACK.assign(candidates='{"x": 0.8, "y": 0.2}')
    estimate = evaluate(Uniform(["x"]), log)
    assert estimate.value == pytest.approx((1 / 0.8) / 4)
    assert "2 of 4 decisions made offers that the policy does not know" in estimate.warnings


def test_the_index_of_the_feedback_does_not_matter():
    shifted = FEEDBACK.set_axis([7, 7, 3, 9])
    assert evaluate(Uniform(["x", "y"]), shifted) == evaluate(Uniform(["x", "y"]), FEEDBACK)


def test_the_interval_has_the_level_asked_for():
    wide, narrow = (evaluate(np.full(4, 0.5), FEEDBACK, level=level) for level in (0.99, 0.5))
    assert wide.high - wide.value == pytest.approx(2.5758293035489 * wide.standard_error)
    assert narrow.value - narrow.low == pytest.approx(0.6744897501961 * narrow.standard_error)


@pytest.mark.parametrize("estimator", ["ips", "snips", "replay"])
def test_one_row_has_no_standard_error(estimator):
    estimate = evaluate(np.array([0.8]), FEEDBACK[:1], estimator=estimator)
    assert estimate.value == pytest.approx(1.0)
    assert np.isnan(estimate.standard_error)
    assert np.isnan(estimate.low)


@pytest.mark.parametrize("estimator", ["ips", "snips", "replay"])
def test_no_overlap_is_said(estimator):
    estimate = evaluate(np.zeros(4), FEEDBACK, estimator=estimator)
    assert np.isnan(estimate.low)
    assert (estimate.effective_sample_size, estimate.matched) == (0.0, 0)
    assert "says nothing about it" in estimate.reasons[0]


def test_little_overlap_is_said():
    rng = np.random.default_rng(0)
    n = 10_000
    logged = np.full(n, 0.9999)
    logged[0] = 1e-6
    log = pd.DataFrame({"action_probability": logged, "reward": rng.integers(0, 2, n).astype(float)})
    estimate = evaluate(np.full(n, 0.5), log)
    assert estimate.effective_sample_size < 2
    assert estimate.max_weight == pytest.approx(0.5e6)
    assert "10000 decisions count only like 1.0 of equal weight, below 30" in estimate.reasons[0]
    assert "the largest weight is 5e+05" in estimate.reasons[0]
    assert estimate.warnings == ()


def test_a_heavy_decision_is_warned_of():
    heavy = np.append(np.full(99, 0.5), 0.02)
    estimate = evaluate(np.full(100, 0.5), pd.DataFrame({"action_probability": heavy, "reward": 1.0}))
    assert estimate.supported is False
    rest = pd.DataFrame({"action_probability": np.append(np.full(199, 0.5), 0.02), "reward": 1.0})
    assert "one decision has 11% of all weight (25)" in evaluate(np.full(200, 0.5), rest).warnings


def test_rewards_that_are_all_alike_are_warned_of():
    log = pd.DataFrame({"action_probability": 0.5, "reward": np.zeros(400)})
    estimate = evaluate(np.full(400, 0.5), log)
    assert (estimate.low, estimate.high) == (0, 0)
    assert "all rewards that count are alike" in estimate.warnings[0]
    bounded = evaluate(np.full(400, 0.5), log, interval="bernstein", max_weight=1)
    assert bounded.high == pytest.approx(7 * np.log(2 / 0.025) / (3 * 399))
    assert bounded.warnings == ()


@pytest.mark.parametrize("interval", ["normal", "bootstrap", "bernstein"])
def test_one_row_has_no_interval(interval):
    estimate = evaluate(np.array([0.8]), FEEDBACK[:1], interval=interval)
    assert np.isnan([estimate.low, estimate.high]).all()


def test_plenty_of_overlap_has_no_warnings():
    log = pd.concat([FEEDBACK] * 100, ignore_index=True).assign(action_probability=0.5, decision_id=range(400))
    assert evaluate(np.full(400, 0.5), log).warnings == ()


def test_names_of_estimators_are_those_registered():
    assert sorted(ESTIMATORS) == ["clipped", "ips", "replay", "snips"]
    assert sorted(MODEL_ESTIMATORS) == ["dm", "dr", "dros", "sndr", "switch"]
    assert sorted(TUNED) == ["clipped", "dros", "switch"]
    with pytest.raises(InputError, match="one of 'clipped', 'dm', 'dr', 'dros', .* 'switch'; got 'magic'"):
        evaluate(np.ones(4), FEEDBACK, estimator="magic")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"action_probability": [0.8, 0.2, 0.0, 0.2]},
            r"action_probability must be in \(0, 1\]; 1 of 4 .* at row 2: 0.0",
        ),
        ({"action_probability": np.nan}, r"action_probability must be in \(0, 1\]; 4 of 4 .* row 0: nan"),
        ({"action_probability": [0.8, 1.2, 0.8, 0.2]}, r"action_probability must be in \(0, 1\]"),
        ({"reward": [1.0, np.nan, 0.0, 1.0]}, "feedback.reward must be finite numbers; 1 of 4"),
        (
            {"reward": [1.0, np.nan, 0.0, 1.0], "outcome": ["accept", "pending", "reject", "accept"]},
            "1 of 4 rows is not, first at row 1: nan. Leave out decisions whose outcome is 'pending'",
        ),
        ({"reward": ["a", "b", "c", "d"]}, "feedback.reward must be finite numbers; 4 of 4"),
        ({"offer_id": ["x", "z", "x", "y"]}, "offer_id must be one of the offers .* 1 of 4 .* at row 1: 'z'"),
        ({"offer_id": ["x", None, "x", "y"]}, "feedback.offer_id must be there in every row"),
        ({"candidates": "x, y"}, "feedback.candidates must be JSON such as"),
        ({"candidates": "3"}, "feedback.candidates must be JSON such as"),
    ],
)
def test_bad_feedback_is_refused(change, message):
    matrix = np.full((4, 2), 0.5)
    with pytest.raises(InputError, match=message):
        evaluate(matrix, FEEDBACK.assign(**change), offers=["x", "y"])


def test_bad_targets_are_refused():
    with pytest.raises(InputError, match="a matrix of probabilities needs the names of its columns"):
        evaluate(np.full((4, 2), 0.5), FEEDBACK)
    with pytest.raises(InputError, match=r"probabilities must have the shape \(4, 2\)"):
        evaluate(np.full((3, 2), 0.5), FEEDBACK, offers=["x", "y"])
    with pytest.raises(InputError, match="sum to 1; 4 of 4 rows are not, first at row 0: 1.2"):
        evaluate(np.full((4, 2), 0.6), FEEDBACK, offers=["x", "y"])
    with pytest.raises(InputError, match="probabilities must be one for each of the 4 rows; got 3"):
        evaluate(np.ones(3), FEEDBACK)
    with pytest.raises(InputError, match=r"probabilities must be in \[0, 1\]; 1 of 4"):
        evaluate(np.array([0, 1, 2, 0]), FEEDBACK)


def test_bad_calls_are_refused():
    with pytest.raises(InputError, match="feedback must have at least one row"):
        evaluate(Uniform(["x"]), FEEDBACK[:0])
    with pytest.raises(InputError, match="feedback lacks the column 'action_probability'"):
        evaluate(Uniform(["x"]), FEEDBACK.drop(columns="action_probability"))
    with pytest.raises(InputError, match=r"level must be in \(0, 1\); got 95"):
        evaluate(np.ones(4), FEEDBACK, level=95)
    with pytest.raises(TypeError, match="feedback must be a frame"):
        evaluate(np.ones(4), [1, 2])


def test_an_estimate_is_frozen_and_shows_itself():
    estimate = evaluate(np.full(4, 0.5), FEEDBACK)
    with pytest.raises(dataclasses.FrozenInstanceError):
        estimate.value = 1.0
    assert "Warning:" in estimate._repr_html_()
    assert str(estimate).startswith("ips: 0.78125 [")
    assert "warning: 4 decisions count only like" in str(estimate)


def test_a_decision_that_comes_twice_is_refused():
    # Two pulls of a ledger put together: their errors would be too small by the root of 2.
    twice = pd.concat([FEEDBACK, FEEDBACK.tail(3).assign(reward=1.0)], ignore_index=True)
    message = "feedback.decision_id must be different in each row; 3 of 7 rows are not, first at row 4: 'd2'"
    for judge in (evaluate, confidence_sequence):
        with pytest.raises(InputError, match=message):
            judge(np.ones(7), twice)
    with pytest.raises(InputError, match=r"feedback.drop_duplicates\('decision_id', keep='last'\)"):
        compare(np.ones(7), "logged", twice)
    with pytest.raises(InputError, match=message):
        replay_run(Uniform(["x", "y"]), twice.assign(action_probability=0.5))
    assert evaluate(np.ones(7), twice.drop(columns="decision_id")).n == 7
    with pytest.raises(InputError, match="feedback.decision_id must be there in every row; 7 of 7 rows are not"):
        evaluate(np.ones(7), twice.assign(decision_id=None))


def test_each_position_of_a_slate_is_a_row_of_its_own():
    slates = FEEDBACK.assign(decision_id=["d1", "d1", "d2", "d2"], position=[1, 2, 1, 2])
    assert evaluate(np.ones(4), slates).n == 4
    with pytest.raises(InputError, match="1 of 4 rows is not, first at row 3: 'd2'"):
        evaluate(np.ones(4), slates.assign(position=[1, 2, 1, 1]))


@pytest.mark.parametrize(
    ("target", "shown"), [(Uniform, "the class Uniform"), (None, "None"), ("logged", "'logged'"), (0.5, "0.5")]
)
def test_a_target_is_a_policy_or_an_array(target, shown):
    message = f"^the target must be a policy, or an array of its probabilities; got {shown}.$"
    slates = FEEDBACK.assign(position=1)
    for judge, given in [(evaluate, FEEDBACK), (confidence_sequence, FEEDBACK), (evaluate_slates, slates)]:
        with pytest.raises(TypeError, match=message):
            judge(target, given, offers=["x", "y"])
    with pytest.raises(TypeError, match=message):
        compare(target, Uniform(["x", "y"]), FEEDBACK)
