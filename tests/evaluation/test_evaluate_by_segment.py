"""The value of a policy in each segment."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError, OverlapError
from nbo.evaluation import evaluate, evaluate_by_segment
from nbo.policies import Uniform


def simulated(n=900):
    rng = np.random.default_rng(0)
    made = (rng.random(n) < 0.4).astype(int)
    return pd.DataFrame(
        {
            "decision_id": np.arange(n),
            "segment": np.array(["a", "b", "a"])[np.arange(n) % 3],
            "city": "C",
            "offer_id": np.array(["x", "y"])[made],
            "action_probability": np.array([0.6, 0.4])[made],
            "reward": (rng.random(n) < 0.3).astype(float),
        }
    )


@pytest.mark.parametrize("estimator", ["ips", "dr"])
def test_rows_are_the_estimates_of_the_segments(estimator):
    feedback = simulated()
    predicted = np.full((900, 2), 0.25)
    given = {"predicted_rewards": predicted} if estimator == "dr" else {}
    frame = evaluate_by_segment(Uniform(["x", "y"]), feedback, estimator, **given)
    assert frame["segment"].tolist() == ["a", "b"]
    for number, segment in enumerate(["a", "b"]):
        mine = (feedback["segment"] == segment).to_numpy()
        given = {"predicted_rewards": predicted[mine]} if estimator == "dr" else {}
        alone = evaluate(Uniform(["x", "y"]), feedback[mine], estimator, **given)
        row = frame.loc[number]
        assert (row["value"], row["low"], row["high"], row["n"]) == (alone.value, alone.low, alone.high, alone.n)
        assert row["supported"]


def test_a_matrix_is_cut_with_the_rows():
    feedback = simulated()
    matrix = np.where((feedback["segment"] == "a").to_numpy()[:, np.newaxis], [[0.9, 0.1]], [[0.5, 0.5]])
    frame = evaluate_by_segment(matrix, feedback, offers=["x", "y"]).set_index("segment")
    mine = (feedback["segment"] == "b").to_numpy()
    assert frame.loc["b", "value"] == evaluate(matrix[mine], feedback[mine], offers=["x", "y"]).value


def test_any_column_divides_and_missing_ones_are_left_out():
    feedback = simulated().assign(city=["C"] * 400 + [None] * 300 + ["D"] * 200)
    frame = evaluate_by_segment(Uniform(["x", "y"]), feedback, by="city")
    assert frame[["city", "n"]].to_numpy().tolist() == [["C", 400], ["D", 200]]


def test_a_category_without_a_row_is_no_segment():
    feedback = simulated()
    named = feedback.assign(segment=pd.Categorical(feedback["segment"], categories=["z", "b", "a"]))
    found, expected = (evaluate_by_segment(Uniform(["x", "y"]), rows) for rows in (named, feedback))
    assert found["segment"].tolist() == ["a", "b"]
    pd.testing.assert_frame_equal(found.drop(columns="segment"), expected.drop(columns="segment"))


def test_segments_without_support_have_no_value():
    feedback = simulated()
    feedback.loc[1, "action_probability"] = 1e-6
    frame = evaluate_by_segment(Uniform(["x", "y"]), feedback).set_index("segment")
    assert frame["supported"].to_dict() == {"a": True, "b": False}
    assert np.isnan(frame.loc["b", "value"])
    assert frame.loc["b", "reasons"].startswith("300 decisions count only like")
    assert frame.loc["a", "reasons"] == ""
    with pytest.raises(OverlapError):
        evaluate_by_segment(Uniform(["x", "y"]), feedback, on_no_support="raise")


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({}, {"by": "town"}, "feedback lacks the column 'town'"),
        ({"segment": None}, {}, "feedback.segment must be there in at least one row; it is in none of 900"),
        ({}, {"policy_or_probabilities": np.ones(3)}, "probabilities must have 900 rows, as feedback; got 3"),
    ],
)
def test_bad_calls_are_refused(change, arguments, message):
    given = {"policy_or_probabilities": Uniform(["x", "y"]), "feedback": simulated().assign(**change), **arguments}
    with pytest.raises(InputError, match=message):
        evaluate_by_segment(**given)
