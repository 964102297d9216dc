"""Batches in any order, with repeats, late and contradicting answers, against a plain dictionary."""

import numpy as np
import pandas as pd
import pytest

from nbo.ledger import Ledger
from nbo.policies import SegmentThompson

START = pd.Timestamp("2026-01-01")
SAYS = np.array(["accept", "reject", "no_answer"])
OFFERS = ["bonus", "card", "loan"]


def world(n_decisions, n_outcomes, rng):
    """Decisions and outcomes; each second has one outcome at most, so that the order of recording decides nothing."""
    decided = rng.integers(0, 30 * 86_400, n_decisions)
    made = pd.DataFrame(
        {
            "decision_id": [f"r{rng_id:08x}" for rng_id in rng.permutation(n_decisions)],
            "customer_id": rng.integers(0, n_decisions // 3 + 1, n_decisions),
            "decided_at": START + pd.to_timedelta(decided, unit="s"),
            "offer_id": rng.choice(OFFERS, n_decisions),
            "segment": rng.choice(["s1", "s2", "s3"], n_decisions),
            "action_probability": 1 / 3,
        }
    )
    to = rng.integers(0, n_decisions, n_outcomes)
    after = rng.permutation(n_outcomes) * 1_000 + rng.integers(0, 25, n_outcomes) * 86_400_000_000
    answers = pd.DataFrame(
        {
            "decision_id": made["decision_id"].to_numpy()[to],
            "outcome": rng.choice(SAYS, n_outcomes, p=[0.2, 0.6, 0.2]),
            "outcome_at": made["decided_at"].to_numpy()[to] + after.astype("timedelta64[us]"),
        }
    )
    return made, answers.drop_duplicates(["decision_id", "outcome_at"], ignore_index=True)


def by_dictionary(made, answers, as_of):
    """What came of each decision, by a plain loop over the outcomes in the order of time."""
    holds = {}
    for row in answers.sort_values("outcome_at").itertuples():
        if row.outcome_at < as_of and (row.outcome != "no_answer" or holds.get(row.decision_id) in (None, "no_answer")):
            holds[row.decision_id] = row.outcome
    over = made["decided_at"] + pd.Timedelta("14D") <= as_of
    silent = set(made.loc[over, "decision_id"]) - set(holds)
    there = set(made.loc[made["decided_at"] < as_of, "decision_id"])
    return {key: holds.get(key, "no_answer") for key in (holds.keys() & there) | silent}


def shaken(frame, rng, n_parts):
    """Parts of the rows in any order, a third of which come a second time."""
    again = np.concatenate([np.arange(len(frame)), rng.integers(0, len(frame), len(frame) // 3)])
    for rows in np.array_split(rng.permutation(again), n_parts):
        yield frame.iloc[rows]


def recorded(url, made, answers, rng, n_parts):
    with Ledger.open(url, durable="process") as ledger:
        n_new = sum(ledger.record(part) for part in shaken(made, rng, n_parts))
        assert n_new == len(made)
        n_new = 0
        for part in shaken(answers, rng, n_parts):
            if rng.random() < 0.2 and len(part) < 100:
                n_new += sum(ledger.record_outcome(*row) for row in part.itertuples(index=False))
            else:
                n_new += ledger.record_outcomes(part)
        assert n_new == len(answers)
        assert ledger.verify()


@pytest.mark.parametrize("seed", range(8))
def test_batches_in_any_order_are_a_dictionary(shared_url, seed):
    rng = np.random.default_rng(seed)
    made, answers = world(60, 120, rng)
    recorded(shared_url, made, answers, rng, n_parts=6)
    with Ledger.open(shared_url) as ledger:
        for as_of in START + pd.to_timedelta([3, 20, 40, 90], unit="D"):
            feedback = ledger.feedback(as_of)
            assert dict(zip(feedback["decision_id"], feedback["outcome"], strict=True)) == by_dictionary(
                made, answers, as_of
            )
        torn = answers.groupby("decision_id")["outcome"].nunique()
        assert set(ledger.contradictions()["decision_id"]) == set(torn[torn > 1].index)


def state_of(feedback):
    policy = SegmentThompson(OFFERS)
    policy.learn(feedback)
    return policy.acceptance_rates()


@pytest.mark.parametrize("n_outcomes", [3_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_soak_ends_where_a_clean_sequential_fold_ends(tmp_path, n_outcomes):
    rng = np.random.default_rng(1)
    made, answers = world(n_outcomes // 2, n_outcomes, rng)
    recorded(f"sqlite:///{tmp_path / 'soak.db'}", made, answers, rng, n_parts=40)
    with Ledger.open(f"sqlite:///{tmp_path / 'clean.db'}", durable="process") as clean:
        clean.record(made.sort_values(["decided_at", "decision_id"]))
        clean.record_outcomes(answers.sort_values(["outcome_at", "decision_id"]))
        expected = clean.feedback("2026-06-01")
    with Ledger.open(f"sqlite:///{tmp_path / 'soak.db'}") as ledger:
        feedback = ledger.feedback("2026-06-01")
    pd.testing.assert_frame_equal(feedback, expected)
    found = dict(zip(feedback["decision_id"], feedback["outcome"], strict=True))
    assert found == by_dictionary(made, answers, pd.Timestamp("2026-06-01"))
    pd.testing.assert_frame_equal(state_of(feedback), state_of(expected))
