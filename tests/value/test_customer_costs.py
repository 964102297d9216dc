"""Costs to acquire, to serve and to retain: by hand, nothing twice, and to the cent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.simulate import World
from nbo.tables import CustomerTables
from nbo.value import customer_costs, profitability

SPAN = ("2026-01-01", "2026-03-01")
SEGMENTS = pd.Series({"ann": "gold", "bob": "basic", "cy": "basic"})


def by_hand() -> CustomerTables:
    return CustomerTables(
        customers=pd.DataFrame(
            {
                "customer_id": ["ann", "bob", "cy", "di"],
                "signed_up_at": ["2025-01-01", "2026-01-10", "2026-02-10", None],
                "acquisition_cost": [99.0, 12.5, 7.5, 1.0],
            }
        ),
        transactions=pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-01-05"], "amount": [1000.0]}),
        cases=pd.DataFrame(
            {
                "customer_id": ["ann", "bob", "zoe"],
                "opened_at": ["2026-01-08", "2026-02-08", "2026-02-09"],
                "cost_to_serve": [6.25, 3.0, 2.0],
            }
        ),
        catalog=pd.DataFrame({"offer_id": ["stay", "card"], "cost": [2.0, 0.5], "kind": ["retention", "upgrade"]}),
        decisions=pd.DataFrame(
            {
                "decision_id": ["d1", "d2", "d3", "d4", "d5"],
                "customer_id": ["ann", "ann", "cy", "bob", "ann"],
                "decided_at": ["2026-01-02", "2026-01-03", "2026-01-04", "2026-02-04", "2026-02-05"],
                "offer_id": ["stay", "card", "card", "stay", "no_offer"],
            }
        ),
    )


COSTS = pd.DataFrame(
    {
        "event_time": ["2026-01-05", "2026-01-06", "2026-02-07", "2026-02-08", "2026-02-09"],
        "amount": [100.0, 20.0, 3.0, 4.0, 0.01],
        "kind": ["acquisition", "service", "retention", "rent", None],
        "customer_id": [None, "bob", None, None, None],
        "segment": ["basic", None, "gold", None, None],
    }
)


def test_cost_to_acquire_serve_and_retain_by_segment_by_hand():
    found = customer_costs(by_hand(), *SPAN, segments=SEGMENTS, costs=COSTS).segments.set_index("segment")
    assert found.index.tolist() == ["basic", "gold", "not known"]
    # Cy was contacted before signing up.
    assert found["acquire"].tolist() == [12.5 + 7.5 + 0.5 + 100, 0, 0]
    assert found["serve"].tolist() == [3 + 20, 6.25, 2]
    assert found["retain"].tolist() == [2, 2 + 3, 0]
    assert found["other"].tolist() == [0, 0.5, 4 + 0.01]
    assert found["customers"].tolist() == [2, 1, 1]
    assert found["new"].tolist() == [2, 0, 0]
    assert found.loc["basic", "acquire_per_new"] == 120.5 / 2
    assert found.loc["basic", "serve_per_customer"] == 23 / 2
    assert found.loc["gold", "retain_per_customer"] == 5
    assert np.isnan(found.loc["gold", "acquire_per_new"])


def test_totals_reconcile_and_nothing_counts_twice():
    tables = by_hand()
    found = customer_costs(tables, *SPAN, segments=SEGMENTS, costs=COSTS)
    table = found.reconcile()
    assert table.values.tolist() == [[12050, 451, 700, 3125, 16326, 0]]
    whole = profitability(tables, *SPAN, costs=COSTS).total_cents
    lines = ["cost_to_serve", "contact_cost", "acquisition_cost", "other_cost"]
    assert found.total_cents["total"].sum() == whole[lines].sum().sum() == 16326
    # Every row taken away takes its cost from one column only.
    for name, frame in {"cases": tables.cases, "decisions": tables.decisions}.items():
        for row in range(len(frame)):
            less = customer_costs(tables.replace(**{name: frame.drop(row)}), *SPAN, segments=SEGMENTS, costs=COSTS)
            change = (table - less.reconcile())[["acquire", "other", "retain", "serve"]].iloc[0]
            assert sorted(change)[:3] == [0, 0, 0]


def test_what_retention_offers_gave_away_is_told_beside_the_total():
    tables = by_hand()
    outcomes = pd.DataFrame(
        {
            "decision_id": ["d1", "d4", "d4", "d2", "gone"],
            "outcome": ["accept", "accept", "reject", "accept", "accept"],
            # Bob took it back before the end.
            "outcome_at": ["2026-01-03", "2026-02-05", "2026-02-06", "2026-01-04", "2026-01-04"],
        }
    )
    given = tables.replace(outcomes=outcomes, catalog=tables.catalog.assign(subsidy=[7.5, 100.0]))
    found = customer_costs(given, *SPAN, segments=SEGMENTS, costs=COSTS)
    assert found.segments.set_index("segment")["given_away"].to_dict() == {"basic": 0, "gold": 7.5, "not known": 0}
    plain = customer_costs(tables, *SPAN, segments=SEGMENTS, costs=COSTS)
    assert found.cents["total"].tolist() == plain.cents["total"].tolist()
    then = customer_costs(given, *SPAN, segments=SEGMENTS, as_of="2026-02-06")
    assert then.segments.set_index("segment")["given_away"].to_dict() == {"basic": 7.5, "gold": 7.5, "not known": 0}


def test_by_month_the_heads_are_those_of_the_month():
    found = customer_costs(by_hand(), *SPAN, segments=SEGMENTS, by="month", costs=COSTS)
    rows = found.segments[found.segments["segment"] == "basic"]
    assert rows["period"].dt.month.tolist() == [1, 2]
    assert rows["customers"].tolist() == [1, 2]
    assert rows["new"].tolist() == [1, 1]
    assert rows["acquire"].tolist() == [12.5 + 0.5 + 100, 7.5]
    assert (found.reconcile()["difference"] == 0).all()
    once = customer_costs(by_hand(), *SPAN, segments=SEGMENTS, costs=COSTS)
    assert (
        found.cents[["acquire", "serve", "retain", "other"]]
        .sum()
        .equals(once.cents[["acquire", "serve", "retain", "other"]].sum())
    )


def test_kinds_and_retention_offers_can_be_named():
    found = customer_costs(by_hand(), *SPAN, costs=COSTS, kinds={"rent": "serve"}, retention=["upgrade"]).segments
    row = found.set_index("segment").sum()
    assert row["serve"] == 6.25 + 3 + 2 + 4
    assert row["retain"] == 0.5
    assert row["other"] == 2 + 2 + 100 + 20 + 3 + 0.01
    # Segments that costs name are shown also where no customer is in them.
    assert found["segment"].tolist() == ["all", "basic", "gold", "not known"]


def test_a_simulated_world_reconciles_by_segment_and_month():
    world = World(customers=1500, days=150, seed=6)
    people = world.tables.customers.drop_duplicates("customer_id")
    segments = people.set_index("customer_id")["customer_type"]
    segments = segments[people["customer_id"].str[-1].to_numpy() != "7"]
    found = customer_costs(world.tables, world.start, world.end, segments=segments, by="month")
    whole = profitability(world.tables, world.start, world.end, by="month").total_cents
    assert (found.reconcile()["difference"] == 0).all()
    lines = ["cost_to_serve", "contact_cost", "acquisition_cost", "other_cost"]
    assert found.total_cents["total"].tolist() == whole[lines].sum(axis=1).tolist()
    assert found.cents.groupby("segment")["customers"].max().sum() == people["customer_id"].nunique()
    assert set(found.cents["segment"]) == {*segments.unique(), "not known"}


def test_a_frame_of_segments_later_rows_order_and_nothing():
    tables = by_hand()
    now = customer_costs(tables, *SPAN, segments=SEGMENTS).cents
    frame = SEGMENTS.rename_axis("customer_id").rename("segment").reset_index()
    pd.testing.assert_frame_equal(customer_costs(tables, *SPAN, segments=frame).cents, now)
    grown = tables.replace(
        cases=pd.concat([tables.cases, tables.cases.assign(opened_at="2026-03-01")]).sample(frac=1, random_state=1),
        customers=pd.concat([tables.customers, tables.customers.assign(valid_from="2026-03-01", acquisition_cost=1e6)]),
    )
    pd.testing.assert_frame_equal(customer_costs(grown, *SPAN, segments=SEGMENTS).cents, now)
    empty = customer_costs(CustomerTables(), *SPAN)
    assert empty.cents["total"].tolist() == [0]
    assert "<td>not known</td>" in empty._repr_html_()


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="segments.customer_id must be each customer once; 1 of 2"):
        customer_costs(by_hand(), *SPAN, segments=pd.Series(["a", "b"], index=["ann", "ann"]))
    with pytest.raises(InputError, match="kinds must be one of 'acquire'"):
        customer_costs(by_hand(), *SPAN, kinds={"rent": "keep"})
    with pytest.raises(InputError, match="segments lacks the column 'segment'"):
        customer_costs(by_hand(), *SPAN, segments=pd.DataFrame({"customer_id": ["ann"]}))


def test_numbers_as_segments_keep_their_names_and_other_kinds_of_ids_are_refused():
    segments = pd.Series({"ann": 1, "bob": 2})
    found = customer_costs(by_hand(), *SPAN, segments=segments).segments
    assert found["segment"].tolist() == ["1", "2", "not known"]
    with pytest.raises(InputError, match="segments.customer_id must be of the kind .* it holds numbers such as 7"):
        customer_costs(by_hand(), *SPAN, segments=pd.Series({7: "gold"}))


def test_without_a_table_of_customers_who_bought_is_one_too():
    tables = CustomerTables(
        transactions=pd.DataFrame({"customer_id": ["ann", "bob"], "event_time": "2026-01-05", "amount": 9.0}),
        cases=pd.DataFrame({"customer_id": ["ann"], "opened_at": ["2026-01-08"], "cost_to_serve": [6.0]}),
    )
    whole = customer_costs(tables, *SPAN).segments.set_index("segment").loc["all"]
    assert (whole["customers"], whole["serve"], whole["serve_per_customer"]) == (2, 6.0, 3.0)
