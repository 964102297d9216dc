from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.models import ChurnModel, PropensityModel, boosted_model
from nbo.models.trees import checked_walker
from nbo.models.trees.walker import TreeWalker
from nbo.tables import Catalog, Offer

CHANNELS = ["email", "phone", "app"]


def catalog(n_offers):
    return Catalog(
        [
            Offer(f"o{i:03d}", value=float(i % 7), cost=i % 3 / 2, category=f"c{i % 5}", channels=(CHANNELS[i % 3],))
            for i in range(n_offers)
        ]
    )


def customers(n, seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"age": rng.normal(size=n), "visits": rng.poisson(2, n), "zone": rng.choice(list("abcd"), n)})
    frame["visits"] = frame["visits"].where(rng.random(n) < 0.8)
    return frame


def fit(offers, calibration="beta", two_stages=False, **parameters):
    X = customers(4000, 0)
    rng = np.random.default_rng(1)
    X["offer_id"] = rng.choice(offers.offer_ids, len(X))
    X["channel"] = rng.choice(CHANNELS, len(X))
    logit = X["age"] * (X["offer_id"].str[-1] > "4") + (X["channel"] == "app") - 1
    y = rng.random(len(X)) < 1 / (1 + np.exp(-logit))
    viewed = y | (rng.random(len(X)) < 0.5) if two_stages else None
    model = PropensityModel(n_estimators=25, min_child_samples=10, calibration=calibration, **parameters)
    return model.fit(X, y, catalog=offers, viewed=viewed)


@pytest.fixture
def by_trees(monkeypatch):
    """Give scores of the compiled trees, whatever the size of the job, and count their calls."""
    calls = []
    plain = TreeWalker.score_offers

    def counted(self, *args, **kwargs):
        calls.append(1)
        return plain(self, *args, **kwargs)

    monkeypatch.setattr(TreeWalker, "score_offers", counted)
    for name in ("_WALKS_TO_COMPILE", "_WALKS_TO_LAY_OUT", "_LEAST_SCORES"):
        monkeypatch.setattr(checked_walker, name, 0)
    return calls


def rows_of(X, offers, k, channel):
    return X.assign(offer_id=offers.offer_ids[k], channel=pd.Series(channel, dtype=object, index=X.index))


@pytest.mark.parametrize("calibration", ["beta", "isotonic", "venn_abers", "none"])
def test_offers_have_the_bits_of_rows(calibration, by_trees):
    offers = catalog(20)
    model, X = fit(offers, calibration), customers(700, 2)
    scores = model.score_offers(X, offers)
    assert by_trees
    for k, offer in enumerate(offers):
        rows = rows_of(X, offers, k, [offer.channels[0]] * len(X))
        np.testing.assert_array_equal(scores[:, k], model.predict_proba(rows)[:, 1])


@pytest.mark.parametrize("n_offers", [1, 64, 65, 130])
def test_any_number_of_offers_has_lightgbms_bits(n_offers, by_trees, monkeypatch):
    model, X = fit(catalog(40)), customers(300, 3)
    scores = model.score_offers(X, catalog(n_offers))
    n_calls = len(by_trees)
    monkeypatch.setattr(checked_walker, "_LEAST_SCORES", np.inf)
    np.testing.assert_array_equal(model.score_offers(X, catalog(n_offers)), scores)
    assert len(by_trees) == n_calls > 0


def test_channels_of_each_customer_stages_threads_and_chunks_change_no_bit(by_trees, monkeypatch):
    offers = catalog(12)
    model, X = fit(offers, two_stages=True, n_jobs=1), customers(2100, 4)
    # To fit so little in two threads takes seconds where all cores are busy.
    model.n_jobs = 2
    channels = np.random.default_rng(5).choice([*CHANNELS, "letter", None], (len(X), 12))
    scores = model.score_offers(X, offers, channels)
    for k in range(12):
        rows = rows_of(X, offers, k, channels[:, k])
        np.testing.assert_array_equal(scores[:, k], model.predict_proba(rows)[:, 1])
    model.n_jobs = 1
    monkeypatch.setattr(boosted_model, "_CHUNK_ROWS", 333)
    np.testing.assert_array_equal(model.score_offers(X, offers, channels), scores)
    monkeypatch.setattr(checked_walker, "_LEAST_SCORES", np.inf)
    np.testing.assert_array_equal(model.score_offers(X, offers, channels), scores)


def test_model_stays_as_it_was_and_can_be_scored_again(by_trees):
    offers = catalog(5)
    model, X = fit(offers), customers(50, 6)
    boosting, calibration = model.probability_.boosting, model.calibration_
    first = model.score_offers(X, offers)
    assert model.probability_.boosting is boosting
    assert model.calibration_ is calibration
    np.testing.assert_array_equal(model.score_offers(X, catalog(3)), first[:, :3])
    np.testing.assert_array_equal(model.score_offers(X, offers), first)


def test_churn_has_lightgbms_bits(by_trees, monkeypatch):
    X = customers(3000, 7)
    y = np.random.default_rng(8).random(3000) < 1 / (1 + np.exp(-X["age"]))
    model = ChurnModel(n_estimators=20).fit(X, y)
    found = model.predict_proba(X)
    assert by_trees
    monkeypatch.setattr(checked_walker, "_LEAST_SCORES", np.inf)
    np.testing.assert_array_equal(model.predict_proba(X), found)


def test_no_customers_have_no_scores():
    assert fit(catalog(3)).score_offers(customers(0, 9), catalog(3), np.empty((0, 3))).shape == (0, 3)
