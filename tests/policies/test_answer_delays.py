"""Delays of answers: the learned curve against the planted one, and a plain Kaplan-Meier loop."""

import numpy as np
import pandas as pd

from nbo.policies.answer_delays import AnswerDelays
from nbo.policies.answers import Answers

HOUR = 3_600_000_000
WINDOW = 200 * HOUR


def _log(rng, n, mean, now, rate=0.2, refuse=0.0, channel="email"):
    """Simulate decisions over 400 hours, accepted after an exponential delay, as they are known now."""
    decided = rng.uniform(0, 400, n)
    delay = rng.exponential(mean, n)
    accepts = (rng.random(n) < rate) & (delay <= 200)
    refuses = ~accepts & (rng.random(n) < refuse)
    answered = decided + delay
    there = (accepts | refuses) & (answered <= now)
    over = ~there & (decided + 200 <= now)
    return pd.DataFrame(
        {
            "decision_id": [f"{channel}{i}" for i in range(n)],
            "segment": "a",
            "offer_id": "x",
            "channel": channel,
            "decided_at": pd.Timestamp(0) + pd.to_timedelta(decided, unit="h"),
            "outcome": np.select([there & accepts, there, over], ["accept", "reject", "no_answer"], "pending"),
            "outcome_at": (pd.Timestamp(0) + pd.to_timedelta(np.where(over, decided + 200, answered), unit="h")).where(
                there | over
            ),
            "reward": np.where(there | over, there & accepts, np.nan).astype(float),
        }
    ).assign(decided_at=lambda f: f["decided_at"].dt.floor("us"), outcome_at=lambda f: f["outcome_at"].dt.floor("us"))


def test_learns_the_planted_delays_of_each_channel():
    rng = np.random.default_rng(0)
    answers = Answers()
    answers.fold(pd.concat([_log(rng, 20_000, 60, 400), _log(rng, 20_000, 5, 400, channel="app")]))
    delays = AnswerDelays.of(answers, WINDOW, 400 * HOUR)
    waited = np.array([10, 40, 100, 199]) * HOUR
    for channel, mean in enumerate((60, 5)):
        truth = (1 - np.exp(-waited / HOUR / mean)) / (1 - np.exp(-200 / mean))
        found = delays.weight(np.full(4, channel), waited)
        rate = 0.2 * (1 - np.exp(-200 / mean))
        truth = (1 - rate) * truth / (1 - rate * truth)
        # About 3,000 accepts: four standard errors of a share.
        np.testing.assert_allclose(found, truth, atol=4 * np.sqrt(0.25 / 3000) + 0.02)
    assert delays.weight(np.array([0]), np.array([WINDOW]))[0] == 1.0


def test_refusals_in_words_that_come_as_fast_as_accepts_make_silence_say_nothing():
    rng = np.random.default_rng(1)
    answers = Answers()
    answers.fold(_log(rng, 20_000, 20, 400, rate=0.05, refuse=1.0))
    delays = AnswerDelays.of(answers, WINDOW, 400 * HOUR)
    assert delays.weight(np.zeros(3, dtype=int), np.array([5, 10, 20]) * HOUR).max() < 0.1


def test_equals_a_plain_loop():
    rng = np.random.default_rng(2)
    log = _log(rng, 400, 60, 400)
    answers = Answers()
    answers.fold(log)
    found = AnswerDelays.of(answers, WINDOW, 400 * HOUR).weights[0]
    step = WINDOW // 200
    alive, curve = 1.0, [0.0]
    for end in range(1, 201):
        events = at_risk = 0
        for row in log.itertuples():
            decided = row.decided_at.value // 1000
            if row.outcome == "accept":
                last = (row.outcome_at.value // 1000 - decided) // step + 1
            else:
                last = 201 if row.outcome == "no_answer" else (400 * HOUR - decided) // step
            at_risk += last >= end
            events += row.outcome == "accept" and last == end
        alive *= 1 - events / at_risk if at_risk else 1.0
        curve.append(1 - alive)
    rate, curve = curve[-1], np.array(curve) / curve[-1]
    accepts = (log["outcome"] == "accept").sum()
    arrived = (accepts * curve + 2 * np.linspace(0, 1, 201)) / (accepts + 2)
    expected = (1 - rate) * arrived / (1 - rate * arrived)
    np.testing.assert_allclose(found[:-1], expected[:-1], atol=1e-12)


def test_without_an_accept_the_curve_is_even():
    answers = Answers()
    frame = pd.DataFrame({"decision_id": [1], "segment": "a", "offer_id": "x", "reward": np.nan, "outcome": "pending"})
    answers.fold(frame.assign(decided_at=pd.Timestamp(0)))
    weight = AnswerDelays.of(answers, WINDOW, 50 * HOUR).weight(np.zeros(1, dtype=int), np.array([50 * HOUR]))
    np.testing.assert_allclose(weight, 0.25)
