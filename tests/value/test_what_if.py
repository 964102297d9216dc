"""What if customers were served otherwise: by hand, line by line, with the uncertainty of the effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nbo
from nbo.errors import InputError
from nbo.simulate import World
from nbo.value import Change, profitability, what_if
from nbo.value.changed_lines import COSTS

CUSTOMERS = pd.DataFrame(
    {
        "segment": ["basic", "basic", "gold"],
        "revenue": [100.0, 40.0, 500.0],
        "returns": [0.0, 10.0, 0.0],
        "goods": [60.0, 15.0, 300.0],
        "cost_to_serve": [50.0, 30.0, 20.0],
        "contact_cost": [5.0, 5.0, 10.0],
        "acquisition_cost": [0.0, 20.0, 0.0],
        "contacts_phone": [5, 3, 1],
        "contacts_web": [0, 1, 9],
        "churn_probability": [0.2, 0.5, 0.1],
    }
)
STABLE = CUSTOMERS.drop(columns="churn_probability")


def test_a_move_to_another_tier_by_hand():
    change = Change("to self-service", who="basic", cost_factors={"contact_cost": 0.0}, added_cost=1.5)
    lines = what_if(STABLE, [change]).lines.set_index("line")
    assert lines["before"].to_dict() == {
        "revenue": 140,
        "returns": 10,
        "goods": 75,
        "cost_to_serve": 80,
        "contact_cost": 10,
        "acquisition_cost": 20,
        "other_cost": 0,
        "profit": 140 - 10 - 75 - 80 - 10 - 20,
    }
    moved = lines["difference"]
    assert moved[moved != 0].to_dict() == {"contact_cost": -10, "other_cost": 3, "profit": 7}


def test_contacts_moved_to_a_cheaper_channel_by_hand():
    change = Change("to the web", moved_contacts={("phone", "web"): 0.6})
    found = what_if(STABLE, [change], contact_costs={"phone": 8.0, "web": 0.5})
    # 5 + 3 + 1 calls, 60 % of which cost 7.50 less.
    assert found.effects["gain"].item() == pytest.approx(9 * 0.6 * 7.5)
    assert found.lines.set_index("line")["difference"]["cost_to_serve"] == pytest.approx(-9 * 0.6 * 7.5)


def test_effects_on_revenue_and_on_leaving_by_hand():
    change = Change("promotion", who=[True, True, False], added_cost=2.0, revenue_effect=0.1, churn_effect=-0.5)
    found = what_if(CUSTOMERS, [change])
    one = 0.8 * (100 - 60 - 50 - 5), 0.9 * (1.1 * (100 - 60) - 50 - 5 - 2)
    # What was paid to win a customer is paid, whether the customer stays or not.
    two = 0.5 * (40 - 10 - 15 - 30 - 5) - 20, 0.75 * (1.1 * (40 - 10 - 15) - 30 - 5 - 2) - 20
    row = found.effects.iloc[0]
    assert row["before"] == pytest.approx(one[0] + two[0], abs=0.03)
    assert row["after"] == pytest.approx(one[1] + two[1], abs=0.03)
    assert row["gain"] == row["low"] == pytest.approx(row["high"], abs=0.03)
    assert row["staying"] == pytest.approx(0.1 + 0.25)
    assert row["gain_per_customer"] == pytest.approx(row["gain"] / 2)


def test_the_interval_of_the_effect_is_carried_to_the_gain():
    # The only thing unknown is the effect on revenue, and the gain is linear in it.
    change = Change("campaign", revenue_effect=(0.10, 0.04, 0.16), added_cost=5.0)
    row = what_if(STABLE, [change], rng=1).effects.iloc[0]
    moving = (100 - 60) + (40 - 10 - 15) + (500 - 300)
    assert row["gain"] == pytest.approx(0.10 * moving - 15)
    # The 95 % interval, from 4,000 draws: the error of such a quantile is about 0.05 of a standard deviation.
    error = 4 * 0.05 * 0.06 / 1.96 * moving
    assert (row["low"], row["high"]) == pytest.approx((0.04 * moving - 15, 0.16 * moving - 15), abs=error)
    skewed = what_if(STABLE, [Change("campaign", revenue_effect=(0.10, 0.09, 0.3))]).effects.iloc[0]
    assert skewed["high"] - skewed["gain"] > 10 * (skewed["gain"] - skewed["low"])


def test_the_interval_holds_what_an_experiment_leads_one_to_expect():
    rng = np.random.default_rng(2)
    moving, held, runs = 255.0, 0, 100
    for _ in range(runs):
        estimate = 0.05 + 0.02 * rng.standard_normal()
        effect = (estimate, estimate - 1.6449 * 0.02, estimate + 1.6449 * 0.02)
        row = what_if(STABLE, [Change("campaign", revenue_effect=effect)], level=0.9).effects.iloc[0]
        held += row["low"] <= 0.05 * moving <= row["high"]
    assert held / runs == pytest.approx(0.9, abs=4 * np.sqrt(0.9 * 0.1 / runs))


def test_the_recommended_change_keeps_customers_rather_than_drops_them():
    changes = [
        Change("raise prices until they go", who="gold", churn_effect=8.5),
        Change("basic service", who="basic", cost_factors={"cost_to_serve": 0.4}, churn_effect=(0.0, -0.05, 0.05)),
        Change("a little less", cost_factors={"cost_to_serve": 0.9}),
        Change("gifts", added_cost=10.0),
    ]
    customers = CUSTOMERS.assign(cost_to_serve=[50.0, 30.0, 220.0])
    found = what_if(customers, changes, by="segment")
    gain = found.groups.set_index(["group", "change"])["gain"]
    # To lose the customer would save more than anything else, and is not recommended.
    assert gain["gold"].idxmax() == "raise prices until they go"
    told = found.recommended.set_index("group")
    assert told["change"].to_dict() == {"basic": "basic service", "gold": "a little less"}
    assert told.loc["gold", "gain"] == pytest.approx(0.9 * 22)
    assert told["n"].to_dict() == {"basic": 2, "gold": 1}
    cents = (100 * told[["before", "gain", "after"]]).round()
    assert (cents["before"] + cents["gain"] == cents["after"]).all()
    assert found.effects.set_index("change")["staying"]["raise prices until they go"] < 0
    assert told["sure"].all()
    # The first of the two earns from now on: 0.8 x (100 - 60 - 20 - 5).
    assert told.loc["basic", "unprofitable_after"] == 1
    only = what_if(customers, changes[-1:], by="segment").recommended
    assert only["change"].tolist() == ["as it is", "as it is"]
    assert only["gain"].tolist() == [0, 0]
    assert only["unprofitable_after"].tolist() == [2, 1]


def test_lines_start_from_the_tables_to_the_cent():
    world = World(customers=400, days=200, seed=4)
    profit = profitability(world.tables, world.start, world.end)
    found = what_if(profit.customers, [Change("half the service", cost_factors={"cost_to_serve": 0.5})])
    before = found.lines.set_index("line")["before"]
    for line in ("revenue", *COSTS, "profit"):
        assert round(100 * before[line]) == int(profit.cents[line].sum())
    table = found.lines.set_index("line")
    cents = (100 * table[["before", "after", "difference"]]).round().astype(int)
    assert (cents["after"] - cents["before"]).tolist() == cents["difference"].tolist()
    costs = cents.loc[list(COSTS)].sum()
    assert (cents.loc["revenue"] - costs).tolist() == cents.loc["profit"].tolist()
    assert found.effects["unprofitable_before"].item() == (profit.cents["profit"] < 0).sum()


def test_nobody_loses_and_order_does_not_matter():
    changes = [Change("less", cost_factors={"cost_to_serve": 0.5}, churn_effect=(-0.1, -0.2, 0.0))]
    rich = CUSTOMERS.assign(revenue=1000.0)
    assert what_if(rich, changes).recommended.empty
    one, two = what_if(CUSTOMERS, changes, by="segment"), what_if(CUSTOMERS[::-1], changes, by="segment")
    pd.testing.assert_frame_equal(one.recommended, two.recommended)
    pd.testing.assert_frame_equal(one.effects, two.effects)
    nobody = what_if(CUSTOMERS[:0], changes)
    assert nobody.effects["gain"].item() == 0
    assert "Recommended" in one._repr_html_()
    assert nbo.value.WhatIf is type(one)


@pytest.mark.parametrize(
    ("changes", "settings", "message"),
    [
        ([], {}, "changes must be one or more"),
        ([Change("a"), Change("a")], {}, "each with a name of its own"),
        (Change("a"), {}, r"changes must be a list of Change; got Change\("),
        (["a"], {}, r"changes must be a list of Change; got \['a'\]"),
        ([Change("a", who=[])], {}, "a: who must be segments, or True or False for each of 3 customers"),
        ([Change("a", who=pd.Series(True, index=[2, 1, 0]))], {}, "who must be in the order of the rows of customers"),
        ([Change("a", who=7)], {}, "a: no customer is in the segment 7"),
        ([Change("a", who="vip")], {}, "a: no customer is in the segment 'vip'"),
        ([Change("a", who=[True])], {}, "a: who must be segments, or True or False for each of 3 customers"),
        ([Change("a", cost_factors={"rent": 0.5})], {}, "a: cost_factors must name lines of returns"),
        ([Change("a", moved_contacts={("phone", "web"): 0.5})], {}, "contact_costs must have 'phone'; it has none"),
        (
            [Change("a", moved_contacts={("mail", "web"): 0.5})],
            {"contact_costs": {"mail": 1, "web": 1}},
            "customers lacks the column 'contacts_mail'",
        ),
        (
            [Change("a", moved_contacts={("phone", "web"): 0.6, ("phone", "mail"): 0.6})],
            {"contact_costs": {"phone": 1, "web": 1, "mail": 1}},
            "at most all contacts of 'phone' can be moved; got 1.2",
        ),
        ([Change("a", churn_effect=1.5)], {}, "a: churn_effect, 1.5, makes a probability of leaving exceed 1"),
        ([Change("a")], {"by": "town"}, "customers lacks the column 'town'"),
        ([Change("a")], {"level": 1}, r"level must be in \(0, 1\)"),
    ],
)
def test_what_cannot_be_tried_is_refused(changes, settings, message):
    with pytest.raises(InputError, match=message):
        what_if(CUSTOMERS, changes, **settings)
    with pytest.raises(InputError, match="customers lacks the column 'revenue'"):
        what_if(CUSTOMERS.drop(columns="revenue"), [Change("a")])
    with pytest.raises(InputError, match="customers.goods must be there and finite"):
        what_if(CUSTOMERS.assign(goods=np.nan), [Change("a")])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cost_factors": {"goods": -1}}, "x: factor of goods must be 0 or more"),
        ({"moved_contacts": {("a", "b"): 2}}, r"x: share moved from a to b must be in \[0, 1\]"),
        ({"added_cost": np.inf}, "x: added_cost must be a finite number"),
        ({"revenue_effect": (0.1, 0.2, 0.3)}, "x: revenue_effect must be"),
        ({"churn_effect": (0.1, 0.2)}, r"x: churn_effect must be a number, or \(estimate, low, high\)"),
        ({"churn_effect": -1.5}, "x: churn_effect must be finite and -1 or more"),
    ],
)
def test_a_change_that_is_none_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        Change("x", **given)


def test_segments_may_be_numbers():
    numbered = CUSTOMERS.assign(segment=[1, 2, 2])
    for who in (2, [2], np.array([2])):
        found = what_if(numbered, [Change("fee", who=who, added_cost=-1.0)])
        assert found.effects["n"].item() == 2
