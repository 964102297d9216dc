"""Histories from sales, and what was expected beside what happened."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nbo
from nbo.errors import InputError
from nbo.models import BGBB, BGNBD, MBGNBD, purchase_frequencies, purchase_summary, purchase_tracking

SALES = pd.DataFrame(
    {
        "customer_id": ["bob", "ann", "ann", "ann", "cy", "cy", "dee", "ann", "bob"],
        "event_time": [
            "2026-01-05 10:00", "2026-01-01 09:00", "2026-01-01 18:00", "2026-01-08 12:00", "2026-01-20",
            "2026-01-25", "2026-01-30", "2026-01-29", "2026-01-30",
        ],
        "known_at": [None, None, None, None, None, "2026-02-10", None, None, None],
        "amount": [8.0, 10.0, 5.0, 30.0, 7.0, 9.0, 99.0, 6.0, 50.0],
        "margin": [1.0, 2.0, 1.0, 9.0, 2.0, 3.0, 9.0, -1.0, 5.0],
        "kind": ["sale"] * 8 + ["return"],
    }
)  # fmt: skip
COLUMNS = ["customer_id", "frequency", "recency", "T", "monetary", "monetary_all"]


def test_summary_by_hand():
    table = purchase_summary(SALES, as_of="2026-01-30", unit="D")
    assert table["customer_id"].tolist() == ["ann", "bob", "cy"]
    assert table["frequency"].tolist() == [2, 0, 0]  # cy's second purchase was known later
    assert table["recency"].tolist() == [28, 0, 0]
    assert table["T"].tolist() == [28, 24, 9]  # to January 29th, the last day before
    assert table["monetary"].tolist() == pytest.approx([(30 + 6) / 2, np.nan, np.nan], nan_ok=True)
    assert table["monetary_all"].tolist() == pytest.approx([(15 + 30 + 6) / 3, 8, 7])
    assert table["first_purchase"].tolist() == list(pd.to_datetime(["2026-01-01", "2026-01-05", "2026-01-20"]))
    weeks = purchase_summary(SALES, as_of="2026-01-30", unit="W")
    assert weeks["T"].tolist() == pytest.approx([4, 24 / 7, 9 / 7])
    assert purchase_summary(SALES, "2026-01-30", column="margin")["monetary"][0] == pytest.approx((9 - 1) / 2)


def test_summary_does_not_see_what_comes_later_nor_the_order():
    table = purchase_summary(SALES, as_of="2026-01-30")
    later = SALES.assign(event_time="2026-01-30")
    pd.testing.assert_frame_equal(purchase_summary(pd.concat([SALES, later]), as_of="2026-01-30"), table)
    pd.testing.assert_frame_equal(purchase_summary(SALES[::-1], as_of="2026-01-30"), table)
    tables = nbo.CustomerTables(transactions=SALES)
    pd.testing.assert_frame_equal(purchase_summary(tables, as_of="2026-01-30"), table)
    within = purchase_summary(SALES, as_of="2026-01-08 12:00")
    assert within["frequency"].tolist() == [0, 0]  # noon of the 8th is not before it
    assert within["T"].tolist() == pytest.approx([1.0, 3 / 7])


def test_summary_without_sales_and_without_amounts():
    nothing = purchase_summary(SALES, as_of="2025-01-01")
    assert list(nothing.columns) == [*COLUMNS, "first_purchase"]
    assert len(nothing) == 0
    bare = purchase_summary(SALES.drop(columns="amount"), as_of="2026-01-30")
    assert bare["frequency"].tolist() == [2, 0, 0]
    assert bare["monetary_all"].isna().all()
    lost = SALES.assign(amount=SALES["amount"].mask(SALES["amount"] == 30))
    assert purchase_summary(lost, as_of="2026-01-30")["monetary"].isna().all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "week"}, "unit must be one of"),
        ({"column": "cost"}, "column must be one of 'amount', 'margin'"),
        ({"as_of": None}, "as_of must be a time"),
        ({"transactions": SALES.drop(columns="event_time")}, "lacks the column 'event_time'"),
        ({"transactions": SALES.assign(amount="much")}, "transactions.amount must be"),
        ({"transactions": SALES.assign(customer_id=None)}, "customer_id must be there in every sale"),
    ],
)
def test_summary_refuses(change, message):
    with pytest.raises(InputError, match=message):
        purchase_summary(**{"transactions": SALES, "as_of": "2026-02-01", **change})


def test_cdnow_is_as_published(cdnow):
    assert len(cdnow) == 2357
    assert cdnow["frequency"].sum() == 2457
    assert (cdnow["frequency"] == 0).sum() == 1411
    assert cdnow["T"].max() == pytest.approx(272 / 7)


def test_tracking_of_cdnow(sales, cdnow):
    model = BGNBD().fit(cdnow)
    table = purchase_tracking(model, sales, as_of="1997-10-01", until="1998-07-01")
    assert len(table) == 77
    assert table["held_out"].sum() == 39
    held = table[~table["held_out"]]
    # 2,457 repeat purchases in 272 days, of which 266 make whole weeks.
    assert held["actual_total"].iloc[-1] <= 2457
    assert held["expected_total"].iloc[-1] == pytest.approx(held["actual_total"].iloc[-1], rel=0.05)
    assert table["actual"].cumsum().tolist() == table["actual_total"].tolist()
    assert table["expected"].cumsum().to_numpy() == pytest.approx(table["expected_total"].to_numpy())


def test_tracking_by_hand():
    model = MBGNBD(unit="W", penalty=1.0).fit(purchase_summary(SALES, "2026-01-30"))
    table = purchase_tracking(model, SALES, as_of="2026-01-26", until="2026-02-11")
    assert table["end"].tolist() == list(
        pd.to_datetime(["2026-01-08", "2026-01-15", "2026-01-22", "2026-01-29", "2026-02-05"])
    )
    assert table["actual"].tolist() == [1, 0, 0, 2, 0]  # ann on the 8th and 29th, cy on the 25th, known by then
    assert table["held_out"].tolist() == [False, False, False, True, True]
    one, two = 7 / 7, 3 / 7  # ann and bob after the first week
    assert table["expected"][0] == pytest.approx(model.expected_purchases_new([one, two]).sum())


def test_tracking_refuses(planted):
    model = planted["MBGNBD"]
    with pytest.raises(InputError, match="until must be at or after as_of"):
        purchase_tracking(model, SALES, "2026-01-30", "2026-01-01")
    with pytest.raises(InputError, match="must have a sale before as_of"):
        purchase_tracking(model, SALES, "2020-01-30", "2026-01-01")
    with pytest.raises(InputError, match="BGBB counts periods"):
        purchase_tracking(planted["BGBB"], SALES, "2026-01-30", "2026-02-01")


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, BGBB])
def test_frequencies_of_a_good_model_agree(kind, planted):
    model = planted[kind.__name__]
    drawn = model.simulate(3000, 6 if kind is BGBB else 39.0, rng=1)
    table = purchase_frequencies(model, drawn, most=4, repeats=20, rng=2)
    assert table["frequency"].tolist() == ["0", "1", "2", "3", "4+"]
    assert table["actual"].sum() == 3000
    assert table["expected"].sum() == pytest.approx(3000)
    error = np.sqrt(table["expected"] * (1 + 1 / 20))
    assert (np.abs(table["actual"] - table["expected"]) < 4 * error).all()
