"""Value by segment: arithmetic by hand, sums to the cent, intervals that hold what they state."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.value import segment_value
from nbo.value.resampled_means import resampled_means

CLV = [100.0, 50.0, 30.0, 20.0, 10.125]
SEGMENTS = ["a", "a", "b", "b", "b"]
COST = [20.0, 30.0, 40.0, np.nan, 0.0]


def test_clv_against_what_it_cost_to_win_the_customers_by_hand():
    worth = segment_value(CLV, SEGMENTS, current=[1, 2, 3, 4, 5.55], acquisition_cost=COST, horizon="100D").set_index(
        "segment"
    )
    a, b = worth.loc["a"], worth.loc["b"]
    assert (a["n"], a["clv"], a["clv_mean"]) == (2, 150.0, 75.0)
    assert (a["current"], a["potential"]) == (3.0, 150.0 - 3.0)
    assert (a["cost_known"], a["acquisition_cost"], a["clv_per_cost"]) == (2, 50.0, 150 / 50)
    assert a["payback_days"] == pytest.approx(100 * 50 / 150)
    # 10.125 ends in a half cent: it is rounded to the even cent, 10.12.
    assert (b["clv"], b["current"]) == (60.12, 12.55)
    assert b["potential"] == pytest.approx(60.12 - 12.55)
    # The one of unknown cost is left out of both sides: (30 + 10.12) / (40 + 0).
    assert (b["cost_known"], b["clv_per_cost"]) == (2, 40.12 / 40)
    assert b["payback_days"] == pytest.approx(100 * 40 / 40.12)
    assert worth["clv_share"].tolist() == pytest.approx([150 / 210.12, 60.12 / 210.12])


def test_a_cost_that_never_comes_back_and_one_of_nothing():
    worth = segment_value([5, 5], ["a", "b"], acquisition_cost=[10, 0], horizon="10D").set_index("segment")
    assert worth["payback_days"].to_dict() == {"a": np.inf, "b": 0.0}
    assert worth.loc["a", "clv_per_cost"] == 0.5
    assert np.isnan(worth.loc["b", "clv_per_cost"])


def test_segments_sum_to_all_customers_to_the_cent():
    rng = np.random.default_rng(1)
    clv, current = rng.lognormal(3, 2, 50_000), rng.normal(0, 500, 50_000)
    segments = rng.integers(0, 37, 50_000)
    worth = segment_value(clv, segments, current=current, acquisition_cost=rng.exponential(20, 50_000))
    whole = segment_value(clv, np.zeros(50_000, dtype=int), current=current)

    def cents(values):
        return int(np.rint(values * 100).astype(np.int64).sum())

    assert cents(worth["clv"]) == cents(clv) == cents(whole["clv"])
    assert cents(worth["current"]) == cents(current)
    assert cents(worth["potential"]) == cents(clv) - cents(current)
    assert worth["n"].sum() == 50_000
    assert (np.diff(worth["clv"]) <= 0).all()


def test_deviations_of_customers_are_summed_as_squares():
    row = segment_value([10.0, 20.0], ["a", "a"], sd=[3.0, 4.0], acquisition_cost=[5.0, np.nan]).iloc[0]
    z = 1.959964
    assert (row["clv_low"], row["clv_high"]) == pytest.approx((30 - z * 5, 30 + z * 5))
    assert (row["ratio_low"], row["ratio_high"]) == pytest.approx(((10 - z * 3) / 5, (10 + z * 3) / 5))
    assert row["interval"] == "sd"


def test_the_ratio_is_bounded_by_customers_whose_cost_is_known():
    rng = np.random.default_rng(3)
    clv, cost = rng.gamma(2, 50, 40), rng.gamma(2, 10, 40)
    known = segment_value(clv, ["a"] * 40, acquisition_cost=cost).iloc[0]
    more = segment_value(np.append(clv, [1e6] * 400), ["a"] * 440, acquisition_cost=np.append(cost, [np.nan] * 400))
    for name in ("clv_per_cost", "ratio_low", "ratio_high"):
        assert more.loc[0, name] == pytest.approx(known[name], rel=0.06)
    one = segment_value([10.0, 20.0], ["a", "a"], acquisition_cost=[5.0, np.nan]).iloc[0]
    assert np.isnan([one["ratio_low"], one["ratio_high"]]).all()


def test_bounds_from_draws_are_quantiles_of_their_sums():
    rng = np.random.default_rng(2)
    shared = rng.normal(0, 1, 1000)
    draws = 10 + shared + np.zeros((4, 1))  # what all customers of a draw share does not average out
    row = segment_value(draws, ["a"] * 4, acquisition_cost=[1, 1, 1, 1]).iloc[0]
    low, high = np.quantile(draws.sum(axis=0), [0.025, 0.975])
    assert (row["clv_low"], row["clv_high"]) == pytest.approx((low, high))
    assert (row["ratio_low"], row["ratio_high"]) == pytest.approx((low / 4, high / 4))
    assert row["clv"] == pytest.approx(draws.mean(axis=1).sum(), abs=0.02)
    assert row["interval"] == "draws"


# Groups of more than 200 customers are drawn in parts, which takes longer.
@pytest.mark.parametrize(("n", "runs"), [(20, 400), (300, 120)])
def test_bootstrap_intervals_hold_the_true_mean_and_ratio(n, runs):
    rng = np.random.default_rng(3)
    clv, cost = rng.gamma(2, 50, (runs, n)), rng.gamma(4, 10, (runs, n))
    worth = segment_value(
        clv.ravel(), np.repeat(np.arange(runs), n), acquisition_cost=cost.ravel(), level=0.9
    ).sort_values("segment")
    held = (worth["clv_low"] <= 100 * n) & (100 * n <= worth["clv_high"])
    error = np.sqrt(0.9 * 0.1 / runs)
    assert held.mean() == pytest.approx(0.9, abs=4 * error)
    held = (worth["ratio_low"] <= 100 / 40) & (worth["ratio_high"] >= 100 / 40)
    assert held.mean() == pytest.approx(0.9, abs=4 * error)


def test_parts_of_large_groups_vary_as_their_customers():
    values = np.random.default_rng(4).lognormal(0, 1, (20_000, 1))
    drawn = resampled_means(values, np.zeros(20_000, dtype=int), 1, 1000, np.random.default_rng(5))
    standard_error = values.std() / np.sqrt(20_000)
    assert drawn.std() == pytest.approx(standard_error, rel=4 / np.sqrt(2 * 200))
    assert drawn.mean() == pytest.approx(values.mean(), abs=standard_error)


def test_shuffled_rows_give_the_same_sums_and_nobody_gives_no_rows():
    order = [3, 1, 4, 0, 2]
    one = segment_value(CLV, SEGMENTS, acquisition_cost=COST)
    two = segment_value(np.array(CLV)[order], np.array(SEGMENTS)[order], acquisition_cost=np.array(COST)[order])
    same = ["segment", "n", "clv", "clv_per_cost"]
    pd.testing.assert_frame_equal(one[same], two[same])
    assert segment_value([], []).empty
    alone = segment_value([5.0], ["a"]).iloc[0]
    assert alone["clv"] == 5
    assert np.isnan(alone["clv_low"])


def test_a_category_without_customers_has_no_row():
    names = pd.Series(["gold", "gold"], dtype=pd.CategoricalDtype(["silver", "gold"]))
    assert segment_value([1, 2], names)["segment"].tolist() == ["gold"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"clv": [1.0, np.nan]}, "clv must be there and finite; 1 of 2 rows is not, first at row 1"),
        ({"clv": np.zeros((2, 0))}, r"clv must have the shape \(n,\) or \(n, draws\)"),
        ({"clv": [["x", "y"], ["x", "y"]]}, "clv must hold numbers"),
        ({"clv": [[1, 2], [1, np.inf]]}, "clv must be finite in every draw"),
        ({"segments": ["a"]}, "segments must have 2 rows, as clv; got 1"),
        ({"segments": ["a", None]}, "segments must be there in every row"),
        ({"sd": [1, -1]}, "sd must be 0 or more; 1 of 2 rows is not, first at row 1"),
        ({"current": [1]}, "current must have 2 rows"),
        ({"acquisition_cost": [1, -1]}, "acquisition_cost must be 0 or more"),
        ({"horizon": "soon", "acquisition_cost": [1, 1]}, "horizon must be a length of time"),
        ({"level": 1}, r"level must be in \(0, 1\)"),
    ],
)
def test_what_has_no_value_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        segment_value(**{"clv": [1.0, 2.0], "segments": ["a", "b"], **given})


def test_series_of_the_same_customers_in_another_order_are_refused():
    clv = pd.Series([1.0, 2.0], index=["ann", "bob"])
    with pytest.raises(
        InputError, match=r"segments must be in the order of the rows of clv; at row 0 it is of 'bob', clv of 'ann'"
    ):
        segment_value(clv, pd.Series(["b", "a"], index=["bob", "ann"]))
    table = segment_value(clv, pd.Series(["a", "b"], index=[7, 8]), current=clv)
    assert table.set_index("segment")["clv"].to_dict() == {"a": 1.0, "b": 2.0}


def test_of_a_loss_in_all_there_are_no_shares():
    assert segment_value([-3.0, 1.0], ["a", "b"])["clv_share"].isna().all()
