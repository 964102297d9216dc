"""Sums in whole cents are exact, whatever their size and order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbo.errors import InputError
from nbo.tables import CustomerTables
from nbo.value import profitability
from nbo.value.cents import money, shared_out, sums, whole_cents
from nbo.value.skewed_interval import skewed_interval


@given(st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=50))
def test_cents_survive_the_way_to_money_and_back(cents):
    given_cents = np.array(cents)
    assert whole_cents(money(given_cents), "amount").tolist() == cents
    assert np.rint(100 * money(given_cents)).tolist() == cents


def test_sums_are_exact_where_floats_are_not():
    # Above 2 ** 53 a float has no room for a cent more.
    cents = np.array([2**53, 1, 1, 5])
    assert sums(np.array([0, 0, 0, -1]), cents, 1).tolist() == [2**53 + 2]
    assert float(2**53) + 1 + 1 != 2**53 + 2


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(any))
def test_shares_add_up_and_are_less_than_a_cent_off(total, weights):
    shares = shared_out(total, np.array(weights))
    assert shares.sum() == total
    exact = total * np.array(weights) / sum(weights)
    assert np.abs(shares - exact).max() < 1 + 1e-3
    assert (shares[np.array(weights) == 0] == 0).all()


def test_a_tenth_summed_a_million_times_is_what_it_is():
    rows = 100_000
    sales = pd.DataFrame({"customer_id": ["ann"] * rows, "event_time": "2026-01-05", "amount": 0.1})
    found = profitability(CustomerTables(transactions=sales), "2026-01-01", "2026-02-01")
    assert found.cents["revenue"].tolist() == [10 * rows]
    assert sum([0.1] * rows) != 0.1 * rows


def test_ids_that_are_categories_and_customers_in_any_order_are_as_plain_ones():
    ids = ["bob", "ann", "bob", None]
    sales = pd.DataFrame({"customer_id": ids, "event_time": "2026-01-05", "amount": [1.0, 2, 3, 4]})
    plain = profitability(CustomerTables(transactions=sales), "2026-01-01", "2026-02-01")
    coded = sales.assign(customer_id=pd.Categorical(ids, categories=["cy", "bob", "ann"]))
    found = profitability(CustomerTables(transactions=coded), "2026-01-01", "2026-02-01")
    assert found.customers[["customer_id", "revenue"]].values.tolist() == [["ann", 2], ["bob", 4]]
    assert found.unallocated["revenue"] == 4
    pd.testing.assert_frame_equal(found.cents, plain.cents)


def test_without_skewness_the_interval_is_the_normal_one():
    parts = np.array([-2.0, -1, 0, 1, 2])
    low, high = skewed_interval(10.0, parts)
    half = 1.959964 * np.sqrt(10 / 4 / 5)
    assert (low, high) == (pytest.approx(10 - half, abs=1e-6), pytest.approx(10 + half, abs=1e-6))
    assert skewed_interval(1.0, np.full(9, 0.3)) == (1.0, 1.0)
    assert np.isnan(skewed_interval(1.0, np.array([1.0]))).all()
    with pytest.raises(InputError, match=r"level must be in \(0, 1\)"):
        skewed_interval(1.0, parts, level=1)


@pytest.mark.slow
def test_the_skewed_interval_holds_a_skewed_mean_more_often_than_the_normal_one():
    rng, held = np.random.default_rng(3), np.zeros(2)
    for _ in range(2000):
        draw = rng.exponential(1, 20)
        low, high = skewed_interval(draw.mean(), draw)
        half = 1.96 * draw.std(ddof=1) / np.sqrt(20)
        held += [low <= 1 <= high, abs(draw.mean() - 1) <= half]
    assert held[0] > held[1]
    assert abs(held[0] / 2000 - 0.95) < 0.03


def test_a_sum_beyond_what_a_float_holds_is_shared_out_whole():
    total = 2**53 + 1
    assert int(shared_out(total, np.array([1.0, 2.0])).sum()) == total
