"""Forecasts of many series: against hand and plain loops, on planted series, and by rolling origins."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.models import Forecast, SeasonalForecast
from nbo.models.forecast_methods import forecast_paths, methods_for
from nbo.models.rolling_errors import RollingErrors

SMOOTHED = {"level": (1, False), "damped_trend": (1, True), "seasonal_level": (4, False), "seasonal_trend": (4, True)}


def planted(kind, periods, k, seed):
    rng = np.random.default_rng(seed)
    t = np.arange(periods)[:, None]
    noise = rng.standard_normal((periods, k))
    wave = 20 * np.sin(2 * np.pi * t / 12)
    return {"flat": 100 + 10 * noise, "walk": 5 * noise.cumsum(axis=0), "season": 100 + t + wave + 5 * noise}[kind]


def slow_smoothing(y, season, trend, horizon):
    """One series, one setting after the other; the best by squared error one step ahead."""
    trends = [(b, p) for b in (0.05, 0.2) for p in (0.85, 0.97)] if trend else [(0.0, 0.0)]
    best, path = np.inf, None
    for a in (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9):
        for b, phi in trends:
            for g in (0.0, 0.1, 0.3) if season > 1 else (0.0,):
                if season > 1:
                    mean = sum(y[:season]) / season
                    slope = (sum(y[season : 2 * season]) / season - mean) / season
                    line = [mean + slope * (i - (season - 1) / 2) for i in range(2 * season)]
                    shape = [(y[i] - line[i] + y[i + season] - line[i + season]) / 2 for i in range(season)]
                    level = line[0] - (slope if trend else 0)
                else:
                    slope, shape = (y[3] - y[0]) / 3, [0.0]
                    level = y[0] - (slope if trend else 0)
                growth = slope if trend else 0.0
                loss = 0.0
                for t, value in enumerate(y):
                    before = level + phi * growth
                    error = value - before - shape[t % season]
                    loss += error**2
                    level, growth = before + a * error, phi * growth + a * b * error
                    shape[t % season] += g * (1 - a) * error if season > 1 else 0.0
                if loss < best:
                    damping = [sum(phi**i for i in range(1, h + 1)) for h in range(1, horizon + 1)]
                    ahead = [shape[(len(y) + h) % season] for h in range(horizon)]
                    best, path = loss, [level + d * growth + s for d, s in zip(damping, ahead, strict=True)]
    return path


def test_simple_methods_by_hand():
    y = np.array([[1.0], [4.0], [2.0], [7.0], [3.0]])
    five = np.array([5])
    assert forecast_paths("naive", y, 2, five, 2)[0, :, 0].tolist() == [3, 3]
    assert forecast_paths("seasonal_naive", y, 2, five, 3)[0, :, 0].tolist() == [7, 3, 7]
    assert forecast_paths("drift", y, 2, five, 2)[0, :, 0].tolist() == [3 + (3 - 1) / 4, 3 + 2 * (3 - 1) / 4]


@pytest.mark.parametrize("method", SMOOTHED)
def test_smoothing_equals_a_slow_plain_loop_from_every_origin(method):
    season, trend = SMOOTHED[method]
    y = np.random.default_rng(3).normal(20, 4, (14, 3)).cumsum(axis=0)
    origins = np.array([8, 11, 14])
    found = forecast_paths(method, y, 4, origins, 5)
    for i, origin in enumerate(origins):
        for k in range(3):
            assert found[i, :, k] == pytest.approx(slow_smoothing(y[:origin, k].tolist(), season, trend, 5))


def test_many_series_are_as_each_alone(monkeypatch):
    y = planted("season", 40, 5, 1)
    together = SeasonalForecast(horizon=3).fit(y).predict(4)
    monkeypatch.setattr("nbo.models.smoothing._MOST_NUMBERS", 1)
    in_parts = SeasonalForecast(horizon=3).fit(y).predict(4)
    for k in range(5):
        alone = SeasonalForecast(horizon=3).fit(y[:, k]).predict(4)
        assert alone.point.shape == (4,)
        for name in ("point", "low", "high"):
            assert getattr(together, name)[:, k] == pytest.approx(getattr(alone, name))
            assert getattr(in_parts, name)[:, k] == pytest.approx(getattr(alone, name))


def test_rolling_origin_errors_by_a_plain_loop():
    y = planted("season", 40, 2, 2)
    model = SeasonalForecast(season=12, horizon=3).fit(y)
    table = model.rolling_origin().set_index(["series", "method", "step"])
    errors, scaled, naive = [], [], []
    for origin in range(24, 40 - 1):  # two steps ahead, from two seasons on
        path = forecast_paths("seasonal_trend", y[:origin], 12, np.array([origin]), 2)[0, 1, 1]
        errors.append(abs(y[origin + 1, 1] - path))
        naive.append(abs(y[origin + 1, 1] - y[origin + 1 - 12, 1]))
        scaled.append(errors[-1] / np.mean([abs(y[t, 1] - y[t - 12, 1]) for t in range(12, origin)]))
    row = table.loc[(1, "seasonal_trend", 2)]
    assert row["n"] == 15
    assert row["mae"] == pytest.approx(np.mean(errors))
    assert row["mase"] == pytest.approx(np.mean(scaled))
    assert row["ratio"] == pytest.approx(np.mean(errors) / np.mean(naive))
    assert table.loc[(1, "seasonal_naive", 2), "ratio"] == 1


def test_the_method_with_the_least_past_error_is_taken():
    y = np.column_stack([planted("season", 60, 1, 4), planted("flat", 60, 1, 4)])
    model = SeasonalForecast().fit(y)
    table = model.rolling_origin()
    table = table[table["method"] != "chosen"].assign(total=table["mae"] * table["n"])
    total = table.groupby(["series", "method"], sort=False)["total"].sum().unstack()
    assert model.methods_ == total.idxmin(axis=1).tolist()


def test_the_chosen_method_knows_only_errors_before_its_origin():
    y = planted("walk", 40, 3, 5)
    methods = methods_for(40, 12)
    found = RollingErrors.of(y, 12, 4, methods).chosen()
    for now in (0, 1, 7, 15):
        origin = 24 + now
        known = RollingErrors.of(y[:origin], 12, 4, methods)
        for k in range(3):
            missed = np.nansum(np.abs(known.errors[:, :, :, k]), axis=(1, 2))
            path = forecast_paths(methods[int(missed.argmin())], y, 12, np.array([origin]), 4)[0, :, k]
            there = y[origin : origin + 4, k]
            assert found[now, : len(there), k] == pytest.approx(there - path[: len(there)])


@pytest.mark.parametrize("kind", ["flat", "walk", "season"])
@pytest.mark.parametrize("periods", [20, 36, 72])
def test_intervals_hold_what_they_state(kind, periods):
    k = 400
    y = planted(kind, periods + 6, k, periods)
    ahead = SeasonalForecast(level=0.9).fit(y[:periods]).predict()
    held = ((ahead.low <= y[periods:]) & (y[periods:] <= ahead.high)).mean(axis=0)
    # The six steps of a series go together, so each series counts as one.
    assert held.mean() >= 0.9 - 4 * held.std() / np.sqrt(k)
    assert (np.diff(ahead.high - ahead.low, axis=0) >= -1e-9).all()


def test_seasonal_series_are_forecast_better_than_by_the_seasonal_naive_method():
    y = planted("season", 66, 200, 6)
    model = SeasonalForecast().fit(y[:60])
    missed = np.abs(y[60:] - model.predict().point).mean(axis=0)
    naive = np.abs(y[60:] - y[48:54]).mean(axis=0)
    gain = naive - missed
    assert gain.mean() > 4 * gain.std() / np.sqrt(200)
    stated = model.rolling_origin().query("method == 'chosen'")["ratio"].mean()
    # What rolling origins state is what comes.
    assert stated == pytest.approx(missed.mean() / naive.mean(), abs=0.1)


def test_a_later_period_changes_no_earlier_forecast():
    y = planted("walk", 40, 2, 7)
    for method in methods_for(40, 12):
        now = forecast_paths(method, y[:30], 12, np.array([30]), 3)
        later = np.vstack([y[:30], 1e6 * np.ones((10, 2))])
        assert forecast_paths(method, later, 12, np.array([30]), 3) == pytest.approx(now)


@pytest.mark.parametrize("periods", range(1, 30))
def test_short_series_are_forecast_by_what_they_allow(periods):
    y = planted("season", periods, 1, 8)[:, 0]
    ahead = SeasonalForecast(horizon=4).fit(y).predict(6)
    assert np.isfinite(ahead.point).all()
    assert np.isfinite(ahead.low).all() == (periods > 2)
    if periods <= 2:
        assert np.isnan(ahead.low).all()
        assert ahead.point.tolist() == [y[-1]] * 6


def test_a_floor_cuts_and_frames_keep_their_names():
    y = pd.DataFrame({"calm": [0.0] * 20, "wild": np.arange(20)[::-1] * 1.0})
    ahead = SeasonalForecast(season=1, horizon=2, floor=0.0).fit(y).predict(3)
    frame = ahead.to_frame()
    assert frame["series"].tolist() == ["calm"] * 3 + ["wild"] * 3
    assert frame["step"].tolist() == [1, 2, 3, 1, 2, 3]
    assert (frame[["forecast", "low", "high"]].to_numpy() >= 0).all()
    assert "wild" in ahead._repr_html_()
    assert isinstance(ahead, Forecast)


@pytest.mark.parametrize("kind", ["flat", "walk", "season"])
def test_intervals_of_sums_hold_what_they_state(kind):
    k = 400
    y = planted(kind, 66, k, 11)
    model = SeasonalForecast(level=0.9).fit(y[:60])
    ahead, brought = model.predict_sum(), y[60:].sum(axis=0)
    held = (ahead.low[0] <= brought) & (brought <= ahead.high[0])
    assert held.mean() >= 0.9 - 4 * np.sqrt(0.9 * 0.1 / k)
    assert ahead.point[0] == pytest.approx(model.predict().point.sum(axis=0))
    # By hand for one series: the misses of six periods together, after each origin.
    errors = model.rolling_.chosen()[:, :, 3]
    sums = np.sort([abs(errors[i].sum()) for i in range(len(errors) - 5)])
    rank = int(np.ceil(0.9 * (len(sums) + 1)))
    assert (ahead.high - ahead.point)[0, 3] == pytest.approx(sums[rank - 1])


def test_a_sum_of_few_periods_has_no_interval_and_of_many_is_refused():
    model = SeasonalForecast(season=1, horizon=3, floor=0.0).fit([5.0, 4.0, 1.0])
    assert np.isnan(model.predict_sum().high).all()
    assert model.predict_sum(1).low[0] == 0
    with pytest.raises(InputError, match="h must be from 1 to the horizon, 3; got 4"):
        model.predict_sum(4)


def test_one_method_for_all():
    y = planted("flat", 30, 2, 9)
    model = SeasonalForecast(method="drift").fit(y)
    assert model.methods_ == ["drift", "drift"]
    assert model.predict(1).point[0] == pytest.approx(y[-1] + (y[-1] - y[0]) / 29)
    assert set(model.rolling_origin()["method"]) == {"seasonal_naive", "drift", "chosen"}


@pytest.mark.parametrize(
    ("settings", "y", "message"),
    [
        ({}, [], "y must have the shape"),
        ({}, np.zeros((4, 0)), "y must have the shape"),
        ({}, np.zeros((2, 2, 2)), "y must have the shape"),
        ({}, [1.0, np.nan, 2.0], "y must be finite numbers; 1 of 3 rows is not, first at row 1"),
        ({}, ["a", "b"], "y must hold numbers"),
        ({"season": 0}, [1.0], "season must be 1 or more"),
        ({"horizon": 1.5}, [1.0], "horizon must be 1 or more"),
        ({"level": 1.0}, [1.0], r"level must be in \(0, 1\)"),
        ({"floor": np.nan}, [1.0], "floor must be a finite number; got nan"),
        ({"floor": "low"}, [1.0], "floor must be a finite number; got 'low'"),
        ({"method": "magic"}, [1.0], "method of 1 periods must be one of 'auto', 'naive'; got 'magic'"),
        ({"method": "seasonal_trend"}, [1.0] * 12, "method of 12 periods must be one of"),
    ],
)
def test_what_cannot_be_forecast_is_refused(settings, y, message):
    with pytest.raises(InputError, match=message):
        SeasonalForecast(**settings).fit(y)


def test_forecasts_need_a_fit_and_a_step():
    with pytest.raises(InputError, match="must be fitted"):
        SeasonalForecast().predict()
    with pytest.raises(InputError, match="must be fitted"):
        SeasonalForecast().rolling_origin()
    with pytest.raises(InputError, match="h must be 1 or more"):
        SeasonalForecast().fit([1.0]).predict(0)
