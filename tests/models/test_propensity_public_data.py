"""Published data: bank marketing (Moro et al., 2014) and the Starbucks Rewards log (simulated by its publisher)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupShuffleSplit, StratifiedKFold

from nbo.datasets import load_starbucks
from nbo.features import (
    BehavioralFeatures,
    DemographicFeatures,
    FeatureSet,
    OfferHistoryFeatures,
    TransactionFeatures,
)
from nbo.models import PropensityModel, model_metrics
from nbo.tables import Spine


@pytest.fixture(scope="module")
def bank(public_data):
    file = public_data / "bank_marketing" / "bank_additional_full.parquet"
    if not file.exists():
        pytest.skip(f"bank marketing is not in {public_data}")
    frame = pd.read_parquet(file)
    # `duration` is known only after the call. The file has no dates, but the order of the calls.
    time = pd.date_range("2008-05-01", "2010-11-01", periods=len(frame))
    return frame.drop(columns=["y", "duration"]), (frame["y"] == "yes").to_numpy(), time


def by_time(bank, **parameters):
    X, y, time = bank
    cut = int(0.8 * len(X))
    model = PropensityModel(**parameters).fit(X[:cut], y[:cut], time=time[:cut])
    return model_metrics(y[cut:], model.predict_proba(X[cut:])[:, 1])


def test_bank_ranks_the_latest_fifth(bank):
    measured = by_time(bank)
    # Logistic regression reaches .748, LightGBM .678, and these trees without their linear share .654.
    assert measured["auc"] >= 0.74
    # One in sixteen accepted before, and one in three now: a level that nothing of the past tells.
    assert measured["rate"] == pytest.approx(0.308, abs=0.001)
    assert measured["mean_probability"] < 0.28
    assert measured["ece"] > 0.1


def test_bank_without_a_line_is_lost_where_the_economy_moved_on(bank):
    assert by_time(bank, linear_share=0.0)["auc"] < 0.70


@pytest.mark.slow
def test_bank_split_at_random(bank):
    X, y, _ = bank
    measured = []
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
        model = PropensityModel().fit(X.iloc[train], y[train])
        measured.append(model_metrics(y[test], model.predict_proba(X.iloc[test])[:, 1]))
    # LightGBM .804, logistic regression .791.
    assert np.mean([each["auc"] for each in measured]) >= 0.80
    assert np.mean([each["ece"] for each in measured]) <= 0.02


@pytest.fixture(scope="module")
def starbucks(public_data):
    folder = public_data / "starbucks_rewards"
    if not folder.is_dir():
        pytest.skip(f"the Starbucks Rewards log is not in {public_data}")
    data = load_starbucks(folder)
    sent = data.tables.decisions.merge(data.tables.outcomes, on="decision_id")
    # Of offers whose window is still open, only those that were accepted early have an outcome.
    sent = sent[sent["window_end"] <= data.tables.events["event_time"].max()].reset_index(drop=True)
    features = FeatureSet(
        [
            DemographicFeatures(),
            TransactionFeatures(windows=["7D", "14D", "all"]),
            BehavioralFeatures(windows=["7D", "all"]),
            OfferHistoryFeatures(),
        ]
    )
    spine = Spine.of(sent[["customer_id", "decided_at"]].rename(columns={"decided_at": "as_of"}))
    X = features.build(data.tables, spine).assign(offer_id=sent["offer_id"])
    return X, (sent["outcome"] == "accept").to_numpy(), sent, data


@pytest.mark.slow
def test_starbucks_split_by_person(starbucks):
    X, y, sent, data = starbucks
    train, test = next(GroupShuffleSplit(1, test_size=0.25, random_state=0).split(X, y, sent["customer_id"]))
    # Chosen on other splits (seeds 101 and 102): there the eight offers reach 0.814, and 0.810 in one stage with
    # 20 rows a leaf, a learning rate of 0.1 and a line.
    model = PropensityModel(min_child_samples=200, linear_share=0.0).fit(
        X.iloc[train],
        y[train],
        groups=sent["customer_id"].iloc[train],
        catalog=data.catalog,
        viewed=sent["viewed"].iloc[train].astype(bool),
    )
    p, y, sent = model.predict_proba(X.iloc[test])[:, 1], y[test], sent.iloc[test]
    kinds = {offer.offer_id: offer.kind for offer in data.catalog}
    can_be_accepted = sent["offer_id"].map(kinds).ne("informational").to_numpy()
    measured = model_metrics(y, p)
    assert measured["auc"] >= 0.87
    assert measured["ece"] <= 0.02
    measured = model_metrics(y[can_be_accepted], p[can_be_accepted])
    assert measured["auc"] >= 0.814
    assert measured["ece"] <= 0.02
