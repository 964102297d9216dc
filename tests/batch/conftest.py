"""One small world and one small model for all tests of the batch job."""

from __future__ import annotations

import pytest

from nbo.features import DemographicFeatures, FeatureSet
from nbo.models import PropensityModel
from nbo.next_best_offer import NextBestOffer
from nbo.policies import Uniform
from nbo.simulate import World
from nbo.tables import Spine


@pytest.fixture(scope="session")
def world():
    return World(customers=45, days=90, seed=1)


@pytest.fixture(scope="session")
def tables(world):
    return world.tables


@pytest.fixture(scope="session")
def model(world):
    features = FeatureSet([DemographicFeatures()])
    parts = {"propensity": PropensityModel(n_estimators=5), "policy": Uniform(world.catalog.offer_ids), "rules": []}
    spine = Spine.at(world.end, world.tables)
    return NextBestOffer(features=features, **parts).fit(world.tables, spine, as_of=world.end)


@pytest.fixture(scope="session")
def X(world, model):
    return model.features.build(world.tables, Spine.at(world.end, world.tables))
