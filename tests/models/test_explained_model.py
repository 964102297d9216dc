from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import BehavioralFeatures, FeatureSet
from nbo.models import CLVModel, PropensityModel
from nbo.tables import CustomerTables, Spine


def simulate(n=3000, seed=0):
    """Who visits often accepts; the plan decides a little; the age nothing."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "events__count__30D": rng.poisson(3, n).astype(float),
            "events__recency_days": rng.exponential(5, n),
            "customers__age__as_of": rng.integers(18, 80, n),
            "plan": rng.choice(["basic", "gold"], n),
            "offer_id": rng.choice(["card", "loan"], n),
        }
    )
    logit = 0.8 * X["events__count__30D"] - 3 + 0.3 * (X["plan"] == "gold")
    return X, rng.random(n) < 1 / (1 + np.exp(-logit))


@pytest.fixture(scope="module")
def model():
    return PropensityModel(n_estimators=40, min_child_samples=100).fit(*simulate())


def raw_score(model, X):
    return np.concatenate([model.probability_.boosting.score(matrix) for matrix in model._matrices(X)])


@pytest.mark.parametrize("approximate", [False, True])
@pytest.mark.parametrize("by", ["column", "data_type"])
def test_rows_sum_to_the_raw_score(model, by, approximate):
    X, _ = simulate(200, seed=1)
    table = model.explain(X, by=by, approximate=approximate)
    np.testing.assert_allclose(table.sum(axis=1), raw_score(model, X), atol=1e-9)


def test_data_types_add_up_their_columns(model):
    X, _ = simulate(50, seed=2)
    columns, types = model.explain(X), model.explain(X, by="data_type")
    assert list(types.columns) == ["demographic", "behavioral", "what we did", "other", "base"]
    both = columns["events__count__30D"] + columns["events__recency_days"]
    np.testing.assert_allclose(types["behavioral"], both, atol=1e-12)


def test_a_mapping_may_name_the_data_types(model):
    X, _ = simulate(20, seed=3)
    types = model.explain(X, by="data_type", features={"plan": "contract"})
    np.testing.assert_array_equal(types["contract"], model.explain(X)["plan"])
    assert "other" not in types


def test_reasons_are_the_largest_shares(model):
    X, _ = simulate(100, seed=4)
    reasons = model.reasons(X, k=2)
    shares = model.explain(X).drop(columns="base")
    for row in range(100):
        mine = reasons[reasons["row"] == row]
        ordered = shares.loc[row].sort_values(key=np.abs, ascending=False, kind="stable")[:2]
        ordered = ordered[ordered != 0]
        assert mine["rank"].tolist() == list(range(1, len(ordered) + 1))
        assert sorted(mine["column"]) == sorted(ordered.index)
        np.testing.assert_allclose(mine["contribution"], ordered)
    assert (reasons["direction"] == np.where(reasons["contribution"] > 0, "raises", "lowers")).all()


def test_reasons_show_values_as_the_model_takes_them(model):
    X, _ = simulate(2, seed=5)
    X["plan"], X["events__count__30D"] = ["gold", "silver"], [9, np.nan]
    reasons = model.reasons(X, k=5).set_index(["row", "column"])["value"]
    assert reasons[0, "events__count__30D"] == 9
    assert reasons[0, "plan"] == "gold"
    # A category that was never seen and a missing number are both unknown to the model.
    assert reasons.get((1, "plan")) is None
    assert reasons[1, "events__count__30D"] is None


def test_reasons_speak_in_the_words_of_the_features():
    events = pd.DataFrame({"customer_id": ["ann", "bob"] * 40, "event_time": "2026-06-29"})
    spine = Spine.at("2026-06-30", [f"c{i}" for i in range(200)] + ["ann", "bob"])
    tables = CustomerTables(events=events)
    features = FeatureSet([BehavioralFeatures(windows=["7D"])])
    X = features.build(tables, spine)
    X["events__count__7D"] = np.arange(202) % 20
    model = PropensityModel(n_estimators=20).fit(X, X["events__count__7D"] > 9)
    for given in (features, features.describe()):
        first = model.reasons(X[:1], features=given).iloc[0]
        words = features.describe().set_index("feature")["meaning"]["events__count__7D"].rstrip(".")
        assert re.fullmatch(re.escape(words) + r" is 0: lowers the score by [0-9.]+", first["sentence"])
        assert first["data_type"] == "behavioral"


def test_chunks_change_nothing(model, monkeypatch):
    X, _ = simulate(30, seed=6)
    whole = model.reasons(X)
    monkeypatch.setattr("nbo.models.boosted_model._CHUNK_ROWS", 7)
    pd.testing.assert_frame_equal(model.reasons(X), whole)


def test_constant_model_has_no_reasons():
    X, _ = simulate(30)
    constant = PropensityModel().fit(X, np.zeros(30))
    assert constant.reasons(X).empty
    assert constant.reasons(X, approximate=True).empty


def test_parts_explain_themselves():
    X, y = simulate(600)
    model = CLVModel(n_estimators=10).fit(X, np.where(y, X["events__count__30D"] + 1, 0.0))
    for part in ("active", "spend"):
        assert set(model.reasons(X[:5], k=1, part=part)["rank"]) == {1}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda model, X: model.explain(X, by="table"), InputError, "by must be one of 'column', 'data_type'"),
        (lambda model, X: model.explain(X, part="spend"), InputError, "part must be one of 'score'"),
        (lambda model, X: model.reasons(X, k=0), InputError, "k must be a whole number, at least 1; got 0"),
        (lambda model, X: model.reasons(X, features=3), TypeError, "features must be a FeatureSet, its describe"),
        (lambda model, X: model.reasons(X, features=X), InputError, "features lacks the columns 'feature'"),
    ],
)
def test_bad_questions_are_refused(model, call, error, message):
    with pytest.raises(error, match=message):
        call(model, simulate(3)[0])
