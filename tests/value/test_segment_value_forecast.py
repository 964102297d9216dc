"""Which segments matter today and tomorrow: sums to the cent, reconciled by hand, errors of past origins."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.models import SeasonalForecast
from nbo.value import segment_value_forecast
from nbo.value.segment_value_forecast import _reconciled

MONTHS = pd.date_range("2021-01-01", periods=48, freq="MS")


def planted(seed, months=54):
    """One segment grows, one shrinks, one has a season; simulated."""
    rng = np.random.default_rng(seed)
    t = np.arange(months)
    means = {"new": 100 + 8.0 * t, "old": 600 - 6.0 * t, "gifts": 300 + 150 * np.sin(2 * np.pi * t / 12)}
    when = pd.date_range("2021-01-01", periods=months, freq="MS")
    parts = [
        pd.DataFrame({"segment": name, "period": when, "value": mean + rng.normal(0, 15, months)})
        for name, mean in means.items()
    ]
    return pd.concat(parts, ignore_index=True)


def cents(values):
    return int(np.rint(100 * np.asarray(values)).astype(np.int64).sum())


def test_the_segment_that_matters_tomorrow_is_another():
    rows = planted(0)
    found = segment_value_forecast(rows[rows["period"] < "2025-01-01"], horizon=6)
    table = found.outlook.set_index("segment").sort_index()
    later = rows[rows["period"] >= "2025-01-01"].groupby("segment")["value"].sum()
    assert table["change"]["new"] > 0 > table["change"]["old"]
    assert table["later"].idxmax() == later.idxmax() == "new"
    assert ((table["low"] <= later) & (later <= table["high"])).all()
    assert found.total["low"] <= later.sum() <= found.total["high"]
    assert table["share_later"].sum() == pytest.approx(1)


def test_segments_add_up_to_the_total_to_the_cent():
    found = segment_value_forecast(planted(1), horizon=4)
    for frame, column in ((found.history, "value"), (found.forecast, "forecast")):
        parts = frame[frame["segment"] != "total"].groupby("period")[column].agg(cents)
        whole = frame[frame["segment"] == "total"].groupby("period")[column].agg(cents)
        pd.testing.assert_series_equal(parts, whole)
    for column in ("now", "later", "change"):
        assert cents(found.outlook[column]) == cents([found.total[column]])
    assert cents(found.history.query("segment != 'total'")["value"]) == cents(planted(1)["value"])
    assert cents(found.forecast.query("segment == 'new'")["forecast"]) == cents(
        found.outlook.query("segment == 'new'")["later"]
    )


def test_a_gap_is_shared_out_by_variance_by_hand():
    # 10 + 20 are forecast, and 36 for both: a gap of 6, with half widths 1, 2 and 1.
    found = _reconciled(np.array([[10.0, 20.0, 36.0]]), np.array([[1.0, 2.0, 1.0]]))
    assert found.tolist() == [[10 + 6 * 1 / 6, 20 + 6 * 4 / 6, 36 - 6 * 1 / 6]]
    assert _reconciled(np.array([[10.0, 20.0, 36.0]]), np.zeros((1, 3))).tolist() == [[12, 22, 34]]


def test_errors_of_past_origins_are_smaller_than_naive_ones():
    found = segment_value_forecast(planted(2), horizon=6)
    errors = found.errors.query("method == 'chosen'").groupby("segment")[["mase", "ratio"]].mean()
    # The seasonal naive forecast repeats a year ago; a trend of 72 or 96 a year is missed by it.
    assert (errors.loc[["new", "old"], "ratio"] < 0.5).all()
    assert (errors["ratio"] < 1).all()
    assert (errors["mase"] < 1).all()
    assert set(found.errors["segment"]) == {"new", "old", "gifts", "total"}
    model = SeasonalForecast(horizon=6).fit(planted(2).query("segment == 'old'")["value"].round(2).to_numpy())
    expected = model.rolling_origin().drop(columns="series")
    own = found.errors.query("segment == 'old'").drop(columns="segment").reset_index(drop=True)
    pd.testing.assert_frame_equal(own, expected)


def test_intervals_hold_segments_and_the_total():
    held = []
    for seed in range(3, 43):
        rows = planted(seed)
        found = segment_value_forecast(rows[rows["period"] < "2025-01-01"], horizon=6, level=0.8)
        brought = rows[rows["period"] >= "2025-01-01"].groupby("segment")["value"].sum()
        table = found.outlook.set_index("segment").sort_index()
        held += ((table["low"] <= brought) & (brought <= table["high"])).tolist()
        held.append(found.total["low"] <= brought.sum() <= found.total["high"])
    # Four of one run go together.
    assert np.mean(held) >= 0.8 - 4 * np.sqrt(0.8 * 0.2 / 40)


def test_order_doubled_rows_and_periods_without_rows():
    rows = pd.DataFrame({"segment": ["a", "a", "b", "a"], "period": [1, 4, 2, 4], "value": [1.0, 2.0, 5.0, 0.5]})
    one = segment_value_forecast(rows, horizon=2, season=1)
    two = segment_value_forecast(rows[::-1], horizon=2, season=1)
    pd.testing.assert_frame_equal(one.forecast, two.forecast)
    assert one.history.query("segment == 'a'")["value"].tolist() == [1, 0, 0, 2.5]
    assert one.forecast["period"].tolist()[:2] == [5, 6]
    assert one.total["now"] == 2.5


def test_one_segment_is_the_total_and_times_go_on():
    rows = planted(5)[lambda frame: frame["segment"] == "gifts"]
    found = segment_value_forecast(rows, horizon=3, total="all")
    alone = found.outlook.iloc[0]
    assert alone["later"] == found.total["later"]
    assert found.forecast["period"].iloc[:2].tolist() == [pd.Timestamp("2025-07-01"), pd.Timestamp("2025-08-01")]
    assert "gifts" in found._repr_html_()
    assert "all" in found._repr_html_()


@pytest.mark.parametrize(
    ("periods", "following"),
    [
        (["2025-07-01", "2025-08-01", "2025-09-01"], "2025-10-01"),  # 31 days each, and still months
        (["2025-01-01", "2025-04-01", "2025-07-01"], "2025-10-01"),
        (["2025-01-06", "2025-01-13", "2025-01-20"], "2025-01-27"),
    ],
)
def test_the_step_of_periods_is_found(periods, following):
    rows = pd.DataFrame({"segment": "a", "period": periods, "value": 1.0})
    found = segment_value_forecast(rows, horizon=1, season=1)
    assert found.forecast["period"].iloc[0] == pd.Timestamp(following)


@pytest.mark.parametrize(
    ("change", "settings", "message"),
    [
        ({"value": np.nan}, {}, "values.value must be there and finite"),
        ({"segment": None}, {}, "values.segment must be there in every row"),
        ({"period": "soon"}, {}, "values.period must be times"),
        ({}, {"total": "old"}, "total must be no segment's name"),
        ({}, {"horizon": 100}, "horizon must be at most the periods there are, 54"),
        ({}, {"every": "W"}, "values.period must be equally spaced"),
        ({}, {"every": "often"}, "every must be a step"),
        ({}, {"season": 0}, "season must be 1 or more"),
        ({}, {"horizon": "far"}, "horizon must be 1 or more; got 'far'"),
        ({"period": pd.Timestamp("2026-01-01")}, {"horizon": 1}, "periods must be equally spaced times"),
    ],
)
def test_what_has_no_outlook_is_refused(change, settings, message):
    with pytest.raises(InputError, match=message):
        segment_value_forecast(planted(6).assign(**change), **settings)
    with pytest.raises(InputError, match="lacks the column 'period'"):
        segment_value_forecast(planted(6).drop(columns="period"))
    with pytest.raises(InputError, match="at least one row"):
        segment_value_forecast(planted(6)[:0])


def test_months_as_whole_numbers_are_refused_where_no_gap_is_meant():
    months = [202511, 202512, 202601, 202602]
    rows = pd.DataFrame({"segment": "a", "period": months, "value": 1.0})
    with pytest.raises(InputError, match="of the 92 whole numbers from 202511 to 202602 only 4 have a row. Give times"):
        segment_value_forecast(rows, horizon=1, season=1)
    few = segment_value_forecast(rows.assign(period=[1, 2, 4, 5]), horizon=1, season=1)
    assert few.history.loc[few.history["segment"] == "a", "value"].tolist() == [1.0, 1.0, 0.0, 1.0, 1.0]


def test_of_a_loss_in_all_there_are_no_shares():
    rows = pd.DataFrame({"segment": "a", "period": range(6), "value": -1.0})
    assert segment_value_forecast(rows, horizon=2, season=1).outlook[["share_now", "share_later"]].isna().all(axis=None)
