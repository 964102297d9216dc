"""One decision or outcome at a time: the same as by a frame, and many threads at once."""

import datetime
import threading

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError, LedgerError
from nbo.ledger import Ledger
from nbo.ledger.one_row import decision_row, outcome_row

DECISION = {
    "decision_id": "d1",
    "customer_id": 7,
    "decided_at": "2026-01-01 10:00:00.000001+02:00",
    "offer_id": "bonus",
    "action_probability": 0.25,
}
FULL = {
    "run_id": "r1",
    "channel": None,
    "segment": "s1",
    "propensity": 0.04,
    "value": 10,
    "priority": float("inf"),
    "policy": "thompson",
    "model_version": 3,
    "candidates": '{"bonus": 0.25}',
    "clicks": 4,
    "share": 40.0,
    "half": 0.5,
    "vip": True,
    "note": "Größe 🎁",
    "nothing": None,
    "missing": float("nan"),
}
EXTRAS = [
    {},
    FULL,
    {"tags": ["a", "b"], "seen_at": pd.Timestamp("2026-01-01"), "deep": {"k": [1]}},
    {"decided_at": datetime.datetime(2026, 1, 1, 8, 0, 0, 1)},
    {"decided_at": pd.Timestamp("2026-01-01 10:00:00.000001", tz="Europe/Paris")},
    {"decided_at": np.datetime64("1969-12-31T23:59:59.5")},
    {"decided_at": datetime.date(2026, 1, 1)},
    {"decided_at": "20260101"},
    {"action_probability": np.float64(0.25), "value": np.int64(3), "clicks": np.int32(3)},
    {"action_probability": 1, "propensity": 0, "value": -0.0, "zero": -0.0},
    {"customer_id": "ann", "decision_id": 12},
    {"customer_id": 2**63, "big": 2**53 + 1, "bigger": float(2**60)},
]


def kept(record):
    with Ledger.open("sqlite://") as ledger:
        assert record(ledger)
        return ledger.decisions(), ledger.outcomes()


@pytest.mark.parametrize("columns", EXTRAS)
def test_a_decision_is_kept_as_by_a_frame(columns):
    row = {**DECISION, **columns}
    by_row = kept(lambda ledger: ledger.record_decision(row))[0]
    by_frame = kept(lambda ledger: ledger.record(pd.DataFrame([row])))[0]
    pd.testing.assert_frame_equal(by_row, by_frame)


@pytest.mark.parametrize("columns", EXTRAS)
def test_either_way_repeats_the_other(columns):
    row = {**DECISION, **columns}
    with Ledger.open("sqlite://") as ledger:
        assert ledger.record_decision(row) is True
        assert ledger.record_decision(row) is False
        assert ledger.record(pd.DataFrame([row])) == 0
    with Ledger.open("sqlite://") as ledger:
        assert ledger.record(pd.DataFrame([row])) == 1
        assert ledger.record_decision(row) is False
        assert ledger.verify()


def test_plain_rows_take_the_fast_way():
    assert decision_row({**DECISION, **FULL}) is not None
    assert decision_row({**DECISION, "action_probability": np.float64(0.25)}) is not None
    assert outcome_row("d1", "accept", pd.Timestamp("2026-01-01"), None, {"note": "x"}) is not None


OUTCOMES = [
    {},
    {"known_at": "2026-01-05", "extra": {"channel": "mail", "steps": 3, "share": 2.0}},
    {"outcome_at": pd.Timestamp("2026-01-03 10:00", tz="Europe/Paris"), "extra": {"tags": [1, 2], "at": pd.NaT}},
    {"outcome_at": np.datetime64("2026-01-03"), "known_at": datetime.datetime(2026, 1, 4, tzinfo=datetime.UTC)},
    {"outcome": "no_answer", "known_at": pd.NaT},
]


@pytest.mark.parametrize("columns", OUTCOMES)
def test_an_outcome_is_kept_as_by_a_frame(columns):
    given = {"decision_id": "d1", "outcome": "accept", "outcome_at": "2026-01-03", **columns}
    row = {name: value for name, value in given.items() if name != "extra"} | given.get("extra", {})

    def one(ledger):
        ledger.record_decision(DECISION)
        assert ledger.record_outcome(**given) is True
        assert ledger.record_outcome(**given) is False
        assert ledger.record_outcomes(pd.DataFrame([row])) == 0
        return ledger.verify()

    def framed(ledger):
        ledger.record_decision(DECISION)
        return ledger.record_outcomes(pd.DataFrame([row]))

    pd.testing.assert_frame_equal(kept(one)[1], kept(framed)[1])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"action_probability": 0.0}, r"action_probability must be in \(0, 1\]; 1 of 1 rows is not"),
        ({"action_probability": None}, "action_probability must be"),
        ({"customer_id": None}, "customer_id must be there in every row"),
        ({"customer_id": True}, "customer_id must be"),
        ({"offer_id": None}, "offer_id must be there in every row"),
        ({"decided_at": 5}, "decided_at must be times"),
        ({"decided_at": "soon"}, "decided_at must be times"),
        ({"propensity": 2.0}, r"propensity must be in \[0, 1\] or missing"),
        ({"outcome": "accept"}, "decisions must not have the columns 'outcome'"),
        ({5: "x"}, "columns named by text; got 5"),
        ({"wait": datetime.timedelta(1)}, "decisions.wait must be text"),
    ],
)
def test_a_bad_decision_is_refused_as_in_a_frame(ledger, columns, message):
    with pytest.raises(InputError, match=message):
        ledger.record_decision({**DECISION, **columns})
    assert ledger.counts()["decisions"] == 0


