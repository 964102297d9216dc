from __future__ import annotations

import copy
import json
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import nbo
from nbo import registry
from nbo.errors import InputError
from nbo.ledger import Ledger
from nbo.policies import SegmentThompson, Uniform
from nbo.registry import challenger_health, promotion
from nbo.tables import Catalog, Spine

NAME = "promoted"


def with_policy(model, offers):
    """Give the model another policy, which makes only these offers."""
    other = copy.copy(model)
    other.policy = Uniform(offers)
    return other


@pytest.fixture(autouse=True)
def healthy(monkeypatch):
    """Let the checks of other rooms find nothing, so that a test can say what they find."""
    found = SimpleNamespace(checks=pd.DataFrame(columns=["check", "subject", "value", "limit", "state", "message"]))
    asked = []

    def check_health(model, **given):
        asked.append({"model": model, **given})
        return found

    monkeypatch.setattr(challenger_health, "check_health", check_health)
    return found, asked


@pytest.fixture(scope="session")
def offers(world):
    return world.catalog.offer_ids[:2]


@pytest.fixture(scope="session")
def registered(model, offers, feedback, uri):
    """Register 1 that draws evenly, 2 only the first offer, 3 only the second, 4 as 1, 5 as 2 that has learnt."""
    for policy in (offers, offers[:1], offers[1:], offers):
        registry.log(with_policy(model, policy), NAME, tracking_uri=uri)
    learnt = with_policy(model, offers[:1])
    learnt.policy.learn(feedback.iloc[:500])
    registry.log(learnt, NAME, tracking_uri=uri)


@pytest.fixture
def name(registered, mlflow):
    """Take all aliases away."""
    client = mlflow.MlflowClient()
    for alias in list(client.get_registered_model(NAME).aliases):
        client.delete_registered_model_alias(NAME, alias)
    return NAME


@pytest.fixture(scope="session")
def decisions(world, offers):
    """Decisions after the training, drawn evenly from two offers."""
    rng, n = np.random.default_rng(3), 2000
    return pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(n)],
            "customer_id": [f"c{i}" for i in range(n)],
            "decided_at": world.end + pd.Timedelta("1D"),
            "offer_id": rng.choice(offers, n),
            "action_probability": 0.5,
            "segment": "all",
            "candidates": json.dumps(dict.fromkeys(offers, 0.5)),
        }
    )


@pytest.fixture(scope="session")
def feedback(decisions, offers):
    """Make up answers: 30 % accept the first offer and 10 % the second."""
    rng = np.random.default_rng(5)
    rate = np.where(decisions["offer_id"] == offers[0], 0.3, 0.1)
    accepted = rng.random(len(decisions)) < rate
    outcome_at = decisions["decided_at"] + pd.Timedelta("1h")
    return decisions.assign(
        outcome=np.where(accepted, "accept", "reject"), outcome_at=outcome_at, reward=accepted.astype(float)
    )


def aliases(name, uri):
    listed = registry.versions(name, tracking_uri=uri)
    return {version: alias for version, alias in zip(listed["version"], listed["aliases"], strict=True) if alias}


def test_without_a_champion_the_challenger_becomes_it(name, uri):
    verdict = registry.promote(name, 1, tracking_uri=uri)
    assert verdict == registry.Verdict(True, "there was no champion", name, 1, health="ok")
    assert aliases(name, uri) == {1: "champion"}


def test_a_better_challenger_takes_over_and_the_one_before_is_kept(name, uri, feedback, mlflow):
    registry.promote(name, 1, tracking_uri=uri)
    verdict = registry.promote(name, 2, feedback=feedback, tracking_uri=uri)
    assert (verdict.promoted, verdict.champion, verdict.challenger, verdict.n) == (True, 1, 2, 2000)
    # Only the first offer gives 0.3, both evenly 0.2.
    error = verdict.evidence["comparison"]["standard_error"]
    assert abs(verdict.difference - 0.1) < 4 * error
    assert verdict.low > 0
    assert aliases(name, uri) == {1: "previous", 2: "champion"}
    tags = mlflow.MlflowClient().get_model_version(name, "2").tags
    assert tags["nbo.promoted"] == "True"
    assert tags["nbo.champion"] == "1"
    assert float(tags["nbo.low"]) == verdict.low
    assert tags["nbo.reason"] == verdict.reason


