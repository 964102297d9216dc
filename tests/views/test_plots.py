"""What the plots draw, read back from the Axes."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nbo.errors import InputError
from nbo.views import plot_ablation, plot_acceptance, plot_calibration, plot_gains, plot_regret, plot_value
from nbo.views.plot_calibration import calibration_bins
from nbo.views.plot_gains import gains

REGRET = pd.DataFrame({"round": [2, 1, 1, 2], "policy": ["a", "a", "b", "b"], "regret": [1.0, 2.0, 3.0, 4.0]})
VALUES = pd.DataFrame({"policy": ["a", "b"], "value": [3.0, 2.0], "low": [2.5, np.nan], "high": [3.5, np.nan]})
GAINS = pd.DataFrame(
    {
        "data_type": ["behavioral", "social"] * 2,
        "metric": ["auc", "auc", "log_loss", "log_loss"],
        "value": [0.03, 0.0, 0.01, 0.002],
        "low": [0.02, -0.01, 0.005, -0.001],
        "high": [0.04, 0.01, 0.015, 0.005],
    }
)
RATES = pd.DataFrame({"segment": ["s2", "s1", "s1"], "offer_id": ["card", "card", "loan"], "rate": [0.5, 0.25, 0.1]})


def test_regret_is_drawn_by_round():
    ax = plot_regret(REGRET)
    lines = {line.get_label(): line for line in ax.lines}
    assert lines["a"].get_xydata().tolist() == [[1, 2], [2, 1]]
    assert lines["b"].get_xydata().tolist() == [[1, 3], [2, 4]]
    assert [text.get_text() for text in ax.get_legend().texts] == ["a", "b"]


def test_values_stand_in_the_order_given():
    ax = plot_value(VALUES)
    assert ax.lines[0].get_xydata().tolist() == [[3.0, 0.0], [2.0, 1.0]]
    assert ax.get_ylim() == (1.5, -0.5)
    assert [segment.tolist() for segment in ax.collections[0].get_segments()] == [
        [[2.5, 0], [3.5, 0]],
        [[2, 1], [2, 1]],
    ]


def test_gains_of_one_metric_are_drawn_beside_a_line_at_zero():
    ax = plot_ablation(GAINS)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["behavioral", "social"]
    assert ax.lines[0].get_xdata() == [0.0, 0.0]
    assert ax.lines[1].get_xydata().tolist() == [[0.03, 0.0], [0.0, 1.0]]
    assert plot_ablation(GAINS, metric="log_loss").lines[1].get_xydata().tolist() == [[0.01, 0.0], [0.002, 1.0]]


def test_each_pair_of_segment_and_offer_is_one_cell():
    ax = plot_acceptance(RATES)
    cells = {tuple(map(float, text.get_position())): text.get_text() for text in ax.texts}
    assert cells == {(0.0, 0.0): "50", (0.0, 1.0): "25", (1.0, 1.0): "10"}
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["s2", "s1"]


def test_calibration_groups_by_hand():
    y, p = np.array([0, 1, 1, 1]), np.array([0.1, 0.3, 0.8, 0.6])
    mean, came_true, n = calibration_bins(y, p, 2)
    assert mean.tolist() == pytest.approx([(0.1 + 0.3) / 2, (0.8 + 0.6) / 2])
    assert (came_true.tolist(), n.tolist()) == ([1, 2], [2, 2])


def test_equal_predictions_stay_in_one_group():
    mean, came_true, n = calibration_bins(np.array([0, 1, 0]), np.full(3, 0.4), 10)
    assert (mean.tolist(), came_true.tolist(), n.tolist()) == ([pytest.approx(0.4)], [1], [3])


def test_gains_by_hand():
    contacted, reached = gains(np.array([1, 0, 0, 1]), np.array([0.9, 0.2, 0.2, 0.8]))
    assert contacted.tolist() == [0, 1 / 4, 2 / 4, 4 / 4]
    assert reached.tolist() == [0, 1 / 2, 2 / 2, 2 / 2]


def test_gains_without_acceptors_reach_nobody():
    assert gains(np.zeros(3), np.array([0.1, 0.2, 0.3]))[1].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("draw", "given"),
    [
        (plot_regret, (REGRET,)),
        (plot_value, (VALUES,)),
        (plot_ablation, (GAINS,)),
        (plot_acceptance, (RATES,)),
        (plot_calibration, ([0, 1], [0.1, 0.9])),
        (plot_gains, ([0, 1], [0.1, 0.9])),
    ],
)
def test_every_plot_draws_on_axes_given_or_its_own_and_on_no_rows(draw, given):
    ax = Figure().add_subplot()
    assert draw(*given, ax=ax) is ax
    own = draw(*(entry[:0] for entry in given))
    assert own.get_xlabel()
    assert own.get_ylabel() or draw in (plot_value, plot_ablation)
    own.figure.canvas.draw()


@pytest.mark.parametrize(
    ("draw", "given", "message"),
    [
        (plot_regret, (REGRET.drop(columns="round"),), "frame lacks the column 'round'"),
        (plot_value, (VALUES.assign(low=9.0),), "frame.value must be between low and high"),
        (plot_ablation, (GAINS.drop(columns="metric"),), "frame lacks the column 'metric'"),
        (plot_ablation, (GAINS.assign(low=9.0),), "frame.value must be between low and high"),
        (plot_acceptance, (RATES.assign(rate=10.0),), r"rates.rate must be in \[0, 1\]"),
        (plot_acceptance, (pd.concat([RATES, RATES]),), "one row per segment and offer"),
        (plot_calibration, ([0, 1], [0.5]), "y and p must be of the same length; got 2 and 1"),
        (plot_gains, ([0, 0.5], [0.5, 0.5]), "y must be 0 or 1"),
        (plot_gains, ([0, 1], [0.5, 1.5]), r"p must be in \[0, 1\]"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, given, message):
    with pytest.raises(InputError, match=message):
        draw(*given)


def test_matplotlib_is_loaded_only_by_a_plot():
    code = "import sys, nbo.views; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
