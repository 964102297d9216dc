from __future__ import annotations

import copy
import json
import logging

import pandas as pd
import pytest

from nbo import registry
from nbo.errors import InputError
from nbo.ledger import Ledger
from nbo.policies import Control, LinearUCB, LogisticThompson, SegmentThompson, SquareCB, Uniform
from nbo.registry.live_state import catch_up, learnt_decisions, own_watermark

DAY = pd.Timedelta("1D")
SEGMENTS = ["a", "b"]


def with_policy(model, policy):
    """Give the model another policy, which knows only segments."""
    other = copy.copy(model)
    other.policy = policy
    return other


def thompson(offers):
    return SegmentThompson(offers, window="14D", min_probability=0.05)


def drawn(model, round_, at, name, n=60):
    """Let the policy decide for some customers of two segments, as the whole object writes it down."""
    context = pd.DataFrame({"segment": [SEGMENTS[i % 2] for i in range(n)]})
    made = model.policy.draw(context, rng=round_)
    return context.assign(
        decision_id=[f"r{round_}:{i}" for i in range(n)],
        customer_id=[f"c{i}" for i in range(n)],
        decided_at=at,
        offer_id=made["offer_id"].array,
        action_probability=made["action_probability"].array,
        model_version=name,
        segment_scheme=model.segmenter.scheme,
    )


def answered(decisions, every=3, outcome="accept", after=DAY):
    some = decisions.iloc[::every]
    return pd.DataFrame(
        {"decision_id": some["decision_id"], "outcome": outcome, "outcome_at": some["decided_at"] + after}
    )


def state(model):
    return json.dumps(model.policy.to_state())


@pytest.fixture(scope="session")
def prior(model, world):
    return with_policy(model, thompson(world.catalog.offer_ids))


@pytest.fixture(scope="session")
def live(prior, uri):
    registry.log(prior, "live", tracking_uri=uri, alias="champion")
    return "live"


@pytest.fixture
def ledger():
    with Ledger.open("sqlite://") as book:
        yield book


def play(model, ledger, start, name="live/1", rounds=3, learner=None):
    """Let rounds of decisions and answers go by; whoever learns, learns after each."""
    for round_ in range(rounds):
        at = start + 7 * round_ * DAY
        decisions = drawn(learner() if learner else model, round_, at, name)
        ledger.record(decisions)
        ledger.record_outcomes(answered(decisions))
        if learner is None:
            model.learn(ledger, as_of=at + 2 * DAY)
    return start + 7 * (rounds - 1) * DAY + 2 * DAY


def test_a_model_loaded_with_the_ledger_is_the_one_that_learnt_all_along(live, prior, world, uri, ledger):
    along = copy.deepcopy(prior)
    end = play(along, ledger, world.end + DAY)
    loaded = registry.load("models:/live@champion", uri, ledger=ledger, as_of=end)
    assert state(loaded) == state(along)
    asked = pd.DataFrame({"segment": SEGMENTS})
    assert (loaded.policy.probabilities(asked) == along.policy.probabilities(asked)).all()
    # 20 accepts of each round of 60, and 14 days are not over yet for any other decision but those of the first.
    assert (loaded.loaded_.answers, loaded.loaded_.waiting) == (60 + 40, 80)


def test_a_model_loaded_anew_each_round_decides_like_one_that_stays(live, prior, world, uri):
    start = world.end + DAY
    along = copy.deepcopy(prior)
    with Ledger.open("sqlite://") as one, Ledger.open("sqlite://") as other:
        play(along, one, start)
        moments = iter([None, start + 2 * DAY, start + 9 * DAY])

        def latest():
            as_of = next(moments)
            return registry.load("models:/live/1", uri, ledger=None if as_of is None else other, as_of=as_of)

        play(None, other, start, learner=latest)
        pd.testing.assert_frame_equal(other.decisions(), one.decisions())


def test_loading_says_which_and_what_was_added(live, world, uri, ledger, caplog):
    end = play(registry.load("models:/live/1", uri), ledger, world.end + DAY, rounds=1)
    plain = registry.load("models:/live/1", uri).loaded_
    with caplog.at_level(logging.INFO, "nbo.registry.loading"):
        found = registry.load("models:/live@champion", uri, ledger=ledger, as_of=end).loaded_
    assert (found.name, found.version, found.model_uri) == ("live", 1, "models:/live/1")
    assert found.run_id == plain.run_id == registry.resolve("models:/live/1", uri).run_id
    assert (found.watermark, found.as_of, found.answers, found.waiting) == (world.end, end, 20, 40)
    assert (plain.as_of, plain.answers, plain.waiting) == (None, 0, 0)
    assert caplog.messages == [f"loaded {found}"]
    assert "live version 1" in caplog.messages[0]
    assert "20 answers added" in caplog.messages[0]


