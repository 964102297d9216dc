"""Planted leaks are named, honest columns are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score

import nbo
from nbo import datasets
from nbo.errors import InputError
from nbo.evaluation import leak_check
from nbo.evaluation.column_signal import column_signal


def _honest(seed, n=None, rate=None):
    """Simulated columns of all kinds that were known before the label; the best ones have an AUC of up to 0.88."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(60, 1500)) if n is None else n
    strength, own = rng.uniform(0, 2.5), rng.normal(size=n)
    base = rng.uniform(-3, 1) if rate is None else np.log(rate / (1 - rate))
    y = (rng.random(n) < 1 / (1 + np.exp(-base - strength * own))).astype(int)
    y[:12], y[12:24] = 1, 0
    X = pd.DataFrame(
        {
            "days_since": np.exp(own + 0.3 * rng.normal(size=n)),
            "visits": rng.poisson(np.exp(-0.5 * own)),
            "noise": rng.normal(size=n),
            "plan": rng.choice(["a", "b", "c"], n),
            "city": rng.integers(0, 60, n).astype(str),
            "row_id": [f"row {number}" for number in rng.permutation(n)],
            "signed_up_at": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 400, n), unit="D"),
            "income": np.where(rng.random(n) < 1 / (1 + np.exp(own)), rng.lognormal(10, 1, n), np.nan),
            "consent": rng.random(n) < 0.5,
            "empty": np.nan,
            "constant": 1,
        }
    )
    return X, y, own, rng


def test_no_column_of_fifty_honest_worlds_is_named():
    named = {}
    for seed in range(50):
        X, y, _, _ = _honest(seed)
        found = leak_check(X, y, rng=seed)
        named |= {(seed, row.column): row.why for row in found.itertuples() if row.verdict}
    assert named == {}


def test_features_of_a_simulated_world_are_not_named():
    from nbo.simulate import World

    world = World(customers=400, days=200, seed=5)
    spine = nbo.Spine.calendar("2025-03-01", "2025-06-01", "30D", world.tables)
    features = nbo.FeatureSet.default(world.tables)
    X = features.build(world.tables, spine)
    y = nbo.labels.churned(world.tables, spine, horizon="30D")
    found = leak_check(X.loc[y.index], y, features=features)
    assert found.loc[found["verdict"] == "leak", "column"].tolist() == []
    assert found["data_type"].isin(["demographic", "transaction", "environmental", "behavioral", "social"]).all()


@pytest.mark.parametrize("seed", range(5))
def test_planted_leaks_are_named(seed):
    X, y, _, rng = _honest(seed, n=1000, rate=0.3)
    n = len(y)
    X["closed_at"] = pd.to_datetime(np.where(y == 1, "2026-05-01", None))
    X["reason"] = np.where(y == 1, rng.choice(["price", "moved", "service"], n), None)
    X["reason_of_half"] = np.where((y == 1) & (rng.random(n) < 0.5), "asked", None)
    X["score_after"] = y + 0.3 * rng.normal(size=n)
    X["nearly"] = np.where(rng.random(n) < 0.98, y, 1 - y)
    found = leak_check(X, y).set_index("column")
    leaks = {"closed_at", "reason", "reason_of_half", "score_after", "nearly"}
    assert set(found.index[found["verdict"] != ""]) == leaks
    assert (found.loc[list(leaks), "verdict"] == "leak").all()
    assert found.loc["reason", "missing_auc"] == 1
    assert "settles" in found.loc["reason_of_half", "why"]


def test_a_column_that_stands_out_is_suspect():
    X, y, _, rng = _honest(0, n=1500, rate=0.3)
    X["note"] = y + 0.5 * rng.normal(size=len(y))
    row = leak_check(X[["noise", "plan", "note"]], y).iloc[0]
    assert (row["column"], row["verdict"]) == ("note", "suspect")
    assert row["why"].startswith("stands out")


def test_a_column_that_fades_when_it_is_older_is_suspect():
    X, y, own, rng = _honest(1, n=1500, rate=0.3)
    X = X[["noise", "plan"]].assign(steady=own + 0.5 * rng.normal(size=len(y)))
    lagged = X.assign(status=rng.normal(size=len(y)), steady=X["steady"] + 0.3 * rng.normal(size=len(y)))
    X["status"] = y + 0.9 * rng.normal(size=len(y))
    found = leak_check(X, y, lagged=lagged).set_index("column")
    assert found.loc["status", "why"].startswith("fades")
    assert found.loc["steady", "verdict"] == ""
    assert found.loc["steady", "lagged_auc"] == pytest.approx(found.loc["steady", "auc"], abs=0.05)


def test_what_a_model_leans_on_is_measured():
    rng = np.random.default_rng(0)
    n = 3000
    X = pd.DataFrame({f"x{i}": rng.normal(size=n) for i in range(4)})
    y = (rng.random(n) < 1 / (1 + np.exp(-3 * X["x0"] - 3 * X["x1"] - X["x2"]))).astype(int)
    found = leak_check(X, y, model=LogisticRegression(), lagged=X.assign(x0=X["x3"])).set_index("column")
    assert found.loc[["x0", "x1"], "why"].str.contains("carries").all()
    assert abs(found.loc["x3", "importance"]) < 0.01
    assert abs(found.loc["x0", "lagged_importance"]) < 0.01
    assert found.loc["x0", "importance"] > 0.1


