"""Plot of what segments differ by."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments import ClusterSegmenter
from nbo.views import plot_segment_profile

TRAITS = pd.DataFrame(
    {
        "segment": ["c1", "c1", "c1", "c2", "c2", "c2"],
        "feature": ["age", "city", "calls"] * 2,
        "category": ["", "Rome", ""] * 2,
        "difference": [0.2, -0.9, 0.5, -0.2, 0.8, -0.7],
    }
)


def test_traits_that_differ_most_stand_first():
    ax = plot_segment_profile(TRAITS, most=2)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["city is Rome", "calls"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["c1", "c2"]
    assert ax.collections[0].get_array().tolist() == [[-0.9, 0.8], [0.5, -0.7]]
    assert [text.get_text() for text in ax.texts] == ["-0.9", "+0.8", "+0.5", "-0.7"]
    # Pages turn black into the color of their text, which by night is light: on light cells it must stay dark.
    assert {text.get_color() for text in ax.texts} == {"white", "#111111"}


def test_traits_of_a_segmenter_are_drawn_as_they_are():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": np.repeat([0.0, 9], 100) + rng.normal(size=200), "b": np.repeat(["x", "y"], 100)})
    ax = plot_segment_profile(ClusterSegmenter(k=2, bootstraps=2).fit(X).traits_)
    assert {label.get_text() for label in ax.get_yticklabels()} == {"a", "b is x", "b is y"}
    assert plot_segment_profile(TRAITS.iloc[:0], ax=plot_segment_profile(TRAITS)) is not None


def test_a_wrong_table_is_refused():
    with pytest.raises(InputError, match="frame lacks the column 'difference'"):
        plot_segment_profile(TRAITS.drop(columns="difference"))
    with pytest.raises(InputError, match="one row per segment and trait"):
        plot_segment_profile(pd.concat([TRAITS, TRAITS]))
    with pytest.raises(InputError, match="most must be 1 or more"):
        plot_segment_profile(TRAITS, most=0)
