"""What the plots of a validation draw, read back from the Axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nbo.errors import InputError
from nbo.models import profit_curve
from nbo.views import plot_amounts, plot_calibration, plot_gains, plot_lift, plot_over_time, plot_profit

TENTHS = pd.DataFrame(
    {
        "decile": [1, 1, 2, 2],
        "metric": ["lift", "gain", "lift", "gain"],
        "value": [3.0, 0.3, 1.0, 0.4],
        "low": [2.5, 0.25, 0.5, 0.35],
        "high": [3.5, 0.35, np.nan, 0.45],
    }
)
AMOUNTS = TENTHS.replace({"lift": "predicted", "gain": "actual"})
MONTHS = pd.DataFrame(
    {
        "period": pd.to_datetime(["2026-01-01", "2026-02-01", "2026-03-01", "2026-01-01"]),
        "metric": ["auc", "auc", "auc", "brier"],
        "value": [0.8, np.nan, 0.7, 0.1],
        "low": [0.75, np.nan, 0.6, 0.09],
        "high": [0.85, np.nan, 0.8, 0.12],
    }
)
GROUPS = pd.DataFrame({"probability": [0.1, 0.5], "rate": [0.2, 0.5], "low": [0.1, 0.4], "high": [0.3, 0.6], "n": 9})
CURVE = profit_curve([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])


def _bars(ax, number=0):
    return [np.asarray(segment).tolist() for segment in ax.collections[number].get_segments()]


def test_lift_has_a_bar_and_an_interval_for_each_tenth():
    ax = plot_lift(TENTHS)
    assert [bar.get_height() for bar in ax.patches] == [3.0, 1.0]
    # A bound that is missing is the value.
    assert _bars(ax) == [[[1, 2.5], [1, 3.5]], [[2, 0.5], [2, 1.0]]]


def test_gains_take_the_intervals_of_tenths():
    ax = plot_gains([0, 1], [0.1, 0.9], deciles=TENTHS)
    assert np.allclose(_bars(ax), [[[10, 25], [10, 35]], [[20, 35], [20, 45]]])
    assert not plot_gains([0, 1], [0.1, 0.9]).collections


def test_calibration_takes_groups_with_their_intervals():
    ax = plot_calibration(GROUPS)
    assert ax.lines[1].get_xydata().tolist() == [[0.1, 0.2], [0.5, 0.5]]
    assert _bars(ax) == [[[0.1, 0.1], [0.1, 0.3]], [[0.5, 0.4], [0.5, 0.6]]]


def test_a_period_without_a_value_is_left_out():
    ax = plot_over_time(MONTHS)
    assert ax.lines[0].get_ydata().tolist() == [0.8, 0.7]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["2026-01-01", "2026-03-01"]
    assert plot_over_time(MONTHS, metric="brier").get_ylabel() == "brier"


def test_amounts_are_two_lines():
    lines = {line.get_label(): line.get_ydata().tolist() for line in plot_amounts(AMOUNTS).lines}
    assert lines == {"predicted": [3.0, 1.0], "actual": [0.3, 0.4]}


def test_the_best_share_of_each_profit_curve_is_marked():
    ax = plot_profit({"ours": CURVE, "flat": CURVE.assign(profit=[0.0, 1, 1, 1, 0.5])})
    assert [line.get_xydata().tolist() for line in ax.lines[2::2]] == [[[50.0, 28.0]], [[25.0, 1.0]]]
    assert [text.get_text() for text in ax.get_legend().texts] == ["ours", "flat"]


@pytest.mark.parametrize(
    ("draw", "given"),
    [
        (plot_lift, TENTHS),
        (plot_amounts, AMOUNTS),
        (plot_over_time, MONTHS),
        (plot_calibration, GROUPS),
        (plot_profit, CURVE),
    ],
)
def test_every_plot_draws_on_axes_given_or_its_own_and_on_no_rows(draw, given):
    ax = Figure().add_subplot()
    assert draw(given, ax=ax) is ax
    own = draw(given.iloc[:0])
    assert own.get_xlabel()
    assert own.get_ylabel()
    own.figure.canvas.draw()


@pytest.mark.parametrize(
    ("draw", "given", "message"),
    [
        (plot_lift, TENTHS.drop(columns="decile"), "frame lacks the column 'decile'"),
        (plot_lift, AMOUNTS, "metric must be one of 'predicted', 'actual'; got 'lift'"),
        (plot_lift, TENTHS.assign(low=9.0), "frame.value must be between low and high"),
        (plot_amounts, TENTHS, "metric must be one of 'lift', 'gain'"),
        (plot_over_time, TENTHS, "frame lacks the column 'period'"),
        (plot_calibration, TENTHS, "y lacks the columns 'probability', 'rate'"),
        (plot_profit, TENTHS, "curves lacks the columns 'share', 'profit'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, given, message):
    with pytest.raises(InputError, match=message):
        draw(given)
