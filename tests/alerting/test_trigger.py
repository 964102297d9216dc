"""Behavior-triggered campaigns: a trigger fires once per condition entry."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nbo
from nbo.alerting import Trigger
from nbo.errors import InputError
from nbo.tables import CustomerTables

START = pd.Timestamp("2026-06-01")
HOUR = pd.Timedelta("1h")
SINCE, UNTIL = START, START + 100 * HOUR


def events(*rows):
    """Events as (customer, hour, type, product, hour known)."""
    columns = ["customer_id", "event_time", "event_type", "product_id", "known_at"]
    frame = pd.DataFrame([(*row, *(None,) * (5 - len(row))) for row in rows], columns=columns)
    for name in ("event_time", "known_at"):
        frame[name] = START + pd.to_timedelta(frame[name].astype("float"), unit="h")
    return frame.astype({"customer_id": "str", "event_type": "str", "product_id": "str"})


def purchases(*rows):
    frame = events(*((who, hour, "buy", product) for who, hour, product in rows))
    return frame.drop(columns="event_type").assign(kind="sale", amount=1.0)


def hours(fired):
    return [(who, (time - START) / HOUR) for who, time in zip(fired["customer_id"], fired["fired_at"], strict=True)]


VIEWS = Trigger("keen", [("event_type", "view")], window="7h", at_least=3, by="product_id")


def test_a_trigger_fires_once_per_condition_entry_and_again_after_it_ended():
    rows = [("ann", hour, "view", "tv") for hour in (0, 1, 2, 3, 4, 20, 21, 22)]
    found = nbo.Trigger("keen", [("event_type", "view")], window="7h", at_least=3, by="product_id").fired(
        CustomerTables(events=events(*rows)), SINCE, UNTIL
    )
    assert hours(found) == [("ann", 2), ("ann", 22)]
    assert found["trigger"].tolist() == ["keen", "keen"]
    assert found["evidence"].tolist() == ["event_type = view, product_id = tv: 3 events in 7 hours"] * 2


def test_views_of_different_products_are_not_three_of_one():
    rows = [("ann", 0, "view", "tv"), ("ann", 1, "view", "phone"), ("ann", 2, "view", "tv"), ("bob", 2, "view", "tv")]
    assert len(VIEWS.fired(CustomerTables(events=events(*rows)), SINCE, UNTIL)) == 0


def test_a_condition_that_goes_on_does_not_begin_anew():
    # Each view counts for 7 hours; the next comes in the very hour that the one before leaves.
    rows = [("ann", hour, "view", "tv") for hour in (0, 7, 14, 22)]
    once = Trigger("seen", [("event_type", "view")], window="7h")
    assert hours(once.fired(CustomerTables(events=events(*rows)), SINCE, UNTIL)) == [("ann", 0), ("ann", 22)]


CART = Trigger("cart", [("event_type", "cart")], window="72h", wait="24h", unless=[("kind", "sale")])


def test_a_cart_without_purchase_for_a_day_fires_then():
    tables = CustomerTables(
        events=events(("ann", 0, "cart"), ("bob", 0, "cart"), ("cy", 0, "cart"), ("di", 5, "view")),
        transactions=purchases(("bob", 23, "tv"), ("cy", 30, "tv")),
    )
    found = CART.fired(tables, SINCE, UNTIL)
    assert hours(found) == [("ann", 24), ("cy", 24)]
    assert found["evidence"][0] == "event_type = cart: 1 event in 3 days, kind = sale not since"
    # Until the day is over nobody knows.
    assert len(CART.fired(tables, SINCE, START + 24 * HOUR)) == 0


def test_a_purchase_of_another_product_leaves_the_cart():
    cart = Trigger("cart", [("event_type", "cart")], window="72h", wait="24h", unless=[], by="product_id")
    tables = CustomerTables(
        events=events(("ann", 0, "cart", "tv"), ("bob", 0, "cart", "tv")),
        transactions=purchases(("ann", 3, "phone"), ("bob", 3, "tv")),
    )
    found = cart.fired(tables, SINCE, UNTIL)
    assert hours(found) == [("ann", 24)]
    said = "event_type = cart, product_id = tv: 1 event in 3 days, any of transactions not since"
    assert found["evidence"].tolist() == [said]


def test_a_row_known_late_fires_when_it_is_known_and_a_future_row_changes_nothing():
    rows = [("ann", 0, "view", "tv"), ("ann", 1, "view", "tv"), ("ann", 2, "view", "tv", 6)]
    tables = CustomerTables(events=events(*rows))
    assert hours(VIEWS.fired(tables, SINCE, UNTIL)) == [("ann", 6)]
    assert len(VIEWS.fired(tables, SINCE, START + 6 * HOUR)) == 0
    later = CustomerTables(events=events(*rows, ("ann", 7, "view", "tv"), ("bob", 1, "view", "tv", 50)))
    until = START + 7 * HOUR
    pd.testing.assert_frame_equal(VIEWS.fired(tables, SINCE, until), VIEWS.fired(later, SINCE, until))
    too_late = [*rows[:2], ("ann", 2, "view", "tv", 9)]
    assert len(VIEWS.fired(CustomerTables(events=events(*too_late)), SINCE, UNTIL)) == 0


def test_a_feature_fires_when_it_crosses_and_again_after_it_fell_below_rearm():
    values = [0.1, 0.6, 0.5, 0.6, 0.3, 0.55, np.nan, 0.7, 0.2, 0.9]
    rows = pd.DataFrame({"customer_id": "ann", "as_of": START + np.arange(10) * HOUR, "risk": values})
    risky = Trigger("risk", feature=("risk", ">", 0.55), rearm=0.4)
    found = risky.fired(rows.sample(frac=1, random_state=1), SINCE, UNTIL)
    # At hour 5 it is 0.55, which is not above; the fall to 0.3 at hour 4 has armed it for hour 7.
    assert hours(found) == [("ann", 1), ("ann", 7), ("ann", 9)]
    assert found["evidence"][0] == "risk is 0.6, > 0.55"
    plain = Trigger("risk", feature=("risk", ">", 0.55))
    assert hours(plain.fired(rows, SINCE, UNTIL)) == [("ann", 1), ("ann", 3), ("ann", 7), ("ann", 9)]
    assert hours(risky.fired(rows, START + 2 * HOUR, START + 9 * HOUR)) == [("ann", 7)]


CALENDAR = st.integers(0, 60)
PEOPLE = st.sampled_from(["ann", "bob"])
GOODS = st.sampled_from(["tv", "phone"])
EVENT = st.tuples(PEOPLE, CALENDAR, st.sampled_from(["view", "cart"]), GOODS, st.one_of(st.none(), CALENDAR))


def slowly(tables, trigger, since, until):
    """Watch every moment at which anything can change, for each customer and product alone."""
    rows = tables.get("events").drop_duplicates()
    rows = rows[rows["event_type"] == "view"].assign(seen=lambda f: f[["event_time", "known_at"]].max(axis=1))
    sales = tables.get("transactions").assign(seen=lambda f: f["event_time"])
    wait = trigger.wait or pd.Timedelta(0)
    fired = []
    for (who, product), own in rows.groupby(["customer_id", "product_id"] if trigger.by else ["customer_id", "kind"]):
        against = sales[sales["customer_id"] == who]
        if trigger.by:
            against = against[against["product_id"] == product]
        against = against if trigger.unless is not None else against.iloc[:0]
        edges = [own["seen"], own["event_time"] + trigger.window, own["event_time"] + wait, against["seen"]]
        held = False
        for moment in sorted(set(pd.concat(edges))):
            counted = 0
            for row in own.itertuples():
                counts = max(row.seen, row.event_time + wait) <= moment < row.event_time + trigger.window
                answered = (against["event_time"] >= row.event_time) & (against["seen"] <= moment)
                counted += counts and not answered.any()
            if counted >= trigger.at_least and not held and moment < until:
                fired.append((moment, who, product))
            held = counted >= trigger.at_least
    kept, free = [], {}
    for moment, who, _ in sorted(fired):
        if trigger.cooldown is None or moment >= free.get(who, moment):
            kept.append((who, moment))
            free[who] = moment + (trigger.cooldown or pd.Timedelta(0))
    return sorted((who, (moment - START) / HOUR) for who, moment in kept if moment >= since)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    rows=st.lists(EVENT, max_size=14),
    sold=st.lists(st.tuples(PEOPLE, CALENDAR, GOODS), max_size=5),
    at_least=st.integers(1, 3),
    by=st.sampled_from([None, "product_id"]),
    wait=st.sampled_from([None, "2h"]),
    unless=st.sampled_from([None, []]),
    cooldown=st.sampled_from([None, "12h"]),
)
def test_it_equals_a_plain_loop_and_a_day_at_a_time(rows, sold, at_least, by, wait, unless, cooldown):
    frame = events(*rows).assign(kind="x")
    tables = CustomerTables(events=frame, transactions=purchases(*sold))
    trigger = Trigger(
        "t",
        [("event_type", "view")],
        window="9h",
        at_least=at_least,
        by=by,
        wait=wait,
        unless=unless,
        cooldown=cooldown,
    )
    found = trigger.fired(tables, SINCE, UNTIL)
    assert sorted(hours(found)) == slowly(tables, trigger, SINCE, UNTIL)
    edges = [SINCE + step * HOUR for step in (0, 13, 24, 25, 60, 100)]
    steps = []
    for begin, end in zip(edges[:-1], edges[1:], strict=True):
        # As of each day there is nothing of the days to come.
        known = frame[(frame["event_time"] < end) & ~(frame["known_at"] >= end)]
        bought = tables.get("transactions")
        today = CustomerTables(events=known, transactions=bought[bought["event_time"] < end])
        steps += hours(trigger.fired(today, begin, end))
    assert sorted(steps) == sorted(hours(found))
    shuffled = CustomerTables(
        events=pd.concat([frame, frame]).sample(frac=1, random_state=1), transactions=purchases(*sold)
    )
    pd.testing.assert_frame_equal(trigger.fired(shuffled, SINCE, UNTIL), found)


def test_no_rows_no_tables_and_number_ids():
    for tables in (CustomerTables(), CustomerTables(events=events())):
        assert len(CART.fired(tables, SINCE, UNTIL)) == len(VIEWS.fired(tables, SINCE, UNTIL)) == 0
    frame = events(("1", 0, "cart"), ("2", 1, "cart")).astype({"customer_id": "int64"})
    assert hours(CART.fired(CustomerTables(events=frame), SINCE, UNTIL)) == [(1, 24), (2, 25)]


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"name": ""}, "a trigger needs a name"),
        ({"at_least": 0}, "at_least must be 1 or more"),
        ({"window": "soon"}, "window must be a length of time"),
        ({"wait": "8D"}, "wait must be shorter than the window"),
        ({"table": "weather"}, "table must be one of"),
        ({"where": [("a", "like", "b")]}, "a condition of where must be"),
        ({"feature": ("p", "high")}, "feature must be"),
        ({"feature": ("p", ">", 1.0), "by": "product_id"}, "of rows .* or of a feature"),
        ({"feature": ("p", ">", 1.0), "rearm": 2}, "rearm must be at most the limit"),
        ({"rearm": 2}, "rearm is of a feature only"),
        ({"cooldown": "0D"}, "cooldown must be"),
    ],
)
def test_bad_settings_are_refused(given_, message):
    with pytest.raises(InputError, match=message):
        Trigger(**{"name": "t", **given_})


def test_bad_sources_are_refused():
    with pytest.raises(TypeError, match="needs CustomerTables"):
        VIEWS.fired(pd.DataFrame(), SINCE, UNTIL)
    with pytest.raises(InputError, match="until must be after since"):
        VIEWS.fired(CustomerTables(), UNTIL, SINCE)
    with pytest.raises(InputError, match="events lacks the column 'product_id'"):
        VIEWS.fired(CustomerTables(events=events().drop(columns="product_id")), SINCE, UNTIL)
    twice = pd.DataFrame({"customer_id": "ann", "as_of": START, "p": [1.0, 2.0]})
    with pytest.raises(InputError, match="one value of each customer and moment"):
        Trigger("t", feature=("p", ">", 1)).fired(twice, SINCE, UNTIL)
    assert "any of events" in repr(Trigger("t"))
