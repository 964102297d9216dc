"""Demand by product and period: sums by hand, as of, and better than naive from past origins in simulated sales."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features.windows import known_before
from nbo.prospects import demand_forecast
from nbo.simulate import World
from nbo.tables import CustomerTables

NOW = "2026-01-05"


def sold(products: int = 30, weeks: int = 160, seed: int = 0) -> pd.DataFrame:
    """Simulate pieces by week: a level that wanders and a season of each product, and Poisson noise."""
    rng = np.random.default_rng(seed)
    level, phase = rng.lognormal(3.5, 0.6, products), rng.uniform(0, 2 * np.pi, products)
    week = np.arange(weeks)
    level = level * np.exp(np.cumsum(rng.normal(0, 0.03, (weeks, products)), axis=0))
    mean = level * (1 + 0.5 * np.sin(2 * np.pi * week[:, None] / 52 + phase))
    pieces = rng.poisson(mean)
    when = pd.Timestamp(NOW) - pd.to_timedelta((weeks - week) * 7 - 2, unit="D")
    frame = pd.DataFrame(pieces, index=when, columns=[f"p{number:02d}" for number in range(products)])
    long = (
        frame.rename_axis("event_time").reset_index().melt("event_time", var_name="product_id", value_name="quantity")
    )
    return long.assign(amount=long["quantity"] * 2.5)


@pytest.fixture(scope="module")
def sales():
    return sold()


@pytest.fixture(scope="module")
def found(sales):
    return demand_forecast(sales, NOW, horizon=6)


def test_product_by_period_sums_by_hand():
    rows = [
        ("2026-03-02 10:00", "tea", 2, "sale", "completed", None),
        ("2026-03-08 23:59", "tea", 3, None, None, None),
        ("2026-03-09 00:00", "tea", 5, "sale", None, None),
        ("2026-03-10 00:00", "tea", 1, "return", None, None),
        ("2026-03-10 00:00", "rice", 7, "sale", "pending", None),
        ("2026-03-11 00:00", "rice", 4, "sale", "completed", None),
        ("2026-03-12 00:00", "rice", 9, "sale", "completed", "2026-03-16"),
        ("2026-03-16 00:00", "rice", 9, "sale", "completed", None),
        ("2026-03-12 00:00", None, 1, "sale", "completed", None),
    ]
    frame = pd.DataFrame(rows, columns=["event_time", "product_id", "quantity", "kind", "status", "known_at"])
    found = demand_forecast(frame, "2026-03-16", horizon=1)
    assert found.history.columns.tolist() == ["rice", "tea", "unknown"]
    assert found.history.values.tolist() == [[0, 2 + 3, 0], [4, 5 - 1, 1]]
    assert [str(start.date()) for start in found.history.index] == ["2026-03-02", "2026-03-09"]
    # The last of two weeks: there is nothing better to go by.
    assert found.forecast["expected"].tolist() == [4, 4, 1]


def test_money_adds_up_to_the_cent_over_products_and_to_the_tables(sales):
    monthly = demand_forecast(sales, "2026-01-01", measure="amount", freq="M", horizon=2)
    before = sales[sales["event_time"] < "2026-01-01"]
    cents = (before["amount"] * 100).round().astype("int64").sum()
    assert round(monthly.history.to_numpy().sum() * 100) == cents
    by_product = monthly.forecast.groupby("step")["expected"].sum()
    np.testing.assert_allclose(by_product, monthly.total["expected"], rtol=1e-12)


def test_demand_is_forecast_better_than_naive_from_past_origins(found):
    """Rolling-origin error of product x period sales against the same week a year ago."""
    accuracy = found.accuracy().set_index("step")
    assert found.errors["naive"].eq("seasonal_naive").all()
    assert accuracy.loc["all", "ratio"] < 0.9
    assert (accuracy["ratio"] < 1).all()
    # By a loop: the mean over products of what was missed one step ahead, weighed by forecasts.
    one = found.errors[found.errors["step"] == 1]
    assert accuracy.loc["1", "mae"] == pytest.approx((one["mae"] * one["n"]).sum() / one["n"].sum())


def test_intervals_hold_what_came_about_as_often_as_stated(sales):
    """Six weeks that were kept back, of 30 products."""
    cut = pd.Timestamp(NOW) - pd.Timedelta(weeks=6)
    early = demand_forecast(sales, cut, horizon=6)
    came = sales[sales["event_time"] >= cut].assign(step=lambda rows: (rows["event_time"] - cut).dt.days // 7 + 1)
    both = early.forecast.merge(came, on=["product_id", "step"])
    held = both["quantity"].between(both["low"], both["high"]).mean()
    # Products are draws of their own; of the weeks of one product, half go together.
    assert abs(held - 0.9) < 4 * np.sqrt(0.9 * 0.1 / (30 * 3))
    assert demand_forecast(sales, NOW, horizon=6).coverage == pytest.approx(held)


def test_sales_of_the_future_or_known_late_change_nothing(sales, found):
    later = sales.assign(event_time=pd.Timestamp(NOW), quantity=1000)
    late = sales.assign(known_at=pd.Timestamp(NOW), quantity=1000)
    again = demand_forecast(pd.concat([late, sales, later]).sample(frac=1.0, random_state=0), NOW, horizon=6)
    pd.testing.assert_frame_equal(again.forecast, found.forecast)
    pd.testing.assert_frame_equal(again.errors, found.errors)


def test_a_row_that_is_there_twice_counts_once():
    frame = pd.DataFrame({"transaction_id": [1, 1, 2], "event_time": "2026-03-03", "product_id": "tea", "quantity": 2})
    assert demand_forecast(frame, "2026-03-09", horizon=1).history.values.tolist() == [[4]]
    assert demand_forecast(frame.iloc[:1], "2026-03-09", horizon=1).forecast["expected"].tolist() == [2]


def test_the_tables_of_a_simulated_world_by_category():
    tables = World(customers=300, days=200, seed=3).tables
    until = tables.get("transactions")["event_time"].max()
    month = until.to_period("M").start_time
    found = demand_forecast(tables, month, by="category", freq="M", horizon=2, measure="amount")
    assert isinstance(tables, CustomerTables)
    rows = tables.get("transactions")
    rows = rows[known_before(rows, month, "transactions")]
    signed = np.where(rows["kind"] == "return", -1, 1) * rows["amount"].fillna(0) * (rows["status"] != "pending")
    assert round(found.history.to_numpy().sum() * 100) == (signed * 100).round().astype("int64").sum()
    assert len(found.forecast) == 2 * found.history.shape[1]


def test_only_what_was_sold_since_a_start_counts(sales):
    found = demand_forecast(sales, NOW, horizon=2, start="2025-12-01")
    assert len(found.history) == 5
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"as_of": "2026-01-06"}, "as_of must start a period of freq 'W'.* Take 2026-01-05 or 2026-01-12"),
        ({"as_of": "2010-01-04"}, "transactions must hold a sale that was known before 2010-01-04"),
        ({"by": "shop"}, "transactions lacks the column 'shop'"),
        ({"measure": "margin"}, "measure must be one of 'amount', 'quantity'"),
        ({"horizon": 0}, "horizon must be 1 or more"),
        ({"level": 0}, r"level must be in \(0, 1\)"),
    ],
)
def test_what_cannot_be_forecast_is_refused(sales, asked, message):
    with pytest.raises(InputError, match=message):
        demand_forecast(sales, **{"as_of": NOW, **asked})
