"""A scheme by our upside alone beside one by what customers want."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.segments import ClusterSegmenter, ValueTierSegmenter, compare_schemes


def test_by_hand():
    needs = pd.DataFrame({"wants": ["price", "price", "advice", "advice"], "score": [1.0, 2, 5, 6]})
    found = compare_schemes(["x", "x", "y", "y"], ["p", "q", "p", "q"], needs, ("one", "two"))
    assert found.crossing.to_numpy().tolist() == [[1, 1], [1, 1]]
    assert found.agreement == pytest.approx(-0.5)
    explained = found.explained.set_index("feature")
    # Of the score: 17 around the mean 3.5, of which 0.5 + 0.5 are within x and y, and 8 + 8 within p and q.
    assert explained.loc["score", "one"] == pytest.approx(1 - 1 / 17 * 3 / 2)
    assert explained.loc["score", "two"] == pytest.approx(1 - 16 / 17 * 3 / 2)
    assert explained.loc["wants", "one"] == 1
    assert explained.loc["wants", "two"] == pytest.approx(1 - 3 / 2)


def test_segments_by_chance_explain_nothing_on_average():
    rng = np.random.default_rng(0)
    needs = pd.DataFrame({"score": rng.normal(size=300)})
    many = [
        compare_schemes(rng.integers(0, 30, 300).astype(str), ["all"] * 300, needs, ("many", "one")).explained["many"][
            0
        ]
        for _ in range(60)
    ]
    assert abs(np.mean(many)) < 4 * np.std(many) / np.sqrt(60)


def test_needs_based_clusters_tell_more_of_needs_than_value_tiers_do():
    rng = np.random.default_rng(1)
    want = rng.integers(0, 3, 1500)
    X = pd.DataFrame(
        {
            "profit": np.exp(rng.normal(3, 1, 1500)),
            "wants": np.array(["price", "advice", "speed"])[want],
            "asks": np.array([0.0, 6, 2])[want] + rng.normal(size=1500),
            "waits": np.array([5.0, 4, 0])[want] + rng.normal(size=1500),
        }
    )
    value = ValueTierSegmenter("profit").fit(X).predict(X)
    full = ClusterSegmenter(needs=["wants", "asks", "waits"], needs_share=0.8, k=3, bootstraps=2).fit(X).predict(X)
    found = compare_schemes(value, full, X, ("value", "full"))
    explained = found.explained.set_index("feature")
    assert (explained.loc[["wants", "asks", "waits"], "full"] > 0.5).all()
    assert (explained.loc[["wants", "asks", "waits"], "value"] < 0.02).all()
    assert explained.loc["profit", "value"] > 0.3 > explained.loc["profit", "full"]
    assert found.agreement < 0.05
    assert found.crossing.to_numpy().sum() == 1500
    assert "adjusted Rand index" in found._repr_html_()


def test_missing_needs_are_left_out():
    needs = pd.DataFrame({"score": [1.0, 2, 5, 6, np.nan], "none": [np.nan] * 5, "same": 1.0})
    found = compare_schemes(list("xxyyx"), list("xxyyx"), needs)
    explained = found.explained.set_index("feature")
    assert explained.loc["score"].tolist() == pytest.approx([4, 1 - 1.5 / 17, 1 - 1.5 / 17])
    assert np.isnan(explained.loc["same", "a"])
    assert "none" not in explained.index


def test_wrong_input_is_refused():
    with pytest.raises(InputError, match="scheme 'b' must have a segment for each of the 2 rows of X; got 1"):
        compare_schemes(["x", "y"], ["x"], pd.DataFrame({"a": [1, 2]}))
    with pytest.raises(InputError, match="1 of them missing"):
        compare_schemes(["x", None], ["x", "y"], pd.DataFrame({"a": [1, 2]}))
    with pytest.raises(InputError, match="names must be two that differ, none of them 'feature' or 'n'"):
        compare_schemes(["x", "y"], ["x", "y"], pd.DataFrame({"a": [1, 2]}), ("value", "n"))
    X = pd.DataFrame({"a": [1, 2]}, index=["ann", "bob"])
    with pytest.raises(InputError, match="scheme 'b' must be in the order of the rows of X"):
        compare_schemes(["x", "y"], pd.Series(["x", "y"], index=["bob", "ann"]), X)
