"""Thompson sampling in time: single answers, answers that wait, changes, forgetting, and what is like what."""

import json

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.policies import SegmentThompson

START = pd.Timestamp("2026-01-01")
HOUR = pd.Timedelta("1h")


def _log(n, seed=0, segments=3, offers=3, rate=0.1):
    rng = np.random.default_rng(seed)
    decided = START + pd.to_timedelta(np.arange(n), unit="min")
    return pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(n)],
            "segment": [f"s{i}" for i in rng.integers(0, segments, n)],
            "offer_id": [f"o{i}" for i in rng.integers(0, offers, n)],
            "channel": rng.choice(["app", "mail"], n),
            "decided_at": decided,
            "outcome": "accept",
            "outcome_at": decided + pd.to_timedelta(rng.integers(1, 3000, n), unit="min"),
            "reward": (rng.random(n) < rate).astype(float),
        }
    ).assign(outcome=lambda f: np.where(f["reward"] > 0, "accept", "reject"))


def _context(*segments):
    return pd.DataFrame({"segment": list(segments)})


def _one_by_one(policy, log):
    for row in log.to_dict("records"):
        policy.draw_one({"segment": row["segment"]}, 0.5)
        row["decided_at"], row["outcome_at"] = (row[name].value // 1000 for name in ("decided_at", "outcome_at"))
        policy.learn_one(row)


def test_single_answers_leave_the_state_and_the_probabilities_of_a_batch():
    offers, log = ["o0", "o1", "o2", "no_offer"], _log(700)
    single, batch = SegmentThompson(offers), SegmentThompson(offers)
    _one_by_one(single, log)
    batch.learn(log.sample(frac=1, random_state=1))
    assert json.dumps(single.to_state()) == json.dumps(batch.to_state())
    context = _context("s0", "s1", "s2", "new")
    np.testing.assert_array_equal(single.probabilities(context), batch.probabilities(context))
    again = SegmentThompson.from_state(json.loads(json.dumps(single.to_state())))
    np.testing.assert_array_equal(again.probabilities(context), batch.probabilities(context))


def test_the_next_draw_knows_the_last_answer():
    policy = SegmentThompson(["o0", "o1"], min_probability=0.0)
    policy.learn(_log(400, segments=1, offers=2, rate=0.05))
    before = policy._live.probabilities("s0")[1]
    for i in range(3):
        policy.learn_one({"decision_id": f"n{i}", "segment": "s0", "offer_id": "o1", "reward": 1.0})
        now = policy._live.probabilities("s0")[1]
        assert now > before
        before = now
    exact = policy.probabilities(_context("s0"))[0, 1]
    # The prior that all answers make is a little behind.
    assert abs(before - exact) < 0.06


def test_a_single_draw_has_the_probability_that_is_stated():
    policy = SegmentThompson(["o0", "o1", "o2"]).learn(_log(300))
    eligible = [True, False, True]
    stated = policy.probabilities(_context("s1"), np.array([eligible]))[0]
    drawn = [policy.draw_one({"segment": "s1"}, u, eligible) for u in np.linspace(0, 0.999999, 400)]
    assert {offer for offer, _ in drawn} == {"o0", "o2"}
    for offer, probability in drawn[::50]:
        assert abs(probability - stated[int(offer[1])]) < 2e-3
    share = np.mean([offer == "o0" for offer, _ in drawn])
    assert abs(share - stated[0]) < 0.01


@pytest.mark.parametrize(
    ("eligible", "says"),
    [([True], "for each of 3 offers"), ([False, False, False], "True for at least one")],
)
def test_eligible_of_a_single_draw_is_checked(eligible, says):
    with pytest.raises(InputError, match=says):
        SegmentThompson(["o0", "o1", "o2"]).draw_one({"segment": "a"}, 0.5, eligible)


def test_a_context_without_a_segment_is_refused():
    with pytest.raises(InputError, match="must have the entry 'segment'; got customer_id"):
        SegmentThompson(["o0"]).draw_one({"customer_id": 7}, 0.5)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"segment": "a", "offer_id": "o0", "reward": 1.0}, "decision_id"),
        ({"decision_id": 1, "offer_id": "o0", "reward": 1.0}, "segment"),
        ({"decision_id": 1, "segment": "a", "offer_id": "o0", "reward": 2.0}, r"reward must be in \[0, 1\]"),
    ],
)
def test_a_bad_single_answer_is_refused(row, says):
    with pytest.raises(InputError, match=says):
        SegmentThompson(["o0"]).learn_one(row)


