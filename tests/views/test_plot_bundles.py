"""Lifts of pairs, read back from the Axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.views import plot_bundles

PAIRS = pd.DataFrame(
    {
        "bundle_id": ["a + b", "a + c", "b + c", "c + d"],
        "lift": [2.0, 1.1, np.nan, 0.0],
        "lift_low": [1.5, 0.9, np.nan, 0.0],
        "lift_high": [2.6, 1.3, np.nan, 0.4],
        "relation": ["complement", "unclear", "unclear", "substitute"],
    }
)


def test_lifts_are_marks_with_their_intervals_from_complements_to_substitutes():
    ax = plot_bundles(PAIRS)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a + b", "a + c", "b + c", "c + d"]
    # What has no lift, or one of 0, has no place on a scale of logarithms.
    drawn = {group.get_label(): group.lines[0].get_xydata().tolist() for group in ax.containers}
    assert drawn == {"complement": [[2.0, 0]], "unclear": [[1.1, 1]]}
    assert ax.get_xscale() == "log"
    assert ax.yaxis_inverted()


def test_only_both_ends_are_shown_each_pair_once():
    assert [tick.get_text() for tick in plot_bundles(PAIRS, k=1).get_yticklabels()] == ["a + b", "c + d"]
    assert len(plot_bundles(PAIRS, k=3).get_yticklabels()) == 4
    assert plot_bundles(PAIRS.iloc[:0]).get_yticklabels() == []


def test_bad_input_is_one_clear_error():
    with pytest.raises(InputError, match="bundles lacks the column 'lift'"):
        plot_bundles(PAIRS.drop(columns="lift"))
    with pytest.raises(InputError, match="k must be 1 or more"):
        plot_bundles(PAIRS, k=0)
