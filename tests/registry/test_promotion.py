from __future__ import annotations

import copy
import json

import numpy as np
import pandas as pd
import pytest

from nbo import registry
from nbo.errors import InputError
from nbo.ledger import Ledger
from nbo.policies import Uniform

NAME = "promoted"


def with_policy(model, offers):
    """Give the model another policy, which makes only these offers."""
    other = copy.copy(model)
    other.policy = Uniform(offers)
    return other


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
    assert verdict == registry.Verdict(True, "there was no champion", name, 1)
    assert aliases(name, uri) == {1: "champion"}


def test_a_better_challenger_takes_over_and_the_one_before_is_kept(name, uri, feedback, mlflow):
    registry.promote(name, 1, tracking_uri=uri)
    verdict = registry.promote(name, 2, feedback=feedback, tracking_uri=uri)
    assert (verdict.promoted, verdict.champion, verdict.challenger, verdict.n) == (True, 1, 2, 2000)
    # Only the first offer gives 0.3, both evenly 0.2.
    error = (verdict.high - verdict.low) / 2 / 1.96
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
    error = (verdict.high - verdict.low) / 2 / 1.96
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


def test_what_a_policy_has_learnt_from_does_not_count(name, uri, feedback):
    registry.promote(name, 1, tracking_uri=uri)
    assert registry.promote(name, 5, feedback=feedback, tracking_uri=uri).n == 1500


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
        ({"alias": "latest"}, "alias must be letters"),
    ],
)
def test_what_is_missing_or_wrong_is_named(name, uri, arguments, says):
    registry.promote(name, 1, tracking_uri=uri)
    with pytest.raises(InputError, match=says):
        registry.promote(name, 2, tracking_uri=uri, **arguments)


def test_an_unknown_version_is_named(name, uri):
    with pytest.raises(InputError, match="version=77"):
        registry.promote(name, 77, tracking_uri=uri)