def test_half_of_the_logged_actions_support_a_policy_that_makes_one_of_two_offers(name, uri, feedback, offers):
    registry.promote(name, 1, tracking_uri=uri)
    verdict = registry.promote(name, 2, feedback=feedback, tracking_uri=uri)
    assert verdict.ess == (feedback["offer_id"] == offers[0]).sum()


def test_a_worse_challenger_does_not_take_over_and_the_verdict_is_kept(name, uri, feedback):
    registry.promote(name, 1, tracking_uri=uri)
    verdict = registry.promote(name, 3, feedback=feedback, tracking_uri=uri)
    assert not verdict.promoted
    assert verdict.high < 0
    assert aliases(name, uri) == {1: "champion"}
    listed = registry.versions(name, tracking_uri=uri).set_index("version")
    assert listed.loc[3, "promoted"] == False  # noqa: E712 -- a nullable flag
    assert "is not above 0" in listed.loc[3, "reason"]


def test_an_equal_challenger_does_not_take_over(name, uri, feedback):
    registry.promote(name, 1, tracking_uri=uri)
    verdict = registry.promote(name, 4, feedback=feedback, tracking_uri=uri)
    assert (verdict.promoted, verdict.difference, verdict.low) == (False, 0.0, 0.0)


def test_money_counts_where_the_decisions_hold_their_value(name, uri, feedback, offers):
    # The second offer is accepted by 10 % and not 30 %, but brings 100 and not 10: 10 and 3 per decision.
    registry.promote(name, 2, tracking_uri=uri)
    first = feedback["offer_id"] == offers[0]
    priced = feedback.assign(value=np.where(first, 10.0, 100.0), cost=0.5)
    accepted = registry.promote(name, 3, feedback=priced, reward="reward", tracking_uri=uri)
    assert (accepted.promoted, accepted.reward) == (False, "reward")
    verdict = registry.promote(name, 3, feedback=priced, tracking_uri=uri)
    assert (verdict.promoted, verdict.reward) == (True, "money")
    assert "difference in money per decision" in verdict.reason
    error = verdict.evidence["comparison"]["standard_error"]
    assert abs(verdict.difference - (0.1 * 100 - 0.3 * 10)) < 4 * error


def test_without_support_nobody_is_promoted(name, uri, feedback):
    registry.promote(name, 1, tracking_uri=uri)
    rare = feedback.assign(action_probability=np.where(np.arange(len(feedback)) < 3, 1e-4, 0.999), reward=1.0)
    verdict = registry.promote(name, 2, feedback=rare, tracking_uri=uri)
    assert not verdict.promoted
    assert np.isnan(verdict.low)
    assert "the 2000 decisions do not support a verdict: challenger: 2000 decisions count only like" in verdict.reason
    assert verdict.no_verdict in verdict.reason


def test_the_margin_is_asked_of_the_lower_end(name, uri, feedback):
    registry.promote(name, 1, tracking_uri=uri)
    without = registry.promote(name, 2, feedback=feedback, tracking_uri=uri)
    registry.rollback(name, tracking_uri=uri)
    assert not registry.promote(name, 2, feedback=feedback, margin=without.low, tracking_uri=uri).promoted
    assert registry.promote(name, 2, feedback=feedback, margin=without.low - 1e-9, tracking_uri=uri).promoted


def test_the_champion_itself_is_not_promoted_again(name, uri):
    registry.promote(name, 1, tracking_uri=uri)
    verdict = registry.promote(name, "champion", tracking_uri=uri)
    assert (verdict.promoted, verdict.reason) == (False, "it is the champion already")
    assert aliases(name, uri)[1] == "champion"


