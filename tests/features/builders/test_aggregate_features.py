"""Shares of a pivot's values and trends of windows, asked for as aggregates."""

import math

import pandas as pd
import pytest
from hypothesis import given

from nbo.errors import InputError
from nbo.features import AggregateFeatures, FeatureSet
from nbo.tables import CustomerTables, Spine
from tests.features import oracle
from tests.features.oracle_aggregates import About
from tests.features.test_oracle import on_worlds
from tests.features.worlds import worlds

SALES = CustomerTables(
    transactions=pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": ["2026-06-25", "2026-06-10", "2026-05-10", "2026-05-11", "2026-04-20", "2026-06-30"],
            "amount": [10.0, 20.0, 30.0, 10.0, 5.0, 99.0],
            "category": ["books", "toys", "books", None, "toys", "pets"],
        }
    )
)
SPINE = Spine.at("2026-06-30", ["ann", "bob"])


def _build(*aggregates: str, **asked: object) -> pd.DataFrame:
    return AggregateFeatures("transactions", aggregates, **asked).fit(SALES, SPINE).build(SALES, SPINE)


def test_shares_by_hand():
    X = _build(
        "share",
        "share(amount)",
        windows=["30D", "90D"],
        pivots=["category"],
        top=1,
        other=True,
        where=[("amount", ">", 5)],
    )
    assert {name: values[0] for name, values in X.to_dict("list").items()} == {
        "transactions__share__30D__category_books": 1 / 2,
        "transactions__share__90D__category_books": 2 / 3,
        "transactions__amount__share__30D__category_books": 10 / 30,
        "transactions__amount__share__90D__category_books": 40 / 60,
        "transactions__share__30D__category_other": 1 / 2,
        "transactions__share__90D__category_other": 1 / 3,
        "transactions__amount__share__30D__category_other": 20 / 30,
        "transactions__amount__share__90D__category_other": 20 / 60,
    }
    assert X.loc[1].isna().all()


def test_trends_by_hand():
    X = _build("trend", "trend(amount)", windows=["90D", "30D", "30D_before_30D", "all"])
    assert X.loc[0].to_dict() == pytest.approx(
        {
            "transactions__trend__30D__90D": (2 / 30) / (5 / 90),
            "transactions__trend__30D__30D_before_30D": 2 / 2,
            "transactions__amount__trend__30D__90D": (30 / 30) / (75 / 90),
            "transactions__amount__trend__30D__30D_before_30D": 30 / 40,
        }
    )
    assert X.loc[1].isna().all()


def test_shares_and_trends_have_label_and_meaning_and_are_made_again():
    builder = AggregateFeatures(
        "transactions",
        ["share(amount)", "trend"],
        windows=["30D", "90D"],
        pivots={"category": ["toys"]},
        label="our own",
    )
    features = FeatureSet([builder]).fit(SALES, SPINE)
    described = features.describe().set_index("feature")
    assert described.index.tolist() == [
        "transactions_our_own__amount__share__30D__category_toys",
        "transactions_our_own__amount__share__90D__category_toys",
        "transactions_our_own__trend__30D__90D__category_toys",
    ]
    assert described["meaning"].iloc[0] == (
        "Share of amount of transactions with category = toys among those with a category in the 30D before as_of."
    )
    assert described["unit"].tolist() == ["share", "share", "ratio"]
    assert set(features.needs()["transactions"]) >= {"amount", "category"}
    again = FeatureSet.from_dict(features.to_dict())
    pd.testing.assert_frame_equal(again.build(SALES, SPINE), features.build(SALES, SPINE))


@on_worlds(20)
@given(worlds("count", "sum(money)"))
def test_shares_and_trends_divide_what_plain_loops_count(world):
    windows = ["30D", "365D"]
    asked = world.asked | {"windows": windows, "aggregates": ("count", "sum(money)"), "half_lives": ("30D",)}
    asked |= {"pivots": {"category": ["books"]}, "other": True}
    parts = oracle.features(world.rows, world.spine, **asked)
    there = asked | {"pivots": (), "where": [*asked["where"], ("category", "not in", ())]}
    whole = oracle.features(world.rows, world.spine, **{name: there[name] for name in there if name != "other"})
    ratios = {**asked, "aggregates": ("share", "share(money)", "trend")}
    X = AggregateFeatures(**ratios).fit(world.tables(), world.spine_frame()).build(world.tables(), world.spine_frame())
    table = next(iter(parts)).split("__")[0]
    for value in ("category_books", "category_other"):
        for window in windows:
            for column, aggregate in (("", "count__"), ("money__", "sum__")):
                own = parts[f"{table}__{column}{aggregate}{window}__{value}"]
                _check(
                    X[f"{table}__{column}share__{window}__{value}"], own, whole[f"{table}__{column}{aggregate}{window}"]
                )
        short, long = (parts[f"{table}__count__{window}__{value}"] for window in windows)
        _check(X[f"{table}__trend__30D__365D__{value}"] * 30 / 365, short, long)


def _check(found: pd.Series, above: list, below: list) -> None:
    for one, *pair in zip(found, above, below, strict=True):
        over, under = (value.value if isinstance(value, About) else value for value in pair)
        assert math.isnan(one) if under == 0 else one == pytest.approx(over / under)


@pytest.mark.parametrize(
    ("aggregate", "asked", "says"),
    [
        ("share", {}, "a share is that of a pivot's value; give pivots"),
        ("share(cheese)", {"pivots": ["category"]}, "transactions lacks the column 'cheese'"),
        ("trend", {"windows": ["30D"]}, "a trend needs two windows of a known length"),
        ("trend(amount)", {"windows": ["30D", "all"]}, "a trend needs two windows of a known length"),
        ("trends", {}, "'share', 'trend'; got 'trends'"),
    ],
)
def test_what_is_no_share_or_trend_is_refused(aggregate, asked, says):
    with pytest.raises(InputError, match=says):
        _build(aggregate, **asked)