def test_what_waits_counts_more_and_more_and_in_the_end_as_a_refusal():
    offers = ["o0", "o1"]
    waiting = _log(100, segments=1, offers=1).assign(outcome="pending", reward=np.nan, outcome_at=pd.NaT)
    policy = SegmentThompson(offers, window="20h")
    rates = []
    for hours in (2, 8, 15, 40):
        policy.learn(waiting, as_of=START + hours * HOUR)
        rates.append(policy.acceptance_rates()["rate"][0])
    assert (np.diff(rates) < 0).all()
    refused = SegmentThompson(offers, window="20h").learn(waiting.assign(outcome="no_answer", reward=0.0))
    assert rates[-1] == refused.acceptance_rates()["rate"][0]
    # Without a window the policy waits for ever.
    patient = SegmentThompson(offers).learn(waiting, as_of=START + 1000 * HOUR)
    assert patient.acceptance_rates()["n"].sum() == 0


def test_a_late_accept_corrects_what_was_counted_as_a_refusal():
    log = _log(200, segments=1, offers=1, rate=0.0)
    late = log.tail(1).assign(outcome="accept", reward=1.0, outcome_at=START + 60 * HOUR)
    policy = SegmentThompson(["o0"], window="10h")
    policy.learn(log.assign(outcome="pending", reward=np.nan, outcome_at=pd.NaT), as_of=START + 50 * HOUR)
    policy.learn(late)
    known = SegmentThompson(["o0"], window="10h").learn(pd.concat([log.head(199), late]))
    after, expected = policy.acceptance_rates(), known.acceptance_rates()
    assert (after["n"][0], after["accepted"][0]) == (200, 1.0)
    assert after["rate"][0] == expected["rate"][0]


def test_single_decisions_that_wait_are_those_of_a_batch():
    log = _log(300, segments=2)
    single, batch = (SegmentThompson(["o0", "o1", "o2"], window="10h") for _ in range(2))
    for row in log.to_dict("records"):
        single.draw_one({"segment": row["segment"]}, 0.3)
        single.learn_one({**row, "reward": None, "outcome": None, "outcome_at": None})
    answered = log[log["reward"] > 0]
    for row in answered.to_dict("records"):
        single.learn_one(row)
    waiting = log.assign(outcome="pending", reward=np.nan, outcome_at=pd.NaT)
    batch.learn(answered).learn(waiting)
    assert json.dumps(single.to_state()) == json.dumps(batch.to_state())
    context = _context("s0", "s1")
    np.testing.assert_array_equal(single.probabilities(context), batch.probabilities(context))


def _drifting(n=24_000, seed=3):
    """Simulate an offer that falls from a fifth to nearly nothing half-way."""
    rng = np.random.default_rng(seed)
    log = _log(n, seed, segments=4, offers=2)
    falls = (log["offer_id"] == "o0") & (np.arange(n) > n / 2)
    chance = np.where(falls, 0.01, np.where(log["offer_id"] == "o0", 0.2, 0.1))
    accepted = rng.random(n) < chance
    return log.assign(reward=accepted.astype(float), outcome=np.where(accepted, "accept", "reject"))


def test_a_change_is_told_and_the_past_counts_little():
    log = _drifting()
    policy = SegmentThompson(["o0", "o1"]).learn(log)
    changes = policy.changes()
    # Where some decisions before the fall were taken for later ones, the fall is found in two steps.
    assert set(changes["offer_id"]) == {"o0"}
    assert set(changes["direction"]) == {"down"}
    half = log["decided_at"][12_000]
    assert abs(changes["since"][0] - half) < pd.Timedelta("20h")
    assert half < changes["noticed"][0] < half + pd.Timedelta("2D")
    rates = policy.acceptance_rates().set_index(["segment", "offer_id"])["rate"]
    assert (rates.xs("o0", level="offer_id") < 0.03).all()
    blind = SegmentThompson(["o0", "o1"], change_threshold=None).learn(log)
    assert blind.changes().empty
    assert (blind.acceptance_rates().query("offer_id == 'o0'")["rate"] > 0.07).all()