def test_decisions_before_the_training_do_not_count(name, uri, feedback, world):
    registry.promote(name, 1, tracking_uri=uri)
    old = feedback.assign(decided_at=world.end - pd.Timedelta("1D"))
    verdict = registry.promote(name, 2, feedback=old, tracking_uri=uri)
    assert (verdict.promoted, verdict.n) == (False, 0)
    assert "0 of 2000 answered decisions" in verdict.reason
    assert registry.promote(name, 2, feedback=old, since=world.start, tracking_uri=uri).promoted


def test_what_a_policy_has_learnt_from_does_not_count(name, uri, feedback, world):
    registry.promote(name, 1, tracking_uri=uri)
    assert registry.promote(name, 5, feedback=feedback, since=world.end, tracking_uri=uri).n == 1500
    # By default nothing counts that was decided before its latest answer.
    assert registry.promote(name, 5, feedback=feedback, tracking_uri=uri).n == 0


def test_the_ledger_gives_the_same_verdict_as_its_feedback(name, uri, decisions, feedback, world):
    registry.promote(name, 1, tracking_uri=uri)
    late = world.end + pd.Timedelta("30D")
    with Ledger.open("sqlite://") as ledger:
        ledger.record(decisions)
        ledger.record_outcomes(feedback[["decision_id", "outcome", "outcome_at"]])
        early = registry.promote(name, 2, ledger, as_of=world.end + pd.Timedelta("1D"), tracking_uri=uri)
        # Answered within the hour, but until the window of 14 days is over others might still answer.
        young = registry.promote(name, 2, ledger, as_of=world.end + pd.Timedelta("14D"), tracking_uri=uri)
        verdict = registry.promote(name, 2, ledger, as_of=late, tracking_uri=uri)
    registry.rollback(name, tracking_uri=uri)
    assert early.n == young.n == 0
    assert registry.promote(name, 2, feedback=feedback, as_of=late, tracking_uri=uri) == verdict


def test_answers_after_the_moment_do_not_count(name, uri, feedback, world):
    registry.promote(name, 1, tracking_uri=uri)
    verdict = registry.promote(name, 2, feedback=feedback, as_of=world.end + pd.Timedelta("1D"), tracking_uri=uri)
    assert verdict.n == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "give promote either a ledger or feedback"),
        ({"ledger": 1, "feedback": 2}, "give promote either a ledger or feedback"),
        ({"ledger": 1}, "as_of must be given with a ledger"),
        ({"margin": "a"}, "margin must be a finite number"),
        ({"margin": float("nan")}, "margin must be a finite number"),
        ({"alias": "previous"}, "alias must not be 'previous'"),
        ({"alias": "previous-champion"}, "alias must not be 'previous-champion'"),
        ({"alias": "latest"}, "alias must be letters"),
        ({"confidence": 1.0}, "confidence must be in"),
        ({"interval": "wide"}, "interval must be one of"),
        ({"planned": 0}, "planned must be a finite number above 0"),
    ],
)
def test_what_is_missing_or_wrong_is_named(name, uri, arguments, says):
    registry.promote(name, 1, tracking_uri=uri)
    with pytest.raises(InputError, match=says):
        registry.promote(name, 2, tracking_uri=uri, **arguments)


def test_an_unknown_version_is_named(name, uri):
    with pytest.raises(InputError, match="version=77"):
        registry.promote(name, 77, tracking_uri=uri)


def rings(healthy, state="alarm", message="the age is 400 days"):
    healthy[0].checks = pd.DataFrame(
        [{"check": "model_age", "subject": "model", "value": 400.0, "limit": 180.0, "state": state, "message": message}]
    )


def test_an_alarm_of_its_health_keeps_a_better_challenger_out(name, uri, feedback, world, healthy):
    registry.promote(name, 1, tracking_uri=uri)
    late = world.end + pd.Timedelta("30D")
    rings(healthy)
    verdict = registry.promote(name, 2, feedback=feedback, as_of=late, tracking_uri=uri)
    assert (verdict.promoted, verdict.health) == (False, "alarm")
    assert verdict.low > 0
    assert verdict.reason.endswith("is above 0; but its health is an alarm: model: the age is 400 days")
    assert aliases(name, uri) == {1: "champion"}
    rings(healthy, "warning")
    assert registry.promote(name, 2, feedback=feedback, as_of=late, tracking_uri=uri).health == "warning"
    assert aliases(name, uri)[2] == "champion"


