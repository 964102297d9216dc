"""Drift, read back from the Axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nbo.errors import InputError
from nbo.views import Page, plot_drift
from nbo.views.axes import COLORS, FAINT

DRIFT = pd.DataFrame({"feature": ["a", "b", "c", "d"], "psi": [0.05, 0.4, np.nan, 0.2], "ks": [0.3, 0.2, 0.1, 0.0]})


def dots(ax):
    """The features by color."""
    names = [label.get_text() for label in ax.get_yticklabels()]
    drawn = [line for line in ax.lines if line.get_marker() not in ("None", None, "")]
    return {
        line.get_color(): [(names[int(y)], x) for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]
        for line in drawn
    }


def test_features_stand_by_their_drift_in_the_color_of_their_state():
    assert dots(plot_drift(DRIFT)) == {COLORS[1]: [("b", 0.4)], COLORS[4]: [("d", 0.2)], FAINT: [("a", 0.05)]}


def test_limits_are_lines():
    ax = plot_drift(DRIFT, limits=(0.3, 0.5))
    assert sorted(line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "--") == [0.3, 0.5]
    assert ax.get_xlim()[1] > 0.5


def test_another_measure_and_only_the_first():
    ax = plot_drift(DRIFT, by="ks", top=2, limits=(0.1, 0.15))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert ax.get_xlabel() == "KS against training"


def test_axes_given_are_drawn_on_and_nothing_is_a_plot_too():
    ax = Figure().add_subplot()
    assert plot_drift(DRIFT.iloc[:0], ax=ax) is ax
    assert ax.get_legend() is None


def test_long_names_lose_their_middle_and_leave_room_on_a_phone():
    name = "transactions__amount__sum__30D__category_MMMMMMMM"
    drift = pd.DataFrame({"feature": [f"{name}{number}" for number in range(9)], "psi": np.linspace(0, 0.4, 9)})
    ax = plot_drift(drift)
    assert ax.get_yticklabels()[0].get_text() == "transactions_…gory_MMMMMMMM8"
    # Narrower than this no page draws it; layout that collapses warns, and warnings are errors.
    html = Page("Drift").add_plot("Drift", ax).to_html()
    assert html.count("<svg") == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"limits": (0.3, 0.2)}, "the warning first"),
        ({"top": 0}, "top must be 1 or more"),
        ({"by": "pso"}, "lacks the column 'pso'"),
    ],
)
def test_wrong_settings_are_refused(changed, message):
    with pytest.raises(InputError, match=message):
        plot_drift(DRIFT, **changed)
