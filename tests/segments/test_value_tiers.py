"""Tiers of value."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments import ValueTierSegmenter
from nbo.testing import check_segmenter


def _frame(values):
    return pd.DataFrame({"profit": np.asarray(values, dtype=float)})


def test_ten_customers_by_hand():
    X = _frame([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    fitted = ValueTierSegmenter("profit").fit(X)
    # 20 % of ten are two, 30 % are three; the limits are the best of the next tier.
    assert fitted.limits_.tolist() == [8, 5]
    assert fitted.predict(X).tolist() == ["high"] * 2 + ["middle"] * 3 + ["low"] * 5


def test_negative_values_are_a_tier_of_their_own_and_do_not_move_the_limits():
    good = np.arange(1.0, 11)
    fitted = ValueTierSegmenter("profit").fit(_frame([*good, *[-5.0] * 30, np.nan]))
    assert fitted.limits_.tolist() == ValueTierSegmenter("profit").fit(_frame(good)).limits_.tolist()
    table = fitted.describe().set_index("segment")
    assert table["n"].to_dict() == {"high": 2, "middle": 3, "low": 5, "negative": 30, "unknown": 1}
    assert table["value"].to_dict() == {"high": 19, "middle": 21, "low": 15, "negative": -150, "unknown": 0}
    assert table.loc["high", "mean"] == 19 / 2
    assert np.isnan(table.loc["high", "value_share"])  # 55 - 150 is no whole to have a share of


def test_equal_values_share_a_tier_and_a_scarce_tier_is_never_overfull():
    X = _frame([9, 5, 5, 5, 5, 5, 5, 0, 0, 0])
    fitted = ValueTierSegmenter("profit").fit(X)
    assert fitted.predict(X).tolist() == ["high", *["low"] * 9]
    # Most have bought nothing: they are not "high" because the quantile is 0.
    zeros = _frame([0] * 9 + [1])
    assert ValueTierSegmenter("profit").fit(zeros).predict(zeros).tolist() == ["low"] * 9 + ["high"]


@pytest.mark.parametrize("seed", range(5))
def test_tiers_are_monotone_in_value(seed):
    rng = np.random.default_rng(seed)
    values = np.round(rng.normal(5, 10, 500))
    fitted = ValueTierSegmenter("profit", shares=rng.dirichlet([1, 1, 1])).fit(_frame(values))
    order = {"high": 0, "middle": 1, "low": 2, "negative": 3}
    ranks = [order[tier] for tier in fitted.predict(_frame(np.sort(values)[::-1]))]
    assert ranks == sorted(ranks)
    n, kept = fitted.describe()["n"].to_numpy(), (values >= 0).sum()
    assert (np.cumsum(n)[:2] <= np.cumsum(fitted.shares)[:2] * kept + 1e-9).all()


def test_given_limits_are_used_as_they_are():
    segmenter = ValueTierSegmenter("profit", limits=(1000, 100))
    fitted = segmenter.fit(_frame([1]))
    assert fitted.predict(_frame([1000.01, 1000, 100.01, 100, 0, -0.01])).tolist() == [
        *["high", "middle", "middle", "low", "low", "negative"]
    ]
    assert fitted.describe()["rule"].tolist() == [
        "profit > 1000",
        "profit > 100 and <= 1000",
        "profit >= 0 and <= 100",
        "profit < 0",
        "profit is missing",
    ]


def test_limits_learnt_are_applied_to_others():
    fitted = ValueTierSegmenter("profit").fit(_frame(np.arange(1, 11)))
    assert fitted.predict(_frame([8.5] * 3)).tolist() == ["high"] * 3
    assert fitted.predict(_frame([8.5])).tolist() == ["high"]


def test_value_by_tier_reconciles_to_the_cent():
    cents = np.random.default_rng(0).integers(-5_000_000, 50_000_000, 20_000)
    table = ValueTierSegmenter("profit").fit(_frame(cents / 100)).describe()
    assert round(table["value"].sum() * 100) == cents.sum()
    assert table["n"].sum() == len(cents)


@pytest.mark.parametrize(("values", "tier"), [([], None), ([3], "low"), ([-3], "negative"), ([np.nan], "unknown")])
def test_few_customers(values, tier):
    fitted = ValueTierSegmenter("profit").fit(_frame(values))
    assert fitted.predict(_frame(values)).tolist() == ([tier] if tier else [])


def test_what_every_segmenter_owes_with_gaps_and_without_anybody_of_value():
    check_segmenter(ValueTierSegmenter("profit"), _frame([-1, -2, np.nan]))
    check_segmenter(ValueTierSegmenter("profit", tiers=("top", "loss"), shares=(1.0,)), _frame([5, 5, -2, 0]))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"tiers": ("high",)}, "tiers must be two or more names"),
        ({"tiers": ("a", "a", "b")}, "that differ"),
        ({"tiers": ("a", "unknown")}, "none 'unknown'"),
        ({"shares": (0.5, 0.6, 0.2)}, "shares must be 3 numbers above 0 of sum 1"),
        ({"shares": (0.5, 0.5)}, "shares must be 3 numbers"),
        ({"limits": (10, 20)}, "limits must be 2 falling numbers"),
        ({"limits": (10, -5)}, "0 or more"),
        ({"limits": 10.0}, "limits must have one dimension"),
        ({"value": "clv"}, "X lacks the column 'clv'"),
    ],
)
def test_wrong_arguments_are_refused(arguments, says):
    with pytest.raises(InputError, match=says):
        ValueTierSegmenter(**{"value": "profit", **arguments}).fit(_frame([1, 2]))


def test_endless_values_are_refused():
    with pytest.raises(InputError, match="X.profit must be finite numbers, or missing; 1 of 3 rows is not"):
        ValueTierSegmenter("profit").fit(_frame([1, np.inf, np.nan]))


def test_large_limits_are_told_to_the_cent():
    rules = ValueTierSegmenter("profit", limits=(1234567.89, 10)).fit(_frame([1, 2])).describe()["rule"].tolist()
    assert rules[:2] == ["profit > 1,234,567.89", "profit > 10 and <= 1,234,567.89"]
