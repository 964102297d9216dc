"""What callers do next: by hand, planted, against the most frequent, and as of a moment."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features.past import Past
from nbo.journeys import NextActionModel
from nbo.journeys.calls import calls_until
from nbo.journeys.situations import situations
from nbo.tables import CustomerTables, Spine

START = pd.Timestamp("2025-01-01")
WEEK = pd.Timedelta("7D")


def small() -> CustomerTables:
    return CustomerTables(
        events=pd.DataFrame(
            {
                "customer_id": ["ann", "ann", "ann", "bob", "v1"],
                "event_time": ["2025-01-02", "2025-01-02 01:00", "2025-01-04", "2025-01-05", "2025-01-06"],
                "event_type": ["call", "page_view", "cart", "call", "chat"],
            }
        ),
        cases=pd.DataFrame(
            {
                "customer_id": ["ann", "bob"],
                "opened_at": ["2025-01-10", "2025-01-11"],
                "closed_at": ["2025-01-12", None],
                "kind": ["complaint", "inquiry"],
                "topic": ["delivery", None],
            }
        ),
        transactions=pd.DataFrame(
            {"customer_id": ["ann", "bob"], "event_time": ["2025-01-01", "2025-01-09"], "kind": ["sale", "return"]}
        ),
        identities=pd.DataFrame({"anonymous_id": ["v1"], "customer_id": ["bob"], "event_time": ["2025-01-07"]}),
        customers=pd.DataFrame({"customer_id": ["ann", "bob"], "customer_type": ["consumer", "business"]}),
    )


def test_calls_and_what_was_done_first_by_hand():
    calls = calls_until(small(), pd.Timestamp("2025-01-31"), ["call", "chat"], ["cart"], WEEK)
    rows = calls.spine.frame.assign(action=calls.action).sort_values(["customer_id", "as_of"])
    assert [(row.customer_id, row.as_of.day, row.action) for row in rows.itertuples()] == [
        ("ann", 2, "cart"),  # after two days; the page view is no action
        ("ann", 10, "complaint delivery"),  # the case that the call was about
        ("bob", 5, "return"),
        ("bob", 6, "return"),  # the visitor turned out to be Bob
        ("bob", 11, "inquiry"),
    ]


def test_a_call_counts_once_its_horizon_is_over():
    calls = calls_until(small(), pd.Timestamp("2025-01-17"), ["call"], ["cart"], WEEK)
    assert calls.spine.frame["as_of"].max() == pd.Timestamp("2025-01-10")


def test_the_situation_by_hand():
    spine = Spine.of(
        pd.DataFrame({"customer_id": ["ann", "ann", "zed"], "as_of": ["2025-01-10", "2025-01-11", "2025-01-11"]})
    )
    rows = situations(Past(small(), spine), ["customer_type", "absent"])
    assert rows.iloc[0].to_dict() == {
        "last_event": "cart", "last_event_ago": "1 to 7 days", "last_order": "sale", "last_order_ago": "7 to 30 days",
        "last_case": "none", "last_case_ago": "none", "open_case": "none", "customer_type": "consumer",
    }  # fmt: skip
    # The case opened at the first moment itself is known only at the second.
    assert rows.iloc[1][["last_case", "last_case_ago", "open_case"]].tolist() == [
        "complaint delivery", "1 to 7 days", "complaint delivery",
    ]  # fmt: skip
    assert set(rows.iloc[2]) == {"none"}


def planted(n: int, seed: int) -> CustomerTables:
    """Make callers of six kinds: what each asks for follows mostly from what it did before."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 6, n)
    topics = np.array(["delivery", "billing", "product", "service", "price", "account"])
    topic = topics[np.where(rng.random(n) < 0.7, kind, rng.integers(0, 6, n))]
    called = START + pd.to_timedelta(rng.uniform(10, 200, n), unit="D")
    before = called - pd.to_timedelta(rng.uniform(0.1, 0.9, n), unit="D")
    ids = np.array([f"c{i}" for i in range(n)])
    # The first kind is told by its order alone, the others by what they looked at.
    seen = np.array(["email_open", "page_view", "search", "app_open", "download", "email_open"])[kind]
    order = kind == 0
    return CustomerTables(
        cases=pd.DataFrame({"customer_id": ids, "opened_at": called, "kind": "inquiry", "topic": topic}),
        events=pd.DataFrame({"customer_id": ids, "event_time": before, "event_type": seen}),
        transactions=pd.DataFrame({"customer_id": ids[order], "event_time": before[order], "kind": "sale"}),
    )