def test_single_draws_know_of_a_change_before_the_prior_is_due():
    log = _drifting()
    policy = SegmentThompson(["o0", "o1"]).learn(log.head(12_000))
    policy.draw_one({"segment": "s0"}, 0.5)
    live = policy._live
    fitted, cells = len(policy._answers), live._cells
    for row in log.iloc[12_000:].to_dict("records"):
        policy.learn_one(row)
        policy.draw_one({"segment": row["segment"]}, 0.5)
        if live._cells is not cells:
            break
    # It is due after 8 % more answers at the earliest, and without a change after twice as many.
    assert live._changes == 1
    assert len(policy._answers) < 1.08 * fitted
    calm = SegmentThompson(["o0", "o1"]).learn(log.head(11_000))
    calm.draw_one({"segment": "s0"}, 0.5)
    cells = calm._live._cells
    for row in log.iloc[11_000:12_000].to_dict("records"):
        calm.learn_one(row)
        calm.draw_one({"segment": row["segment"]}, 0.5)
    assert calm._live._cells is cells


def test_order_and_batches_change_nothing_in_time_either():
    log = _drifting(9_000)
    waits = log.assign(outcome="pending", reward=np.nan, outcome_at=pd.NaT)
    settings = {"window": "30h", "half_life": "60D"}
    now = log["outcome_at"].max()
    whole = SegmentThompson(["o0", "o1"], **settings).learn(log, as_of=now)
    rows = pd.concat([waits, log]).sample(frac=1, random_state=0)
    parts = SegmentThompson(["o0", "o1"], **settings)
    for start in range(0, len(rows), 1777):
        parts.learn(rows[start : start + 1777])
        parts.probabilities(_context("s0"))
    parts.learn(rows.head(10), as_of=now)
    assert json.dumps(parts.to_state()) == json.dumps(whole.to_state())
    pd.testing.assert_frame_equal(parts.changes(), whole.changes())
    assert len(whole.changes()) == 1
    context = _context("s0", "s1", "s2", "s3", "new")
    np.testing.assert_array_equal(parts.probabilities(context), whole.probabilities(context))


def test_half_life_is_a_plain_weighted_count():
    log = _log(200, segments=1, offers=1)
    policy = SegmentThompson(["o0"], half_life="12h", pooling=False, change_threshold=None).learn(log)
    now = max(log["decided_at"].max(), log["outcome_at"].max())
    n = accepted = 0.0
    for row in log.itertuples():
        weight = 0.5 ** ((now - row.decided_at) / pd.Timedelta("12h"))
        n += weight
        accepted += weight * row.reward
    expected = (25 * 0.04 + accepted) / (25 + n)
    np.testing.assert_allclose(policy.acceptance_rates()["rate"][0], expected, rtol=1e-6)


def test_a_new_offer_starts_from_offers_with_its_attributes():
    rng = np.random.default_rng(5)
    offers = [f"card {i}" for i in range(6)] + [f"loan {i}" for i in range(6)]
    log = _log(24_000, segments=2).assign(offer_id=rng.choice(offers, 24_000))
    good = log["offer_id"].str.startswith("card")
    log["reward"] = (rng.random(len(log)) < np.where(good, 0.12, 0.03)).astype(float)
    attributes = {offer: [f"kind={offer[:4]}"] for offer in offers}
    policy = SegmentThompson(offers, attributes=attributes).learn(log)
    policy.add_offers(["card new", "loan new"], attributes={"card new": ["kind=card"], "loan new": ["kind=loan"]})
    rates = policy.acceptance_rates("s0").set_index("offer_id")["rate"]
    assert rates["card new"] > 2 * rates["loan new"]
    blind = SegmentThompson(offers).learn(log).add_offers(["card new", "loan new"])
    rates = blind.acceptance_rates("s0").set_index("offer_id")["rate"]
    np.testing.assert_allclose(rates["card new"], rates["loan new"])
    again = SegmentThompson.from_state(json.loads(json.dumps(policy.to_state())))
    pd.testing.assert_frame_equal(again.acceptance_rates(), policy.acceptance_rates())


