"""Every interaction contributes to stated goals, and all credits of a goal add up to its total."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.reports import goal_report, goal_results
from nbo.tables import CustomerTables

METHODS = ("last touch", "linear", "time decay")
DAY = pd.Timedelta("1D")


def made_up(n: int = 400, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2026-01-01")
    events = pd.DataFrame(
        {
            "decision_id": [f"d{place}" for place in range(n)],
            "customer_id": rng.integers(0, n // 5, n),
            "decided_at": start + pd.to_timedelta(rng.random(n) * 90, unit="D"),
            "channel": rng.choice(["app", "mail"], n),
        }
    )
    goals = pd.DataFrame(
        {
            "goal": rng.choice(["sales", "loyalty"], n),
            "customer_id": rng.integers(0, n // 4, n),
            "event_time": start + pd.to_timedelta(rng.random(n) * 90, unit="D"),
            "value": rng.integers(1, 99_999, n) / 100,
        }
    )
    return goals, events


def in_cents(money: pd.Series) -> pd.Series:
    return np.rint(100 * money).astype("int64")


@pytest.mark.parametrize("method", METHODS)
def test_the_sum_of_the_credits_of_all_events_is_the_total_of_the_goal(method):
    goals, events = made_up()
    report = goal_report(goals, events, method=method)
    total = in_cents(goals["value"]).groupby(goals["goal"]).sum()
    assert in_cents(report.totals.set_index("goal")["total"]).to_dict() == total.to_dict()
    credited = in_cents(report.credits["credit"]).groupby(report.credits["goal"]).sum()
    left = in_cents(report.totals.set_index("goal")["unattributed"])
    assert (credited + left).to_dict() == total.to_dict()
    assert 0 < left["sales"] < total["sales"]
    table = report.by("channel")
    assert in_cents(table["credit"]).groupby(table["goal"]).sum().to_dict() == total.to_dict()
    assert table.groupby("goal")["share"].sum().to_numpy() == pytest.approx([1, 1])


def test_credits_equal_a_plain_loop():
    goals, events = made_up(150)
    for method in METHODS:
        credits: dict[tuple[str, str], float] = {}
        for result in goals.to_dict("records"):
            touches = [
                event for event in events.sort_values("decided_at").to_dict("records")
                if event["customer_id"] == result["customer_id"]
                and result["event_time"] - 30 * DAY <= event["decided_at"] < result["event_time"]
            ]  # fmt: skip
            touches = touches[-1:] if method == "last touch" else touches
            age = [(result["event_time"] - event["decided_at"]) / DAY for event in touches]
            weight = [0.5 ** (days / 7) if method == "time decay" else 1.0 for days in age]
            for event, own in zip(touches, weight, strict=True):
                key = (event["decision_id"], result["goal"])
                credits[key] = credits.get(key, 0.0) + result["value"] * own / sum(weight)
        found = goal_report(goals, events, method=method).credits.set_index(["decision_id", "goal"])["credit"]
        assert set(found.index) == set(credits)
        # Each share is in whole cents.
        assert found.to_dict() == pytest.approx(credits, abs=0.05)


def test_shares_by_hand():
    events = pd.DataFrame({"decision_id": ["a", "b", "c"], "customer_id": 1, "decided_at": pd.Timestamp("2026-01-01")})
    events["decided_at"] += pd.to_timedelta([0, 7, 14], unit="D")
    goals = pd.DataFrame({"goal": "sales", "customer_id": [1], "event_time": "2026-01-20", "value": 7.0})
    assert goal_report(goals, events, method="time decay").credits["credit"].tolist() == [1.0, 2.0, 4.0]
    assert goal_report(goals, events, method="last touch").credits[["decision_id", "credit"]].values.tolist() == [
        ["c", 7.0]
    ]
    assert goal_report(goals, events, window="10D", method="linear").credits["decision_id"].tolist() == ["c"]
    third = goal_report(goals.assign(value=1.0), events, method="linear").credits["credit"]
    assert third.tolist() == [0.33, 0.34, 0.33]


def test_an_interaction_at_the_moment_of_the_result_came_too_late_and_one_at_the_start_of_the_window_counts():
    goals = pd.DataFrame({"goal": "sales", "customer_id": [1], "event_time": "2026-01-31", "value": 5.0})
    events = pd.DataFrame(
        {"decision_id": ["start", "end"], "customer_id": 1, "decided_at": ["2026-01-01", "2026-01-31"]}
    )
    assert goal_report(goals, events).credits["decision_id"].tolist() == ["start"]
    assert goal_report(goals, events, window="29D").credits.empty


def test_weights_make_one_reward_per_interaction():
    goals, events = made_up(100)
    report = goal_report(goals, events, {"loyalty": 3.0})
    expected: dict[str, float] = {}
    for row in report.credits.to_dict("records"):
        worth = row["credit"] * (3.0 if row["goal"] == "loyalty" else 1.0)
        expected[row["decision_id"]] = expected.get(row["decision_id"], 0.0) + worth
    assert report.rewards.set_index("decision_id")["reward"].to_dict() == pytest.approx(expected)


def test_later_and_later_known_rows_and_the_order_of_rows_change_nothing():
    goals, events = made_up()
    as_of = pd.Timestamp("2026-03-01")
    report = goal_report(goals, events, as_of=as_of)
    past = goal_report(goals[goals["event_time"] < as_of], events[events["decided_at"] < as_of])
    pd.testing.assert_frame_equal(report.credits, past.credits)
    late = goals[goals["event_time"] < as_of].assign(known_at=as_of)
    known = goals.assign(known_at=pd.NaT)
    shuffled = pd.concat([known, late]).sample(frac=1, random_state=1)
    again = goal_report(shuffled, pd.concat([events, events.head(9)]).sample(frac=1, random_state=2), as_of=as_of)
    pd.testing.assert_frame_equal(again.totals, report.totals)
    order = ["decision_id", "goal"]
    first, second = (one.credits.sort_values(order, ignore_index=True)[[*order, "credit"]] for one in (report, again))
    pd.testing.assert_frame_equal(first, second)


def test_no_goals_and_no_events_are_reported():
    goals, events = made_up(20)
    none = goal_report(goals.head(0), events)
    assert len(none.credits) == len(none.totals) == 0
    alone = goal_report(goals, events.head(0))
    assert alone.totals["credited"].tolist() == [0.0, 0.0]
    assert alone.by("channel")["channel"].tolist() == ["no interaction"] * 2
    assert "loyalty" in alone._repr_html_()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "first"}, "method must be one of 'last touch', 'linear', 'time decay'; got 'first'"),
        ({"weights": {"sale": 1.0}}, "weights must be one of 'loyalty', 'sales'; got 'sale'"),
        ({"window": "long"}, "window"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        goal_report(*made_up(20), **change)


def sales_tables() -> CustomerTables:
    transactions = pd.DataFrame(
        {
            "transaction_id": ["t1", "t2", "t3", "t4", "t5", "t6"],
            "customer_id": ["ann", "ann", "bob", "ann", "bob", "cyd"],
            "event_time": pd.to_datetime(
                ["2026-01-05", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2025-01-01"]
            ),
            "kind": ["sale", "sale", "sale", "return", "sale", "sale"],
            "status": ["completed", "completed", "completed", "completed", "pending", "completed"],
            "amount": [10.0, 20.05, 30.0, 20.0, 7.0, 1.0],
        }
    )
    referrals = pd.DataFrame({"customer_id": ["ann", "bob"], "event_time": "2026-01-01", "referred_id": ["x", "y"]})
    referrals["converted_at"] = pd.to_datetime(["2026-03-09", "2026-04-01"])
    return CustomerTables(transactions=transactions, referrals=referrals.assign(converted_value=[50.0, 60.0]))


def test_results_of_goals_are_taken_from_the_tables_as_they_were_known():
    found = goal_results(sales_tables(), "2026-04-01", "2026-03-01")
    assert found[["goal", "customer_id", "value"]].values.tolist() == [
        ["loyalty", "ann", 1.0],
        ["referrals", "ann", 50.0],
        ["retention", "ann", 1.0],
        ["sales", "ann", 20.05],
        ["sales", "bob", 30.0],
    ]
    everything = goal_results(sales_tables(), "2026-04-01")
    assert everything["goal"].value_counts().to_dict() == {"sales": 4, "loyalty": 1, "referrals": 1}
    assert goal_results(CustomerTables(), "2026-04-01").empty


def test_sales_without_a_customer_are_not_loyalty():
    sales = pd.DataFrame(
        {"customer_id": [None, None, "ann", "ann"], "event_time": pd.date_range("2026-01-01", periods=4)}
    )
    found = goal_results(CustomerTables(transactions=sales.assign(amount=1.0)), "2026-02-01", "2026-01-01")
    assert found["goal"].value_counts().to_dict() == {"sales": 4, "loyalty": 1}
    assert found.loc[found["goal"] == "loyalty", "customer_id"].tolist() == ["ann"]
