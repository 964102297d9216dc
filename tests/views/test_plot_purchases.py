"""What the plots of purchases draw, read back from the Axes."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.dates import num2date
from matplotlib.figure import Figure

from nbo.errors import InputError
from nbo.views import plot_frequency, plot_tracking

TRACKING = pd.DataFrame(
    {
        "end": pd.to_datetime(["2026-01-08", "2026-01-15", "2026-01-22"]),
        "held_out": [False, False, True],
        "actual": [1, 2, 1],
        "expected": [1.5, 1.25, 1.0],
        "actual_total": [1, 3, 4],
        "expected_total": [1.5, 2.75, 3.75],
    }
)
FREQUENCIES = pd.DataFrame({"frequency": ["0", "1", "2+"], "actual": [5, 3, 2], "expected": [5.5, 2.5, 2.0]})


def test_tracking_draws_sums_or_periods_and_where_the_fit_ends():
    lines = {line.get_label(): line for line in plot_tracking(TRACKING).lines}
    assert lines["actual"].get_ydata().tolist() == [1, 3, 4]
    assert lines["expected"].get_ydata().tolist() == [1.5, 2.75, 3.75]
    ax = plot_tracking(TRACKING, cumulative=False)
    assert ax.lines[1].get_ydata().tolist() == [1.5, 1.25, 1.0]
    assert num2date(ax.convert_xunits(ax.lines[2].get_xdata()[0])).strftime("%F") == "2026-01-15"


def test_frequencies_stand_beside_each_other():
    ax = plot_frequency(FREQUENCIES)
    assert [bar.get_height() for bar in ax.patches] == [5, 3, 2, 5.5, 2.5, 2.0]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "1", "2+"]


@pytest.mark.parametrize(("draw", "frame"), [(plot_tracking, TRACKING), (plot_frequency, FREQUENCIES)])
def test_axes_given_no_rows_and_missing_columns(draw, frame):
    ax = Figure().add_subplot()
    assert draw(frame, ax=ax) is ax
    draw(frame.iloc[:0]).figure.canvas.draw()
    with pytest.raises(InputError, match="lacks the column 'actual|lacks the columns 'actual"):
        draw(frame.drop(columns=[name for name in frame if name.startswith("actual")]))
