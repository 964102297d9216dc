"""Profit by customer: by hand, against a plain loop in decimals, and to the cent on whole tables."""

from __future__ import annotations

import os
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbo.datasets import load_cdnow
from nbo.errors import DataSetNotFoundError, InputError
from nbo.simulate import World
from nbo.tables import CustomerTables
from nbo.value import profitability

DATA = Path(os.environ.get("NBO_DATA", Path(__file__).parents[2] / "../shared/data"))
START, END = "2026-01-01", "2026-03-01"
LINES = ["revenue", "returns", "goods", "cost_to_serve", "contact_cost", "acquisition_cost", "other_cost"]


def by_hand() -> CustomerTables:
    return CustomerTables(
        customers=pd.DataFrame(
            {
                "customer_id": ["ann", "bob", "cy"],
                "valid_from": "2025-01-01",
                "signed_up_at": ["2025-01-01", "2026-01-10", "2026-02-10"],
                "acquisition_cost": [99.0, 12.5, np.nan],
            }
        ),
        transactions=pd.DataFrame(
            {
                "transaction_id": [f"t{i}" for i in range(7)],
                "customer_id": ["ann", "ann", "bob", "bob", "zoe", "ann", "cy"],
                "event_time": ["2026-01-05", "2026-02-05", "2026-01-06", "2026-02-28", "2026-01-07", "2026-02-09"]
                + ["2026-03-01"],
                "kind": ["sale", "return", None, "sale", "sale", "sale", "sale"],
                "amount": [100.0, 30.0, 50.0, 10.0, 7.0, 20.0, 1000.0],
                "margin": [40.0, -12.0, np.nan, np.nan, 2.0, 5.0, 1.0],
                "cost": [np.nan, np.nan, 35.0, np.nan, np.nan, np.nan, np.nan],
                "status": ["completed", None, None, "completed", "completed", "pending", "completed"],
            }
        ),
        cases=pd.DataFrame(
            {
                "case_id": ["k1", "k2"],
                "customer_id": ["ann", "bob"],
                "opened_at": ["2026-01-08", "2026-02-08"],
                "cost_to_serve": [6.25, 3.0],
            }
        ),
        catalog=pd.DataFrame({"offer_id": ["card", "loan"], "cost": [0.5, 2.0]}),
        decisions=pd.DataFrame(
            {
                "decision_id": ["d1", "d2", "d3", "d4"],
                "customer_id": ["ann", "ann", "bob", "ann"],
                "decided_at": ["2026-01-02", "2026-01-03", "2026-02-03", "2026-02-04"],
                "offer_id": ["card", "no_offer", "loan", "gone"],
            }
        ),
    )


def test_margin_and_net_profit_by_hand():
    found = profitability(by_hand(), START, END).customers.set_index("customer_id")
    ann, bob, cy = found.loc["ann"], found.loc["bob"], found.loc["cy"]
    assert (ann["revenue"], ann["returns"], ann["goods"]) == (100, 30, (100 - 40) - (30 - 12))
    assert ann["margin"] == 40 - 12
    assert ann["profit"] == 40 - 12 - 6.25 - 0.5
    assert (bob["revenue"], bob["goods"], bob["margin"]) == (50 + 10, 35, 15 + 10)
    assert bob["profit"] == 15 + 10 - 3 - 2 - 12.5
    assert cy[LINES].tolist() == [0] * 7


def test_what_belongs_to_no_customer_is_told_and_sums_equal_the_total():
    found = profitability(by_hand(), START, END)
    assert found.unallocated["revenue"] == 7
    assert found.unallocated["profit"] == 2
    assert found.total["revenue"] == 100 + 50 + 10 + 7
    table = found.reconcile().set_index("line")
    assert table.loc["profit"].tolist() == [2125 + 750, 200, 2125 + 750 + 200, 0]
    assert (table.dtypes == "int64").all()


def test_what_is_not_known_is_counted():
    notes = profitability(by_hand(), START, END).notes
    told = dict(zip(notes["table"] + ": " + notes["what"], notes["n_rows"], strict=True))
    assert told == {
        "transactions: with neither margin nor cost, so that the goods count as 0": 1,
        "transactions: pending, which do not count": 1,
        "decisions: of an offer that the catalog has not, which count as 0": 1,
        "customers: without acquisition_cost, which counts as 0": 1,
    }


