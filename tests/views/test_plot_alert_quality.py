"""The plot of alert quality shows the numbers of its frame."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.alerting import alert_quality
from nbo.views import plot_alert_quality

LEFT = pd.DataFrame({"customer_id": range(8), "left_at": ["2026-03-01"] * 4 + [None] * 4})


def quality(ids):
    raised = pd.DataFrame({"customer_id": ids, "raised_at": "2026-02-01"})
    return alert_quality(raised, LEFT, until="2026-06-01")


def test_precision_and_recall_stand_with_their_intervals_the_first_way_on_top():
    ways = {"alerts": quality([0, 1, 2, 7]), "at random": quality([0, 7])}
    ax = plot_alert_quality(ways)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["alerts", "at random"]
    bottom, top = ax.get_ylim()
    assert bottom > top
    shown = {line.get_label(): line.get_xdata() for line in ax.lines}
    np.testing.assert_allclose(shown["precision"], [75, 50])
    np.testing.assert_allclose(shown["recall"], [75, 25])
    np.testing.assert_allclose(shown["precision at random"], [50, 50])
    first = ways["alerts"].frame.iloc[0]
    np.testing.assert_allclose(ax.collections[0].get_segments()[0][:, 0], [100 * first["low"], 100 * first["high"]])
    ax.figure.canvas.draw()


def test_one_quality_alone_and_what_is_none():
    assert len(plot_alert_quality(quality([0])).lines) == 3
    with pytest.raises(TypeError, match="AlertQuality"):
        plot_alert_quality({"alerts": 0.5})
