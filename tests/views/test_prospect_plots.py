"""What the plots of prospects and forecasts draw, read back from the Axes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nbo.errors import InputError
from nbo.prospects import SalesForecast, demand_forecast, invest_or_stop
from nbo.views import plot_forecast, plot_invest_curve, plot_pipeline

SCORES = pd.DataFrame(
    {"propensity": [0.5, 0.4, 0.1], "low": [0.4, 0.3, 0.0], "high": [0.6, 0.5, 0.2], "value": 100.0, "cost": 30.0}
).assign(won=[1, 0, 0])
OPEN = pd.DataFrame({"stage": ["lead", "lead", "offer"], "amount": [100.0, 50.0, 80.0], "expected": [10.0, 5.0, 40.0]})


@pytest.fixture(scope="module")
def demand():
    days = pd.date_range("2026-01-05", "2026-03-29")
    sales = pd.DataFrame({"event_time": [*days, *days], "product_id": ["tea"] * 84 + ["rice"] * 84, "quantity": 2})
    return demand_forecast(sales, "2026-03-30", horizon=2)


def sales() -> SalesForecast:
    starts = pd.to_datetime(["2026-04-01", "2026-05-01"])
    periods = pd.DataFrame({"start": starts, "end": pd.to_datetime(["2026-05-01", "2026-06-01"]), "pipeline": [60, 20]})
    periods = periods.assign(expected=[70.0, 80.0], low=[50.0, 40.0], high=[90.0, 120.0])
    past = pd.DataFrame({"start": pd.to_datetime(["2026-02-01", "2026-03-01"]), "amount": [65.0, 75.0]})
    empty = pd.DataFrame()
    return SalesForecast(pd.Timestamp("2026-04-01"), periods, empty, OPEN, past, empty, 150.0, 100.0, 200.0, 0.9)


def test_a_sales_forecast_shows_the_past_what_is_expected_and_what_the_pipeline_brings():
    ax = plot_forecast(sales())
    assert ax.lines[0].get_ydata().tolist() == [65, 75]
    assert ax.lines[1].get_ydata().tolist() == [70, 80]
    assert [bar.get_height() for bar in ax.patches] == [60, 20]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (40, 120)
    assert [text.get_text() for text in ax.get_legend().texts] == [
        "actual", "forecast, 90 % interval", "from the pipeline"
    ]  # fmt: skip


@pytest.mark.parametrize("months", [1, 5, 13, 30, 48, 104])
def test_any_length_of_the_past_is_drawn_without_a_warning(months):
    found = sales()
    starts = pd.date_range(end="2026-03-01", periods=months, freq="MS")
    past = pd.DataFrame({"start": starts, "amount": np.arange(months, dtype=float)})
    plot_forecast(dataclasses.replace(found, history=past)).figure.canvas.draw()


def test_a_forecast_of_demand_shows_all_products_or_one(demand):
    assert plot_forecast(demand).lines[1].get_ydata().tolist() == [28, 28]
    one = plot_forecast(demand, product="tea")
    assert one.lines[0].get_ydata().tolist() == [14] * 12
    assert one.lines[1].get_ydata().tolist() == [14, 14]
    assert one.get_ylabel() == "Pieces"
    with pytest.raises(InputError, match="product must be one of 'rice', 'tea'; got 'ale'"):
        plot_forecast(demand, product="ale")


def test_the_curve_of_profit_its_band_its_peak_and_the_budget():
    ax = plot_invest_curve(invest_or_stop(SCORES, budget=40.0, won="won"))
    lines = {line.get_label(): line for line in ax.lines}
    assert lines["expected"].get_ydata() == pytest.approx([0, 20, 30, 10])
    assert lines["realized"].get_ydata().tolist() == [0, 70, 40, 10]
    assert lines["budget"].get_xdata() == [1, 1]
    assert ax.lines[-1].get_xydata()[0].tolist() == pytest.approx([2, 30])
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (pytest.approx(-20), pytest.approx(50))


def test_a_long_curve_is_thinned_and_keeps_its_peak():
    rng = np.random.default_rng(0)
    found = invest_or_stop(pd.DataFrame({"propensity": rng.random(50_000), "value": 100.0, "cost": 30.0}))
    ax = plot_invest_curve(found)
    assert 1000 <= len(ax.lines[1].get_xdata()) <= 1001
    assert found.peak in ax.lines[1].get_xdata()


def test_stages_show_what_they_hold_and_what_is_expected():
    ax = plot_pipeline(OPEN)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["lead", "offer"]
    assert [bar.get_width() for bar in ax.patches] == [150, 80, 15, 40]
    other = plot_pipeline(sales(), stages=["offer", "lead", "won back"])
    assert [text.get_text() for text in other.texts] == [
        "1 open, 50 % expected", "2 open, 10 % expected", "0 open, 0 % expected"
    ]  # fmt: skip
    with pytest.raises(InputError, match="pipeline lacks the column 'expected'"):
        plot_pipeline(OPEN.drop(columns="expected"))


def test_every_plot_draws_on_axes_given_or_its_own_and_on_no_rows(demand):
    nothing = invest_or_stop(SCORES.iloc[:0])
    for draw, given in (
        (plot_forecast, demand),
        (plot_forecast, sales()),
        (plot_invest_curve, nothing),
        (plot_pipeline, OPEN.iloc[:0]),
    ):
        ax = Figure().add_subplot()
        assert draw(given, ax=ax) is ax
        own = draw(given)
        assert own.get_xlabel()
        own.figure.canvas.draw()
