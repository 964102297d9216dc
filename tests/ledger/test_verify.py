"""The chain: what was changed, removed or slipped in is found, at its first row."""

import sqlite3

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.ledger import Ledger


def decisions(start=0, n=4):
    return pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(start, start + n)],
            "customer_id": range(start, start + n),
            "decided_at": "2026-01-01",
            "offer_id": ["a,b", "it's", 'say "x"', "\n"][:n],
            "action_probability": [0.1 + 0.2, 1e-300, 1.0, 1 / 3][:n],
            "segment": ["s", None, "", "Größe 🎁"][:n],
            "value": [-0.0, float("inf"), None, 2.0**60][:n],
            "age": [40, 41, None, 43][:n],
        }
    )


def outcomes(ids=("d0", "d1", "d1", "d2")):
    says = ["accept", "no_answer", "reject", "accept"][: len(ids)]
    return pd.DataFrame(
        {"decision_id": ids, "outcome": says, "outcome_at": "2026-01-02", "note": ["hi", None, None, "ho"][: len(ids)]}
    )


@pytest.fixture
def path(tmp_path):
    with Ledger.open(f"sqlite:///{tmp_path / 'nbo.db'}") as ledger:
        ledger.record(decisions())
        ledger.record_outcomes(outcomes())
    return tmp_path / "nbo.db"


def change(path, *statements):
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def checked(path, head=None):
    with Ledger.open(f"sqlite:///{path}") as ledger:
        return ledger.verify(head)


def test_a_whole_ledger_is_said_to_be_whole(ledger):
    assert ledger.verify().ok
    ledger.record(decisions())
    ledger.record_outcomes(outcomes())
    ledger.record(decisions(start=4))
    found = ledger.verify()
    assert (found.ok, found.decisions, found.outcomes, found.erasures) == (True, 8, 4, 0)
    assert (found.table, found.row, found.problem) == (None, None, None)
    assert str(found).startswith("whole: 8 decisions, 4 outcomes, 0 erasures; head 8.4.0.")


OF_OUTCOMES = "outcome, outcome_at, known_at, extra, seal, chain"


@pytest.mark.parametrize(
    ("statements", "table", "row", "problem"),
    [
        (["UPDATE nbo_decisions SET action_probability = 0.2 WHERE row = 2"], "decisions", 2, "is not what was"),
        (["UPDATE nbo_decisions SET customer_id = 9 WHERE row = 3"], "decisions", 3, "is not what was"),
        (["UPDATE nbo_decisions SET extra = NULL WHERE row = 1"], "decisions", 1, "is not what was"),
        (["UPDATE nbo_decisions SET segment = '' WHERE row = 2"], "decisions", 2, "is not what was"),
        (["UPDATE nbo_decisions SET seal = 'text' WHERE row = 2"], "decisions", 2, "is not what was"),
        (["UPDATE nbo_decisions SET chain = 'text' WHERE row = 2"], "decisions", 2, "is not what was"),
        (["UPDATE nbo_decisions SET decision_id = 'd9' WHERE row = 4"], "decisions", 4, "is not what was"),
        (["DELETE FROM nbo_decisions WHERE row = 1"], "decisions", 1, "it is missing"),
        (["DELETE FROM nbo_decisions WHERE row IN (2, 3)"], "decisions", 2, "it and all up to row 3 are missing"),
        (["DELETE FROM nbo_decisions WHERE row = 4"], "decisions", 4, "it is missing"),
        (["DELETE FROM nbo_decisions"], "decisions", 1, "it and all up to row 4 are missing"),
        (
            ["DELETE FROM nbo_decisions WHERE row = 4", "UPDATE nbo_chains SET n_rows = 3 WHERE n_rows = 4"],
            "decisions", 3, "it is not where the chain ends",
        ),
        (
            ["DELETE FROM nbo_decisions WHERE row = 2", "UPDATE nbo_decisions SET row = row - 1 WHERE row > 2"],
            "decisions", 2, "is not what was recorded",
        ),
        (["DELETE FROM nbo_chains"], "decisions", 1, "it was slipped in: the ledger recorded 0 rows"),
        (["UPDATE nbo_outcomes SET outcome = 'reject' WHERE row = 1"], "outcomes", 1, "is not what was"),
        (["UPDATE nbo_outcomes SET outcome_at = outcome_at + 1 WHERE row = 4"], "outcomes", 4, "is not what was"),
        (["UPDATE nbo_outcomes SET seal = NULL WHERE row = 1"], "outcomes", 1, "is not what was"),
        (["DELETE FROM nbo_outcomes WHERE row = 3"], "outcomes", 3, "it is missing"),
        ([f"INSERT INTO nbo_outcomes SELECT 5, decision_id, {OF_OUTCOMES} FROM nbo_outcomes WHERE row = 4"],
         "outcomes", 5, "it was slipped in: the ledger recorded 4 rows"),
        (
            ["UPDATE nbo_outcomes SET row = 5 WHERE row = 4",
             f"INSERT INTO nbo_outcomes SELECT 4, decision_id, {OF_OUTCOMES} FROM nbo_outcomes WHERE row = 1"],
            "outcomes", 4, "is not what was recorded",
        ),
    ],
)  # fmt: skip
def test_what_was_done_to_the_file_is_found(path, statements, table, row, problem):
    change(path, *statements)
    found = checked(path)
    assert not found
    assert (found.table, found.row) == (f"nbo_{table}", row)
    assert problem in found.problem
    assert str(found).startswith(f"broken: nbo_{table}, row {row}: it")


def test_a_head_kept_elsewhere_shows_that_rows_were_taken_off_the_end(path, tmp_path):
    early = checked(path).head
    (tmp_path / "copy.db").write_bytes(path.read_bytes())
    with Ledger.open(f"sqlite:///{path}") as ledger:
        ledger.record(decisions(start=4))
        ledger.record_outcomes(outcomes(["d4"]))
    late = checked(path).head
    assert checked(path, early)
    assert checked(path, late)
    # A file of before is whole in itself.
    assert checked(tmp_path / "copy.db")
    found = checked(tmp_path / "copy.db", late)
    assert (found.ok, found.table, found.row) == (False, None, None)
    assert str(found).startswith(f"broken: the head {late} is not found in it")


def test_a_head_that_is_none_is_refused(ledger):
    for wrong in ("abc", "1.1.1." + "g" * 64, 5):
        with pytest.raises(InputError, match="head must be one that an earlier check gave"):
            ledger.verify(wrong)


def test_reading_and_refusals_do_not_move_the_chain(ledger):
    ledger.record(decisions())
    before = ledger.verify().head
    ledger.record(decisions())
    ledger.feedback("2026-02-01")
    with pytest.raises(ValueError, match="unknown decision_id"):
        ledger.record_outcome("nothing", "accept", "2026-01-02")
    with pytest.raises(ValueError, match="is 1e-300 in the ledger and 0.5 here"):
        ledger.record_decision({**decisions().iloc[1].dropna().to_dict(), "action_probability": 0.5})
    assert ledger.verify().head == before
