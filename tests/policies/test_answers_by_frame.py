"""Learning by frames, however they are cut, is learning row by row."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo import columns as c
from nbo.policies import SegmentThompson, known_ids
from nbo.policies.answer_rows import answer_row
from nbo.policies.answers import Answers

DAY = 86_400_000_000
OFFERS = ["x", "y", "z"]

answers = st.tuples(
    st.sampled_from([("accept", 1.0), ("accept", 0.3), ("reject", 0.0), ("no_answer", 0.0), ("pending", None)]),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([*OFFERS, "gone"]),
    st.sampled_from(["mail", "web", ""]),
    st.sampled_from([None, -3, 1, 2, 9]),
    st.sampled_from([None, 1, 2]),
)


@st.composite
def frames(draw):
    """Give parts of feedback: ids of one type, some rising, some again, with the columns of a part at random."""
    kind = draw(st.sampled_from(["int64", "str", "object"]))
    parts = []
    for _ in range(draw(st.integers(1, 5))):
        numbers = draw(
            st.lists(st.integers(0, 40), max_size=12)
            | st.integers(0, 40).map(lambda low: list(range(low, low + 8)))
            | st.permutations(range(12, 20))
        )
        said = [draw(answers) for _ in numbers]
        outcomes, segments, offers, channels, outcome_at, decided_at = zip(*said, strict=True) if said else [()] * 6
        texts = draw(st.sampled_from(["str", "category", "object"]))
        columns = {
            c.DECISION_ID: pd.Series([f"d{each}" for each in numbers] if kind == "str" else numbers, dtype=kind),
            c.SEGMENT: pd.Series(segments, dtype=texts),
            c.OFFER_ID: pd.Series(offers, dtype=texts),
            c.REWARD: pd.Series([reward for _, reward in outcomes], dtype=float),
        }
        if any(reward is None for _, reward in outcomes) or draw(st.booleans()):
            columns[c.OUTCOME] = pd.Series([outcome for outcome, _ in outcomes], dtype=texts)
        if draw(st.booleans()):
            columns[c.CHANNEL] = pd.Series(channels, dtype=texts)
        for name, days in ((c.OUTCOME_AT, outcome_at), (c.DECIDED_AT, decided_at)):
            if draw(st.booleans()):
                moments = [None if day is None else day * DAY for day in days]
                columns[name] = pd.Series(pd.array(moments, dtype="Int64")).astype("datetime64[us]")
        parts.append(pd.DataFrame(columns))
    return parts


def _mappings(frame):
    """Give rows as `learn_one` takes them."""
    for row in frame.to_dict("records"):
        for name in (c.OUTCOME_AT, c.DECIDED_AT):
            if name in row:
                row[name] = None if pd.isna(row[name]) else row[name]
        yield {**row, c.REWARD: None if pd.isna(row[c.REWARD]) else row[c.REWARD]}


def _one_by_one(parts):
    single = Answers()
    for part in parts:
        for row in _mappings(part):
            single.fold_row(row[c.DECISION_ID], answer_row(row))
    return single


def _seen(answers):
    """Give all that is told of answers, but the order of their cells."""
    waiting = {decision_id for decision_id, position in answers._known.listed() if position in answers.waiting}
    said = {decision_id: answers.rows.says[position] for decision_id, position in answers._known.listed()}
    counts = [table.tolist() for table in answers.count(["a", "b", "c"], [*OFFERS, "gone"])]
    return json.dumps(answers.to_state()), counts, waiting, said, answers.latest, len(answers), answers.segments


@pytest.fixture(autouse=True)
def _small_runs(monkeypatch):
    monkeypatch.setattr(known_ids, "_FEW", 2)


@settings(max_examples=60, deadline=None)
@given(frames())
def test_frames_are_their_rows(parts):
    whole, single = Answers(), _one_by_one(parts)
    changed = [whole.fold(part) for part in parts]
    assert _seen(whole) == _seen(single)
    assert sum(changed) >= len(whole)
    rebuilt = Answers.from_state(json.loads(json.dumps(whole.to_state())))
    # The latest moment may be one of a row that was corrected.
    rebuilt.latest = single.latest
    assert _seen(rebuilt) == _seen(single)
    # What is known already changes nothing, if each answer has its moment.
    version = whole.version
    timed = [part for part in parts if c.OUTCOME_AT in part and part[c.OUTCOME_AT].notna().all()]
    if len(timed) == len(parts):
        assert [whole.fold(part) for part in reversed(parts)] == [0] * len(parts)
        assert whole.version == version


@settings(max_examples=30, deadline=None)
@given(frames(), st.integers(1, 7), st.randoms(use_true_random=False))
def test_neither_cuts_nor_order_nor_repetition_matter_where_moments_are_known(parts, size, random):
    rows = pd.concat([part.astype({c.SEGMENT: "str", c.OFFER_ID: "str"}) for part in parts], ignore_index=True)
    answered = pd.Series(pd.date_range("2026-01-01", periods=len(rows), freq="h").astype("datetime64[us]"))
    rows = rows.assign(**{c.OUTCOME_AT: answered, c.OUTCOME: "accept", c.REWARD: rows[c.REWARD].fillna(0.0)})
    whole = Answers()
    whole.fold(rows)
    order = list(range(len(rows))) * 2
    random.shuffle(order)
    parts = Answers()
    for start in range(0, len(order), size):
        parts.fold(rows.iloc[order[start : start + size]].reset_index(drop=True))
    assert _seen(parts) == _seen(whole)


@settings(max_examples=15, deadline=None)
@given(frames(), frames())
def test_a_policy_learns_the_same_by_frames_and_one_by_one(first, second):
    by_frame, single = (SegmentThompson(OFFERS, window="5D") for _ in range(2))
    if first[0][c.DECISION_ID].dtype != second[0][c.DECISION_ID].dtype:
        second = []
    for part in [*first, *second]:
        by_frame.learn(part)
        for row in _mappings(part):
            single.learn_one(row)
    assert json.dumps(by_frame.to_state()) == json.dumps(single.to_state())
    rebuilt = SegmentThompson.from_state(json.loads(json.dumps(by_frame.to_state())))
    context = pd.DataFrame({c.SEGMENT: ["a", "b", "c", "new"]})
    stated = [policy.probabilities(context) for policy in (by_frame, single, rebuilt)]
    np.testing.assert_array_equal(stated[0], stated[1])
    np.testing.assert_array_equal(stated[0], stated[2])
