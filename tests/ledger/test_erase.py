"""Erasing a customer: who it was is gone, what was done and what came of it is not."""

import hashlib
import sqlite3

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.ledger import Ledger

WHO = {"age": [40, 41, 42, 43], "email": ["ann@x.org", "bob@x.org", "ann@x.org", "cid@x.org"]}


def decisions(customers=("ann", "bob", "ann", "cid"), **columns):
    return pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(4)],
            "customer_id": customers,
            "decided_at": "2026-01-01",
            "offer_id": ["bonus", "card", "card", "no_offer"],
            "action_probability": 0.25,
            "segment": ["s1", "s1", "s2", "s2"],
            "value": [1.0, 2.0, 3.0, 4.0],
            "candidates": '{"bonus": 0.5, "card": 0.5}',
            "segment_scheme": "rfm-1",
            **columns,
        }
    )


def outcomes():
    return pd.DataFrame(
        {
            "decision_id": ["d0", "d1", "d2"],
            "outcome": ["accept", "reject", "accept"],
            "outcome_at": "2026-01-02",
            "phone": ["555-0", None, None],
        }
    )


@pytest.fixture
def full(ledger):
    ledger.record(decisions(**WHO))
    ledger.record_outcomes(outcomes())
    return ledger


def totals(ledger):
    feedback = ledger.feedback("2026-03-01")
    sums = feedback.groupby(["segment", "offer_id"])[["reward", "value", "action_probability"]].sum()
    return ledger.counts(), sums.to_dict(), feedback["decision_id"].tolist(), feedback["segment_scheme"].tolist()


def test_who_it_was_is_gone_and_the_totals_stay(full):
    before = totals(full)
    assert full.erase("ann", reason="asked on 2026-02-01", now="2026-02-02") == 2
    assert totals(full) == before
    made = full.decisions()
    pseudonym = made["customer_id"][0]
    assert made["customer_id"].tolist() == [pseudonym, "bob", pseudonym, "cid"]
    assert pseudonym.startswith("erased-")
    assert made["email"].isna().tolist() == [True, False, True, False]
    assert made["age"].isna().tolist() == [True, False, True, False]
    assert made["candidates"].notna().all()
    assert full.outcomes()["phone"].isna().all()
    erasure = {"pseudonym": pseudonym, "decisions": 2, "outcomes": 1, "reason": "asked on 2026-02-01"}
    assert full.erasures().to_dict("records") == [{"erased_at": pd.Timestamp("2026-02-02"), **erasure}]


def test_the_chain_still_holds(full):
    head = full.verify().head
    full.erase("ann")
    found = full.verify(head)
    assert (found.ok, found.decisions, found.outcomes, found.erasures) == (True, 4, 3, 1)
    full.erase("bob")
    assert full.verify(head).erasures == 2


def test_a_second_time_does_nothing(full):
    assert full.erase("ann") == 2
    head = full.verify().head
    assert full.erase("ann") == 0
    assert full.erase("nobody") == 0
    assert full.verify().head == head
    assert len(full.erasures()) == 1


def test_repeats_are_still_recognized_and_bring_nothing_back(full):
    full.erase("ann")
    assert full.record(decisions(**WHO)) == 0
    assert full.record_decision(decisions(**WHO).iloc[0].to_dict()) is False
    assert full.record_outcomes(outcomes()) == 0
    assert full.record_outcome("d0", "accept", "2026-01-02", extra={"phone": "555-0"}) is False
    assert "ann" not in full.decisions()["customer_id"].tolist()
    with pytest.raises(ValueError, match="'action_probability' is 0.25 in the ledger and 0.5 here"):
        full.record(decisions(**WHO).assign(action_probability=0.5))


def test_a_late_answer_is_taken_without_what_tells_who(full):
    full.erase("ann")
    assert full.record_outcome("d2", "reject", "2026-01-09", extra={"phone": "555-0"}) is True
    assert full.outcomes()["phone"].isna().all()
    assert full.feedback("2026-03-01")["reward"].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert full.verify()


def test_columns_to_keep_can_be_named(full):
    full.erase("ann", keep=["age"])
    made = full.decisions()
    assert made["age"].tolist() == [40, 41, 42, 43]
    assert made["segment_scheme"].isna().tolist() == [True, False, True, False]
    assert full.verify()


