"""Differences between arms: published intervals, by hand, and coverage where the truth is known."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies import compare_arms


def _arm(name, n, accepted):
    return pd.DataFrame({"arm": name, "reward": (np.arange(n) < accepted).astype(float)})


@pytest.mark.parametrize(
    ("one", "two", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_published_intervals(one, two, low, high):
    found = compare_arms(pd.concat([_arm("policy", one[1], one[0]), _arm("control", two[1], two[0])]))
    assert found[["low", "high"]].round(4).to_numpy().tolist() == [[low, high]]


def test_money_by_hand():
    frame = pd.DataFrame({"arm": ["policy"] * 4 + ["control"] * 3, "reward": [1.0, 2, 3, 6, 0, 1, 5]})
    found = compare_arms(frame).iloc[0]
    # Means 3 and 2; sums of squares 4 + 1 + 0 + 9 = 14 and 4 + 1 + 9 = 14.
    half = 1.959964 * np.sqrt(14 / 3 / 4 + 14 / 2 / 3)
    assert found[["n", "mean", "baseline_n", "baseline_mean", "difference"]].tolist() == [4, 3, 3, 2, 1]
    np.testing.assert_allclose(found[["low", "high"]].astype(float), [1 - half, 1 + half], rtol=1e-6)


def test_customers_are_the_units():
    frame = pd.DataFrame(
        {
            "arm": ["policy"] * 4 + ["control"] * 4,
            "customer_id": ["a", "a", "b", "b", "x", "y", "z", "z"],
            "reward": [1.0, 1, 0, 0, 0, 1, 0, 0],
        }
    )
    found = compare_arms(frame).iloc[0]
    # policy: sums of residuals 1 and -1, 2/1 * 2/16; control: -.25, .75 and -.5, 3/2 * (.0625 + .5625 + .25)/16.
    half = 1.959964 * np.sqrt(2 * 2 / 16 + 1.5 * 0.875 / 16)
    np.testing.assert_allclose(found[["low", "high"]].astype(float), [0.25 - half, 0.25 + half], rtol=1e-6)


def test_by_segment_and_for_all_arms():
    parts = {("a", "policy"): 6, ("a", "control"): 2, ("a", "holdout"): 0, ("b", "policy"): 3, ("b", "control"): 5}
    frame = pd.concat([_arm(arm, 10, k).assign(segment=segment) for (segment, arm), k in parts.items()])
    found = compare_arms(frame, by="segment")
    assert found[["segment", "arm"]].to_numpy().tolist() == [["a", "holdout"], ["a", "policy"], ["b", "policy"]]
    assert found["difference"].tolist() == pytest.approx([-0.2, 0.4, -0.2])
    assert (found["low"] < found["difference"]).all()
    assert (found["difference"] < found["high"]).all()
    other = compare_arms(frame, baseline="policy")
    assert other["arm"].tolist() == ["control", "holdout"]


@pytest.mark.parametrize("repeated", [False, True])
def test_intervals_hold_the_truth_as_often_as_they_say(repeated):
    """An A/A test among them: the first difference is 0."""
    runs, n = 300, 1500
    for seed, (one, two) in enumerate([(0.04, 0.04), (0.06, 0.03)]):
        rng, held = np.random.default_rng(seed), 0
        for _ in range(runs):
            customers = rng.integers(n // 3, size=n) if repeated else np.arange(n)
            arm = np.where(customers % 3 == 0, "control", "policy")
            # Customers differ: some accept often, most never.
            rate = np.where(arm == "control", two, one) * (3 * (customers // 3 % 3 == 0) if repeated else 1)
            frame = pd.DataFrame({"arm": arm, "customer_id": customers, "reward": (rng.random(n) < rate) * 1.0})
            found = compare_arms(frame).iloc[0]
            held += found["low"] <= one - two <= found["high"]
        assert abs(held / runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)


def test_few_rows_none_and_pending_ones():
    frame = pd.concat([_arm("policy", 5, 2), _arm("control", 1, 1)])
    found = compare_arms(frame).iloc[0]
    assert found["difference"] == pytest.approx(-0.6)
    assert np.isnan(found["low"])
    assert np.isnan(found["high"])
    assert len(compare_arms(frame.head(0))) == 0
    pending = _arm("policy", 3, 3).assign(reward=np.nan)
    pd.testing.assert_frame_equal(compare_arms(pd.concat([frame, pending])), compare_arms(frame))
    lonely = compare_arms(
        pd.concat([frame.assign(segment="a"), _arm("policy", 4, 1).assign(segment="b")]), by="segment"
    )
    assert lonely["baseline_n"].tolist() == [1, 0]
    assert np.isnan(lonely["difference"].iloc[1])


@pytest.mark.parametrize(
    ("change", "arguments", "says"),
    [
        ({}, {"baseline": "placebo"}, "baseline must be one of 'control', 'policy'; got 'placebo'"),
        ({}, {"level": 95}, r"level must be in \(0, 1\); got 95"),
        ({}, {"reward": "profit"}, "feedback lacks the column 'profit'"),
        ({"reward": np.inf}, {}, "feedback.reward must be finite; 10 of 10 rows are not"),
        ({"arm": None}, {}, "feedback.arm must be there in every row"),
    ],
)
def test_what_is_not_allowed_is_refused(change, arguments, says):
    frame = pd.concat([_arm("policy", 5, 2), _arm("control", 5, 1)]).assign(**change)
    with pytest.raises(InputError, match=says):
        compare_arms(frame, **arguments)
