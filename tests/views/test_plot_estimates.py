"""Plots of off-policy estimates."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.views import plot_confidence_sequence, plot_estimates

ESTIMATES = pd.DataFrame(
    {
        "segment": ["young", "old", "few"],
        "value": [0.1, 0.3, None],
        "low": [0.05, 0.2, None],
        "high": [0.2, 0.35, None],
    }
)


def test_the_first_estimate_is_on_top_and_no_verdict_is_said():
    ax = plot_estimates(ESTIMATES, "segment", reference=0.15, label="Accepted per decision")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["young", "old", "few"]
    bottom, top = ax.get_ylim()
    assert bottom > top
    assert [(text.get_text(), text.get_position()[1]) for text in ax.texts] == [("no verdict", 2)]
    assert ax.get_lines()[0].get_xdata()[0] == 0.15
    np.testing.assert_allclose(ax.get_lines()[1].get_xdata(), [0.1, 0.3])
    segments = ax.collections[0].get_segments()
    np.testing.assert_allclose([line[:, 0] for line in segments], [[0.05, 0.2], [0.2, 0.35]])
    assert ax.get_xlabel() == "Accepted per decision"


def test_nothing_but_refusals_can_be_drawn():
    ax = plot_estimates(ESTIMATES.iloc[2:], "segment")
    assert [text.get_text() for text in ax.texts] == ["no verdict"]
    ax.figure.canvas.draw()


def test_a_sequence_narrows_over_decisions():
    n = 10_000
    t = np.arange(1, n + 1)
    frame = pd.DataFrame({"decisions": t, "value": 5 / t, "low": -1 / np.sqrt(t), "high": 1 / np.sqrt(t)})
    ax = plot_confidence_sequence(frame, reference=0.01)
    line = ax.get_lines()[1]
    assert line.get_xdata()[[0, -1]].tolist() == [1, n]
    assert len(line.get_xdata()) <= 2000
    assert ax.get_lines()[0].get_ydata()[0] == 0.01
    # Whole from 200 decisions on; neither the first intervals nor a first value of 5 hide them.
    assert ax.get_ylim() == pytest.approx((-1.1 / np.sqrt(200), 1.1 / np.sqrt(200)), rel=0.01)
    assert ax.get_xlim() == (20, n)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_estimates(ESTIMATES, "name"), "frame lacks the column 'name'"),
        (lambda: plot_estimates(ESTIMATES.assign(low=0.25), "segment"), "frame.value must be between low and high"),
        (lambda: plot_estimates(ESTIMATES, "segment", reference=np.nan), "reference must be a finite number; got nan"),
        (lambda: plot_confidence_sequence(ESTIMATES), "frame lacks the column 'decisions'"),
        (lambda: plot_confidence_sequence(ESTIMATES.assign(decisions=1).iloc[:0]), "at least one row; got none"),
    ],
)
def test_bad_frames_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
