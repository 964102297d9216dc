"""What the plots of uplift draw, read back from the Axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nbo.errors import InputError
from nbo.views import plot_qini, plot_uplift_by_decile

CURVE = pd.DataFrame({"share": [0.0, 0.5, 1.0], "gain": [0.0, 0.04, 0.05], "random": [0.0, 0.025, 0.05]})
TABLE = pd.DataFrame(
    {
        "decile": [1, 2, 3],
        "predicted": [0.1, 0.0, 0.0],
        "effect": [0.08, 0.01, np.nan],
        "low": [0.05, -0.02, np.nan],
        "high": [0.11, 0.04, np.nan],
    }
)


def test_each_model_has_a_curve_and_chance_has_one():
    both = pd.concat([CURVE.assign(model="uplift"), CURVE.assign(model="response", gain=0.0)])
    ax = plot_qini(both, label="Visits per customer")
    lines = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert lines["random"] == [[0, 0], [50, 0.025], [100, 0.05]]
    assert lines["uplift"] == [[0, 0], [50, 0.04], [100, 0.05]]
    assert lines["response"] == [[0, 0], [50, 0], [100, 0]]
    assert [text.get_text() for text in ax.get_legend().texts] == ["random", "uplift", "response"]
    assert ax.get_ylabel() == "Visits per customer"
    assert plot_qini(CURVE).get_legend() is None


def test_measured_effects_stand_beside_the_predicted_ones():
    ax = plot_uplift_by_decile(TABLE)
    lines = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert lines["measured"][:2] == [[1, 0.08], [2, 0.01]]
    assert lines["predicted"] == [[1, 0.1], [2, 0.0], [3, 0.0]]
    assert ax.collections[0].get_segments()[0].tolist() == [[1, 0.05], [1, 0.11]]


@pytest.mark.parametrize(("draw", "given"), [(plot_qini, CURVE), (plot_uplift_by_decile, TABLE)])
def test_it_draws_on_axes_given_or_its_own_and_on_no_rows(draw, given):
    ax = Figure().add_subplot()
    assert draw(given, ax=ax) is ax
    own = draw(given[:0])
    assert own.get_xlabel()
    own.figure.canvas.draw()


@pytest.mark.parametrize(
    ("draw", "given", "message"),
    [
        (plot_qini, CURVE.drop(columns="gain"), "curves lacks the column 'gain'"),
        (plot_uplift_by_decile, TABLE.drop(columns="low"), "table lacks the column 'low'"),
        (plot_uplift_by_decile, TABLE.assign(low=9.0), "table.effect must be between low and high"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, given, message):
    with pytest.raises(InputError, match=message):
        draw(given)
