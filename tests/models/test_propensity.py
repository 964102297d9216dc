from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from nbo.errors import InputError
from nbo.models import PropensityModel, boosted_model, model_metrics
from nbo.models.calibration import sigmoid
from nbo.models.offer_columns import offer_attributes
from nbo.tables import Catalog, Offer

OFFERS = [
    Offer("card", value=40.0, cost=1.0, category="credit", channels=("email", "phone")),
    Offer("gold", value=80.0, cost=1.0, category="credit", channels=("phone",)),
    Offer("fund", value=60.0, cost=2.0, category="saving", channels=("email",)),
    Offer("plan", value=30.0, cost=0.5, category="saving"),
]
CATALOG = Catalog(OFFERS)
TASTE = {"card": 1.0, "gold": 0.8, "fund": -1.0, "plan": -0.8}
LEVEL = {"card": -1.0, "gold": -2.0, "fund": -1.5, "plan": -1.0}


def simulate(n, seed=0, offers=("card", "gold", "fund", "plan")):
    """Credit suits the young, saving the old; phone helps; a tenth of the ages is missing."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.normal(0, 1, n),
            "region": rng.choice(["north", "south", "west"], n),
            "visits": rng.poisson(3, n),
            "member": rng.random(n) < 0.5,
            "offer_id": rng.choice(list(offers), n),
            "channel": rng.choice(["email", "phone"], n),
        }
    )
    logit = true_logit(frame)
    frame.loc[rng.random(n) < 0.1, "visits"] = np.nan
    return frame, (rng.random(n) < sigmoid(logit)).astype(int), sigmoid(logit)


def true_logit(frame):
    return (
        frame["offer_id"].map(LEVEL)
        - 1.2 * frame["offer_id"].map(TASTE) * frame["age"]
        + 0.5 * (frame["channel"] == "phone")
        + 0.4 * (frame["region"] == "west")
    ).to_numpy()


@pytest.fixture(scope="module")
def fitted():
    X, y, _ = simulate(40_000)
    return PropensityModel(n_estimators=120, learning_rate=0.1, num_leaves=15).fit(X, y, catalog=CATALOG)


def test_planted_probabilities_come_back(fitted):
    X, y, truth = simulate(20_000, seed=1)
    p = fitted.predict_proba(X)[:, 1]
    measured, best = model_metrics(y, p), model_metrics(y, truth)
    assert measured["auc"] > best["auc"] - 0.01
    assert measured["log_loss"] < best["log_loss"] + 0.01
    assert measured["ece"] < 0.03
    slope = LogisticRegression(C=np.inf).fit(np.log(p / (1 - p))[:, None], y).coef_[0, 0]
    # Over eight simulated worlds the slope was 0.96, with a standard deviation of 0.03.
    assert slope == pytest.approx(1.0, abs=0.15)


def test_probabilities_of_both_classes_sum_to_one(fitted):
    X, _, _ = simulate(50, seed=2)
    p = fitted.predict_proba(X)
    assert p.shape == (50, 2)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_array_equal(fitted.predict(X), (p[:, 1] > 0.5).astype(int))


def test_library_order_and_chunks_change_no_bit(fitted, monkeypatch):
    X, _, _ = simulate(300, seed=3)
    p = fitted.predict_proba(X)
    table = pa.Table.from_pandas(X, preserve_index=False)
    for other in (table, pl.DataFrame(table), X[X.columns[::-1]], X.assign(more=1)):
        np.testing.assert_array_equal(fitted.predict_proba(other), p)
    monkeypatch.setattr(boosted_model, "_CHUNK_ROWS", 7)
    np.testing.assert_array_equal(fitted.predict_proba(X), p)


def test_column_order_in_training_changes_no_bit():
    X, y, _ = simulate(2000)
    first = PropensityModel(n_estimators=10).fit(X, y)
    second = PropensityModel(n_estimators=10).fit(pl.DataFrame(X[X.columns[::-1]].to_dict("list"), strict=False), y)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))


def test_scores_of_offers_are_those_of_rows_with_the_offer(fitted):
    X, _, _ = simulate(40, seed=4)
    customers = X.drop(columns=["offer_id", "channel"])
    scores = fitted.score_offers(customers, CATALOG)
    assert scores.shape == (40, 4)
    for k, offer in enumerate(OFFERS):
        channel = offer.channels[0] if offer.channels else None
        rows = customers.assign(offer_id=offer.offer_id, channel=pd.Series([channel] * 40, dtype=object))
        np.testing.assert_array_equal(scores[:, k], fitted.predict_proba(rows)[:, 1])


def test_few_customers_have_the_scores_that_they_have_among_many(fitted):
    X, _, _ = simulate(300, seed=6)
    channels = np.random.default_rng(1).choice(["email", "phone"], (300, 4))
    scores, by_channel = fitted.score_offers(X, CATALOG), fitted.score_offers(X, CATALOG, channels)
    for n in (1, 2, 16, 17):
        np.testing.assert_array_equal(fitted.score_offers(X.iloc[:n], CATALOG), scores[:n])
        np.testing.assert_array_equal(fitted.score_offers(X.iloc[:n], CATALOG, channels[:n]), by_channel[:n])


def test_channels_may_differ_by_customer_and_offer(fitted, monkeypatch):
    X, _, _ = simulate(40, seed=5)
    channels = np.random.default_rng(0).choice(["email", "phone"], (40, 4))
    scores = fitted.score_offers(X, CATALOG, channels)
    for k, offer in enumerate(OFFERS):
        rows = X.assign(offer_id=offer.offer_id, channel=channels[:, k])
        np.testing.assert_array_equal(scores[:, k], fitted.predict_proba(rows)[:, 1])
    monkeypatch.setattr(boosted_model, "_CHUNK_ROWS", 7)
    np.testing.assert_array_equal(fitted.score_offers(X, CATALOG, channels), scores)


def test_each_catalog_is_scored_as_what_it_is_also_after_another_and_another_fit():
    X, y, _ = simulate(2000, seed=5)
    customers = X.head(5).drop(columns=["offer_id", "channel"])
    dear = Catalog([Offer("card", value=90.0, category="credit"), Offer("new", value=5.0, channels=("phone",))])
    model = PropensityModel(n_estimators=10)
    for seed in (0, 1):
        X, y, _ = simulate(2000, seed=seed)
        model.fit(X, y, catalog=CATALOG)
        same = PropensityModel(n_estimators=10).fit(X, y, catalog=CATALOG)
        for catalog in (CATALOG, dear, dear, CATALOG):
            scores = model.score_offers(customers, catalog)
            # Rows of `predict_proba` get the attributes that a model was fitted with.
            same.offers_ = offer_attributes(catalog)
            for k, offer in enumerate(catalog):
                channel = offer.channels[0] if offer.channels else None
                rows = customers.assign(offer_id=offer.offer_id, channel=pd.Series([channel] * 5, dtype=object))
                np.testing.assert_array_equal(scores[:, k], same.predict_proba(rows)[:, 1])


def test_offer_never_made_is_scored_by_its_attributes():
    X, y, _ = simulate(12_000, offers=("card", "fund", "plan"))
    model = PropensityModel(n_estimators=120, learning_rate=0.1, num_leaves=15).fit(X, y, catalog=Catalog(OFFERS))
    new, _, _ = simulate(2000, seed=6)
    scores = model.score_offers(new, CATALOG)
    # The new credit card suits those whom the known one suits.
    assert np.corrcoef(scores[:, 1], -new["age"])[0, 1] > 0.7
    assert np.corrcoef(scores[:, 1], scores[:, 0])[0, 1] > 0.8


def test_offer_that_drifted_is_set_right_and_others_stay():
    X, y, _ = simulate(20_000)
    rng = np.random.default_rng(1)
    time = pd.date_range("2026-01-01", periods=20_000, freq="h")
    late = np.arange(20_000) >= 16_000
    # "card" loses nine of ten acceptances in the latest fifth.
    y = np.where(late & (X["offer_id"] == "card") & (rng.random(20_000) < 0.9), 0, y)
    model = PropensityModel(n_estimators=60, learning_rate=0.1, num_leaves=15).fit(X, y, time=time)
    p = model.predict_proba(X)[:, 1]
    for offer in ("card", "gold", "fund", "plan"):
        rows = late & (X["offer_id"] == offer).to_numpy()
        assert p[rows].mean() == pytest.approx(y[rows].mean(), abs=0.02)
    assert model.offer_offsets_["card"] < -0.3


def test_level_is_that_of_the_latest_rows_in_whatever_order_they_come():
    X, y, _ = simulate(10_000)
    X = X.drop(columns="offer_id")
    rng = np.random.default_rng(2)
    y = np.where(np.arange(10_000) < 8000, y & (rng.random(10_000) < 0.3), y)
    time = pd.Series(pd.date_range("2026-01-01", periods=10_000, freq="h"))
    order = rng.permutation(10_000)
    model = PropensityModel(n_estimators=40, random_state=3)
    with_time = model.fit(X.iloc[order], y[order], time=time[order]).predict_proba(X)[:, 1].mean()
    without = model.fit(X.iloc[order], y[order]).predict_proba(X)[:, 1].mean()
    assert with_time == pytest.approx(y[8000:].mean(), abs=0.02)
    assert without == pytest.approx(y.mean(), abs=0.02)


@pytest.mark.parametrize("accepts", [0, 1])
def test_no_accepts_at_all_gives_a_constant_by_laplace(accepts, caplog):
    X, _, _ = simulate(48)
    with caplog.at_level(logging.WARNING):
        model = PropensityModel().fit(X, np.full(48, accepts), catalog=CATALOG)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], (48 * accepts + 1) / 50)
    np.testing.assert_allclose(model.score_offers(X, CATALOG), (48 * accepts + 1) / 50)
    assert "all 48 labels are the same" in caplog.text
    np.testing.assert_allclose(model.explain(X)["base"], np.log((48 * accepts + 1) / (48 * (1 - accepts) + 1)))
    assert model.feature_importance()["gain"].tolist() == [0.0] * len(model.encoder_.names_)


def test_one_row_is_enough_and_none_is_refused():
    X, y, _ = simulate(3)
    assert PropensityModel().fit(X[:1], [1]).predict_proba(X)[0, 1] == pytest.approx(2 / 3)
    with pytest.raises(InputError, match="at least one row"):
        PropensityModel().fit(X[:0], [])
    with pytest.raises(InputError, match="at least one row"):
        PropensityModel(n_estimators=5).fit(X, [0, 1, 0]).predict_proba(X[:0])


def test_explanations_sum_to_the_raw_score(fitted):
    X, _, _ = simulate(30, seed=7)
    reasons = fitted.explain(X)
    assert list(reasons.columns) == [*fitted.encoder_.names_, "base"]
    raw = np.concatenate([fitted.probability_.boosting.score(matrix) for matrix in fitted._matrices(X)])
    np.testing.assert_allclose(reasons.sum(axis=1), raw, atol=1e-9)


def test_importance_names_what_was_planted(fitted):
    table = fitted.feature_importance()
    assert table["gain"].sum() == pytest.approx(1)
    assert "age" in table["feature"].tolist()[:2]


def test_stored_model_gives_the_same_bits(fitted, tmp_path):
    X, _, _ = simulate(200, seed=8)
    fitted.to_dir(tmp_path / "model")
    again = PropensityModel.from_dir(tmp_path / "model")
    assert sorted(file.name for file in (tmp_path / "model").iterdir()) == ["model.json", "score.lgb.txt"]
    assert again.get_params() == fitted.get_params()
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    np.testing.assert_array_equal(again.score_offers(X, CATALOG), fitted.score_offers(X, CATALOG))
    pd.testing.assert_frame_equal(again.explain(X), fitted.explain(X))
    assert again.predict(X).dtype == fitted.predict(X).dtype


def test_fitting_again_forgets_the_first(fitted):
    X, y, _ = simulate(2000)
    model = PropensityModel(n_estimators=5).fit(X, y, catalog=CATALOG)
    model.fit(X.drop(columns="offer_id"), y)
    assert (model.offers_, model.offer_offsets_) == (None, {})


def test_callers_frames_stay_as_they_are(fitted):
    X, y, _ = simulate(500)
    before = X.copy(deep=True)
    PropensityModel(n_estimators=5).fit(X, y, catalog=CATALOG).score_offers(X, CATALOG)
    pd.testing.assert_frame_equal(X, before)


def test_model_without_offers_cannot_score_them():
    X, y, _ = simulate(100)
    model = PropensityModel(n_estimators=5).fit(X.drop(columns="offer_id"), y)
    with pytest.raises(InputError, match="fit it with the column offer_id"):
        model.score_offers(X, CATALOG)


def test_catalog_without_offer_ids_in_x_is_refused():
    X, y, _ = simulate(100)
    with pytest.raises(InputError, match="given a catalog lacks the column 'offer_id'"):
        PropensityModel().fit(X.drop(columns="offer_id"), y, catalog=CATALOG)


def test_channels_of_another_shape_are_refused(fitted):
    X, _, _ = simulate(5)
    with pytest.raises(InputError, match=r"channels must have the shape \(5, 4\)"):
        fitted.score_offers(X, CATALOG, np.full((5, 3), "email"))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_estimators": 0}, "n_estimators must be a whole number, at least 1; got 0"),
        ({"learning_rate": 0}, r"learning_rate must be in \(0, 1\]"),
        ({"calibration": "platt"}, "calibration must be one of 'beta'"),
        ({"calibration_share": 1.0}, "calibration_share must be in"),
    ],
)
def test_parameters_outside_their_range_are_refused(parameters, message):
    X, y, _ = simulate(50)
    with pytest.raises(InputError, match=message):
        PropensityModel(**parameters).fit(X, y)


def test_times_and_groups_of_another_length_are_refused():
    X, y, _ = simulate(50)
    with pytest.raises(InputError, match="time must have 50 rows, as X; got 2"):
        PropensityModel().fit(X, y, time=["2026-01-01", "2026-01-02"])
    with pytest.raises(InputError, match="groups must have 50 rows"):
        PropensityModel().fit(X, y, groups=[1])
