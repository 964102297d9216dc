"""Plots of the power of a test and of the boundaries of a rollout, read back from the Axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nbo.errors import InputError
from nbo.experiments import Design, Goal, Guardrail, Rollout, rollout_outlook
from nbo.views import plot_power, plot_rollout

DESIGN = Design(baseline=0.1)
PLAN = Rollout(
    "engine",
    (0.01, 0.2, 0.5, 1.0),
    7,
    [500, 5000, 8000, 1],
    [Guardrail("margin"), Guardrail("complaints", "higher", tolerated=0.5)],
    Goal("accepted", 0.02, 0.3),
)
REPORT = pd.DataFrame(
    [
        (1, "margin", 0.1, 0.2),
        (1, "complaints", 1.0, 0.5),
        (1, "accepted", 0.01, 0.02),
        (2, "margin", -0.9, 0.1),
        (2, "complaints", 0.3, 0.1),
        (2, "accepted", 0.02, 0.01),
    ],
    columns=["stage", "metric", "difference", "standard_error"],
).assign(days=7, treated=9000)


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def line(ax, label):
    return next(drawn for drawn in ax.lines if drawn.get_label() == label)


def test_power_over_customers_is_the_designs():
    ax = plot_power(DESIGN, effect=[0.02, 0.05], power=0.9)
    x, y = ax.lines[1].get_data()
    assert y == pytest.approx(100 * DESIGN.power(0.02, x))
    size = DESIGN.sample_size(0.02, 0.9).treated
    assert ax.lines[2].get_xydata().tolist() == [[size, 90]]
    assert legend(ax)[0] == f"effect 0.02: {size:,} treated"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Treated customers", "Chance to find it (%)")


def test_power_over_effects_is_the_designs():
    ax = plot_power(DESIGN, treated=[1000, 5])
    x, y = ax.lines[1].get_data()
    assert y[60] == pytest.approx(100 * DESIGN.power(float(x[60]), 1000))
    assert ax.lines[2].get_xdata()[0] == pytest.approx(DESIGN.detectable_effect(1000))
    assert max(x) < 0.9
    assert ax.get_xlabel() == "Effect"
    assert len(plot_power(Design(sd=1.0), treated=100).lines) == 3


def test_a_rollouts_boundaries_are_drawn_so_that_up_is_better():
    ax = plot_rollout(PLAN)
    assert line(ax, "harm: roll back").get_ydata() == pytest.approx(-PLAN.boundaries())
    outlook = rollout_outlook(PLAN)
    assert line(ax, "goal reached").get_ydata() == pytest.approx(outlook["boundary"])
    assert line(ax, "goal given up").get_ydata() == pytest.approx(np.maximum(outlook["futility_boundary"], -60))
    assert [text.get_text() for text in ax.get_xticklabels()] == ["Stage 1\n1 %", "Stage 2\n20 %", "Stage 3\n50 %"]
    assert ax.get_ylim() == (-6, 6)


def test_what_was_seen_is_drawn_beyond_what_is_tolerated():
    ax = plot_rollout(PLAN, REPORT)
    assert line(ax, "margin").get_xydata().ravel() == pytest.approx([1, 0.5, 2, -9])
    assert line(ax, "complaints").get_ydata() == pytest.approx([-1, 2])
    assert line(ax, "accepted").get_ydata() == pytest.approx([0.5, 2])
    assert ax.get_ylim()[0] < -9


def test_stages_without_a_report_are_left_out():
    ax = plot_rollout(PLAN, REPORT[3:])
    assert line(ax, "margin").get_xdata().tolist() == [2]


@pytest.mark.parametrize("make", [lambda ax: plot_power(DESIGN, 0.02, ax=ax), lambda ax: plot_rollout(PLAN, ax=ax)])
def test_axes_given_are_drawn_on(make):
    own = Figure().add_subplot()
    assert make(own) is own


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plot_power(DESIGN), "either effect or treated must be given"),
        (lambda: plot_power(DESIGN, 0.1, 100), "either effect or treated must be given"),
        (lambda: plot_power(DESIGN, []), "must have at least one number"),
        (lambda: plot_power(DESIGN, 0.1, power=1), r"power must be in \(0, 1\)"),
        (lambda: plot_power(Design(baseline=0.9), treated=3), "treated is too small: no effect would be found"),
        (lambda: plot_rollout(Rollout("x", (1.0,))), "rollout must have a stage with a share below 1"),
        (lambda: plot_rollout(PLAN, REPORT[:2]), "report lacks the metric 'accepted' in stage 1"),
        (lambda: plot_rollout(PLAN, REPORT.drop(columns="stage")), "report lacks the column 'stage'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