def test_in_a_small_segment_an_offer_does_as_in_the_rest_of_its_tier():
    rng = np.random.default_rng(6)
    segments = [f"{tier} > {region}" for tier in ("gold", "base") for region in "abcdefgh"]
    log = _log(24_000, offers=2).assign(segment=rng.choice(segments, 24_000))
    # Tastes cross: the tiers like different offers, so neither segments nor offers have an effect of their own.
    likes = log["segment"].str.startswith("gold") == (log["offer_id"] == "o1")
    log["reward"] = (rng.random(len(log)) < np.where(likes, 0.15, 0.03)).astype(float)
    few = log.head(2).assign(segment=["gold > new", "base > new"], reward=0.0, decision_id=["x", "y"], offer_id="o0")
    context = _context("gold > new", "base > new", "gold > never seen", "silver > a")
    nested = SegmentThompson(["o0", "o1"], nested=" > ").learn(pd.concat([log, few]))
    gold, base, unseen, other = nested.probabilities(context)[:, 1]
    assert gold > 0.95
    assert base < 0.05
    assert unseen > 0.95
    assert 0.2 < other < 0.8
    assert nested.draw_one({"segment": "gold > never seen"}, 0.5)[0] == "o1"
    plain = SegmentThompson(["o0", "o1"]).learn(pd.concat([log, few])).probabilities(context)[:, 1]
    assert (np.abs(plain - 0.5) < 0.35).all()
    assert set(nested.acceptance_rates()["segment"]) == {*segments, "gold > new", "base > new"}
    again = SegmentThompson.from_state(json.loads(json.dumps(nested.to_state())))
    np.testing.assert_array_equal(again.probabilities(context), nested.probabilities(context))


def test_the_table_of_rates_says_what_it_rests_on():
    log = _log(500, segments=2)
    policy = SegmentThompson(["o0", "o1", "o2"]).learn(log)
    rates = policy.acceptance_rates("s1")
    assert (rates["segment"] == "s1").all()
    assert rates["pooled"].between(0, 1, inclusive="neither").all()
    own = log[(log["segment"] == "s1") & (log["offer_id"] == "o0")]
    assert rates.set_index("offer_id")["updated_at"]["o0"] == own["outcome_at"].max()
    more = SegmentThompson(["o0", "o1", "o2"]).learn(_log(5000, segments=2)).acceptance_rates("s1")
    assert (more["pooled"] < rates["pooled"]).all()


def test_the_table_of_rates_says_what_waits():
    # A tenth accepts within a day, and nobody refuses in words: the answers alone are all accepts.
    asked = pd.DataFrame({"decision_id": range(1000), "segment": "s", "offer_id": "o0"})
    asked["decided_at"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(1000), unit="min")
    accepts = asked.index % 10 == 0
    asked["outcome"] = np.where(accepts, "accept", "pending")
    asked["reward"] = np.where(accepts, 1.0, np.nan)
    asked["outcome_at"] = (asked["decided_at"] + pd.Timedelta("12h")).where(accepts)
    row = SegmentThompson(["o0"], window="14D").learn(asked, as_of="2026-01-10").acceptance_rates().loc[0]
    assert (row["n"], row["accepted"]) == (100, 100)
    assert row["counted"] == pytest.approx(1000, abs=15)
    assert row["rate"] == pytest.approx(0.1, abs=0.01)


def test_changed_arguments_count_at_once():
    log = _log(400)
    policy = SegmentThompson(["o0", "o1", "o2"]).learn(log)
    policy.draw_one({"segment": "s0"}, 0.5)
    policy.set_params(values=[1.0, 1.0, 1000.0], min_probability=0.0)
    assert policy.draw_one({"segment": "s0"}, 0.5)[0] == "o2"
    assert policy.probabilities(_context("s0"))[0, 2] > 0.9


@pytest.mark.parametrize(
    ("parameters", "says"),
    [({"window": "soon"}, "window"), ({"half_life": "-3D"}, "half_life"), ({"change_threshold": 0.0}, "above 0")],
)
def test_bad_arguments_are_refused(parameters, says):
    with pytest.raises(InputError, match=says):
        SegmentThompson(["o0"], **parameters).learn(_log(5)).probabilities(_context("s0"))