def test_later_decisions_of_the_same_customer_are_erased_by_a_call_of_their_own(full):
    full.erase("ann")
    full.record(decisions(**WHO)[:1].assign(decision_id="d9"))
    assert full.erase("ann") == 1
    assert full.erasures()["decisions"].tolist() == [2, 1]
    assert full.decisions()["customer_id"].nunique() == 4
    assert full.verify()


def test_integer_customers_get_integer_pseudonyms(ledger):
    ledger.record(decisions(customers=[1, 2, 1, 2**63 - 1]))
    assert ledger.erase(1) == 2
    made = ledger.decisions()["customer_id"]
    assert made.dtype == "int64"
    assert made[0] == made[2] >= 2**62
    assert ledger.erasures()["pseudonym"].tolist() == [made[0]]


@pytest.mark.parametrize("wrong", [None, 1.5, True, ["ann"]])
def test_what_is_no_customer_is_refused(ledger, wrong):
    with pytest.raises(InputError, match="customer_id must be text or an integer; got"):
        ledger.erase(wrong)


def test_nothing_is_left_in_the_files(tmp_path):
    with Ledger.open(f"sqlite:///{tmp_path / 'nbo.db'}") as ledger:
        for batch in range(20):
            ids = [f"{batch}-{i}" for i in range(4)]
            ledger.record(decisions(["ann-4711", "bob", "ann-4711", "cid"], **WHO).assign(decision_id=ids))
        assert {b"ann-4711", b"ann@x.org", b"bob@x.org"} == found_in(tmp_path)
        assert ledger.erase("ann-4711") == 40
        assert found_in(tmp_path) == {b"bob@x.org"}


def found_in(folder):
    kept = b"".join(file.read_bytes() for file in folder.iterdir())
    return {text for text in (b"ann-4711", b"ann@x.org", b"bob@x.org") if text in kept}


def change(path, statement):
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "table", "row", "problem"),
    [
        ("UPDATE nbo_decisions SET customer_id = 'bob' WHERE row = 1", "erasures", 1, "not as it left them"),
        ("UPDATE nbo_decisions SET extra = '{}' WHERE row = 1", "erasures", 1, "not as it left them"),
        ("UPDATE nbo_decisions SET offer_id = 'card' WHERE row = 1", "decisions", 1, "is not what was recorded"),
        ("UPDATE nbo_outcomes SET extra = '{}' WHERE row = 1", "erasures", 1, "not as it left them"),
        ("UPDATE nbo_outcomes SET decision_id = 'd1' WHERE row = 1", "outcomes", 1, "its decision is not"),
        ("DELETE FROM nbo_erasures", "erasures", 1, "it is missing"),
        ("UPDATE nbo_erasures SET decisions = 1", "erasures", 1, "is not what was recorded"),
    ],
)
def test_what_was_done_to_an_erasure_is_found(tmp_path, statement, table, row, problem):
    path = tmp_path / "nbo.db"
    with Ledger.open(f"sqlite:///{path}") as ledger:
        ledger.record(decisions(**WHO))
        ledger.record_outcomes(outcomes())
        ledger.erase("ann")
    change(path, statement)
    with Ledger.open(f"sqlite:///{path}") as ledger:
        found = ledger.verify()
    assert (found.ok, found.table, found.row) == (False, f"nbo_{table}", row)
    assert problem in found.problem


def test_a_row_passed_off_as_erased_is_found(tmp_path):
    path = tmp_path / "nbo.db"
    with Ledger.open(f"sqlite:///{path}") as ledger:
        ledger.record(decisions(**WHO))
    with sqlite3.connect(path) as connection:
        (salt,) = connection.execute("SELECT seal FROM nbo_decisions WHERE row = 2").fetchone()
        row = connection.execute("SELECT customer_id, extra FROM nbo_decisions WHERE row = 2").fetchone()
        digest = hashlib.sha256(salt + ascii(row).encode()).digest()
        connection.execute("UPDATE nbo_decisions SET customer_id = 'eve', seal = ? WHERE row = 2", (digest,))
    connection.close()
    with Ledger.open(f"sqlite:///{path}") as ledger:
        found = ledger.verify()
    assert (found.table, found.row, found.problem) == ("nbo_decisions", 2, "it is erased, and no erasure says so")
