"""The profile of features: by hand, there and back, and drift that was planted."""

from __future__ import annotations

import json
from math import log

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.features import FeatureProfile
from nbo.features.column_drift import ks_p_value, population_stability
from nbo.features.column_profile import ColumnProfile


def mixed(n: int = 2000, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "amount": rng.lognormal(3, 1, n),
            "count": rng.poisson(0.3, n),
            "flag": rng.random(n) < 0.2,
            "constant": np.full(n, 7.0),
            "channel": rng.choice(["web", "app", "shop"], n, p=[0.5, 0.3, 0.2]),
            "note": [f"text {i}" for i in range(n)],
            "nothing": np.full(n, np.nan),
            "half": np.where(rng.random(n) < 0.5, np.nan, rng.normal(size=n)),
        }
    )


def by_feature(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index("feature")


def test_the_columns_of_five_rows_by_hand():
    X = pd.DataFrame({"n": [1.0, 1.0, 2.0, 4.0, None], "w": ["a", "b", "a", None, None]})
    number, words = FeatureProfile.of(X, bins=2).columns
    assert (number.kind, number.n, number.distinct) == ("number", 5, 3)
    assert number.missing == pytest.approx(1 / 5)
    assert (number.mean, number.low, number.median, number.high) == ((1 + 1 + 2 + 4) / 4, 1.0, 1.0, 4.0)
    assert (number.edges, number.shares) == ((1.0,), (2 / 4, 2 / 4))
    assert (words.kind, words.categories) == ("category", ("a", "b"))
    assert words.shares == (round(2 / 3, 6), round(1 / 3, 6), 0.0)


def test_kinds():
    kinds = by_feature(FeatureProfile.of(mixed()).to_frame())["kind"].to_dict()
    assert kinds == {
        "amount": "number",
        "count": "number",
        "flag": "flag",
        "constant": "number",
        "channel": "category",
        "note": "text",
        "nothing": "empty",
        "half": "number",
    }


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pd.Series([True, None, False], dtype=object), "flag"),
        (pd.Series([1, 0, None], dtype="Int64"), "flag"),
        (pd.Series([True, None], dtype="boolean"), "flag"),
        (pd.Series([1.5, np.inf]), "number"),
        (pd.Series([np.inf, np.nan]), "empty"),
        (pd.Series(["a", "b"], dtype="category"), "category"),
        (pd.Series([None, None], dtype=object), "empty"),
        (pd.Series(["a"], dtype=object), "category"),
        (pd.Series(pd.date_range("2026-01-01", periods=3)), "text"),
        (pd.Series([], dtype=float), "empty"),
    ],
)
def test_kinds_of_other_columns(values, kind):
    assert ColumnProfile.of(values.rename("x")).kind == kind


def test_infinite_numbers_count_as_missing():
    column = ColumnProfile.of(pd.Series([1.0, np.inf, -np.inf, 2.0], name="x"))
    assert (column.missing, column.high) == (0.5, 2.0)


def test_a_profile_is_json_and_back_to_the_bit():
    profile = FeatureProfile.of(mixed())
    assert FeatureProfile.from_dict(json.loads(json.dumps(profile.to_dict(), allow_nan=False))) == profile


def test_a_column_takes_less_than_a_kilobyte_whatever_its_values():
    rng = np.random.default_rng(3)
    long = [f"a category with quite a long name, number {i:05d} \u00e9\u00e9" for i in range(30)]
    X = pd.DataFrame({"x": rng.normal(size=3000) * 1e-7, "w": rng.choice(long, 3000), "big": rng.random(3000) * 1e17})
    for column in FeatureProfile.of(X).to_dict()["columns"]:
        assert len(json.dumps(column)) < 1000, column["feature"]


def test_another_format_is_refused():
    with pytest.raises(InputError, match="format 1; got 9"):
        FeatureProfile.from_dict({"format": 9, "columns": []})


@pytest.mark.parametrize("bins", [1, 51, 2.5, True])
def test_bins_out_of_range_are_refused(bins):
    with pytest.raises(InputError, match="bins must be 2 to 50"):
        FeatureProfile.of(pd.DataFrame({"x": [1]}), bins=bins)


def test_what_is_no_frame_is_refused():
    with pytest.raises(TypeError, match="X must be a frame"):
        FeatureProfile.of(pd.Series([1]))
    with pytest.raises(InputError, match="'x' comes 2 times"):
        FeatureProfile.of(pd.DataFrame([[1, 2]], columns=["x", "x"]))


@pytest.mark.parametrize("n", [0, 1])
def test_no_rows_and_one_row(n):
    X = mixed(5).iloc[:n]
    profile = FeatureProfile.of(X)
    assert FeatureProfile.from_dict(json.loads(json.dumps(profile.to_dict(), allow_nan=False))) == profile
    assert len(profile.to_frame()) == len(profile.drift(X)) == X.shape[1]
    assert len(profile.drift(mixed(50))) == X.shape[1]