def test_each_month_has_its_own_rows_and_they_add_up():
    found = profitability(by_hand(), START, END, by="month")
    profit = {(row.customer_id, row.period.month): row.profit for row in found.customers.itertuples()}
    assert profit == {
        ("ann", 1): 40 - 6.25 - 0.5,
        ("ann", 2): -12.0,
        ("bob", 1): 15 - 12.5,
        ("bob", 2): 10 - 3 - 2.0,
        ("cy", 2): 0.0,
    }
    once = profitability(by_hand(), START, END).by_customer().set_index("customer_id")
    pd.testing.assert_frame_equal(found.by_customer().set_index("customer_id"), once)
    assert (found.reconcile()["difference"] == 0).all()
    assert found.reconcile()["period"].nunique() == 2


def test_periods_begin_at_the_start_and_with_the_calendar():
    for by, starts in {
        "month": ["2026-01-20", "2026-02-01", "2026-03-01", "2026-04-01"],
        "quarter": ["2026-01-20", "2026-04-01"],
        "year": ["2026-01-20"],
        "30D": ["2026-01-20", "2026-02-19", "2026-03-21"],
    }.items():
        found = profitability(by_hand(), "2026-01-20", "2026-04-10", by=by)
        assert found.total_cents["period"].dt.strftime("%Y-%m-%d").tolist() == starts, by


def test_costs_name_a_customer_or_are_shared_out_by_what_drives_them():
    costs = pd.DataFrame(
        {
            "event_time": ["2026-01-15", "2026-01-16", "2026-02-15"],
            "amount": [10.0, 100.0, 1.0],
            "customer_id": ["ann", None, None],
        }
    )
    tables = by_hand()
    plain = profitability(tables, START, END, costs=costs)
    assert plain.customers["other_cost"].tolist() == [10, 0, 0]
    assert plain.unallocated["other_cost"] == 101
    # In January ann and bob ordered once each, and one who is no customer; in February bob did.
    orders = profitability(tables, START, END, costs=costs, by="month", allocate="orders")
    assert orders.by_customer()["other_cost"].tolist() == [1000 + 5000, 5000 + 100, 0]
    assert orders.unallocated["other_cost"] == 0
    assert (orders.reconcile()["difference"] == 0).all()
    minutes = pd.Series([1.0, 1.0, 1.0], index=["ann", "bob", "cy"])
    shared = profitability(tables, START, END, costs=costs, allocate=minutes)
    assert shared.cents["other_cost"].tolist() == [1000 + 3367, 3366, 3367]
    assert shared.total["other_cost"] == plain.total["other_cost"] == 111


def test_a_cost_counts_once_it_is_known():
    costs = pd.DataFrame({"event_time": "2026-01-15", "amount": [10.0, 7.0], "known_at": ["2026-03-01", None]})
    assert profitability(by_hand(), START, END, costs=costs).total["other_cost"] == 7
    assert profitability(by_hand(), START, END, costs=costs, as_of="2026-03-02").total["other_cost"] == 17


def test_costs_of_a_channel_are_borne_by_those_who_used_it():
    tables = by_hand()
    sales = tables.transactions.assign(channel=["web", "web", "shop", "shop", "web", "web", "web"])
    costs = pd.DataFrame({"event_time": "2026-01-15", "amount": [10.0, 4.0], "channel": ["web", "phone"]})
    found = profitability(tables.replace(transactions=sales), START, END, costs=costs, allocate="orders")
    assert found.customers["other_cost"].tolist() == [10, 0, 0]
    # Nobody ordered by phone.
    assert found.unallocated["other_cost"] == 4


def test_the_way_an_offer_came_has_a_cost_of_its_own():
    ways = '[{"channel": "mail", "cost": 1.25}, {"channel": "sms"}]'
    tables = by_hand().replace(
        catalog=pd.DataFrame({"offer_id": ["card", "loan"], "cost": [0.5, 2.0], "treatments": [ways, None]}),
        decisions=by_hand().decisions.assign(channel=["mail", "mail", "mail", "sms"]),
    )
    found = profitability(tables, START, END).customers.set_index("customer_id")
    assert found.loc["ann", "contact_cost"] == 0.5 + 1.25
    assert found.loc["bob", "contact_cost"] == 2


