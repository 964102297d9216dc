"""Parts of tables that a card reads: equal to plain frames, whatever is asked for first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.tables import CustomerTables
from nbo.tables.plain_values import MISSING_TIME
from nbo.views import customer_index, customer_snapshot
from nbo.views.cut import Cut
from nbo.views.near_tables import NearTables
from nbo.views.own_rows import OwnRows, moment, newest

SALES = pd.DataFrame(
    {
        "customer_id": ["ann", "bob", "ann", "ann", "bob"],
        "event_time": pd.to_datetime(["2026-03-01", "2026-01-01", "2026-02-01", "2026-03-01", None]).astype(
            "datetime64[us]"
        ),
        "amount": [1.0, 2.0, None, 8.0, 16.0],
        "status": ["completed", None, "pending", "completed", "pending"],
    }
)


def test_a_cut_holds_what_the_frame_holds_whatever_is_asked_for_first():
    cut = Cut(SALES, "transactions", np.array([0, 2, 3]))
    assert cut.some("status", np.array([2, 0])) == ["completed", "completed"]
    assert cut.series("amount").tolist()[2] == cut.some("amount", np.array([2]))[0] == 8.0
    pd.testing.assert_frame_equal(cut.frame(), SALES.iloc[[0, 2, 3]].reset_index(drop=True))
    kept = cut.where(np.array([True, False, True]))
    pd.testing.assert_frame_equal(kept.frame(), SALES.iloc[[0, 3]].reset_index(drop=True))
    assert cut.where(np.ones(3, dtype=bool)) is cut
    assert cut.different("status") == ["completed", "pending"]
    assert kept.without(["status"]).names == ["customer_id", "event_time", "amount"]


def test_columns_that_are_made_stay_with_their_rows():
    asked = []

    def made():
        asked.append(1)
        return pd.array(["x", "y", "z"], dtype="str")

    cut = Cut(SALES, "transactions", np.array([0, 2, 3])).with_made({"status": made, "more": made})
    assert asked == []
    assert cut.some("more", np.array([2, 1])) == ["z", "y"]
    kept = cut.where(np.array([False, True, True]))
    assert kept.names == [*SALES.columns, "more"]
    assert kept.series("status").tolist() == kept.series("more").tolist() == ["y", "z"]
    assert kept.series("amount").tolist()[1] == 8.0
    assert kept.without(["more"]).series("status").tolist() == ["y", "z"]


@pytest.mark.parametrize("dtype", ["str", "category", "object"])
@pytest.mark.parametrize("times", [1, 40])
def test_own_rows_are_those_of_a_sorted_frame(dtype, times):
    frame = pd.concat([SALES.astype({"status": dtype})] * times, ignore_index=True)
    rows, plain = (
        OwnRows(Cut(frame, "transactions"), "transactions"),
        frame.sort_values("event_time", kind="stable", na_position="first", ignore_index=True),
    )
    there = plain["event_time"].notna()
    assert [moment(time) for time in rows.times[there]] == plain["event_time"][there].tolist()
    assert (rows.times[~there] == MISSING_TIME).all()
    np.testing.assert_array_equal(rows.numbers("amount"), plain["amount"])
    np.testing.assert_array_equal(rows.there("status"), plain["status"].notna())
    np.testing.assert_array_equal(rows.among("status", ("pending",)), plain["status"] == "pending")
    np.testing.assert_array_equal(rows.among("status", ("pending",), missing=True), plain["status"] != "completed")
    places = np.array([3, 0])
    by_hand = [{name: value for name, value in plain.loc[at].items() if pd.notna(value)} for at in places]
    assert rows.lines(list(frame.columns), places) == by_hand


def test_columns_and_tables_that_are_not_there_are_missing_in_every_row():
    rows, nothing = OwnRows(Cut(SALES, "transactions"), "transactions"), OwnRows(None, "cases")
    assert np.isnan(rows.numbers("margin")).all()
    assert not rows.there("margin").any()
    assert rows.among("kind", ("sale",), missing=True).all()
    assert rows.lines(["margin"], np.array([1])) == [{}]
    assert (len(nothing), nothing.times.tolist(), nothing.lines(["kind"], np.arange(0))) == (0, [], [])
    assert newest(nothing.times) is newest(np.array([MISSING_TIME])) is None


def test_near_tables_are_customer_tables_with_the_types_that_their_own_rows_allow():
    # One row of somebody else keeps the whole column from being numbers.
    sales = CustomerTables(transactions=SALES.assign(amount=["1", "lots", "2.5", None, "4"])).get("transactions")
    cut = Cut(sales, "transactions", np.array([0, 2, 3]))
    near, plain = NearTables({"transactions": cut}), CustomerTables(transactions=sales.iloc[[0, 2, 3]])
    assert near.names == plain.names
    assert near.has("transactions")
    assert not near.has("cases")
    assert near.columns("transactions").numbers("amount").tolist()[:2] == [1.0, 2.5]
    pd.testing.assert_frame_equal(near.transactions, plain.transactions)
    pd.testing.assert_frame_equal(near.get("cases"), plain.get("cases"))
    case = pd.DataFrame({"customer_id": ["ann"], "opened_at": ["2026-01-01"]})
    pd.testing.assert_frame_equal(near.replace(cases=case).transactions, plain.replace(cases=case).transactions)
    assert repr(near.added(cases=case.assign(case_id="c"))) == repr(plain.added(cases=case.assign(case_id="c")))


def test_cards_of_categories_are_those_of_texts():
    texts = CustomerTables(transactions=SALES.dropna(subset="event_time").assign(kind=["sale", None, "sale", "return"]))
    coded = CustomerTables(transactions=texts.transactions.astype({"kind": "category", "status": "category"}))
    cards = [customer_snapshot(None, source, "ann", "2026-06-30").to_json() for source in (texts, coded)]
    assert cards[0] == cards[1] == customer_snapshot(None, customer_index(coded), "ann", "2026-06-30").to_json()