def test_psi_by_hand():
    # Half a row more in each cell: (100.5, 300.5) of 401 and (200.5, 200.5) of 401.
    p, q = [100.5 / 401, 300.5 / 401], [0.5, 0.5]
    expected = sum((b - a) * log(b / a) for a, b in zip(p, q, strict=True))
    assert population_stability(np.array([100, 300]), np.array([200, 200])) == pytest.approx(expected)


def test_ks_is_that_of_a_plain_loop_over_the_edges():
    before, now = mixed(500, 1)["amount"], mixed(300, 2)["amount"] * 1.3
    profile = FeatureProfile.of(before.to_frame())
    distances = [
        abs(sum(value <= edge for value in before) / 500 - sum(value <= edge for value in now) / 300)
        for edge in profile.columns[0].edges
    ]
    assert profile.drift(now.to_frame())["ks"].item() == pytest.approx(max(distances), abs=1e-5)


def test_ks_never_exceeds_that_of_scipy_and_its_bound_is_above_scipys_p_value():
    before, now = mixed(400, 1), mixed(400, 2)
    drift = by_feature(FeatureProfile.of(before).drift(now))
    exact = stats.ks_2samp(before["amount"], now["amount"])
    assert drift.loc["amount", "ks"] <= exact.statistic + 1e-5
    assert ks_p_value(exact.statistic, 400, 400) >= exact.pvalue


def test_a_frame_does_not_drift_from_itself():
    X = mixed()
    drift = by_feature(FeatureProfile.of(X).drift(X))
    assert (drift["psi"].dropna() < 1e-9).all()
    assert (drift["ks"].dropna() < 1e-5).all()
    assert (drift["missing_now"] == drift["missing_before"]).all()
    assert (drift["beyond"].dropna() == 0).all()


def test_a_shift_of_half_a_standard_deviation_is_as_large_as_theory_says():
    rng = np.random.default_rng(5)
    before, now = pd.DataFrame({"x": rng.normal(size=50_000)}), pd.DataFrame({"x": rng.normal(0.5, 1, 50_000)})
    drift = FeatureProfile.of(before).drift(now).iloc[0]
    # PSI of all values is 0.5 ** 2, and ten cells lose little; D = 2 * Phi(0.25) - 1, at 0.25.
    assert 0.22 < drift["psi"] < 0.25
    assert drift["ks"] == pytest.approx(2 * stats.norm.cdf(0.25) - 1, abs=0.01)
    assert drift["ks_p_value"] < 1e-100


def test_psi_p_values_of_like_samples_are_uniform_enough():
    rng = np.random.default_rng(7)
    draws, n, m = 600, 1500, 500
    p_values = np.array(
        [
            FeatureProfile.of(pd.DataFrame({"x": rng.normal(size=n)}))
            .drift(pd.DataFrame({"x": rng.normal(size=m)}))["p_value"]
            .item()
            for _ in range(draws)
        ]
    )
    for level in (0.05, 0.2, 0.5):
        error = np.sqrt(level * (1 - level) / draws)
        assert abs((p_values < level).mean() - level) < 4 * error, level


def test_a_new_category_and_one_that_is_gone_are_seen():
    before = pd.DataFrame({"w": ["a"] * 600 + ["b"] * 300 + ["c"] * 100})
    now = pd.DataFrame({"w": ["a"] * 600 + ["b"] * 300 + ["d"] * 100})
    drift = FeatureProfile.of(before).drift(now).iloc[0]
    assert drift["new"] == pytest.approx(100 / 1000)
    assert drift["psi"] > 0.5
    assert drift["p_value"] < 1e-20


def test_values_outside_of_the_range_before_are_seen():
    before = pd.DataFrame({"constant": np.full(100, 7.0), "x": np.arange(100.0)})
    drift = by_feature(FeatureProfile.of(before).drift(pd.DataFrame({"constant": [7.0, 8.0], "x": [-1.0, 50.0]})))
    assert drift["beyond"].tolist() == [0.5, 0.5]


def test_a_column_of_another_kind_is_told_and_not_compared():
    drift = FeatureProfile.of(pd.DataFrame({"x": [1.0, 2.0]})).drift(pd.DataFrame({"x": ["one", "two"]})).iloc[0]
    assert (drift["kind_before"], drift["kind_now"]) == ("number", "category")
    assert np.isnan(drift["psi"])


def test_numbers_and_flags_are_compared():
    before = pd.DataFrame({"x": [True] * 50 + [False] * 50})
    drift = FeatureProfile.of(before).drift(pd.DataFrame({"x": [1.0] * 90 + [0.0] * 10})).iloc[0]
    assert drift["ks"] == pytest.approx(0.4)


def test_only_columns_that_both_have_are_compared():
    assert FeatureProfile.of(pd.DataFrame({"a": [1], "b": [2]})).drift(pd.DataFrame({"b": [2], "c": [3]}))[
        "feature"
    ].tolist() == ["b"]


def test_whole_numbers_as_categories_stay_the_same_when_one_is_missing():
    before = pd.DataFrame({"w": pd.Series([7, "x", 7, "x"], dtype=object)})
    now = pd.DataFrame({"w": pd.Series([7.0, "x", None, "x"], dtype=object)})
    assert FeatureProfile.of(before).drift(now)["new"].item() == 0