def test_drift_tells_later_from_earlier_rows():
    X, y, _, _ = _honest(2, n=1000)
    time = pd.date_range("2026-01-01", periods=1000, freq="h")
    found = leak_check(X.assign(price=np.arange(1000) // 10), y, time=time).set_index("column")
    assert found.loc["price", "drift"] == 1
    assert found.loc["noise", "drift"] < 0.6
    assert found.loc["price", "verdict"] == ""
    assert leak_check(X, y, time=time[:1].repeat(1000))["drift"].isna().all()


def test_readings_of_a_column_by_hand():
    y, fold = np.array([1.0, 1, 0, 0, 0] * 20), np.arange(100) % 5
    numbers = pd.Series(np.arange(100.0))
    assert column_signal(-numbers, y, fold).auc >= roc_auc_score(y, -numbers)
    # Zero between two ends: no order, but rates of values know.
    ends = pd.Series(np.where(y == 1, np.where(np.arange(100) % 2, 1, -1), 0))
    signal = column_signal(ends, y, fold)
    assert (signal.auc, signal.by) == (1.0, "rates")
    # 40 of 40 ones beyond any zero, where 24 zeros would be expected.
    assert column_signal(pd.Series(y), y, fold).settled == 1
    # Eight ones alone could be chance.
    few = pd.Series(np.where(np.cumsum(y) * y > 32, "x", "y"))
    assert column_signal(few, y, fold).settled == 0


def test_rows_of_one_customer_stay_together_when_rates_are_learnt():
    rng = np.random.default_rng(0)
    customer = np.repeat(np.arange(300), 4)
    y = (rng.random(300) < 0.3)[customer].astype(int)
    X = pd.DataFrame({"customer_id": customer.astype(str)})
    assert leak_check(X, y).loc[0, "auc"] > 0.95
    assert leak_check(X, y, groups=customer).loc[0, "auc"] < 0.6


def test_the_order_of_columns_does_not_matter_and_nothing_is_changed():
    X, y, _, _ = _honest(3, n=500)
    before = X.copy()
    first, turned = leak_check(X, y), leak_check(X[X.columns[::-1]], y)
    pd.testing.assert_frame_equal(X, before)
    pd.testing.assert_series_equal(
        first.set_index("column")["auc"].sort_index(), turned.set_index("column")["auc"].sort_index()
    )


def _folder(public_data, name):
    if not (public_data / name).is_dir():
        pytest.skip(f"{name} is not in {public_data}")
    return public_data / name


def test_telco_names_what_was_found_out_afterwards(public_data):
    data = datasets.load_telco(_folder(public_data, "telco_churn"))
    customers = data.tables.get("customers").merge(data.labels, on="customer_id")
    found = leak_check(customers.drop(columns="churned"), customers["churned"]).set_index("column")
    assert set(found.index[found["verdict"] != ""]) == {
        *("customer_status", "churn_category", "churn_reason", "satisfaction_score", "churn_score")
    }
    assert found.loc[["contract", "tenure_in_months"], "auc"].tolist() == pytest.approx([0.76, 0.74], abs=0.01)


def test_bank_duration_carries_the_model(public_data):
    frame = pd.read_parquet(_folder(public_data, "bank_marketing") / "bank_additional_full.parquet")
    X, y = frame.drop(columns="y").iloc[::4], frame["y"].iloc[::4]
    found = leak_check(X, y, model=nbo.PropensityModel(n_estimators=30)).set_index("column")
    assert found.index[found["verdict"] != ""].tolist() == ["duration"]
    assert found.loc["duration", "why"].startswith("carries")


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"X": pd.DataFrame(index=range(40))}, InputError, "X must have at least one column"),
        ({"X": pd.DataFrame({"a": [[1]] * 40})}, InputError, "column 'a' must hold numbers, times, flags or texts"),
        ({"y": np.arange(40) < 3}, InputError, "10 rows or more of each label to tell chance from leaks; got 3"),
        ({"time": ["2026-01-01"]}, InputError, "time must have 40 rows"),
        ({"lagged": pd.DataFrame({"a": [1]})}, InputError, "lagged must have 40 rows"),
        ({"lagged": pd.DataFrame({"b": range(40)})}, InputError, "lagged lacks the column 'a'"),
        ({"features": 3}, TypeError, "features must be a FeatureSet, a mapping or a frame"),
        ({"model": LinearRegression()}, TypeError, "model must be a classifier"),
        ({"model": LogisticRegression(), "X": pd.DataFrame({"a": ["x", "y"] * 20})}, InputError, "could not be fitted"),
    ],
)
def test_what_cannot_be_checked_is_refused(changed, error, message):
    given = {"X": pd.DataFrame({"a": range(40)}), "y": np.arange(40) % 2, **changed}
    with pytest.raises(error, match=message):
        leak_check(given.pop("X"), given.pop("y"), **given)
