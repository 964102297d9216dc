"""Folding answers: once per decision, in any order."""

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies.answers import Answers


def _rows(*rows, columns=("decision_id", "segment", "offer_id", "reward")):
    return pd.DataFrame(list(rows), columns=list(columns))


def _text(answers):
    return json.dumps(answers.to_state())


def test_counts_by_hand():
    answers = Answers()
    answers.fold(_rows(("d1", "a", "x", 1.0), ("d2", "a", "x", 0.0), ("d3", "b", "y", 0.25)))
    n, accepted = answers.count(["a", "b", "never"], ["x", "y"])
    assert n.tolist() == [[2, 0], [0, 1], [0, 0]]
    assert accepted.tolist() == [[1.0, 0.0], [0.0, 0.25], [0.0, 0.0]]
    assert answers.segments == ["a", "b"]


def test_a_repeated_row_changes_nothing_and_a_corrected_one_replaces():
    answers = Answers()
    assert answers.fold(_rows(("d1", "a", "x", 0.0), ("d1", "a", "x", 0.0))) == 1
    version = answers.version
    assert answers.fold(_rows(("d1", "a", "x", 0.0))) == 0
    assert answers.version == version
    assert answers.fold(_rows(("d1", "a", "x", 1.0))) == 1
    n, accepted = answers.count(["a"], ["x"])
    assert (n.item(), accepted.item()) == (1.0, 1.0)


def test_a_decision_that_waits_may_be_corrected_and_still_waits():
    columns = ("decision_id", "segment", "offer_id", "reward", "outcome")
    answers = Answers()
    answers.fold(_rows(("d1", "a", "x", None, "pending"), columns=columns))
    assert answers.fold(_rows(("d1", "b", "x", None, "pending"), columns=columns)) == 1
    assert (answers.segments, len(answers.waiting)) == ([], 1)
    answers.fold(_rows(("d1", "b", "x", 1.0, "accept"), columns=columns))
    assert answers.count(["a", "b"], ["x"])[0].tolist() == [[0], [1]]


def test_a_segment_corrected_away_is_forgotten():
    answers = Answers()
    answers.fold(_rows(("d1", "a", "x", 0.0)))
    answers.fold(_rows(("d1", "b", "x", 0.0)))
    assert answers.segments == ["b"]


def test_order_and_batches_do_not_change_a_bit():
    rng = np.random.default_rng(0)
    columns = ("decision_id", "segment", "offer_id", "reward", "outcome", "outcome_at")
    when = pd.Timestamp("2026-01-01")
    rows = [
        (i, f"s{i % 3}", f"o{i % 5}", float(rng.random()), "accept", when + pd.Timedelta(i, "h")) for i in range(300)
    ]
    # Every third decision was first imputed as no answer, at a later moment than its accept.
    rows += [(i, f"s{i % 3}", f"o{i % 5}", 0.0, "no_answer", when + pd.Timedelta("99D")) for i in range(0, 300, 3)]
    frame = _rows(*rows, columns=columns)
    whole = Answers()
    whole.fold(frame)
    for seed in range(3):
        shuffled = frame.sample(frac=1, random_state=seed)
        parts = Answers()
        for start in range(0, len(frame), 7 + seed):
            parts.fold(shuffled.iloc[start : start + 7 + seed])
        parts.fold(shuffled.head(50))
        assert _text(parts) == _text(whole)
        np.testing.assert_array_equal(parts.count(["s0"], ["o0"])[1], whole.count(["s0"], ["o0"])[1])


def test_of_two_answers_the_later_counts_whichever_comes_first():
    columns = ("decision_id", "segment", "offer_id", "reward", "outcome", "outcome_at")
    reject = ("d", "a", "x", 0.0, "reject", "2026-01-01")
    accept = ("d", "a", "x", 1.0, "accept", "2026-01-05")
    for order in ((reject, accept), (accept, reject)):
        answers = Answers()
        for row in order:
            answers.fold(_rows(row, columns=columns))
        assert answers.count(["a"], ["x"])[1].item() == 1.0


def test_state_survives_json():
    answers = Answers()
    answers.fold(_rows(("d2", "a", "x", 0.1), ("d1", "b", "y", 1 / 3)))
    again = Answers.from_state(json.loads(_text(answers)))
    assert _text(again) == _text(answers)
    assert again.fold(_rows(("d2", "a", "x", 0.1))) == 0


def test_empty_answers_and_no_rows():
    answers = Answers()
    assert answers.fold(_rows()) == 0
    assert (len(answers), answers.segments, answers.to_state()["decision_id"]) == (0, [], [])
    assert answers.count([], ["x"])[0].shape == (0, 1)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((None, "a", "x", 1.0), "feedback.decision_id must be there in every row; 1 of 2"),
        (("d", None, "x", 1.0), "feedback.segment must be there"),
        (("d", "a", None, 1.0), "feedback.offer_id must be there"),
        (("d", "a", "x", 1.5), r"feedback.reward must be in \[0, 1\]; 1 of 2 rows is not, first at row 1: 1.5"),
        (("d", "a", "x", np.nan), r"feedback.reward must be in \[0, 1\]"),
    ],
)
def test_bad_rows_are_refused_and_nothing_is_learnt(row, message):
    answers = Answers()
    with pytest.raises(InputError, match=message):
        answers.fold(_rows(("ok", "a", "x", 1.0), row))
    assert len(answers) == 0
