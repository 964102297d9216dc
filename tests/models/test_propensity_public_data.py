"""Published data: bank marketing (Moro et al., 2014) and the Starbucks Rewards log (simulated by its publisher)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupShuffleSplit, StratifiedKFold

from nbo.datasets import load_starbucks
from nbo.features import (
    AggregateFeatures,
    BehavioralFeatures,
    DemographicFeatures,
    FeatureSet,
    OfferHistoryFeatures,
    TransactionFeatures,
)
from nbo.models import ExpectedOutcomes, PropensityModel, model_metrics
from nbo.tables import CustomerTables, Spine


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


# Of 139,000 purchases, 1 % are above: orders for a party say nothing of the next coffee.
USUAL = ("amount", "<=", 50)


@pytest.fixture(scope="module")
def starbucks(public_data):
    folder = public_data / "starbucks_rewards"
    if not folder.is_dir():
        pytest.skip(f"the Starbucks Rewards log is not in {public_data}")
    return load_starbucks(folder)


def tables_in_channels(data):
    """Name the channels of each offer as one channel, for views and sends to be counted by."""
    channel = {offer.offer_id: "_".join(offer.channels) for offer in data.catalog}
    kind = {offer.offer_id: offer.kind for offer in data.catalog}
    tables = {name: data.tables.get(name) for name in ("customers", "transactions", "catalog", "outcomes")}
    events, decisions = data.tables.events, data.tables.decisions
    return CustomerTables(
        **tables,
        events=events.assign(channel=events["offer_id"].map(channel)),
        decisions=decisions.assign(
            channel=decisions["offer_id"].map(channel), category=decisions["offer_id"].map(kind)
        ),
    )


def features_of(tables, sent):
    features = FeatureSet(
        [
            DemographicFeatures(),
            TransactionFeatures(windows=["7D", "14D", "all"]),
            BehavioralFeatures(windows=["7D", "all"]),
            OfferHistoryFeatures(),
            AggregateFeatures(
                "transactions",
                ["count", *(f"{what}(amount)" for what in ("sum", "mean", "max", "min", "std"))],
                windows=["3D", "7D", "all"],
                where=[USUAL],
                label="usual",
            ),
            AggregateFeatures(
                "events",
                ["count", "recency_days"],
                windows=["all"],
                where=[("event_type", "offer_viewed")],
                pivots=["channel"],
                label="views",
            ),
        ]
    )
    return features.build(tables, Spine.of(sent[["customer_id", "decided_at"]].rename(columns={"decided_at": "as_of"})))


def outcomes_of(tables, sent, X):
    """Sum up, for rows to train on, what happened from each send until the end of the log."""
    usual = tables.transactions[tables.transactions["amount"] <= USUAL[-1]].groupby("customer_id")["amount"]
    count = sent["customer_id"].map(usual.size()).fillna(0) - X["transactions_usual__count__all"]
    money = sent["customer_id"].map(usual.sum()).fillna(0) - X["transactions_usual__amount__sum__all"]
    days = (tables.transactions["event_time"].max() - sent["decided_at"]) / pd.Timedelta("1D")
    later = {"purchases": count / days, "basket": np.log(money.clip(lower=0.05) / count.where(count > 0))}
    # Backwards: of the sends from this one on, by channel, the share seen.
    made = tables.decisions.sort_values(["customer_id", "decided_at"], kind="stable").iloc[::-1]
    for channel in sorted(made["channel"].unique()):
        mine = made["channel"] == channel
        both = pd.DataFrame({"sent": mine * 1.0, "seen": (mine & made["viewed"]) * 1.0})
        total = both.groupby(made["customer_id"]).cumsum().set_axis(made["decision_id"]).loc[sent["decision_id"]]
        later[f"seen_{channel}"] = (total["seen"] / total["sent"].where(total["sent"] > 0)).to_numpy()
    return pd.DataFrame(later)


def terms_of(expected, sent, tables):
    """Hold what the offer asks for against what is expected of the customer."""
    offers = tables.catalog.set_index("offer_id").loc[sent["offer_id"]].set_axis(expected.index)
    baskets = offers["difficulty"].astype(float).replace(0, np.nan) / np.exp(expected["expected__basket"])
    usual = expected["expected__purchases"].clip(lower=0.02) * offers["duration_days"]
    return pd.DataFrame({"terms__baskets_asked": baskets, "terms__share_asked": baskets / usual})


def split_by_person(data, seed):
    """Give the probability of acceptance, and acceptance, of the sends to a quarter of the people."""
    tables = tables_in_channels(data)
    sent = tables.decisions.merge(tables.outcomes, on="decision_id")
    # Of offers whose window is still open, only those that were accepted early have an outcome.
    sent = sent[sent["window_end"] <= tables.events["event_time"].max()].reset_index(drop=True)
    X, y = features_of(tables, sent), (sent["outcome"] == "accept").to_numpy()
    later = outcomes_of(tables, sent, X)
    train, test = next(GroupShuffleSplit(1, test_size=0.25, random_state=seed).split(X, y, sent["customer_id"]))
    people = sent["customer_id"].iloc[train]
    model = ExpectedOutcomes()
    # Outcomes of the people of the test are not looked at.
    columns = model.fit_transform(X.iloc[train], later.iloc[train], people), model.transform(X.iloc[test])
    offer = sent[["offer_id", "channel"]]
    Z, Z_test = (
        pd.concat([X.iloc[rows], offer.iloc[rows], each, terms_of(each, sent.iloc[rows], tables)], axis=1)
        for rows, each in zip((train, test), columns, strict=True)
    )
    model = PropensityModel(min_child_samples=200, linear_share=0.0).fit(
        Z, y[train], groups=people, catalog=data.catalog, viewed=sent["viewed"].iloc[train].astype(bool)
    )
    return model.predict_proba(Z_test)[:, 1], y[test], sent.iloc[test]["category"].ne("informational").to_numpy()


@pytest.mark.slow
def test_starbucks_split_by_person(starbucks):
    # Features, outcomes and parameters were chosen on other splits (seeds 10, 11 and 12).
    p, y, can_be_accepted = split_by_person(starbucks, seed=0)
    measured = model_metrics(y, p)
    assert measured["auc"] >= 0.875
    assert measured["ece"] <= 0.02
    measured = model_metrics(y[can_be_accepted], p[can_be_accepted])
    assert measured["auc"] >= 0.82
    assert measured["ece"] <= 0.02
