"""Who brings others who buy: each sale credited once, by hand and to the cent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.simulate import World
from nbo.tables import CustomerTables
from nbo.value import referrers

SPAN = ("2026-01-01", "2026-02-01")
ROWS = [
    # referrer, referred, told, known, bought, value
    ("ann", "p1", "2026-01-02", None, "2026-01-10", 100.0),
    ("bob", "p1", "2026-01-01", None, "2026-01-10", 100.0),  # earlier than ann
    ("ann", "p2", "2025-12-01", None, "2026-01-05", 40.01),  # told before the span
    ("ann", "p3", "2026-01-03", None, None, np.nan),  # never bought
    ("cy", "p4", "2026-01-20", None, "2026-01-15", 70.0),  # told after the sale
    ("cy", "p5", "2026-01-03", None, "2026-02-01", 80.0),  # bought after the span
    ("cy", "cy", "2026-01-03", None, "2026-01-04", 5.0),  # oneself
    ("cy", "p6", "2026-01-03", "2026-02-10", "2026-01-04", 6.0),  # known late
    ("zoe", "p7", "2026-01-03", None, "2026-01-04", 9.0),  # no customer
    ("bob", "p8", "2025-12-01", None, "2025-12-31", 11.0),  # bought before the span
    ("bob", "p9", "2026-01-05", None, "2026-01-06", 1.0),
]


def by_hand(rows: list[tuple] = ROWS) -> CustomerTables:
    names = ["customer_id", "referred_id", "event_time", "known_at", "converted_at", "converted_value"]
    return CustomerTables(
        customers=pd.DataFrame({"customer_id": ["ann", "bob", "cy", "di"]}),
        referrals=pd.DataFrame(rows, columns=names),
    )


def test_only_converted_referrals_count_each_sale_once_by_hand():
    found = referrers(by_hand(), *SPAN)
    assert found.customers.values.tolist() == [
        ["bob", 2, 2.0, 101.0],
        ["ann", 2, 1.0, 40.01],
        ["cy", 3, 0.0, 0.0],
    ]
    # p1, p2, p4, cy, p7, p9.
    assert found.n_sales == 6
    assert found.total_cents == 10000 + 4001 + 7000 + 500 + 900 + 100
    assert found.unallocated_cents == 7000 + 500 + 900
    assert found.reconcile()["difference"].tolist() == [0]


def test_split_credit_shares_a_sale_in_whole_cents():
    rows = [
        ("ann", "p", "2026-01-02", None, "2026-01-10", 100.0),
        ("bob", "p", "2026-01-01", None, "2026-01-10", 100.0),
        ("bob", "p", "2026-01-03", None, "2026-01-10", 100.0),
        ("cy", "p", "2026-01-05", None, "2026-01-10", 100.0),
    ]
    found = referrers(by_hand(rows), *SPAN, credit="split")
    assert sorted(found.customers["value"]) == [33.33, 33.33, 33.34]
    assert found.customers["sales"].tolist() == pytest.approx([1 / 3] * 3)
    assert found.reconcile().values.tolist() == [[10000, 0, 10000, 0]]


def test_a_sale_has_one_time_and_counts_in_one_span_only():
    rows = [
        ("ann", "p", "2025-12-01", None, "2025-12-20", 50.0),
        ("bob", "p", "2025-12-02", None, "2026-01-10", 60.0),
    ]
    tables = by_hand(rows)
    before, now = referrers(tables, "2025-12-01", "2026-01-01"), referrers(tables, *SPAN)
    assert (before.total_cents, now.total_cents) == (5000, 0)
    assert before.customers["value"].tolist() == [50, 0]


def test_how_few_bring_most_of_it():
    rows = [("ann", f"a{i}", "2026-01-01", None, "2026-01-09", 8.0) for i in range(10)]
    rows += [(who, f"{who}{i}", "2026-01-01", None, "2026-01-09", 1.0) for who in ("bob", "cy") for i in range(10)]
    rows += [("di", "d", "2026-01-01", None, None, np.nan)]
    found = referrers(by_hand(rows), *SPAN)
    assert found.concentration.share_of_top(0.25).value == 80 / 100
    assert found.concentration.fewest_for(0.8).value == 0.25
    assert (found.top(0.8), found.top(0.85)) == (["ann"], ["ann", "bob"])
    assert found.concentration.curve["share"].iloc[25] == pytest.approx(0.8)
    assert "80 % of the rest" in found._repr_html_()


def test_later_rows_change_nothing_and_neither_does_order():
    tables = by_hand()
    more = pd.DataFrame(
        {"customer_id": "ann", "referred_id": ["p3", "q"], "event_time": ["2026-02-01", "2026-01-05"]}
    ).assign(known_at=["2026-02-01", "2026-03-01"], converted_at="2026-01-20", converted_value=999.0)
    grown = tables.replace(referrals=pd.concat([tables.referrals, CustomerTables(referrals=more).referrals]))
    now = referrers(tables, *SPAN)
    for changed in (grown, tables.replace(referrals=tables.referrals.sample(frac=1, random_state=1))):
        found = referrers(changed, *SPAN)
        pd.testing.assert_frame_equal(found.customers, now.customers)
        assert found.total_cents == now.total_cents
    twice = tables.replace(referrals=pd.concat([tables.referrals] * 2))
    assert referrers(twice, *SPAN).credited_cents == now.credited_cents


@pytest.mark.parametrize("credit", ["first", "split"])
def test_the_simulated_world_reconciles_and_agrees_with_a_plain_loop(credit):
    world = World(customers=3000, days=300, seed=2)
    start, end = world.start + pd.Timedelta("60D"), world.end
    rows = world.tables.referrals
    # In a simulated world each person has one referrer; here some have more.
    double = rows[rows["converted_at"].notna()].iloc[::3].assign(customer_id=rows["customer_id"].iloc[0])
    tables = world.tables.replace(referrals=pd.concat([rows, double]))
    found = referrers(tables, start, end, credit=credit)
    people: dict[str, list] = {}
    for row in tables.referrals.itertuples():
        if pd.notna(row.converted_at) and start <= row.converted_at < end:
            people.setdefault(row.referred_id, []).append(row)
    cents = {row.customer_id: 0.0 for row in tables.referrals.itertuples()}
    for whom, mine in people.items():
        fair = {row.customer_id: row for row in mine if row.event_time <= row.converted_at and row.customer_id != whom}
        early = sorted(fair.values(), key=lambda row: (row.event_time, row.customer_id))
        for row in early[:1] if credit == "first" else early:
            cents[row.customer_id] += round(100 * row.converted_value) / (1 if credit == "first" else len(early))
    mine = np.rint(found.customers.set_index("customer_id")["value"] * 100)
    assert len(mine) > 100
    assert mine.tolist() == pytest.approx([cents[who] for who in mine.index], abs=0 if credit == "first" else 2)
    assert found.n_sales == len(people)
    assert found.reconcile()["difference"].tolist() == [0]
    assert found.total_cents == sum(round(100 * mine[0].converted_value) for mine in people.values())


def test_nothing_and_bad_input():
    empty = referrers(CustomerTables(), *SPAN)
    assert (len(empty.customers), empty.total_cents, empty.top()) == (0, 0, [])
    assert repr(empty).startswith("0 people")
    with pytest.raises(InputError, match="credit must be one of 'first', 'split'; got 'last'"):
        referrers(by_hand(), *SPAN, credit="last")
    with pytest.raises(InputError, match="referrals lacks the column 'converted_at'"):
        referrers(CustomerTables(referrals=by_hand().referrals.drop(columns="converted_at")), *SPAN)