def test_a_first_champion_must_be_healthy_too(name, uri, world, healthy):
    rings(healthy)
    verdict = registry.promote(name, 1, as_of=world.end, tracking_uri=uri)
    assert (verdict.promoted, verdict.reason) == (
        False,
        "there was no champion; but its health is an alarm: model: the age is 400 days",
    )
    assert aliases(name, uri) == {}


def test_health_can_be_left_out_or_given_limits(name, uri, feedback, world, healthy):
    registry.promote(name, 1, tracking_uri=uri)
    rings(healthy)
    late = world.end + pd.Timedelta("30D")
    limits = {"model_age": (500, 600)}
    registry.promote(name, 3, feedback=feedback, as_of=late, health=limits, tracking_uri=uri)
    assert healthy[1][-1]["limits"] == limits
    asked = len(healthy[1])
    verdict = registry.promote(name, 2, feedback=feedback, as_of=late, health=False, tracking_uri=uri)
    assert (verdict.promoted, verdict.health, len(healthy[1])) == (True, "not checked", asked)
    assert verdict.evidence["health_checks"] is None


def test_health_sees_the_answers_and_the_challengers_own_propensities(name, uri, world, model, healthy):
    registry.promote(name, 1, tracking_uri=uri)
    customers = world.tables.customers["customer_id"].unique()[:100].tolist()
    rows = pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(100)],
            "customer_id": customers,
            "decided_at": world.end,
            "offer_id": [world.catalog.offer_ids[i % 2] for i in range(99)] + ["no_offer"],
            "action_probability": 0.5,
            "propensity": 0.99,
            "segment": "all",
            "candidates": json.dumps(dict.fromkeys(world.catalog.offer_ids[:2], 0.5)),
            "reward": 0.0,
        }
    )
    late = world.end + pd.Timedelta("30D")
    registry.promote(name, 2, feedback=rows, as_of=late, tracking_uri=uri)
    asked = healthy[1][-1]
    # Those of the model that decided say nothing of the challenger.
    assert "propensity" not in asked["feedback"]
    assert len(asked["feedback"]) == 99
    assert (asked["as_of"], asked["tables"]) == (late, None)
    registry.promote(name, 2, feedback=rows, tables=world.tables, as_of=late, tracking_uri=uri)
    asked = healthy[1][-1]
    X = model.features.build(world.tables, Spine.at(world.end, customers[:99]))
    # Without a channel in the log, each offer goes its first way, as when it is scored.
    own = model.propensity.score_offers(X, world.catalog)[np.arange(99), np.arange(99) % 2]
    np.testing.assert_array_equal(asked["feedback"]["propensity"], own)
    assert asked["tables"] is world.tables


def test_offers_that_the_challenger_lacks_are_a_warning(model, uri, world, offers, mlflow):
    fewer = copy.copy(model)
    fewer.catalog = Catalog([offer for offer in world.catalog if offer.offer_id in offers])
    registry.log(model, "covers", tracking_uri=uri, alias="champion")
    registry.log(fewer, "covers", tracking_uri=uri)
    verdict = registry.promote("covers", 2, feedback=no_rows(), tracking_uri=uri)
    assert verdict.health == "warning"
    missing = len(world.catalog) - 2
    assert f"it does not make {missing} of the champion's offers" in str(verdict.evidence["health_checks"])


def no_rows():
    columns = ["decision_id", "customer_id", "decided_at", "offer_id", "action_probability", "reward"]
    return pd.DataFrame({name: pd.Series(dtype="str") for name in columns}).astype({"decided_at": "datetime64[us]"})


