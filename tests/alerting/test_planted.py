"""A planted world: complaints on billing make leaving five times as likely, and a call halves it.

Each customer leaves within the horizon with probability 1 - exp(-h), h = 0.06, five times that after a
complaint on billing, and half of either after a call. All is simulated.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nbo
from nbo.alerting import CauseModel, alert_quality, alerts, uplift_actions
from nbo.models import UpliftModel
from nbo.tables import CustomerTables, Spine

NOW = pd.Timestamp("2026-06-30")
DAY = pd.Timedelta("1D")
HAZARD, FACTOR, VALUE = 0.06, 5.0, 1000.0
COSTS = {"call": 20.0, "letter": 2.0}
ARMS = np.array(["control", "call", "letter"])


class Planted:
    """Customers of one moment, who of them leaves, and when."""

    def __init__(self, n, seed, factor=FACTOR, halved=0.5, treated=True):
        rng = np.random.default_rng(seed)
        self.ids = pd.Series([f"c{number}" for number in range(n)])
        self.topic = rng.choice(["", "billing", "delivery"], n, p=[0.7, 0.15, 0.15])
        self.arm = rng.choice(ARMS, n) if treated else np.full(n, "control")
        self.limit, self.halved = rng.exponential(size=n), halved
        self.hazard = HAZARD * np.where(self.topic == "billing", factor, 1.0)
        has = self.topic != ""
        cases = pd.DataFrame({"customer_id": self.ids[has], "topic": self.topic[has], "kind": "complaint"})
        opened = NOW - pd.to_timedelta(rng.uniform(1, 20, has.sum()), unit="D")
        self.tables = CustomerTables(cases=cases.assign(opened_at=opened))
        self.spine = Spine.at(NOW, self.ids)
        self.X = pd.DataFrame({"billing": self.topic == "billing", "delivery": self.topic == "delivery"})

    def leaves(self, arm):
        return self.limit < self.hazard * np.where(np.asarray(arm) == "call", self.halved, 1.0)

    def uplift(self):
        model = UpliftModel(n_estimators=60, n_folds=3)
        return model.fit(self.X, ~self.leaves(self.arm), self.arm, treatment_probability=[1 / 3] * 2)


@pytest.fixture(scope="module")
def past():
    return Planted(15_000, seed=1)


@pytest.fixture(scope="module")
def causes():
    untouched = Planted(15_000, seed=2, treated=False)
    return CauseModel().fit(untouched.tables, untouched.spine, untouched.leaves(untouched.arm))


def test_the_topic_that_makes_customers_leave_is_found_with_its_factor(causes):
    lifts = causes.lifts_.set_index("detail").loc[["billing", "delivery"]]
    billing, delivery = lifts.loc["billing"], lifts.loc["delivery"]
    assert billing["low"] < FACTOR < billing["high"]
    assert delivery["low"] < 1 < delivery["high"]
    assert billing["low"] > delivery["high"]
    assert causes.lifts_.iloc[0]["detail"] == "billing"


def test_the_best_action_is_chosen_and_the_alerts_earn_what_they_promise(past, causes):
    today = Planted(15_000, seed=3, treated=False)
    actions = uplift_actions(past.uplift(), today.X, today.ids, COSTS)
    found = alerts(
        causes, today.tables, NOW, customers=today.ids, actions=actions, value=VALUE, causes=causes, cost=1.0
    )
    chosen = today.ids.isin(found.frame["customer_id"]).to_numpy()
    # After billing a call takes 1 - exp(-0.3) to 1 - exp(-0.15), 0.12 off, worth 120 for 21.
    assert chosen[today.topic == "billing"].all()
    billing = found.frame[found.frame["evidence"].str.contains("billing")]
    assert (billing["action"] == "call").all()
    assert (billing["cause"] == "open complaint").all()
    assert billing["evidence"].str.contains("times as fast as others").all()
    called = today.ids.isin(billing["customer_id"]).to_numpy()
    saved = VALUE * (today.leaves("none").astype(int) - today.leaves(np.where(called, "call", "none")))[called]
    earned, promised = saved.mean() - 21, billing["net_gain"].mean()
    error = saved.std() / np.sqrt(called.sum())
    # What the model says of the effect has an error of its own, about as large.
    assert abs(earned - promised) < 4 * np.sqrt(2) * error
    assert earned > 5 * error


def test_where_no_action_has_an_effect_there_is_no_alert():
    """Null world: complaints make customers leave, and nothing that we do keeps them."""
    idle = Planted(15_000, seed=4, halved=1.0)
    today = Planted(5000, seed=5, treated=False)
    model = idle.uplift()
    for level in (None, 0.9):
        actions = uplift_actions(model, today.X, today.ids, {"call": 40.0, "letter": 40.0}, level=level)
        scores = today.spine.frame.assign(churn_probability=1 - np.exp(-today.hazard))
        assert len(alerts(scores, today.tables, NOW, customers=today.ids, actions=actions, value=VALUE)) == 0


def test_where_the_topic_has_no_effect_no_topic_is_found():
    same = Planted(15_000, seed=6, factor=1.0, treated=False)
    lifts = CauseModel().fit(same.tables, same.spine, same.leaves(same.arm)).lifts_
    topics = lifts[lifts["detail"] != ""]
    assert (topics["low"] < 1).all()
    assert (topics["high"] > 1).all()


def test_intervals_of_the_factor_hold_it_as_often_as_stated():
    held = 0
    for seed in range(40):
        world = Planted(2500, seed=100 + seed, treated=False)
        row = CauseModel(level=0.8).fit(world.tables, world.spine, world.leaves(world.arm)).lifts_
        row = row[row["detail"] == "billing"].iloc[0]
        held += row["low"] < FACTOR < row["high"]
    # 80 % of 40 is 32, with a standard error of 2.5.
    assert abs(held - 32) < 3 * np.sqrt(40 * 0.8 * 0.2)


def test_alerts_by_causes_beat_random_ones_and_all_who_complained(causes):
    today = Planted(6000, seed=7, treated=False)
    actions = pd.DataFrame({"action": ["call"], "cost": [20.0], "relative_reduction": [0.5]})
    found = alerts(causes, today.tables, NOW, customers=today.ids, actions=actions, value=VALUE, threshold=0.15)
    gone = today.leaves("none")
    left = pd.DataFrame({"customer_id": today.ids, "left_at": NOW + pd.Timedelta("30D")})
    left["left_at"] = left["left_at"].where(gone)
    quality = alert_quality(found, left, until=NOW + pd.Timedelta("90D"))
    expected = 1 - np.exp(-HAZARD * FACTOR)
    row = quality.frame.set_index("measure").loc["precision"]
    assert row["low"] < expected < row["high"]
    assert quality.value("lift") > 2
    assert quality.value("lead_days") == 30
    # As many customers who complained, whatever about.
    complained = today.tables.get("cases")["customer_id"].iloc[: len(found)]
    plain = alert_quality(pd.DataFrame({"customer_id": complained, "raised_at": NOW}), left, until=NOW + 90 * DAY)
    assert len(complained) == len(found)
    assert row["low"] > plain.frame.set_index("measure").at["precision", "high"]


def test_effects_of_leaving_and_costs_that_are_missing(past):
    model = UpliftModel(n_estimators=60, n_folds=3)
    model.fit(past.X, past.leaves(past.arm), past.arm, treatment_probability=[1 / 3] * 2)
    given = uplift_actions(model, past.X[:50], past.ids[:50], COSTS, outcome="leaves")
    same = uplift_actions(past.uplift(), past.X[:50], past.ids[:50], COSTS)
    np.testing.assert_allclose(given["churn_reduction"], same["churn_reduction"], atol=0.02)
    cautious = uplift_actions(model, past.X[:50], past.ids[:50], COSTS, outcome="leaves", level=0.9)
    assert (cautious["churn_reduction"] < given["churn_reduction"] + 0.02).all()
    with pytest.raises(nbo.errors.InputError, match="'letter' is not there"):
        uplift_actions(model, past.X[:2], past.ids[:2], {"call": 1.0})
    with pytest.raises(nbo.errors.InputError, match="one id for each of the 2 rows"):
        uplift_actions(model, past.X[:2], past.ids[:3], COSTS)
