from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.arbitration import Candidates
from nbo.arbitration.contact import OpenCase
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CATALOG = Catalog(
    [
        Offer("card", kind="discount", products=("p-card",)),
        Offer("stay", kind="retention"),
        Offer("flat", kind="bundle", products=("p-flat", "p-card")),
    ]
)
NOW = pd.Timestamp("2026-06-30")
CASES = st.fixed_dictionaries(
    {
        "severity": st.sampled_from([None, 3, 4.0]),
        "topics": st.sampled_from([None, ["billing"], ["billing", "line"]]),
        "kinds": st.sampled_from([None, ["complaint"]]),
        "but_solutions": st.sampled_from([None, {"billing": ["p-flat"]}, {"line": ["p-card"], "other": ["x"]}]),
        "rest": st.sampled_from([None, "2D"]),
    }
)


def random_cases(seed):
    rng = np.random.default_rng(seed)
    n, moments = 25, NOW - np.arange(40) * pd.Timedelta("12h")
    opened = rng.choice(moments, n)
    closed = opened + rng.integers(0, 12, n) * pd.Timedelta("12h")
    known = opened + rng.integers(0, 3, n) * pd.Timedelta("12h")
    return pd.DataFrame(
        {
            "case_id": [f"k{i}" for i in range(n)],
            "customer_id": rng.choice(["ann", "bob", "cy", "dan"], n),
            "opened_at": opened,
            "closed_at": pd.Series(closed).where(rng.random(n) < 0.7),
            "known_at": pd.Series(known).where(rng.random(n) < 0.3),
            "topic": rng.choice(np.array(["billing", "line", "move", None], dtype=object), n),
            "severity": rng.choice([1.0, 3.0, 4.0, 5.0, np.nan], n),
            "kind": rng.choice(["complaint", "inquiry"], n),
        }
    )


def run(cases, rule, as_of):
    people = ["ann", "bob", "cy", "dan"]
    spine = Spine.of(pd.DataFrame({"customer_id": people, "as_of": as_of}))
    return Candidates.of(CustomerTables(cases=cases), spine, CATALOG, (rule,))


def meant(rule, case):
    severe = rule["severity"] is None or case.severity >= rule["severity"]
    topic = rule["topics"] is None or case.topic in rule["topics"]
    return severe and topic and (rule["kinds"] is None or case.kind in rule["kinds"])


def defers(rule, offer, topics):
    solutions = rule["but_solutions"] or {}
    solved = any(product in offer.products for topic in topics for product in solutions.get(topic, []))
    return bool(topics) and offer.kind != "retention" and not solved


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), rule=CASES)
def test_what_waits_and_until_when_is_what_a_plain_loop_finds(seed, rule):
    cases = random_cases(seed)
    as_of = np.random.default_rng(seed + 1).choice(NOW - np.arange(20) * pd.Timedelta("12h"), 4)
    candidates = run(cases, OpenCase(**rule), as_of)
    masks, ends = candidates.rules[0].refused(candidates), candidates.rules[0].resumes(candidates)
    assert list(masks) == list(ends)
    for i, customer in enumerate(["ann", "bob", "cy", "dan"]):
        now = pd.Timestamp(as_of[i])
        seen = [k for k in cases.itertuples() if k.opened_at < now and not k.known_at >= now]
        own = [case for case in seen if case.customer_id == customer and meant(rule, case)]
        is_open = [case for case in own if not case.closed_at < now]
        resting = [case for case in own if rule["rest"] and now - pd.Timedelta("2D") <= case.closed_at < now]
        expected = []
        for case in is_open:
            took = [k.closed_at - k.opened_at for k in seen if k.topic == case.topic and k.closed_at < now]
            guess = case.opened_at + pd.Series(took).median() if took else pd.NaT
            expected.append(guess if guess > now else pd.NaT)
        known = bool(expected) and not any(guess is pd.NaT for guess in expected)
        for k, offer in enumerate(CATALOG):
            wait = defers(rule, offer, [case.topic for case in is_open])
            assert masks["service: open case"][i, k, 0] == wait
            end = ends["service: open case"][i, k, 0]
            assert end == max(expected) if wait and known else np.isnat(end)
            if rule["rest"]:
                reason = "service: case closed less than 2D ago"
                wait = defers(rule, offer, [case.topic for case in resting])
                assert masks[reason][i, k, 0] == wait
                last = max((case.closed_at for case in resting), default=None)
                until = last + pd.Timedelta("2D") + pd.Timedelta("1us") if wait else None
                assert ends[reason][i, k, 0] == until if wait else np.isnat(ends[reason][i, k, 0])


def test_a_promotion_waits_from_opening_to_closing_and_resumes():
    case = pd.DataFrame({"case_id": ["k"], "customer_id": ["ann"], "opened_at": ["2026-06-10"], "severity": [5]})
    case["closed_at"] = "2026-06-20"
    edges = {
        "2026-06-10": True,
        "2026-06-10 00:00:00.000001": False,
        "2026-06-20": False,
        "2026-06-20 00:00:00.000001": True,
    }
    for moment, allowed in edges.items():
        assert run(case, OpenCase(), pd.Timestamp(moment)).eligible[0].tolist() == [allowed, True, allowed]
    rested = OpenCase(rest="3D")
    assert not run(case, rested, pd.Timestamp("2026-06-23")).eligible[0, 0]
    assert run(case, rested, pd.Timestamp("2026-06-23 00:00:00.000001")).eligible[0, 0]


def test_tables_that_say_less():
    case = pd.DataFrame({"customer_id": ["ann"], "opened_at": ["2026-06-10"]})
    assert run(case, OpenCase(None, rest="3D"), NOW).eligible.tolist()[0] == [False, True, False]
    assert np.isnat(next(iter(OpenCase(None).resumes(run(case, OpenCase(None), NOW)).values()))).all()
    assert run(case.iloc[:0], OpenCase(None), NOW).eligible.all()
    with pytest.raises(InputError, match="severity"):
        assert run(case, OpenCase(4), NOW).eligible.any()
    nothing = Candidates.of(CustomerTables(), Spine.at(NOW, ["ann"]), CATALOG, (OpenCase(rest="3D"),))
    assert nothing.eligible.all()


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"severity": "grave"}, "a condition of cases must be"),
        ({"topics": "billing"}, "a condition of cases must be"),
        ({"but": "retention"}, "but must be a list of kinds"),
        ({"but_solutions": {"billing": "flat"}}, "solutions must be lists of products by topic"),
        ({"rest": "long"}, "rest must be a length of time"),
    ],
)
def test_a_rule_that_is_none_is_refused(rule, says):
    with pytest.raises(InputError, match=says):
        OpenCase(**rule).check()