def test_a_snapshot_loads_without_the_ledger_as_its_parent_with_it(live, world, uri, ledger, mlflow):
    end = play(registry.load("models:/live/1", uri), ledger, world.end + DAY)
    made = registry.snapshot("live", ledger, as_of=end, version=1, tracking_uri=uri)
    parent = registry.load("models:/live/1", uri, ledger=ledger, as_of=end)
    frozen = registry.load(made.model_uri, uri)
    assert state(frozen) == state(parent)
    assert frozen.loaded_.watermark == end
    tags = mlflow.MlflowClient().get_model_version("live", str(made.version)).tags
    assert (tags["nbo.parent_version"], tags["nbo.watermark"], tags["nbo.answers"]) == ("1", str(end), "100")
    # Nothing twice: with the same ledger nothing is added, and nothing changes.
    again = registry.load(made.model_uri, uri, ledger=ledger, as_of=end)
    assert state(again) == state(frozen)
    assert again.loaded_.answers == 0


def test_after_a_snapshot_late_answers_and_corrections_are_learnt_once(live, world, uri, ledger):
    start = world.end + DAY
    end = play(registry.load("models:/live/1", uri), ledger, start)
    made = registry.snapshot("live", ledger, as_of=end, version=1, tracking_uri=uri)
    decisions = ledger.decisions()
    late = decisions.iloc[[1]].assign(outcome="accept", outcome_at=end + DAY)
    # Of the same moment as the accept, and recorded later: it holds.
    corrected = decisions.iloc[[3]].assign(outcome="reject", outcome_at=decisions["decided_at"].iloc[3] + DAY)
    recorded = pd.concat([late, corrected]).assign(known_at=end + DAY)
    columns = ["decision_id", "outcome", "outcome_at", "known_at"]
    ledger.record_outcomes(recorded[columns])
    moment = end + 2 * DAY
    loaded = registry.load(made.model_uri, uri, ledger=ledger, as_of=moment)
    assert loaded.loaded_.answers == 2
    scratch = registry.load("models:/live/1", uri, ledger=ledger, as_of=moment)
    assert state(loaded) == state(scratch)
    rows = loaded.policy.to_state()["answers"]
    reward = dict(zip(rows["decision_id"], rows["reward"], strict=True))
    assert (reward["r0:1"], reward["r0:3"]) == (1.0, 0.0)
    assert sum(value == 1.0 for value in reward.values()) == 60


def test_steps_of_any_size_lead_to_the_same_state(live, prior, world, uri, ledger):
    start = world.end + DAY
    end = play(copy.deepcopy(prior), ledger, start)
    at_once, in_steps = (registry.load("models:/live/1", uri) for _ in range(2))
    catch_up(at_once, "live", ledger, end, world.end)
    for as_of in (start + DAY, start + 8 * DAY, start + 8 * DAY, end):
        catch_up(in_steps, "live", ledger, as_of, world.end)
    assert state(in_steps) == state(at_once)


def test_only_decisions_of_the_name_and_the_segments_count(live, prior, world, uri, ledger, caplog):
    start = world.end + DAY
    for round_, (version, scheme) in enumerate(
        [("live/1", None), ("live/7", None), ("alive/1", None), ("live", None), (None, None), ("live/2", "theirs")]
    ):
        decisions = drawn(prior, round_, start, version)
        decisions = decisions if scheme is None else decisions.assign(segment_scheme=scheme)
        ledger.record(decisions)
        ledger.record_outcomes(answered(decisions, every=1))
    loaded = registry.load("models:/live/1", uri, ledger=ledger, as_of=start + 5 * DAY)
    assert loaded.loaded_.answers == 120
    learnt = learnt_decisions(loaded)
    assert {decision.split(":")[0] for decision in learnt} == {"r0", "r1"}
    assert "60 answers to decisions of other segments are left out" in caplog.text


def test_offers_that_a_version_does_not_make_are_kept_aside(prior, world, uri, ledger):
    offers = world.catalog.offer_ids
    fewer = with_policy(prior, thompson(offers[:2]))
    registry.log(fewer, "fewer", tracking_uri=uri)
    decisions = drawn(prior, 0, world.end + DAY, "fewer/1")
    ledger.record(decisions)
    ledger.record_outcomes(answered(decisions, every=1))
    loaded = registry.load("models:/fewer/1", uri, ledger=ledger, as_of=world.end + 5 * DAY)
    rates = loaded.policy.acceptance_rates()
    assert rates["n"].sum() == decisions["offer_id"].isin(offers[:2]).sum() < 60


def test_a_policy_on_features_catches_up_too(prior, world, uri, ledger):
    features = LogisticThompson(world.catalog.offer_ids, features=["age"])
    registry.log(with_policy(prior, features), "features", tracking_uri=uri)
    decisions = drawn(prior, 0, world.end + DAY, "features/1").assign(age=[20.0 + i for i in range(60)])
    ledger.record(decisions)
    ledger.record_outcomes(answered(decisions))
    end = world.end + 5 * DAY
    loaded = registry.load("models:/features/1", uri, ledger=ledger, as_of=end)
    assert (loaded.loaded_.answers, loaded.loaded_.waiting) == (20, 40)
    twice = copy.deepcopy(loaded)
    assert catch_up(twice, "features", ledger, end, world.end) == (0, 40)
    assert state(twice) == state(loaded)


