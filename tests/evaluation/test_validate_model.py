"""Models trained on earlier rows and judged on later ones."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

import nbo
from nbo.errors import InputError
from nbo.evaluation import Validation, validate_model
from nbo.models import CLVModel, PropensityModel, TimeSplit, lift_by_decile, model_metrics

N = 1200
TIME = pd.Series(pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(N) // 100 * 10, unit="D"))


def _world(seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"age": rng.normal(size=N), "visits": rng.normal(size=N), "plan": rng.choice(["a", "b"], N)})
    y = (rng.random(N) < 1 / (1 + np.exp(-1.2 * X["visits"]))).astype(int)
    return X, y, rng.integers(0, N // 2, N)


def _logistic(X):
    return X[["age", "visits"]]


class Recorder(ClassifierMixin, BaseEstimator):
    """Remember what it was trained on."""

    seen: list = []

    def __init__(self, horizon=None):
        self.horizon = horizon

    def fit(self, X, y, sample_weight=None, time=None, groups=None):
        self.classes_ = np.array([0, 1])
        Recorder.seen.append({"X": X, "time": time, "groups": groups, "weight": sample_weight})
        return self

    def predict_proba(self, X):
        p = 1 / (1 + np.exp(-X["visits"].to_numpy()))
        return np.column_stack([1 - p, p])


@pytest.fixture
def recorded():
    Recorder.seen = []
    return Recorder.seen


def test_the_latest_fifth_is_tested_and_judged_as_model_metrics_judges_it():
    X, y, _ = _world()
    found = validate_model(LogisticRegression(), _logistic(X), y, time=TIME, split=TimeSplit())
    # Ten of twelve moments make the first 80 %, and a moment is not torn apart.
    test = np.arange(900, N)
    assert found.predictions["row"].tolist() == test.tolist()
    p = LogisticRegression().fit(_logistic(X)[:900], y[:900]).predict_proba(_logistic(X)[900:])[:, 1]
    assert found.predictions["p"].to_numpy() == pytest.approx(p)
    expected = model_metrics(y[900:], p)
    for metric in ("auc", "average_precision", "log_loss", "brier", "ece", "lift_10"):
        assert found.value(metric) == pytest.approx(expected[metric])
    lifts = found.deciles[found.deciles["metric"] == "lift"]
    assert lifts["value"].to_numpy() == pytest.approx(lift_by_decile(y[900:], p)["lift"].to_numpy())
    assert (found.overall["low"] <= found.overall["value"]).all()
    assert (found.overall["value"] <= found.overall["high"]).all()


@pytest.mark.parametrize(
    ("horizon", "split", "last"),
    [
        (None, None, "2026-03-22"),
        ("25D", None, "2026-03-02"),
        (None, TimeSplit(horizon="20D", gap="10D"), "2026-03-02"),
        ("90D", TimeSplit(horizon="10D"), "2026-03-22"),
    ],
)
def test_labels_of_training_rows_are_known_before_the_first_test_row(recorded, horizon, split, last):
    X, y, customers = _world()
    found = validate_model(Recorder(horizon), X, y, time=TIME, groups=customers, split=split)
    assert found.predictions["time"].min() == pd.Timestamp("2026-04-01")
    assert recorded[0]["time"].max() == pd.Timestamp(last)
    assert len(recorded[0]["groups"]) == len(recorded[0]["X"])
    assert bool(found.warnings) == (horizon is None and split is None)


def test_several_slices_are_each_predicted_by_a_model_of_what_came_before(recorded):
    X, y, _ = _world()
    found = validate_model(Recorder(), X, y, time=TIME, split=TimeSplit(n_splits=3, test_share=0.2))
    assert [fit["time"].max() for fit in recorded] == list(pd.to_datetime(["2026-01-31", "2026-03-02", "2026-03-22"]))
    assert found.predictions["part"].value_counts().to_dict() == {0: 300, 1: 200, 2: 300}


def test_random_needs_to_be_asked_for():
    X, y, _ = _world()
    for time in (None, np.full(N, "2026-01-01")):
        with pytest.raises(InputError, match="allow_random=True"):
            validate_model(LogisticRegression(), _logistic(X), y, time=time)
        found = validate_model(LogisticRegression(), _logistic(X), y, time=time, allow_random=True, metrics="auc")
        assert "each fifth of the customers was predicted by a model of the others" in found.tested_on
        assert sorted(found.predictions["row"]) == list(range(N))
    pairs = [(np.arange(600), np.arange(600, N))]
    assert len(validate_model(LogisticRegression(), _logistic(X), y, split=pairs).predictions) == 600
    with pytest.raises(InputError, match="a split by time needs the time"):
        validate_model(LogisticRegression(), _logistic(X), y, split=TimeSplit())


def test_the_random_split_stands_second_and_flatters_where_the_world_changes():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=N), "month": np.arange(N) // 100})
    turned = np.where(X["month"] >= 9, -1.0, 1.0)
    y = (rng.random(N) < 1 / (1 + np.exp(-2 * turned * X["x"]))).astype(int)
    model = KNeighborsClassifier(30)
    found = validate_model(
        model, X.assign(month=20 * X["month"]), y, time=TIME, split=TimeSplit(), also_random=True, metrics="auc"
    )
    by_time, random = found.value("auc"), found.random["value"].item()
    assert by_time < 0.4
    assert random > 0.7
    text = found.summary()
    assert text.index(f"AUC {by_time:.3f}") < text.index("Split at random") < text.index(f"AUC {random:.3f}")
    assert "Split at random" in found._repr_html_()


def test_a_model_split_at_random_does_not_know_the_times(recorded):
    X, y, _ = _world()
    validate_model(Recorder(), X, y, time=TIME, split=TimeSplit(), also_random=True, metrics="auc")
    assert [fit["time"] is None for fit in recorded] == [False] + [True] * 5


def test_segments_and_periods_are_their_rows_alone():
    X, y, customers = _world()
    X.loc[::7, "plan"] = None
    found = validate_model(
        Recorder(), X, y, time=TIME, groups=customers, segments=["plan"], split=TimeSplit(test_share=0.5)
    )
    rows = found.predictions
    plan = X["plan"].iloc[rows["row"]].fillna("(missing)").to_numpy()
    by_segment = found.by_segment[found.by_segment["metric"] == "auc"].set_index("segment")
    assert by_segment.index.tolist() == ["(missing)", "a", "b"]
    for segment, row in by_segment.iterrows():
        part = rows[plan == segment]
        assert row["value"] == pytest.approx(roc_auc_score(part["y"], part["p"]))
        assert (row["n"], row["customers"]) == (len(part), part["customer"].nunique())
    by_period = found.over_time[found.over_time["metric"] == "auc"].set_index("period")
    assert by_period.index.tolist() == sorted(rows["time"].unique())
    for period, row in by_period.iterrows():
        part = rows[rows["time"] == period]
        assert row["value"] == pytest.approx(roc_auc_score(part["y"], part["p"]))


def test_more_than_twelve_moments_are_put_into_months():
    X, y, _ = _world()
    days = pd.Series(pd.date_range("2026-01-01", periods=N, freq="6h"))
    found = validate_model(Recorder(), X, y, time=days, split=TimeSplit(test_share=0.5), metrics="rate")
    assert found.over_time["period"].astype("str").tolist() == [f"2026-{month:02}-01" for month in range(5, 11)] + (
        ["2026-11-01"] if days.max() >= pd.Timestamp("2026-11-01") else []
    )
    assert found.over_time["n"].sum() == 600


def test_segments_given_as_rows_follow_labels_that_are_fewer():
    X, y, customers = _world()
    labels = pd.Series(y).iloc[::2]
    segments = np.where(np.arange(N) % 4 == 0, "four", "two")
    found = validate_model(
        Recorder(), X, labels, time=TIME, groups=customers, segments=segments, split=TimeSplit(), metrics="rate"
    )
    assert (found.predictions["row"] % 2 == 0).all()
    rates = found.by_segment.set_index("segment")["value"]
    rows = found.predictions
    four = rows["row"] % 4 == 0
    assert rates.to_dict() == pytest.approx({"four": rows["y"][four].mean(), "two": rows["y"][~four].mean()})


def test_a_segment_of_one_label_has_no_auc_and_says_why():
    X, y, _ = _world()
    segments = np.where(y == 1, "ones", "mixed")
    segments[(y == 1) & (np.arange(N) % 3 > 0)] = "mixed"
    segments[905:909] = "tiny"
    found = validate_model(Recorder(), X, y, time=TIME, segments=segments, split=TimeSplit())
    rows = found.by_segment.set_index(["segment", "metric"])
    n = rows.loc[("ones", "auc"), "n"]
    for metric in ("auc", "average_precision", "lift_10", "calibration_slope", "calibration_in_the_large"):
        assert np.isnan(rows.loc[("ones", metric), ["value", "low", "high"]].astype(float)).all()
        assert rows.loc[("ones", metric), "reason"] == f"all {n} rows have the label 1"
    assert rows.loc[("ones", "brier"), "reason"] == ""
    assert np.isfinite(rows.loc[("ones", "brier"), "high"])
    assert rows.loc[("tiny", "brier"), "reason"] == "4 customers are too few for an interval"
    assert np.isnan(rows.loc[("tiny", "brier"), "high"])


def test_weights_train_and_test():
    X, y, _ = _world()
    weight = np.random.default_rng(1).integers(0, 3, N)
    found = validate_model(
        LogisticRegression(), _logistic(X), y, time=TIME, sample_weight=weight, split=TimeSplit(), metrics="auc"
    )
    model = LogisticRegression().fit(_logistic(X)[:900], y[:900], sample_weight=weight[:900])
    p = model.predict_proba(_logistic(X)[900:])[:, 1]
    assert found.value("auc") == pytest.approx(roc_auc_score(y[900:], p, sample_weight=weight[900:]))
    with pytest.raises(InputError, match="needs a model whose fit takes it"):
        validate_model(KNeighborsClassifier(), _logistic(X), y, time=TIME, sample_weight=weight)


def test_a_fitted_model_is_tested_as_it_is():
    X, y, _ = _world()
    model = LogisticRegression().fit(_logistic(X)[:900], y[:900])
    found = validate_model(model, _logistic(X)[900:], y[900:], fit=False, metrics="auc")
    assert found.value("auc") == pytest.approx(roc_auc_score(y[900:], model.predict_proba(_logistic(X)[900:])[:, 1]))
    assert "The model as it was, tested on all 300 rows given" in found.tested_on
    with pytest.raises(InputError, match="fit=False needs a fitted one"):
        validate_model(LogisticRegression(), _logistic(X), y, fit=False)


def test_amounts_with_their_coverage_by_predicted_tenth():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"visits": rng.gamma(2, 2, 4 * N)})
    y = np.where(rng.random(4 * N) < 0.5, rng.lognormal(np.log1p(X["visits"]), 0.8), 0)
    time = pd.date_range("2026-01-01", periods=4 * N, freq="h")
    model = CLVModel(horizon="2D", n_estimators=20)
    found = validate_model(model, X, y, time=time, quantiles=(0.1, 0.9))
    assert found.metrics[-1] == "coverage"
    assert abs(found.value("coverage") - 0.85) < 0.1
    coverage = found.deciles[found.deciles["metric"] == "coverage"]
    assert coverage["value"].min() > 0.7
    tenths = found.deciles.pivot(index="decile", columns="metric", values="value")
    assert tenths["predicted"].is_monotonic_decreasing
    rows = found.predictions
    assert found.value("level_ratio") == pytest.approx(rows["p"].sum() / rows["y"].sum())
    assert tenths["actual"].mean() == pytest.approx(rows["y"].mean())
    assert len(found.calibration) == 0


def test_nbo_models_take_times_and_groups():
    X, y, customers = _world()
    model = PropensityModel(n_estimators=10, min_child_samples=5)
    found = nbo.validate_model(model, X, y, time=TIME, groups=customers, metrics="auc", split=TimeSplit())
    assert found.value("auc") > 0.6


def test_the_result_is_plain_and_the_same_again():
    X, y, _ = _world()

    def found():
        return validate_model(
            LogisticRegression(), _logistic(X), y, time=TIME, segments=X["plan"], also_random=True, rng=3
        )

    first, again = found(), found()
    assert isinstance(first, Validation)
    pd.testing.assert_frame_equal(first.overall, again.overall)
    plain = json.loads(json.dumps(first.to_dict(), allow_nan=False))
    assert plain["overall"][0]["metric"] == "rate"
    assert plain["over_time"][0]["period"] == "2026-04-01T00:00:00"
    assert len(plain["random"]) == len(plain["overall"]) == 14
    assert "<table" in first._repr_html_()
    with pytest.raises(InputError, match="metric must be one of"):
        first.value("gini")


def test_x_and_model_are_not_changed():
    X, y, _ = _world()
    before, model = X.copy(), LogisticRegression()
    validate_model(model, _logistic(X), y, time=TIME, segments=X["plan"], metrics="auc")
    pd.testing.assert_frame_equal(X, before)
    assert not hasattr(model, "coef_")


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"model": LogisticRegression}, TypeError, "must be a classifier or a regressor; got the class"),
        ({"model": LinearSVC()}, TypeError, "must have predict_proba"),
        ({"metrics": "gini"}, InputError, "metrics must be one of 'rate'"),
        ({"metrics": []}, InputError, "metrics must name one or more"),
        ({"metrics": "coverage", "model": LinearRegression()}, InputError, "metrics must be one of 'mean_actual'"),
        ({"n_bootstrap": 10}, InputError, "n_bootstrap must be a whole number, 100 or more"),
        ({"level": 95}, InputError, r"level must be in \(0, 1\)"),
        ({"time": TIME[:5]}, InputError, "time must have 1200 rows, as X"),
        ({"groups": [1, 2]}, InputError, "groups must have 1200 rows, as X"),
        ({"segments": [1, 2]}, InputError, "segments must have 1200 rows, as X; got 2"),
        ({"segments": "age"}, InputError, "'age' has 1200"),
        ({"segments": "income"}, InputError, "X lacks the column 'income'"),
        ({"y": np.zeros(N, int)}, InputError, "10 or more customers of each label"),
        ({"model": CLVModel(), "quantiles": (0.9, 0.1)}, InputError, "quantiles must be two numbers"),
    ],
)
def test_what_cannot_be_validated_is_refused(changed, error, message):
    X, y, _ = _world()
    given = {"model": LogisticRegression(), "X": _logistic(X), "y": y, "time": TIME, **changed}
    with pytest.raises(error, match=message):
        validate_model(given.pop("model"), given.pop("X"), given.pop("y"), **given)