amounts = st.one_of(st.none(), st.floats(0, 500), st.integers(0, 50_000).map(lambda cents: cents / 100))
people = st.sampled_from(["ann", "bob", "cy", "stranger", None])
days = st.integers(0, 89).map(lambda day: pd.Timestamp("2025-12-15") + pd.Timedelta(days=day))
late = st.one_of(st.none(), st.integers(0, 60).map(lambda day: pd.Timestamp("2026-01-01") + pd.Timedelta(days=day)))
sale = st.fixed_dictionaries(
    {
        "customer_id": people,
        "event_time": days,
        "known_at": late,
        "kind": st.sampled_from(["sale", "return", None, "gift"]),
        "status": st.sampled_from(["completed", "pending", None]),
        "amount": amounts,
        "margin": st.one_of(st.none(), st.floats(-300, 300)),
        "cost": amounts,
    }
)
case = st.fixed_dictionaries({"customer_id": people, "opened_at": days, "known_at": late, "cost_to_serve": amounts})
offer = st.sampled_from(["card", "loan", "no_offer", "unknown"])
decision = st.fixed_dictionaries({"customer_id": people, "decided_at": days, "offer_id": offer})
person = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["ann", "bob", "cy"]),
        "valid_from": days,
        "known_at": late,
        "signed_up_at": st.one_of(st.none(), days),
        "acquisition_cost": amounts,
    }
)
cost = st.fixed_dictionaries({"customer_id": people, "event_time": days, "amount": st.floats(-100, 500)})


def frame(rows: list[dict], columns: list[str]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=columns)
    times = [name for name in columns if name.endswith("_at") or name in ("event_time", "valid_from")]
    numbers = [name for name in columns if name in ("amount", "margin", "cost", "cost_to_serve", "acquisition_cost")]
    made = made.assign(**{name: pd.to_datetime(made[name]) for name in times})
    made = made.assign(**{name: made[name].astype(float) for name in numbers})
    return made.astype({"customer_id": "str"})


