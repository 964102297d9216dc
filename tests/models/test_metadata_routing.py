"""Times, groups, weights and the catalog reach a model inside of scikit-learn's tools."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from nbo.models import PropensityModel, TimeSplit
from nbo.tables import Catalog, Offer

CATALOG = Catalog([Offer("card", value=40.0), Offer("loan", value=90.0)])


@pytest.fixture(autouse=True)
def _routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    n = 1200
    X = pd.DataFrame({"age": rng.normal(size=n), "offer_id": rng.choice(["card", "loan"], n)})
    y = rng.random(n) < 1 / (1 + np.exp(-X["age"]))
    rows = {
        "time": pd.Series(pd.date_range("2026-01-01", periods=n, freq="h")),
        "groups": np.arange(n) // 3,
        "sample_weight": rng.uniform(0.5, 2, n),
    }
    return X, y, rows


class Seen(PropensityModel):
    """Keep what reached `fit`."""

    def fit(self, X, y, sample_weight=None, time=None, groups=None, catalog=None):
        self.seen_ = {"rows": len(X), "time": time, "groups": groups, "weight": sample_weight, "catalog": catalog}
        return super().fit(X, y, sample_weight, time, groups, catalog)


def requested():
    model = Seen(n_estimators=5, min_child_samples=5)
    model.set_fit_request(sample_weight=True, time=True, groups=True, catalog=True)
    return model.set_score_request(sample_weight=True)


def check_arrived(seen, rows):
    assert seen["rows"] == len(seen["time"]) == len(seen["groups"]) == len(seen["weight"])
    assert seen["catalog"] is CATALOG
    assert set(seen["groups"]) <= set(rows["groups"])


def test_cross_validation_hands_each_fold_its_rows(data):
    X, y, rows = data
    cuts = list(TimeSplit(2).split(rows["time"]))
    found = cross_validate(
        requested(), X, y, cv=cuts, params={**rows, "catalog": CATALOG}, return_estimator=True, error_score="raise"
    )
    for model, (train, _) in zip(found["estimator"], cuts, strict=True):
        check_arrived(model.seen_, rows)
        np.testing.assert_array_equal(model.seen_["groups"], rows["groups"][train])
        np.testing.assert_array_equal(model.seen_["time"], rows["time"].iloc[train])
        np.testing.assert_array_equal(model.seen_["weight"], rows["sample_weight"][train])


def test_pipelines_pass_them_on(data):
    X, y, rows = data
    pipeline = make_pipeline(FunctionTransformer(), requested()).fit(X, y, **rows, catalog=CATALOG)
    check_arrived(pipeline[-1].seen_, rows)
    alone = requested().fit(X, y, **rows, catalog=CATALOG)
    np.testing.assert_array_equal(pipeline.predict_proba(X), alone.predict_proba(X))
    assert pipeline[-1].offers_ == alone.offers_


def test_searches_pass_them_on(data):
    X, y, rows = data
    cuts = list(TimeSplit().split(rows["time"]))
    search = GridSearchCV(requested(), {"num_leaves": [3, 7]}, cv=cuts, error_score="raise")
    search.fit(X, y, **rows, catalog=CATALOG)
    check_arrived(search.best_estimator_.seen_, rows)


def test_frames_of_polars_go_through(data):
    X, y, rows = data
    frame = pl.DataFrame(X.to_dict("list"))
    params = {**rows, "catalog": CATALOG}
    cuts = list(TimeSplit().split(rows["time"]))
    of_polars = cross_validate(requested(), frame, y, cv=cuts, params=params, error_score="raise")
    of_pandas = cross_validate(requested(), X, y, cv=cuts, params=params, error_score="raise")
    np.testing.assert_array_equal(of_polars["test_score"], of_pandas["test_score"])


def test_clones_keep_what_was_asked_for():
    asked = clone(requested()).get_metadata_routing().fit.requests
    assert {name for name, wanted in asked.items() if wanted} == {"sample_weight", "time", "groups", "catalog"}
