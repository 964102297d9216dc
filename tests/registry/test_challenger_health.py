from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.registry.challenger_health import challenger_health, worst_state
from nbo.tables import Spine

DAY = pd.Timedelta("1D")


def state_of(checks, check):
    return checks.set_index("check")["state"].loc[check]


@pytest.fixture(scope="module")
def rows(world, model):
    """Made-up decisions after the training, whose answers are as the model expects, or not."""
    rng, customers = np.random.default_rng(1), world.tables.customers["customer_id"].unique()
    n, offers = 6000, world.catalog.offer_ids
    frame = pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(n)],
            "customer_id": rng.choice(customers, n),
            "decided_at": world.end + DAY + pd.to_timedelta(rng.integers(0, 10, n), unit="D"),
            "offer_id": rng.choice(offers, n),
            "propensity": 0.5,
        }
    )
    return frame.sort_values("decided_at", ignore_index=True)


def answered(rows, rate, seed=2):
    accepted = np.random.default_rng(seed).random(len(rows)) < rate
    outcome = np.where(accepted, "accept", "reject")
    return rows.assign(outcome=outcome, outcome_at=rows["decided_at"] + DAY, reward=accepted.astype(float))


def test_a_model_that_is_too_old_is_an_alarm_and_the_limit_is_the_callers(model):
    fresh, old = model.as_of_ + 30 * DAY, model.as_of_ + 200 * DAY
    assert worst_state(challenger_health(model, None, as_of=fresh)) == "ok"
    assert state_of(challenger_health(model, None, as_of=old), "model_age") == "alarm"
    patient = challenger_health(model, None, as_of=old, limits={"model_age": (300, 400)})
    assert worst_state(patient) == "ok"


def test_without_a_moment_only_the_registry_checks(model):
    checks = challenger_health(model, model)
    assert checks["check"].tolist() == ["loads", "offers"]
    assert worst_state(checks) == "ok"
    assert worst_state(None) == "not checked"


def test_the_challengers_own_calibration_is_checked_not_that_of_who_decided(model, world, rows):
    as_of = world.end + 30 * DAY
    X = model.features.build(world.tables, spine_of(rows))
    at = rows["offer_id"].map({offer: i for i, offer in enumerate(world.catalog.offer_ids)}).to_numpy()
    expected = model.propensity.score_offers(X, world.catalog)[np.arange(len(rows)), at]
    found = challenger_health(model, None, answered(rows, expected), world.tables, as_of)
    assert set(found.loc[found["check"] == "calibration", "state"]) == {"ok"}
    # Five times as many as expected.
    found = challenger_health(model, None, answered(rows, np.minimum(5 * expected, 1)), world.tables, as_of)
    assert "alarm" in set(found.loc[found["check"] == "calibration", "state"])


def spine_of(rows):
    return Spine.of(rows[["customer_id", "decided_at"]].rename(columns={"decided_at": "as_of"}))


def test_a_rate_that_has_changed_since_the_training_is_an_alarm_also_without_tables(model, world, rows):
    before = answered(rows.assign(decided_at=rows["decided_at"] - 30 * DAY), 0.1)
    as_of = world.end + 30 * DAY
    for rate, worst in ((0.1, "ok"), (0.3, "alarm")):
        after = answered(rows.assign(decision_id="later" + rows["decision_id"]), rate, seed=3)
        found = challenger_health(model, None, pd.concat([before, after]), None, as_of)
        assert "calibration" not in set(found["check"])
        assert worst_state(found[found["check"] == "response_rate"]) == worst


def test_segments_of_different_schemes_are_not_put_together(model, world, rows):
    before = answered(rows.assign(decided_at=rows["decided_at"] - 30 * DAY, segment="a", segment_scheme="old"), 0.1)
    after = answered(rows.assign(decision_id="later" + rows["decision_id"], segment="a", segment_scheme="new"), 0.1)
    found = challenger_health(model, None, pd.concat([before, after]), None, world.end + 30 * DAY)
    rates = found[found["check"] == "response_rate"]
    assert len(rates) > 0
    assert not rates["subject"].str.contains("segment").any()


def test_tables_that_lost_what_the_features_read_are_an_alarm(model, world):
    gone = world.tables.replace(transactions=world.tables.get("transactions").iloc[:0])
    found = challenger_health(model, None, tables=gone, as_of=world.end)
    assert "alarm" in set(found.loc[found["check"] == "missing_table", "state"])


def test_rewards_that_are_no_acceptances_are_not_taken_for_some(model, world, rows):
    money = answered(rows, 0.1).assign(reward=12.5)
    assert "response_rate" not in set(challenger_health(model, None, money, None, world.end + 30 * DAY)["check"])
