"""All checks at one moment: on a model and its simulated world, and on data that was broken on purpose."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from nbo import NextBestOffer
from nbo.errors import InputError
from nbo.features import FeatureProfile, known_customers
from nbo.health import check_health

AS_OF = pd.Timestamp("2026-03-01")


def bare(X):
    names = SimpleNamespace(
        feature_names=list(X.columns), describe=lambda: pd.DataFrame({"feature": [], "aggregate": []})
    )
    return SimpleNamespace(as_of_=AS_OF, window="7D", profile_=FeatureProfile.of(X), features=names)


def frame(n=3000, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"spent": rng.normal(size=n), "kind": rng.choice(["a", "b", "c"], n), "open": rng.random(n) < 0.3}
    )


def rung(report):
    return set(zip(report.alarms["check"], report.alarms["subject"], strict=True))


def test_a_fitted_model_in_its_world_a_day_later_is_well(model, world, look):
    report = check_health(model, tables=world.tables, as_of=look)
    assert report.ok, str(report)
    assert {"missing_feature", "missing_table", "psi", "ks", "prediction_psi", "model_age"} <= set(
        report.checks["check"]
    )
    assert len(report.details["features"]) == len(model.features.feature_names)


def test_the_sample_of_customers_is_always_the_same(model, world, look):
    one, two = (check_health(model, tables=world.tables, as_of=look, sample=200) for _ in range(2))
    pd.testing.assert_frame_equal(one.checks, two.checks)
    assert one.details["features"]["n_now"].eq(200).all()


def test_a_table_that_is_gone_rings(model, world, look):
    gone = world.tables.replace(transactions=world.tables.get("transactions").iloc[:0])
    report = check_health(model, tables=gone, as_of=look)
    assert ("missing_table", "transactions") in rung(report)
    assert not report.ok


def test_a_column_that_is_gone_rings(model, world, look):
    gone = world.tables.replace(transactions=world.tables.get("transactions").drop(columns="category"))
    assert ("missing_column", "transactions.category") in rung(check_health(model, tables=gone, as_of=look))


def test_a_table_that_was_restated_as_a_whole_rings(model, world, look):
    sales = world.tables.get("transactions")
    restated = world.tables.replace(transactions=sales.assign(amount=sales["amount"] * 1000))
    found = rung(check_health(model, tables=restated, as_of=look))
    assert any(check == "beyond_range" and "amount" in subject for check, subject in found)


def test_customers_who_were_all_loaded_anew_are_compared_with_the_rows_trained_on(model, world, look):
    customers = world.tables.customers.assign(valid_from=look - pd.Timedelta("1h"))
    report = check_health(model, tables=world.tables.replace(customers=customers), as_of=look)
    # Nobody was known as of the training by these tables; the checks are made all the same.
    assert {"ks", "psi", "missing_share"} <= set(report.checks["check"])


def test_a_table_that_has_become_silent_rings(model, world):
    later = world.end + pd.Timedelta(days=45)
    assert ("table_silence", "events") in rung(check_health(model, tables=world.tables, as_of=later))


def test_answers_of_the_world_ring_for_nothing_that_is_well(model, world, look):
    decisions = model.decide(world.tables, known_customers(world.tables, world.live_from), rng=1)
    report = check_health(model, decisions=decisions, as_of=look)
    assert {"exploration", "least_probability", "no_offer"} <= set(report.checks["check"])
    assert report.ok, str(report)


def test_features_of_a_frame_are_compared_with_the_profile():
    X = frame()
    assert check_health(bare(X), features=frame(seed=1), as_of=AS_OF).ok
    broken = frame(seed=1).assign(
        spent=lambda f: f["spent"] + 0.5, kind=lambda f: f["kind"].where(f["kind"] != "c", "d")
    )
    found = rung(check_health(bare(X), features=broken, as_of=AS_OF))
    assert {("ks", "spent"), ("psi", "kind"), ("new_category", "kind")} <= found
    assert not any(subject == "open" for _, subject in found)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda X: X.drop(columns="open"), ("missing_feature", "open")),
        (lambda X: X.assign(spent=X["spent"].astype(str)), ("changed_kind", "spent")),
        (lambda X: X.assign(kind=None), ("empty_feature", "kind")),
        (lambda X: X.assign(spent=X["spent"].where(X.index % 2 == 0)), ("missing_share", "spent")),
        (lambda X: X.assign(spent=100 * X["spent"]), ("beyond_range", "spent")),
    ],
)
def test_a_broken_feature_rings(change, expected):
    assert expected in rung(check_health(bare(frame()), features=change(frame(seed=1)), as_of=AS_OF))


@pytest.mark.parametrize("n", [0, 1, 20])
def test_few_rows_ring_for_nothing(n):
    X = frame()
    assert check_health(bare(X), features=frame(n, seed=1), as_of=AS_OF).ok
    assert check_health(bare(frame(n)), features=X, as_of=AS_OF).ok


def test_without_a_profile_only_names_are_checked():
    model = bare(frame())
    model.profile_ = None
    report = check_health(model, features=frame(seed=1).drop(columns="kind"), as_of=AS_OF)
    assert rung(report) == {("missing_feature", "kind")}


def decided(n=400, greedy=0.8, other=0.1, seed=3):
    rng = np.random.default_rng(seed)
    taken = rng.choice(["card", "loan", "pass"], n, p=[greedy, other, 1 - greedy - other])
    shares = {"card": greedy, "loan": other, "pass": round(1 - greedy - other, 9)}
    return pd.DataFrame(
        {
            "decision_id": np.arange(n),
            "decided_at": AS_OF - pd.Timedelta("2h"),
            "offer_id": taken,
            "action_probability": [max(shares[offer], 1e-9) for offer in taken],
            "candidates": json.dumps(shares),
        }
    )


def test_exploration_is_the_share_that_took_another_than_the_likeliest():
    decisions = decided()
    report = check_health(None, decisions=decisions, as_of=AS_OF)
    value = report.checks.set_index("check")["value"]
    assert value["exploration"] == (decisions["offer_id"] != "card").mean()
    assert value["least_probability"] == 0.1
    assert report.ok


def test_greedy_decisions_ring():
    report = check_health(None, decisions=decided(1000, greedy=1.0, other=0.0), as_of=AS_OF)
    assert {check for check, _ in rung(report)} == {"exploration", "least_probability"}


def test_decisions_for_no_offer_ring_where_they_are_nearly_all():
    decisions = decided().assign(offer_id="no_offer", candidates=None, action_probability=1.0)
    assert rung(check_health(None, decisions=decisions, as_of=AS_OF)) == {("no_offer", "all")}


def test_old_scores_and_an_old_model_ring():
    model = SimpleNamespace(as_of_=AS_OF - pd.Timedelta("181D"), window="7D")
    assert rung(check_health(model, scores_at=AS_OF - pd.Timedelta("73h"), as_of=AS_OF)) == {
        ("scores_age", "scores"),
        ("model_age", "model"),
    }
    wider = check_health(
        model, scores_at="2026-02-26", as_of=AS_OF, limits={"scores_age": (3, 5), "model_age": (200, 300)}
    )
    assert wider.checks["state"].eq("ok").all()


def test_scores_from_the_future_are_refused():
    with pytest.raises(InputError, match="scores_at must not be later"):
        check_health(None, scores_at="2026-03-02", as_of=AS_OF)


def flow(n, days, outcome):
    when = AS_OF - pd.Timedelta("30D") + pd.to_timedelta(np.arange(n), unit="min")
    rows = {"decision_id": np.arange(n), "decided_at": when, "offer_id": "card", "action_probability": 0.5}
    rows |= {"outcome": outcome, "outcome_at": when + pd.Timedelta(days=days), "reward": float(outcome == "accept")}
    return pd.DataFrame(rows)


def test_late_answers_ring():
    feedback = pd.concat([flow(150, 2, "accept"), flow(150, 9, "reject")], ignore_index=True)
    found = check_health(SimpleNamespace(window="7D"), feedback=feedback, as_of=AS_OF).checks.set_index("check")
    assert found.loc["late_answers", ["value", "state"]].tolist() == [0.5, "alarm"]


def test_decisions_without_feedback_after_their_window_ring():
    feedback = flow(300, 2, "reject")
    decisions = feedback.drop(columns=["outcome", "outcome_at", "reward"])
    report = check_health(SimpleNamespace(window="7D"), feedback=feedback.iloc[:200], decisions=decisions, as_of=AS_OF)
    found = report.checks.set_index("check")
    assert found.loc["overdue_answers", ["value", "state"]].tolist() == [pytest.approx(100 / 300), "alarm"]
    assert found.loc["pending_answers", "value"] == 0


def test_what_is_no_frame_is_refused():
    with pytest.raises(TypeError, match="feedback must be a frame"):
        check_health(None, feedback=[1], as_of=AS_OF)
    with pytest.raises(InputError, match="sample must be 1 or more"):
        check_health(None, as_of=AS_OF, sample=0)


def test_features_need_a_fitted_model():
    with pytest.raises(InputError, match="a fitted model must be given"):
        check_health(None, features=frame(10), as_of=AS_OF)
    with pytest.raises(InputError, match="a fitted model must be given"):
        check_health(NextBestOffer(), features=frame(10), as_of=AS_OF)


def test_nothing_given_is_nothing_checked():
    report = check_health(None, as_of=AS_OF)
    assert report.checks.empty
    assert str(report) == "Health as of 2026-03-01 00:00: no alarms and no warnings in no checks."
