"""Prices: what they say of limits and offers, and that they decide as the batch does."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nbo.arbitration import Limit, Prices, allocate
from nbo.errors import InputError
from tests.benchmarks.allocation.worlds import world


def test_prices_decide_as_the_batch_does():
    priority, limits = world(20_000, 8, seed=1)
    found = allocate(priority, limits)
    assert (found.prices.best(priority) == found.assignment).mean() > 0.999
    assert found.prices.best(priority[7]).tolist() == found.prices.best(priority)[7].tolist()


def test_prices_decide_for_slates_where_costs_and_groups_differ_by_customer():
    priority, limits = world(20_000, 8, seed=2, matrix=True)
    north = np.arange(20_000) % 3 == 0
    limits.append(Limit(rows=north, at_most=2000, name="north"))
    found = allocate(priority, limits, slots=2)
    costs, members = {"budget": limits[8].cost}, {"north": north}
    again = found.prices.best(priority, 2, costs, members)
    assert (again == found.assignment).all(axis=1).mean() > 0.995
    one = found.prices.best(priority[3], 2, {"budget": limits[8].cost[3]}, {"north": True})
    assert one.tolist() == again[3].tolist()


def test_the_price_of_an_offer_adds_what_it_uses_by_hand():
    limits = [
        Limit([0], at_most=1, name="cards"),
        Limit(cost=[2.0, 3.0], at_most=9, name="money"),
        Limit([1], rows=[0, 1], at_least_share=0.25, name="fair"),
    ]
    prices = Prices.of(np.array([4.0, 0.5, -1.0]), limits, ["card", "loan"])
    assert prices.of_offers(members={"fair": False}).tolist() == [4 + 2 * 0.5, 3 * 0.5 - 1 * (0 - 0.25)]
    both = prices.of_offers(members={"fair": np.array([True, False])})
    assert both.tolist() == [[5.0, 1.5 - 1 * (1 - 0.25)], [5.0, 1.5 + 0.25]]
    assert prices["money"] == prices[1] == 0.5
    assert np.asarray(prices).tolist() == [4.0, 0.5, -1.0]
    assert len(prices) == 3


def test_prices_come_back_from_json():
    priority, limits = world(500, 4, seed=3)
    found = allocate(priority, [*limits, Limit([1], at_most=40, rows=np.arange(100), name="few")], slots=2)
    state = json.loads(json.dumps(found.prices.to_dict()))
    again = Prices.from_dict(state)
    assert again.to_dict() == found.prices.to_dict()
    members = {"few": np.arange(500) < 100}
    assert (again.best(priority, 2, members=members) == found.prices.best(priority, 2, members=members)).all()
    with pytest.raises(InputError, match="state must be of Prices, format 1"):
        Prices.from_dict({**state, "format": 2})


def test_what_differs_by_customer_must_be_given():
    prices = Prices.of(np.array([1.0]), [Limit(at_most=1, rows=[0], name="north")], ["a"])
    with pytest.raises(InputError, match="members must give what 'north' counts"):
        prices.best([1.0])
    costly = Prices.of(np.array([1.0]), [Limit(at_most=1, cost=np.ones((2, 1)), name="money")], ["a"])
    with pytest.raises(InputError, match="costs must give what 'money' counts"):
        costly.of_offers()
    with pytest.raises(InputError, match=r"priority must have the shape \(1, 1\)"):
        prices.best([1.0, 2.0], members={"north": True})


@pytest.mark.parametrize("seed", range(6))
def test_one_more_unit_is_worth_its_price(seed):
    # The value rises less and less with a maximum: one more unit adds no more than the price, one less takes no less.
    priority, limits = world(300, 4, seed=seed)
    limits = limits[:-1]
    found = allocate(priority, limits)
    table = found.shadow_prices()
    for place in range(4):
        for change in (1, -1):
            others = list(limits)
            amount = limits[place].at_most + change
            others[place] = Limit([place], at_most=amount, name=limits[place].name)
            change_of_value = allocate(priority, others).value - found.value
            assert change_of_value <= change * table["price"][place] + 1e-6 * found.value
            if change == 1:
                assert change_of_value <= table["one_more_at_most"][place] + 1e-6


def test_one_more_unit_is_worth_about_its_price_where_there_are_many():
    priority, limits = world(20_000, 5, seed=9)
    found = allocate(priority, limits)
    budget = limits[-1]
    more = Limit(cost=budget.cost, at_most=budget.at_most * 1.001, name="budget")
    gained = (allocate(priority, [*limits[:-1], more]).value - found.value) / (0.001 * budget.at_most)
    assert gained == pytest.approx(found.prices["budget"], rel=0.05)


def test_the_table_of_prices_by_hand():
    found = allocate(np.array([[9.0], [5.0], [1.0]]), [Limit([0], at_most=2, at_least=1, name="cards")])
    table = found.shadow_prices()
    assert table.columns.tolist() == ["limit", "price", "used", "at_least", "at_most", "one_more_at_most"]
    assert table.iloc[0, [0, 2, 3, 4]].tolist() == ["cards", 2.0, 1.0, 2.0]
    assert 1 <= table["price"][0] <= 5
    assert "cards" in found._repr_html_()
    assert found.summary["served"] == 2


def test_a_state_without_its_parts_is_refused():
    state = {"prices": "Prices", "format": 1, "offer_ids": ["a"], "limits": [{"name": "x"}]}
    with pytest.raises(InputError, match="state of Prices is incomplete or altered: 'price' must be a float"):
        Prices.from_dict(state)