def cents(value: float) -> int:
    """Round to whole cents in decimals; 0 where missing."""
    return 0 if pd.isna(value) else int(Decimal(value * 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def loop(tables: CustomerTables, costs: pd.DataFrame, start: str, end: str) -> dict[tuple[str, str], int]:
    """Add up row by row, in Python's integers: (customer, line) -> cents; strangers are one customer."""
    first, last, total = pd.Timestamp(start), pd.Timestamp(end), defaultdict(int)
    known = {row.customer_id for row in tables.customers.itertuples() if counts(row, row.valid_from, None, last)}

    def add(who: object, line: str, amount: int) -> None:
        total[who if who in known else "", line] += amount

    for row in tables.transactions.itertuples():
        kind, status = ("sale" if pd.isna(row.kind) else row.kind), row.status
        if kind == "gift" or status == "pending" or not counts(row, row.event_time, first, last):
            continue
        sign = 1 if kind == "sale" else -1
        add(row.customer_id, "revenue" if sign > 0 else "returns", cents(row.amount))
        if pd.notna(row.margin) and pd.notna(row.amount):
            add(row.customer_id, "goods", sign * cents(row.amount) - cents(row.margin))
        else:
            add(row.customer_id, "goods", sign * cents(row.cost))
    for row in tables.cases.itertuples():
        if counts(row, row.opened_at, first, last):
            add(row.customer_id, "cost_to_serve", cents(row.cost_to_serve))
    for row in tables.decisions.itertuples():
        if counts(row, row.decided_at, first, last):
            add(row.customer_id, "contact_cost", {"card": 50, "loan": 200}.get(row.offer_id, 0))
    for who in known:
        rows = [
            row
            for row in tables.customers.itertuples()
            if row.customer_id == who and counts(row, row.valid_from, None, last)
        ]
        newest = max(rows, key=lambda row: row.valid_from)
        if pd.notna(newest.signed_up_at) and first <= newest.signed_up_at < last:
            add(who, "acquisition_cost", cents(newest.acquisition_cost))
    for row in costs.itertuples():
        if counts(row, row.event_time, first, last):
            add(row.customer_id, "other_cost", cents(row.amount))
    return {key: amount for key, amount in total.items() if amount}


def counts(row: object, time: pd.Timestamp, first: pd.Timestamp | None, last: pd.Timestamp) -> bool:
    known_at = getattr(row, "known_at", None)
    known = time if pd.isna(known_at) else known_at
    return (first is None or first <= time) and time < last and known < last


def as_totals(found) -> dict[tuple[str, str], int]:
    mine = {
        (row["customer_id"], line): row[line] for row in found.cents.to_dict("records") for line in LINES if row[line]
    }
    nobody = {("", line): int(found.unallocated_cents[line].sum()) for line in LINES}
    return mine | {key: amount for key, amount in nobody.items() if amount}


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(sale, max_size=8),
    st.lists(case, max_size=4),
    st.lists(decision, max_size=4),
    st.lists(person, max_size=5, unique_by=lambda row: (row["customer_id"], row["valid_from"])),
    st.lists(cost, max_size=4),
)
def test_sums_of_customers_and_of_none_are_the_company_total_in_cents(sales, cases, decisions, persons, given_costs):
    tables = CustomerTables(
        customers=frame(persons, ["customer_id", "valid_from", "known_at", "signed_up_at", "acquisition_cost"]),
        transactions=frame(
            sales, ["customer_id", "event_time", "known_at", "kind", "status", "amount", "margin", "cost"]
        ),
        cases=frame(cases, ["customer_id", "opened_at", "known_at", "cost_to_serve"]),
        decisions=frame(decisions, ["customer_id", "decided_at", "offer_id"]),
        catalog=pd.DataFrame({"offer_id": ["card", "loan"], "cost": [0.5, 2.0]}),
    )
    costs = frame(given_costs, ["customer_id", "event_time", "amount"])
    truth = loop(tables, costs, START, END)
    found = profitability(tables, START, END, costs=costs)
    assert as_totals(found) == truth
    for line in LINES:
        assert found.total_cents[line].sum() == sum(amount for (_, name), amount in truth.items() if name == line)
    monthly = profitability(tables, START, END, costs=costs, by="month", allocate="orders")
    for result in (found, monthly):
        table = result.reconcile()
        assert (table["difference"] == 0).all()
        assert (table["total"] == table["customers"] + table["unallocated"]).all()
    assert (monthly.total_cents[LINES].sum() == found.total_cents[LINES].sum()).all()


def test_later_rows_and_rows_known_late_change_nothing():
    tables = by_hand()
    now = profitability(tables, START, END)
    later = pd.DataFrame(
        {
            "transaction_id": ["x1", "x2"],
            "customer_id": "ann",
            "event_time": ["2026-03-01", "2026-01-20"],
            "known_at": ["2026-03-01", "2026-03-01"],
            "amount": 500.0,
        }
    )
    grown = tables.replace(
        transactions=pd.concat([tables.transactions, CustomerTables(transactions=later).transactions]),
        customers=pd.concat([tables.customers, tables.customers.assign(valid_from="2026-03-01", acquisition_cost=1e6)]),
        cases=pd.concat([tables.cases, tables.cases.assign(opened_at="2026-03-02")]),
        decisions=pd.concat([tables.decisions, tables.decisions.assign(decided_at="2026-03-02")]),
    )
    then = profitability(grown, START, END)
    pd.testing.assert_frame_equal(then.cents, now.cents)
    pd.testing.assert_frame_equal(then.total_cents, now.total_cents)
    # Known one day later, what happened within the span counts.
    assert profitability(grown, START, END, as_of="2026-03-02").total["revenue"] == 100 + 50 + 10 + 7 + 500


def test_the_order_of_rows_changes_nothing_and_rows_that_stand_twice_count_twice():
    tables = by_hand()
    shuffled = CustomerTables(**{name: tables.get(name).sample(frac=1, random_state=3) for name in tables.names})
    now = profitability(tables, START, END)
    pd.testing.assert_frame_equal(profitability(shuffled, START, END).cents, now.cents)
    twice = tables.replace(transactions=pd.concat([tables.transactions] * 2))
    assert (profitability(twice, START, END).cents["revenue"] == 2 * now.cents["revenue"]).all()


def test_no_tables_no_rows_and_numbers_as_ids():
    empty = profitability(CustomerTables(), START, END)
    assert (len(empty.cents), empty.total["profit"]) == (0, 0)
    assert (profitability(CustomerTables(), START, END, by="month").reconcile()["difference"] == 0).all()
    one = pd.DataFrame({"customer_id": [7], "event_time": ["2026-01-05"], "amount": [1.0]})
    found = profitability(CustomerTables(transactions=one), START, END)
    assert found.customers[["customer_id", "profit"]].values.tolist() == [[7, 1.0]]


def test_bad_input_is_refused():
    tables = by_hand()
    with pytest.raises(InputError, match="start must be before end"):
        profitability(tables, END, START)
    with pytest.raises(InputError, match="by must be 'month'"):
        profitability(tables, START, END, by="fortnight")
    with pytest.raises(InputError, match="allocate must be one of 'orders'"):
        profitability(tables, START, END, allocate="hope")
    with pytest.raises(InputError, match="costs lacks the column 'amount'"):
        profitability(tables, START, END, costs=pd.DataFrame({"event_time": [START]}))
    with pytest.raises(InputError, match="costs.event_time must be there in every row; 1 of 1"):
        profitability(tables, START, END, costs=pd.DataFrame({"event_time": [pd.NaT], "amount": [1.0]}))
    with pytest.raises(InputError, match="transactions.amount must be below 5,497,558,138"):
        profitability(tables.replace(transactions=tables.transactions.assign(amount=1e13)), START, END)
    with pytest.raises(InputError, match="allocate must be finite, 0 or more"):
        profitability(tables, START, END, allocate=pd.Series([-1.0], index=["ann"]))


def test_the_simulated_world_reconciles_to_the_cent():
    world = World(customers=1500, days=150, seed=3)
    tables = world.tables
    found = profitability(tables, world.start, world.end, by="month")
    assert (found.reconcile()["difference"] == 0).all()
    sales = tables.transactions.query("status == 'completed'")
    kept = sales.assign(c=[int(Decimal(str(x)) * 100) for x in sales["amount"]])
    margin = sum(int(Decimal(str(x)) * 100) for x in sales["margin"])
    assert found.total_cents["revenue"].sum() == kept.loc[kept["kind"] == "sale", "c"].sum()
    assert found.total_cents["returns"].sum() == kept.loc[kept["kind"] == "return", "c"].sum()
    assert found.total_cents["margin"].sum() == margin
    served = sum(int(Decimal(str(x)) * 100) for x in tables.cases["cost_to_serve"].dropna())
    assert found.total_cents["cost_to_serve"].sum() == served


def test_the_public_transactions_reconcile_to_the_cent():
    try:
        tables = load_cdnow(DATA / "cdnow").tables
    except DataSetNotFoundError:
        pytest.skip("CDNOW is not in the folder of public data")
    found = profitability(tables, "1997-01-01", "1998-07-01", by="quarter")
    truth = sum(int(Decimal(str(x)) * 100) for x in tables.transactions["amount"])
    assert found.total_cents["revenue"].sum() == found.cents["revenue"].sum() == truth
    assert (found.reconcile()["difference"] == 0).all()
    # Fader and Hardie's sample: 2,357 customers.
    assert found.cents["customer_id"].nunique() == 2357


def test_it_shows_itself():
    found = profitability(by_hand(), START, END)
    assert "<td>profit</td>" in found._repr_html_()
    assert "decisions: 1 rows of an offer that the catalog has not" in found._repr_html_()
    assert repr(found).startswith("Profit 30.75 from 2026-01-01 00:00:00 to 2026-03-01")


def test_weights_may_be_huge_and_what_is_shared_out_is_still_the_cost():
    cost = pd.DataFrame({"event_time": ["2026-01-05"], "amount": [10.0]})
    weights = pd.Series({"ann": 1e308, "bob": 1e308})
    found = profitability(by_hand(), START, END, costs=cost, allocate=weights)
    assert found.customers.set_index("customer_id")["other_cost"].to_dict() == {"ann": 5.0, "bob": 5.0, "cy": 0.0}


@pytest.mark.parametrize("by", ["0D", "-7D", "-1MS"])
def test_a_step_that_does_not_go_on_is_no_period(by):
    with pytest.raises(InputError, match="by must be 'month', 'quarter', 'year' or a frequency"):
        profitability(by_hand(), START, END, by=by)


def test_ids_of_several_kinds_are_in_the_order_of_their_texts():
    sales = pd.DataFrame({"customer_id": ["b", 10, 9, "b"], "event_time": "2026-01-05", "amount": [1.0, 2, 3, 4]})
    for by in (None, "month"):
        found = profitability(CustomerTables(transactions=sales), START, END, by=by).by_customer()
        assert found[["customer_id", "revenue"]].values.tolist() == [[10, 200], [9, 300], ["b", 500]]


def test_customers_without_an_entry_are_told_of_with_periods_too():
    found = profitability(by_hand(), START, "2026-01-06", by="month")
    assert found.cents["customer_id"].unique().tolist() == ["ann"]
    assert found.by_customer()["customer_id"].tolist() == ["ann", "bob", "cy"]
    assert "of 3 customers" in repr(found)
