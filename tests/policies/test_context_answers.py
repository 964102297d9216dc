"""Answers by context: what is counted again must be what counting all of it gives."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies.answers import Answers
from nbo.policies.context_answers import ContextAnswers

OFFERS = ["x", "y"]


def _rows(n, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "decision_id": rng.permutation(n),
            "segment": rng.choice(["a", "b"], n),
            "age": rng.integers(20, 40, n).astype(float),
            "city": rng.choice(["A", "B", None], n),
            "offer_id": rng.choice(["x", "y", "no_offer", "gone"], n),
            "reward": rng.integers(2, size=n).astype(float),
        }
    )


def _table(answers):
    values, n, accepted = answers.contexts(OFFERS)
    # As text, for a missing number differs from itself.
    return repr((values.numbers.tolist(), values.texts.tolist(), n.tolist(), accepted.tolist()))


def test_counts_by_hand():
    answers = ContextAnswers(["age"])
    frame = pd.DataFrame(
        {
            "decision_id": [1, 2, 3, 4],
            "segment": ["a", "b", "a", "a"],
            "age": [30, 30, 20, 20],
            "offer_id": ["x", "x", "y", "no_offer"],
            "reward": [1.0, 0.0, 0.5, 0.0],
        }
    )
    assert answers.fold(frame) == len(answers) == 4
    values, n, accepted = answers.contexts(OFFERS)
    # Contexts are kept by segment: (a, 20), (a, 30), (b, 30). That of no offer alone is not there.
    assert values.numbers.ravel().tolist() == [20, 30, 30]
    assert n.tolist() == [[0, 1], [1, 0], [1, 0]]
    assert accepted.tolist() == [[0, 0.5], [1, 0], [0, 0]]
    n, accepted = answers.count(["b", "a", "never"], OFFERS)
    assert n.tolist() == [[1, 0], [1, 1], [0, 0]]
    assert accepted.tolist() == [[0, 0], [1, 0.5], [0, 0]]
    assert answers.segments == ["a", "b"]


@pytest.mark.parametrize("seed", range(5))
def test_small_steps_count_as_one_great_one(seed):
    rows = _rows(300, seed)
    whole, parts = ContextAnswers(["age", "city"]), ContextAnswers(["age", "city"])
    whole.fold(rows)
    for start in range(0, 300, 17):
        parts.fold(rows[start : start + 17])
        _table(parts)
    assert _table(parts) == _table(whole)


def test_a_row_that_moves_to_another_context_leaves_the_old_one():
    rows = _rows(100)
    answers, moved = ContextAnswers(["age", "city"]), rows.assign(age=rows["age"] + (rows["decision_id"] == 7))
    answers.fold(rows)
    _table(answers)
    answers.fold(moved[rows["decision_id"] == 7])
    fresh = ContextAnswers(["age", "city"])
    fresh.fold(moved)
    assert _table(answers) == _table(fresh)


def test_other_offers_and_a_stored_state_count_the_same():
    answers = ContextAnswers(["age", "city"])
    answers.fold(_rows(200))
    answers.contexts(["y"])
    again = ContextAnswers(["age", "city"], Answers.from_state(answers.to_state()))
    assert _table(again) == _table(answers)
    for one in (answers, again):
        one.fold(_rows(260, seed=3))
    assert _table(again) == _table(answers)


def test_a_missing_segment_is_refused_and_nothing_taken():
    answers = ContextAnswers(["age", "city"])
    with pytest.raises(InputError, match="feedback.segment must be there in every row; 1 of 5"):
        answers.fold(_rows(5).assign(segment=["a", None, "a", "a", "a"]))
    assert len(answers) == 0