def test_an_altered_challenger_is_refused_and_that_is_written_down(model, uri, mlflow, feedback):
    registry.log(model, "tampered", tracking_uri=uri, alias="champion")
    registry.log(model, "tampered", tracking_uri=uri)
    place = mlflow.MlflowClient().get_model_version_download_uri("tampered", "2").removeprefix("file://")
    found = next((Path(place) / "data").rglob("policy.json"))
    found.write_text(found.read_text().replace("Uniform", "uniform"))
    for health in (True, False):
        verdict = registry.promote("tampered", 2, feedback=feedback, health=health, tracking_uri=uri)
        assert (verdict.promoted, verdict.health) == (False, "alarm")
        assert verdict.reason.startswith("it was not compared; and its health is an alarm: its files: 1 files of")
    index = found.with_name("bundle.json")
    index.write_text(index.read_text().replace("14D", "365D"))
    verdict = registry.promote("tampered", 2, feedback=feedback, tracking_uri=uri)
    assert "its files: models:/tampered/2 is altered: the index of its files is not the one" in verdict.reason
    assert registry.verdicts("tampered", tracking_uri=uri)["promoted"].tolist()[1:] == [False] * 3


def test_a_ledger_whose_rows_were_altered_is_an_alarm(name, uri, decisions, feedback, world, tmp_path):
    place = tmp_path / "ledger.db"
    late = world.end + pd.Timedelta("30D")
    with Ledger.open(f"sqlite:///{place}") as ledger:
        ledger.record(decisions)
        ledger.record_outcomes(feedback[["decision_id", "outcome", "outcome_at"]])
    with sqlite3.connect(place) as database:
        database.execute("UPDATE nbo_outcomes SET outcome = 'accept' WHERE row = 1 OR row = 2 OR row = 3")
    database.close()
    with Ledger.open(f"sqlite:///{place}") as ledger:
        first = registry.promote(name, 1, ledger, as_of=late, tracking_uri=uri)
        assert aliases(name, uri) == {}
        registry.promote(name, 1, tracking_uri=uri)
        verdict = registry.promote(name, 2, ledger, as_of=late, tracking_uri=uri)
    assert (first.promoted, first.health) == (False, "alarm")
    assert "there was no champion; but its health is an alarm: the ledger: broken: nbo_outcomes, row" in first.reason
    assert verdict.low > 0
    assert (verdict.promoted, verdict.health) == (False, "alarm")
    assert "the ledger: broken: nbo_outcomes, row" in verdict.reason


def test_the_champion_is_compared_as_it_had_learnt_by_then(model, uri, world):
    """At registration it draws evenly; by the beginning of the comparison it has learnt which offer is accepted."""
    offers = world.catalog.offer_ids[:2]
    champion, challenger = copy.copy(model), with_policy(model, offers)
    champion.policy = SegmentThompson(offers, window="14D", min_probability=0.05, change_threshold=None)
    registry.log(champion, "learning", tracking_uri=uri, alias="champion")
    registry.log(challenger, "learning", tracking_uri=uri)
    rng, start = np.random.default_rng(2), world.end + pd.Timedelta("30D")
    with Ledger.open("sqlite://") as ledger:
        for part, decided_at in enumerate((world.end + pd.Timedelta("1D"), start)):
            chosen = rng.choice(offers, 400)
            rows = pd.DataFrame({"decision_id": [f"{part}-{i}" for i in range(400)]}).assign(
                customer_id=[f"c{i}" for i in range(400)], decided_at=decided_at, offer_id=chosen,
                action_probability=0.5, segment="all", segment_scheme=model.segmenter.scheme,
                model_version="learning/1",
            )  # fmt: skip
            ledger.record(rows)
            accepted = rows[(chosen == offers[0]) & (rng.random(400) < 0.4)]
            told = accepted[["decision_id"]].assign(outcome="accept", outcome_at=decided_at + pd.Timedelta("1h"))
            ledger.record_outcomes(told)
        as_of = start + pd.Timedelta("15D")
        asked = {"ledger": ledger, "as_of": as_of, "tracking_uri": uri}
        learnt = registry.promote("learning", 2, since=start, **asked)
    frozen = registry.load("models:/learning/1", uri).policy.probabilities(pd.DataFrame({"segment": ["all"]}))
    np.testing.assert_allclose(frozen, 0.5, atol=0.02)
    assert learnt.n == 400
    # Evenly it would be worth 0.2; it makes the first offer nearly always.
    assert learnt.champion_value > 0.3 > 0.25 > learnt.challenger_value
    assert not learnt.promoted


