"""One MLflow store and one small model for all tests of the registry."""

from __future__ import annotations

import copy

import pytest

from nbo import registry
from nbo.features import DemographicFeatures, FeatureSet, TransactionFeatures
from nbo.models import PropensityModel
from nbo.next_best_offer import NextBestOffer
from nbo.policies import Uniform
from nbo.simulate import World
from nbo.tables import Spine


@pytest.fixture(scope="session")
def world():
    return World(customers=150, days=90, seed=1)


@pytest.fixture(scope="session")
def measured(world):
    features = FeatureSet([DemographicFeatures(), TransactionFeatures(windows=["30D"])])
    parts = {"propensity": PropensityModel(n_estimators=5), "policy": Uniform(world.catalog.offer_ids), "rules": []}
    spine = Spine.at(world.end, world.tables)
    return NextBestOffer(features=features, **parts).fit(world.tables, spine, as_of=world.end)


@pytest.fixture(scope="session")
def model(measured):
    """Without what was measured on later rows: no curves are drawn then, and logging takes half the time."""
    found = copy.copy(measured)
    found.validation_ = None
    return found


@pytest.fixture(scope="session")
def X(world, model):
    return model.features.build(world.tables, Spine.at(world.end, world.tables))


@pytest.fixture(scope="session")
def uri(tmp_path_factory):
    """Give the store's URI; making a store takes seconds, so there is one."""
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


@pytest.fixture(scope="session")
def logged(measured, uri):
    return registry.log(
        measured,
        "logged",
        tracking_uri=uri,
        metrics={"auc": 0.75, "bad": float("nan")},
        tags={"team": "crm"},
        alias="first",
    )


@pytest.fixture
def mlflow(uri):
    """MLflow as a caller has it who uses the store of the tests."""
    import mlflow

    mlflow.set_tracking_uri(uri)
    yield mlflow
    mlflow.set_tracking_uri(None)
