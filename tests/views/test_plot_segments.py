"""Migration and drift of segments, read back from the Axes."""

import io

import pandas as pd
import pytest

from nbo.segments import migration_matrix, segment_drift
from nbo.views import Page, plot_migration, plot_segment_drift, plot_segment_profile
from nbo.views.axes import COLORS

BEFORE = pd.Series(["low"] * 30 + ["high"] * 10 + [None] * 5)
AFTER = pd.Series(["low"] * 15 + ["high"] * 15 + ["high"] * 5 + [None] * 5 + ["low"] * 5)


def test_each_cell_says_the_share_of_its_row():
    ax = plot_migration(migration_matrix(BEFORE, AFTER, ["low", "high"]))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["low (30)", "high (10)", "entered (5)"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["low", "high", "left"]
    said = {(text.get_position()[1], text.get_position()[0]): text.get_text() for text in ax.texts}
    assert said == {(0, 0): "50 %", (0, 1): "50 %", (1, 1): "50 %", (1, 2): "50 %", (2, 0): "100 %"}


def test_who_came_or_went_has_no_line_where_nobody_did():
    ax = plot_migration(migration_matrix(["a", "b"], ["b", "b"], ["a", "b", "c"]))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "c"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a (1)", "b (1)", "c (0)"]
    assert len(plot_migration(migration_matrix([], [])).texts) == 0


def test_names_with_dollars_are_no_formulas():
    before, after = ["$0-$10"] * 30, ["$0-$10"] * 5 + [r"$\frac$"] * 25
    migration = plot_migration(migration_matrix(before, after))
    drift = plot_segment_drift(segment_drift(before, after))
    traits = pd.DataFrame({"segment": ["$0-$10", "b"], "feature": r"$\frac$", "difference": [1.0, -1.0]})
    for ax in (migration, drift, plot_segment_profile(traits)):
        # An unescaped formula would fail here, or lose its dollars.
        ax.figure.savefig(io.BytesIO(), format="svg")
        labels = [*ax.get_xticklabels(), *ax.get_yticklabels()]
        assert r"\$0-\$10" in " ".join(label.get_text() for label in labels)


def test_changes_beyond_chance_stand_out():
    drift = segment_drift(BEFORE, AFTER)
    ax = plot_segment_drift(drift)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["high", "low"]
    sure = next(line for line in ax.lines if line.get_color() == COLORS[1] and line.get_marker() == "D")
    assert sure.get_xdata().tolist() == pytest.approx((100 * drift.table.loc[drift.table["alarm"], "change"]).tolist())
    assert len(sure.get_xdata()) == 2


def test_both_fit_in_a_page():
    page = Page("Segments")
    page.add_plot("Drift", plot_segment_drift(segment_drift(BEFORE, AFTER)))
    page.add_plot("Moves", plot_migration(migration_matrix(BEFORE, AFTER)))
    assert page.to_html().count("<figure") == 2
