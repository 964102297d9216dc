"""What will be sold: sums by hand and by a slow loop, to the cent, and better than naive in a simulated pipeline."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.prospects import OpportunityModel, sales_forecast
from nbo.prospects.calendar_periods import CalendarPeriods
from nbo.prospects.forecast_errors import stretch
from nbo.prospects.pipeline import Pipeline
from nbo.prospects.sales_past import SalesPast
from nbo.prospects.win_sums import win_sums
from tests.prospects.worlds import pipeline

MODEL = OpportunityModel("95D", "15D", n_estimators=30)
NOW = "2026-10-01"


@pytest.fixture(scope="module")
def history():
    return pipeline(weeks=220, per_week=30, seed=2, season=0.6)


@pytest.fixture(scope="module")
def found(history):
    return sales_forecast(history, NOW, model=MODEL, by="owner", origins=18, refit=6)


def test_money_adds_up_to_the_cent_by_opportunity_owner_and_period(found):
    cents = {name: (found.periods[name] * 100).round().astype("int64") for name in ("pipeline", "new_business")}
    expected = (found.periods["expected"] * 100).round().astype("int64")
    assert (cents["pipeline"] + cents["new_business"] == expected).all()
    assert expected.sum() == round(found.expected * 100)
    by_owner = found.groups.groupby("start")[["pipeline", "new_business", "expected"]].sum()
    for name in by_owner:
        assert (by_owner[name] * 100).round().astype("int64").tolist() == (found.periods[name] * 100).round().astype(
            "int64"
        ).tolist()
    each = (found.opportunities["expected"] * 100).round().astype("int64")
    assert each.sum() == cents["pipeline"].sum()
    one = found.opportunities.groupby("owner")["expected"].sum()
    np.testing.assert_allclose(one, found.groups.groupby("owner")["pipeline"].sum(), atol=1e-6)


def test_the_pipeline_is_the_sum_of_chance_times_amount(history, found):
    """Sum of P x amount, with the chances of a model that is fitted on the same rows."""
    from nbo.prospects import opportunity_rows

    starts = pd.date_range("2025-04-01", "2026-09-01", freq="MS")
    model = OpportunityModel("95D", "15D", n_estimators=30).fit(opportunity_rows(history, starts, until=NOW))
    now = opportunity_rows(history, NOW)
    ends = pd.DatetimeIndex(["2026-11-01", "2026-12-01", "2027-01-01"]) - pd.Timestamp(NOW)
    by_end = model.predict_horizons(now, list(ends))
    by_hand = [(now["amount"] * (by_end[:, 0])).sum(), (now["amount"] * (by_end[:, 1] - by_end[:, 0])).sum()]
    assert found.periods["pipeline"].tolist()[:2] == pytest.approx(by_hand, abs=0.01 * len(now))
    assert found.opportunities["propensity"].tolist() == pytest.approx(by_end[:, 2].tolist())


def test_it_misses_less_than_naive_and_holds_what_comes_as_often_as_stated(found):
    """Backtest in a simulated pipeline: against the same month a year ago, from origins in the past."""
    all_steps = found.accuracy().set_index("step").loc["all"]
    assert all_steps["n"] == 18 + 17 + 16
    assert all_steps["ratio"] < 0.9
    assert found.accuracy().set_index("step").loc["1", "ratio"] < 0.7
    # The 18 origins are draws of their own; steps of one origin go together.
    assert all_steps["coverage"] > 0.9 - 4 * np.sqrt(0.9 * 0.1 / 18)
    assert abs(all_steps["bias"]) < found.errors["actual"].mean() * 0.15


@pytest.mark.slow
def test_over_many_simulated_pipelines_intervals_hold_as_often_as_stated():
    held, ratio = [], []
    for seed in range(10):
        made = pipeline(weeks=220, per_week=30, seed=100 + seed, season=0.6)
        one = sales_forecast(made, NOW, model=MODEL, origins=18, refit=6)
        held.append(one.accuracy()["coverage"].iloc[0])
        ratio.append(one.accuracy()["ratio"].iloc[0])
    assert abs(np.mean(held) - 0.9) < 4 * np.std(held) / np.sqrt(10) + 0.02
    assert np.mean(ratio) < 0.9


def test_what_becomes_known_later_changes_nothing(history):
    few = {"model": OpportunityModel("95D", "15D", n_estimators=10), "by": "owner", "origins": 3}
    whole = sales_forecast(history, NOW, **few)
    past = history[history["entered_at"] < NOW].copy()
    past[["closed_at", "won"]] = past[["closed_at", "won"]].where(past["closed_at"] < NOW)
    late = past.tail(20).assign(entered_at="2025-01-01", known_at=NOW, amount=1e9, closed_at=pd.NaT, won=np.nan)
    shuffled = pd.concat([past, past.head(9), late]).sample(frac=1.0, random_state=0)
    again = sales_forecast(shuffled, NOW, **few)
    pd.testing.assert_frame_equal(again.periods, whole.periods)
    pd.testing.assert_frame_equal(again.errors, whole.errors)


def test_business_that_no_pipeline_held_equals_a_slow_loop(history):
    periods = CalendarPeriods("M")
    now = periods.first_of("2024-06-01")
    past = SalesPast.of(Pipeline.of(history), None, now, 3, periods, None, pd.Index(["all"]))
    won = history[(history["won"] == 1) & (history["closed_at"] < "2024-06-01")]
    one = won.groupby("opportunity_id").agg(
        opened=("entered_at", "min"), closed=("closed_at", "max"), amount=("amount", "last")
    )
    for period in range(len(past.total)):
        start, end = periods.start([past.first + period, past.first + period + 1])
        own = one[(one["closed"] >= start) & (one["closed"] < end)]
        assert round(past.total[period, 0] * 100) == round(own["amount"].sum() * 100)
        for step in range(3):
            origin = periods.start([past.first + period - step])[0]
            assert past.held[period, step, 0] == pytest.approx(own.loc[own["opened"] < origin, "amount"].sum())


def test_sales_without_an_opportunity_are_new_business():
    """A shop that sells 1,000 a month beside opportunities that are always won: both parts by hand."""
    opened = pd.date_range("2023-01-10", periods=40, freq="MS") + pd.Timedelta(days=9)
    deals = pd.DataFrame({"opportunity_id": np.arange(40), "stage": "offer", "entered_at": opened, "amount": 500.0})
    deals["closed_at"] = opened + pd.Timedelta(days=31)
    deals["won"] = 1
    sales = pd.DataFrame({"event_time": opened, "amount": 1000.0, "kind": "sale"})
    sales = pd.concat([sales, sales.assign(amount=100.0, kind="return"), sales.assign(status="pending")])
    sales = pd.concat([sales, deals.rename(columns={"closed_at": "event_time"})[["event_time", "amount"]]])
    found = sales_forecast(deals, "2026-01-01", sales, horizon=2, model=OpportunityModel("70D", "10D"), origins=6)
    # Each month: 1,000 less 100 that came back, and one deal that was in the pipeline a month before, not two.
    assert found.history["amount"].tail(12).tolist() == [1400.0] * 12
    assert found.periods["new_business"].tolist() == pytest.approx([900.0, 1400.0])
    assert found.periods["pipeline"].sum() == pytest.approx(500, rel=0.1)
    assert found.periods["naive"].tolist() == [1400.0, 1400.0]


def test_drawn_sums_have_the_mean_and_spread_of_a_poisson_binomial():
    rng = np.random.default_rng(0)
    amount, chance = rng.lognormal(3, 1, 300), rng.random((300, 2)) * 0.4
    sums = win_sums(amount, chance, 20_000, 1)
    mean, spread = amount @ chance, np.sqrt((amount**2) @ (chance * (1 - chance)))
    assert (np.abs(sums.mean(axis=0) - mean) < 4 * spread / np.sqrt(20_000)).all()
    np.testing.assert_allclose(sums.std(axis=0), spread, rtol=0.03)
    # Won in one period is not won in the other.
    both = win_sums(np.array([1.0]), np.array([[0.5, 0.5]]), 1000, 0)
    assert (both.sum(axis=1) == 1).all()


def test_intervals_are_stretched_by_the_order_statistic_of_the_past():
    errors = pd.DataFrame({"step": 1, "actual": np.arange(1.0, 11.0), "forecast": 0.0, "half_width": 2.0})
    # Ten misses of 0.5, 1, ... 5; rank ceil(11 x 0.8) = 9.
    assert stretch(errors, 0.8, 1).tolist() == [4.5]
    assert stretch(errors.head(4), 0.8, 2).tolist() == [1.0, 1.0]
    # Too few of a step: all steps together.
    assert stretch(errors.assign(step=[1] * 9 + [2]), 0.8, 2).tolist() == [4.0, 4.5]


def test_without_past_origins_nothing_is_stretched(history):
    found = sales_forecast(history, NOW, model=MODEL, origins=0, horizon=1)
    assert found.errors.empty
    assert found.periods["stretch"].tolist() == [1.0]
    assert "Expected sales" in found._repr_html_()


@pytest.mark.parametrize(("freq", "as_of"), [("W", "2026-10-05"), ("Q", "2026-10-01")])
def test_weeks_and_quarters_by_the_model_that_is_taken_by_default(history, freq, as_of):
    found = sales_forecast(history[history["entered_at"] > "2025-01-01"], as_of, horizon=2, freq=freq, origins=1)
    past = found.history["amount"]
    assert past.min() / 3 < found.periods["expected"].mean() < past.max() * 2
    assert found.periods["expected"].between(found.periods["low"], found.periods["high"]).all()


def test_one_closed_and_one_open_opportunity_and_none_open():
    two = pd.DataFrame(
        {
            "opportunity_id": [1, 2],
            "stage": "offer",
            "entered_at": ["2026-07-10", "2026-08-10"],
            "amount": [80.0, None],
            "closed_at": ["2026-09-10", None],
            "won": [1, None],
        }
    )
    found = sales_forecast(two, NOW, horizon=1, origins=2)
    # Without an amount it counts with the mean of those won.
    assert found.opportunities["amount"].tolist() == [80.0]
    assert 0 < found.expected < 160
    none = sales_forecast(two.iloc[:1], NOW, horizon=1, origins=0)
    assert none.opportunities.empty
    assert none.periods["pipeline"].tolist() == [0.0]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"as_of": "2026-10-02"}, "as_of must start a period of freq 'M'; .* Take 2026-10-01 or 2026-11-01"),
        ({"freq": "D"}, "freq must be one of 'W', 'M', 'Q'"),
        ({"by": "region"}, "opportunities lacks the column 'region'"),
        ({"horizon": 0}, "horizon must be 1 or more"),
        ({"level": 2}, r"level must be in \(0, 1\)"),
        ({"n_draws": 10}, "n_draws must be 100 or more"),
        ({"as_of": "2023-01-01"}, "opportunities must hold some that was closed, and known so, before 2023-01-01"),
        ({"history": pd.DataFrame({"event_time": ["2026-01-01"]})}, "history lacks the column 'amount'"),
        ({"model": OpportunityModel("30D")}, "at most 30 days"),
    ],
)
def test_what_cannot_be_forecast_is_refused(history, asked, message):
    with pytest.raises(InputError, match=message):
        sales_forecast(history, **{"as_of": NOW, "origins": 0, "model": MODEL, **asked})