def test_verdicts_are_kept_with_all_evidence_also_refusals(model, offers, uri, feedback, mlflow):
    for policy in (offers, offers[:1], offers[1:]):
        registry.log(with_policy(model, policy), "trail", tracking_uri=uri)
    registry.promote("trail", 1, tracking_uri=uri)
    late = model.as_of_ + pd.Timedelta("30D")
    refused = registry.promote("trail", 3, feedback=feedback, margin=0.01, as_of=late, tracking_uri=uri)
    won = registry.promote("trail", 2, feedback=feedback, interval="normal", tracking_uri=uri)
    registry.rollback("trail", tracking_uri=uri)
    trail = registry.verdicts("trail", tracking_uri=uri)
    assert trail["action"].tolist() == ["promotion", "promotion", "promotion", "rollback"]
    assert trail["version"].tolist() == [1, 3, 2, 1]
    assert trail["champion"].tolist() == [pd.NA, 1, 1, 2]
    assert trail["promoted"].tolist() == [True, False, True, pd.NA]
    assert trail["run_id"].tolist()[1:3] == [refused.run_id, won.run_id]
    assert trail["low"].tolist()[1:3] == [refused.low, won.low]
    assert trail["margin"].tolist()[:3] == [0.0, 0.01, 0.0]
    assert (trail["status"] == "FINISHED").all()
    assert trail["at"].is_monotonic_increasing
    kept = mlflow.artifacts.load_dict(f"runs:/{refused.run_id}/verdict.json")
    assert (kept["promoted"], kept["reason"], kept["bar"]["margin"]) == (False, refused.reason, 0.01)
    assert kept["comparison"]["low"] == refused.low
    assert kept["challenger_model"]["estimate"]["effective_sample_size"] == refused.ess
    assert kept["champion_model"]["version"] == 1
    assert (kept["decisions"]["compared"], kept["decisions"]["window"]) == (2000, "14D")
    assert kept["nbo"] == nbo.__version__
    assert trail["as_of"].tolist()[1] == late
    assert set(registry.versions("trail", tracking_uri=uri)["as_of"]) == {model.as_of_}
    assert mlflow.MlflowClient().get_model_version("trail", "3").tags["nbo.promotion_run"] == refused.run_id


def test_the_ledgers_head_is_in_the_evidence(name, uri, decisions, feedback, world):
    registry.promote(name, 1, tracking_uri=uri)
    with Ledger.open("sqlite://") as ledger:
        ledger.record(decisions)
        verdict = registry.promote(name, 2, ledger, as_of=world.end + pd.Timedelta("30D"), tracking_uri=uri)
        assert verdict.evidence["ledger"]["head"] == ledger.verify().head
    assert verdict.evidence["ledger"]["decisions"] == 2000


def test_a_promotion_that_was_overtaken_is_refused_and_marked(name, uri, feedback, monkeypatch, mlflow):
    registry.promote(name, 1, tracking_uri=uri)
    before = mlflow.MlflowClient().get_model_version(name, "2").tags
    seen = iter([{"champion": 1}, {"champion": 4}])
    monkeypatch.setattr(promotion, "aliases_of", lambda client, name: next(seen))
    with pytest.raises(InputError, match="the champion is version 4 by now, no longer 1; promote again"):
        registry.promote(name, 2, feedback=feedback, tracking_uri=uri)
    assert registry.verdicts(name, tracking_uri=uri)["status"].iloc[-1] == "FAILED"
    # It does not say of itself that it was promoted.
    assert mlflow.MlflowClient().get_model_version(name, "2").tags == before
    assert aliases(name, uri) == {1: "champion"}
