"""One scale for numbers and categories."""

import json

import numpy as np
import pandas as pd
import pytest

from nbo.segments.clusters.mixed_scale import MixedScale


def _frame(n=2000):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.normal(40, 10, n),
            "spend": np.exp(rng.normal(3, 1.5, n)),
            "city": rng.choice(["Bern", "Rome", "Oslo"], n, p=[0.5, 0.3, 0.2]),
            "same": 7.0,
        }
    )


def test_a_number_has_variance_one_and_a_feature_of_categories_one_half():
    X = _frame()
    scale = MixedScale.of(X)
    variance = pd.Series(scale.matrix(X).var(axis=0), index=[name for name, _ in scale.design.columns])
    # Cutting at 3 standard deviations takes a little away.
    assert variance["age"] == pytest.approx(1, abs=0.03)
    assert variance["spend"] == pytest.approx(1, abs=0.03)
    assert variance["city"].sum() == pytest.approx(0.5)
    assert variance["same"] == 0


def test_skewed_money_becomes_symmetrical():
    X = _frame()
    scaled = MixedScale.of(X[["spend"]]).matrix(X[["spend"]])[:, 0]
    assert abs(np.mean(scaled**3)) < 0.5
    assert np.mean(((X["spend"] - X["spend"].mean()) / X["spend"].std()) ** 3) > 3
    assert np.corrcoef(np.log(X["spend"]), scaled)[0, 1] > 0.95


def test_missing_counts_as_the_mean_and_a_new_category_is_in_none():
    X = _frame()
    scale = MixedScale.of(X)
    row = pd.DataFrame({"age": [np.nan], "spend": [np.nan], "city": ["Paris"], "same": [np.nan]})
    found = dict(zip([category or name for name, category in scale.design.columns], scale.matrix(row)[0], strict=True))
    assert found["age"] == found["spend"] == found["same"] == 0
    assert found["Bern"] < 0 and found["Rome"] < 0 and found["Oslo"] < 0  # noqa: PT018


def test_outliers_are_cut():
    X = _frame()
    far = X.iloc[:2].assign(age=[1e9, -1e9])
    assert MixedScale.of(X).matrix(far)[:, 0].tolist() == [3, -3]


def test_needs_have_their_share_of_the_variance():
    X = _frame()
    scale = MixedScale.of(X, needs=["city"], share=0.7)
    variance = scale.matrix(X).var(axis=0)
    need = np.array([name == "city" for name, _ in scale.design.columns])
    assert variance[need].sum() / variance.sum() == pytest.approx(0.7)


def test_the_state_gives_the_same_scale():
    X = _frame()
    scale = MixedScale.of(X, {"age": 2.0})
    back = MixedScale.from_dict(json.loads(json.dumps(scale.to_dict())))
    assert np.array_equal(back.matrix(X), scale.matrix(X))
