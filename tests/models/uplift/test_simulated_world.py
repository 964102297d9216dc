"""Uplift learnt from the simulated world's contacts, held against its truth."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from nbo.features import BehavioralFeatures, DemographicFeatures, EnvironmentFeatures, FeatureSet, TransactionFeatures
from nbo.models.uplift import UpliftModel
from nbo.simulate import World
from nbo.tables import Spine

OFFER, CATEGORY = "groceries_coupon", "groceries"
COLUMNS = [
    "customers__age",
    "customers__tenure_days",
    "customers__customer_type",
    "environment__income",
    "environment__household_income",
    "transactions__amount_share__90D__category_groceries",
    "events__count__14D__category_groceries",
    "events__intent__decayed_sum__7D__category_groceries",
]


@pytest.fixture(scope="module")
def world():
    return World(customers=25_000, days=365, seed=11)


@pytest.fixture(scope="module")
def contacts(world):
    """Contacts with the coupon, and with offers of other categories: no contact at all is not logged."""
    catalog = world.tables.get("catalog").set_index("offer_id")["category"]
    same = set(catalog.index[catalog == CATEGORY])
    rows = world.tables.decisions
    rows = rows[(rows["decided_at"] >= world.start + pd.Timedelta("60D")) & (rows["decided_at"] < "2025-12-01")]
    could = rows["candidates"].map(json.loads)
    rows = rows[could.map(lambda offers: OFFER in offers) & ~rows["offer_id"].isin(same - {OFFER})]
    others = could.loc[rows.index].map(lambda offers: len(set(offers) - same))
    return rows.assign(probability=1 / (1 + others)).reset_index(drop=True)


@pytest.fixture(scope="module")
def bought(world, contacts):
    """Whether a purchase in the category followed within 28 days."""
    sales = world.tables.transactions
    sales = sales[(sales["kind"] == "sale") & (sales["category"] == CATEGORY)]
    sales = sales[["customer_id", "event_time"]].sort_values("event_time")
    asked = contacts[["customer_id", "decided_at"]].reset_index().sort_values("decided_at")
    found = pd.merge_asof(
        asked,
        sales.rename(columns={"event_time": "bought_at"}),
        left_on="decided_at",
        right_on="bought_at",
        by="customer_id",
        direction="forward",
        tolerance=pd.Timedelta("28D"),
    )
    return found.set_index("index")["bought_at"].notna().sort_index().to_numpy(dtype=float)


def test_uplift_agrees_with_the_truth(world, contacts, bought):
    spine = Spine.of(contacts[["customer_id"]].assign(as_of=contacts["decided_at"]))
    builders = [DemographicFeatures(), TransactionFeatures(windows=["90D"]), BehavioralFeatures(windows=["14D"])]
    features = FeatureSet([*builders, EnvironmentFeatures()]).fit(world.tables, spine)
    X = features.build(world.tables, spine)[COLUMNS]
    treated = (contacts["offer_id"] == OFFER).to_numpy(dtype=int)
    probability = contacts["probability"].to_numpy()
    truth = world.truth.uplift(contacts["customer_id"], contacts["decided_at"])[:, world.truth.offer_ids.index(OFFER)]
    customer = pd.factorize(contacts["customer_id"])[0]
    train = np.random.default_rng(0).random(customer.max() + 1)[customer] < 0.7
    model = UpliftModel(n_folds=2)
    model.fit(X[train], bought[train], treated[train], probability[train], groups=customer[train])
    average = model.average_effect_.iloc[0]
    assert abs(average["effect"] - truth[train].mean()) <= 4 * average["standard_error"]
    uplift = model.predict(X[~train])
    assert spearmanr(uplift, truth[~train])[0] >= 0.4
    assert 0.6 <= np.polyfit(uplift, truth[~train], 1)[0] <= 1.6
