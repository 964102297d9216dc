"""All segmenters, inside the object that decides: trained, learnt by, stored, and registered."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbo import registry, segments
from nbo.features import AccountFeatures, DemographicFeatures, FeatureSet, HouseholdFeatures, TransactionFeatures
from nbo.models import PropensityModel
from nbo.next_best_offer import NextBestOffer
from nbo.next_best_offer.training import answered_history
from nbo.policies import SegmentThompson
from nbo.segments import Segmenter
from nbo.simulate import World
from nbo.tables import Spine
from nbo.testing.parts import parts_of

SEGMENTERS = parts_of(segments, Segmenter)
# The world is small, so that segments must be too.
ARGUMENTS = {
    "AcceptanceTreeSegmenter": {"min_customers": 30},
    "ClusterSegmenter": {"columns": ["customers__age", "customers__job"], "k": 3, "bootstraps": 2},
    "LookalikeSegmenter": {"n_trees": 5},
    "MicroSegmenter": {"target": "transactions__net_margin__sum__365D", "min_customers": 30},
    "ValueTierSegmenter": {"limits": np.array([100.0, 10])},
}


@pytest.fixture(scope="module")
def world():
    return World(customers=300, days=200, seed=3)


@pytest.fixture(scope="module")
def today(world):
    return Spine.at(world.end, world.tables)


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    """Give the store's URI; making a store takes seconds, so there is one."""
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


def trained(name, world, today):
    builders = [DemographicFeatures(), TransactionFeatures(), HouseholdFeatures(), AccountFeatures()]
    parts = {
        "features": FeatureSet(builders),
        "propensity": PropensityModel(n_estimators=3),
        "churn": None,
        "clv": None,
    }
    model = NextBestOffer(segmenter=SEGMENTERS[name](**ARGUMENTS.get(name, {})), rules=[], **parts)
    return model.fit(world.tables, today, as_of=world.end, progress=False)


@pytest.mark.parametrize("name", SEGMENTERS)
def test_the_policy_learns_by_its_segments_and_a_stored_model_decides_the_same(name, world, today, tmp_path):
    model = trained(name, world, today)
    assert isinstance(model.policy, SegmentThompson)
    history = answered_history(world.tables, model.features, pd.Timedelta(model.window), world.end)
    # A copy that has seen nothing but its own state needs no tables.
    state = json.loads(json.dumps(model.segmenter.to_dict(), allow_nan=False))
    alone = SEGMENTERS[name].from_dict(state)
    log = history.feedback.assign(segment=alone.predict(history.X))
    expected = log.groupby(["segment", "offer_id"])["reward"].agg(["size", "sum"])
    rates = model.policy.acceptance_rates().set_index(["segment", "offer_id"])
    rates = rates[rates["n"] > 0].sort_index()
    assert rates.index.tolist() == expected.index.tolist()
    assert rates[["n", "accepted"]].to_numpy().tolist() == expected.to_numpy().tolist()

    decisions = model.decide(world.tables, today, rng=7)
    X = model.features.build(world.tables, today)
    assert decisions["segment"].tolist() == alone.predict(X).tolist()
    assert decisions["segment"].isin(model.segmenter.describe()["segment"]).all()
    assert set(decisions["segment_scheme"]) == {alone.scheme}
    model.to_dir(tmp_path / "stored")
    stored = NextBestOffer.from_dir(tmp_path / "stored")
    assert type(stored.segmenter) is SEGMENTERS[name]
    pd.testing.assert_frame_equal(stored.decide(world.tables, today, rng=7), decisions)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEGMENTERS)
def test_a_registered_model_labels_customers_as_before(name, world, today, uri):
    model = trained(name, world, today)
    registry.log(model, name, tracking_uri=uri, alias="first")
    loaded = registry.load(f"models:/{name}@first", uri)
    X = model.features.build(world.tables, today)
    assert loaded.segmenter.predict(X).tolist() == model.segmenter.predict(X).tolist()
    assert loaded.segmenter.scheme == model.segmenter.scheme