def test_the_planted_action_of_later_callers_is_hit_far_more_often_than_the_most_frequent():
    tables = planted(3000, seed=1)
    model = NextActionModel().fit(tables, START + pd.Timedelta("120D"))
    rates = model.hit_rates(tables, START + pd.Timedelta("300D"), ks=(1, 3)).set_index("k")
    n = rates.loc[1, "calls"]
    # Of the callers 70 % ask for what their kind asks for, and a sixth of the others too.
    best = 0.7 + 0.3 / 6
    assert abs(rates.loc[1, "hit_rate"] - best) < 4 * np.sqrt(best * (1 - best) / n)
    assert rates.loc[1, "low"] > rates.loc[1, "baseline"] + 0.3
    assert rates.loc[3, "low"] > rates.loc[3, "baseline"] + 0.2
    by_hand = tables.cases["opened_at"].between(START + pd.Timedelta("120D"), START + pd.Timedelta("293D")).sum()
    assert n == by_hand


def test_hit_rates_are_those_of_a_plain_loop():
    tables = planted(300, seed=2)
    model = NextActionModel().fit(tables, "2025-05-01")
    later = tables.cases[tables.cases["opened_at"] >= pd.Timestamp("2025-05-01")]
    hits = {1: 0, 3: 0}
    for row in later.to_dict("records"):
        found = model.predict(tables, Spine.at(row["opened_at"], [row["customer_id"]]))
        for k in hits:
            hits[k] += f"{row['kind']} {row['topic']}" in found["action"].head(k).tolist()
    rates = model.hit_rates(tables, "2026-01-01")
    assert rates["hit_rate"].tolist() == [hits[1] / len(later), hits[3] / len(later)]
    common = pd.Series("inquiry " + tables.cases["topic"][tables.cases["opened_at"] <= pd.Timestamp("2025-04-24")])
    assert model.actions_[0] == common.value_counts().index[0]


def test_probabilities_sum_to_one_and_come_in_order():
    tables = planted(300, seed=3)
    model = NextActionModel().fit(tables, "2025-07-01")
    spine = Spine.at("2025-07-01", tables)
    chances = model.predict_proba(tables, spine)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    found = model.predict(tables, spine, k=2)
    assert len(found) == 2 * len(spine)
    assert found["probability"].to_numpy()[::2].tolist() == chances.max(axis=1).tolist()
    assert (found["probability"].to_numpy()[::2] >= found["probability"].to_numpy()[1::2]).all()


def test_what_comes_later_or_is_known_later_changes_nothing():
    tables = planted(200, seed=4)
    as_of = pd.Timestamp("2025-06-01")
    model = NextActionModel().fit(tables, as_of)
    spine = Spine.at(as_of, tables)
    ids = tables.cases["customer_id"]
    later = pd.DataFrame({"customer_id": ids, "opened_at": as_of, "kind": "complaint", "topic": "new"})
    late = later.assign(opened_at=pd.Timestamp("2025-02-01"), known_at=as_of)
    called = pd.DataFrame({"customer_id": ids, "event_time": as_of, "event_type": "call"})
    grown = tables.replace(
        cases=pd.concat([tables.cases, later, late], ignore_index=True),
        events=pd.concat([tables.events, called], ignore_index=True),
    )
    assert NextActionModel().fit(grown, as_of).to_dict() == model.to_dict()
    pd.testing.assert_frame_equal(model.predict(grown, spine), model.predict(tables, spine))


def test_a_model_of_json_says_the_same():
    tables = planted(200, seed=5)
    model = NextActionModel(attributes=(), horizon="3D").fit(tables, "2025-06-01")
    again = NextActionModel.from_dict(json.loads(json.dumps(model.to_dict())))
    spine = Spine.at("2025-06-01", tables)
    pd.testing.assert_frame_equal(again.predict(tables, spine), model.predict(tables, spine))
    pd.testing.assert_frame_equal(again.hit_rates(tables, "2025-12-01"), model.hit_rates(tables, "2025-12-01"))
    with pytest.raises(InputError, match="state must be of NextActionModel"):
        NextActionModel.from_dict({})


def test_of_two_actions_the_shares_are_kept():
    tables = planted(400, seed=6)
    two = tables.replace(cases=tables.cases[tables.cases["topic"].isin(["delivery", "billing"])])
    model = NextActionModel().fit(two, "2025-12-01")
    called = Spine.of(two.cases.rename(columns={"opened_at": "as_of"})[["customer_id", "as_of"]])
    chances = model.predict_proba(two, called)
    assert len(model.actions_) == 2
    # The intercept is not shrunk, so the chances add up to the numbers of calls.
    np.testing.assert_allclose(chances.mean(), model.shares_, atol=1e-4)


def test_without_calls_or_a_fit_there_is_one_clear_error():
    tables = planted(50, seed=7)
    with pytest.raises(InputError, match="there must be calls to learn from"):
        NextActionModel().fit(tables, "2024-01-01")
    with pytest.raises(InputError, match="not fitted"):
        NextActionModel().predict(tables, Spine.at("2025-01-01", tables))
    model = NextActionModel().fit(tables, "2026-01-01")
    with pytest.raises(InputError, match="there must be later calls"):
        model.hit_rates(tables, "2026-02-01")
    with pytest.raises(InputError, match="k must be 1 or more"):
        model.predict(tables, Spine.at("2025-01-01", tables), k=0)
    with pytest.raises(InputError, match="C must be above 0"):
        NextActionModel(C=0)
