"""Rules: whom they hold of, in words, and as JSON."""

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments.audiences.candidates import Candidates
from nbo.segments.audiences.subgroup import Condition, Subgroup

X = pd.DataFrame({"age": [20.0, 40.0, np.nan, 60.0], "city": ["A", None, "B", "A"], "web": [True, False, True, False]})
LOW, HIGH = Condition("age", ">", 20.0), Condition("age", "<=", 40.0)


@pytest.mark.parametrize(
    ("conditions", "text", "inside"),
    [
        ((HIGH,), "age <= 40", [True, True, False, False]),
        ((HIGH, LOW), "20 < age <= 40", [False, True, False, False]),
        ((Condition("age", "is missing", None),), "age is missing", [False, False, True, False]),
        ((Condition("web", "is true", None),), "web is true", [True, False, True, False]),
        ((Condition("web", "is false", None), HIGH), "web is false and age <= 40", [False, True, False, False]),
        ((Condition("city", "is", "A"), LOW), "city is A and age > 20", [False, False, False, True]),
    ],
)
def test_rules_by_hand(conditions, text, inside):
    subgroup = Subgroup(conditions)
    assert subgroup.text == text
    assert subgroup.holds(X).tolist() == inside
    assert Subgroup.from_dict(json.loads(json.dumps(subgroup.to_dict()))) == subgroup


def test_a_rule_meets_new_categories_and_other_types():
    subgroup = Subgroup((Condition("city", "is", "A"),))
    for values in (["Z", "A"], pd.Categorical(["Z", "A"]), [None, "A"]):
        assert subgroup.holds(pd.DataFrame({"city": values})).tolist() == [False, True]
    with pytest.raises(InputError, match="X lacks the column 'city'"):
        subgroup.holds(X[["age"]])
    with pytest.raises(InputError, match=r"X.age must be numbers, as in `fit`"):
        Subgroup((LOW,)).holds(pd.DataFrame({"age": ["old"]}))


@pytest.mark.parametrize("state", [{}, {"conditions": []}, {"conditions": [["age", "==", 3]]}, None])
def test_a_broken_state_is_refused(state):
    with pytest.raises(InputError, match="a subgroup's state must list its conditions"):
        Subgroup.from_dict(state)


def test_candidates_are_cuts_categories_missing_values_and_pairs():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": np.r_[np.arange(80.0), np.full(20, np.nan)], "city": rng.choice(["A", "B"], 100)})
    candidates = Candidates.of(frame.assign(same=1.0, empty=np.nan), cuts=1, depth=2)
    texts = [candidates.subgroup(number).text for number in range(len(candidates.first))]
    assert texts[:5] == ["age <= 39", "age > 39", "age is missing", "city is A", "city is B"]
    assert set(texts[5:]) == {f"{age} and city is {city}" for age in texts[:3] for city in "AB"}
    assert candidates.prior.sum() == pytest.approx(1)
    assert candidates.prior[:5] == pytest.approx(1 / 10)
    flags = Candidates.of(pd.DataFrame({"web": [True, False] * 9, "old": pd.array([True, None] * 9)}), cuts=3, depth=1)
    assert [condition.text for condition in flags.conditions] == [
        "web is true",
        "web is false",
        "old is true",
        "old is missing",
    ]
    more = Candidates.of(frame, cuts=3, depth=2)
    texts = [more.subgroup(number).text for number in range(len(more.first))]
    assert {"19 < age <= 39", "19 < age <= 59", "39 < age <= 59"} <= set(texts)
    assert len(set(texts)) == len(texts)


def test_members_by_distinct_texts_are_those_row_by_row():
    rng = np.random.default_rng(1)
    texts = pd.Series(rng.choice(["A", "B", "C", None], 300))
    for column in (texts.astype("str"), texts.astype("category"), texts.astype(object)):
        frame = pd.DataFrame({"city": column, "age": rng.normal(size=300)})
        candidates = Candidates.of(frame, cuts=2, depth=1)
        by_rule = [candidates.subgroup(k).holds(frame) for k in range(len(candidates.first))]
        assert (candidates.members(frame) == np.column_stack(by_rule)).all()