def test_a_decision_lacks_nothing_and_changes_nothing(ledger):
    with pytest.raises(InputError, match="decisions lacks the column 'offer_id'"):
        ledger.record_decision({name: value for name, value in DECISION.items() if name != "offer_id"})
    with pytest.raises(TypeError, match="decision must be a mapping of values by column; got list"):
        ledger.record_decision([DECISION])
    ledger.record_decision(DECISION)
    with pytest.raises(LedgerError, match="'action_probability' is 0.25 in the ledger and 0.5 here") as error:
        ledger.record_decision({**DECISION, "action_probability": 0.5})
    assert error.value.rejects["decision_id"].tolist() == ["d1"]
    with pytest.raises(InputError, match="customer_id must be integer as it is in this ledger; it is text"):
        ledger.record_decision({**DECISION, "decision_id": "d2", "customer_id": "ann"})
    assert ledger.verify().decisions == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("d9", "accept", "2026-01-03"), "unknown decision_id"),
        (("d1", "maybe", "2026-01-03"), "outcome must be one of"),
        (("d1", None, "2026-01-03"), "it is missing"),
        (("d1", "accept", "2025-01-03"), "outcome_at is before decided_at"),
        (("d1", "accept", "2999-01-03"), "outcome_at is in the future"),
        (("d1", "accept", "soon"), "outcome_at is missing or not a time"),
        (("d1", "accept", None), "outcome_at is missing or not a time"),
        ((None, "accept", "2026-01-03"), "decision_id is missing"),
    ],
)
def test_a_bad_outcome_is_refused_as_in_a_frame(ledger, given, message):
    ledger.record_decision(DECISION)
    with pytest.raises(LedgerError, match=message) as error:
        ledger.record_outcome(*given)
    assert len(error.value.rejects) == 1
    assert ledger.counts()["outcomes"] == 0


def test_other_columns_of_an_outcome_have_names_of_their_own(ledger):
    ledger.record_decision(DECISION)
    with pytest.raises(InputError, match="extra must not have the columns 'outcome'"):
        ledger.record_outcome("d1", "accept", "2026-01-03", extra={"outcome": "reject"})


def test_now_can_be_given(ledger):
    ledger.record_decision({**DECISION, "decided_at": "2999-01-01"})
    with pytest.raises(LedgerError, match="in the future"):
        ledger.record_outcome("d1", "accept", "2999-01-02")
    assert ledger.record_outcome("d1", "accept", "2999-01-02", now="2999-01-02")


def test_threads_share_transactions_and_lose_nothing(shared_url):
    """Eight threads, each with rows of its own, rows of all, and refused ones in between."""
    found = {name: [] for name in range(8)}

    def write(ledger, name):
        for i in range(40):
            ledger.record_decision({**DECISION, "decision_id": f"{name}-{i}"})
            found[name].append(ledger.record_outcome(f"{name}-{i}", "accept", "2026-01-02"))
            found[name].append(ledger.record_decision({**DECISION, "decision_id": f"all-{i}"}))
            try:
                ledger.record_outcome("nothing", "accept", "2026-01-02")
            except LedgerError:
                found[name].append("refused")

    with Ledger.open(shared_url, durable="process") as ledger:
        threads = [threading.Thread(target=write, args=(ledger, name)) for name in found]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(answers.count("refused") == 40 for answers in found.values())
        # Each of the 40 decisions of all was new to one thread.
        assert sum(answers.count(True) for answers in found.values()) == 8 * 40 + 40
        assert ledger.counts() == {
            "decisions": 8 * 40 + 40,
            "outcomes": 320,
            "accept": 320,
            "reject": 0,
            "no_answer": 0,
        }
        assert ledger.verify()


def test_one_thread_fails_and_the_others_do_not(shared_url):
    """Half a letter is refused by the database itself, in mid-transaction."""
    failed, done = [], []

    def write(ledger, name):
        for i in range(30):
            note = "\ud800" if name == 0 else "fine"
            try:
                done.append(ledger.record_decision({**DECISION, "decision_id": f"{name}-{i}", "note": note}))
            except LedgerError as error:
                failed.append(str(error))

    with Ledger.open(shared_url, durable="process") as ledger:
        threads = [threading.Thread(target=write, args=(ledger, name)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(failed) == 30
        assert done == [True] * 90
        assert ledger.verify().decisions == 90