def test_what_was_learnt_from_elsewhere_stays(prior, world, ledger):
    # The tables know an answer that the ledger does not know yet.
    other = copy.deepcopy(prior)
    decisions = drawn(other, 0, world.end + DAY, "live/1")
    told = decisions.iloc[:2].assign(outcome="accept", outcome_at=world.end + 2 * DAY, reward=1.0)
    other.policy.learn(pd.concat([told, told.assign(decision_id=["x", "y"])]))
    ledger.record(decisions)
    assert catch_up(other, "live", ledger, world.end + 3 * DAY, world.end) == (0, 58)
    assert {"x", "y", "r0:0", "r0:1"} <= learnt_decisions(other)
    rates = other.policy.acceptance_rates()
    assert rates["accepted"].sum() == 4


def test_a_moment_before_the_watermark_is_refused(live, world, uri, ledger):
    with pytest.raises(InputError, match=r"as_of must not be before .*, until when this version has seen answers"):
        registry.load("models:/live/1", uri, ledger=ledger, as_of=world.end - DAY)


def test_a_model_without_a_name_has_no_decisions_in_a_ledger(logged, uri, mlflow, ledger):
    run = registry.resolve("models:/logged@first", uri).run_id
    with pytest.raises(InputError, match="names no registered model"):
        registry.load(f"runs:/{run}/logged", uri, ledger=ledger)


def test_the_watermark_is_that_of_the_training_or_of_what_was_learnt_after(prior, world, ledger):
    assert own_watermark(prior) == world.end
    later = copy.deepcopy(prior)
    later.learn(ledger, as_of=world.end + DAY)
    assert own_watermark(later) == world.end + DAY


@pytest.mark.parametrize("kind", [Uniform, LogisticThompson, LinearUCB, SquareCB, "control"])
def test_the_watermark_of_what_was_learnt_goes_with_a_version_of_any_policy(model, world, uri, ledger, kind):
    offers = world.catalog.offer_ids
    policy = Control(thompson(offers)) if kind == "control" else kind(offers)
    decisions = drawn(with_policy(model, Uniform(offers)), 0, world.end + DAY, "any/1")
    ledger.record(decisions)
    ledger.record_outcomes(answered(decisions))
    end = world.end + 20 * DAY
    learner = with_policy(model, policy)
    learner.policy.learn(ledger.feedback(end, window="14D"), end)
    assert own_watermark(learner) == end
    name = f"any_{policy.__class__.__name__}"
    assert registry.load(registry.log(learner, name, tracking_uri=uri).model_uri, uri).loaded_.watermark == end
    with pytest.raises(InputError, match="as_of must not be before .*, until when this version has seen answers"):
        registry.load(f"models:/{name}/1", uri, ledger=ledger, as_of=end - DAY)


def test_a_state_of_before_without_a_time_is_as_old_as_its_latest_answer(model, world, ledger):
    offers = world.catalog.offer_ids
    decisions = drawn(with_policy(model, Uniform(offers)), 0, world.end + DAY, "old/1")
    ledger.record(decisions)
    ledger.record_outcomes(answered(decisions))
    policy = Uniform(offers).learn(ledger.feedback(world.end + 20 * DAY, window="14D"), world.end + 20 * DAY)
    state_ = policy.to_state()
    assert state_.pop("as_of") == (world.end + 20 * DAY).value // 1000
    assert Uniform.from_state(state_).learnt_until == world.end + 2 * DAY
    assert Uniform(offers).learnt_until is None


def test_of_a_policy_that_knows_no_time_the_version_knows_the_watermark(model, world, uri, ledger):
    registry.log(model, "timeless", tracking_uri=uri)
    made = registry.snapshot("timeless", ledger, as_of=world.end + DAY, version=1, tracking_uri=uri)
    assert own_watermark(registry.load(made.model_uri, uri)) == world.end + DAY


def test_an_alias_of_a_snapshot_moves_and_the_trail_tells(prior, world, uri, ledger):
    registry.log(prior, "moving", tracking_uri=uri, alias="champion")
    as_of = world.end + DAY
    made = registry.snapshot("moving", ledger, as_of=as_of, alias="champion", tracking_uri=uri)
    assert registry.resolve("models:/moving@champion", uri).version == made.version == 2
    assert registry.resolve("models:/moving@previous", uri).version == 1
    trail = registry.verdicts("moving", tracking_uri=uri)
    assert trail[["action", "version", "champion", "alias"]].values.tolist() == [
        ["registration", 1, pd.NA, "champion"],
        ["snapshot", 2, 1, "champion"],
    ]
    assert trail["reason"].tolist()[1] == "version 1 with 0 more answers"
    with pytest.raises(InputError, match="alias must be letters"):
        registry.snapshot("moving", ledger, as_of=as_of, alias="latest", tracking_uri=uri)
