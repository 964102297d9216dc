"""What a ledger owes: twice is once, nothing is changed, and the past can be read again."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.ledger import Ledger
from nbo.testing.owed import owed, refused, unchanged

__all__ = ["check_ledger"]

_DAY = pd.Timedelta("1D")
_START = pd.Timestamp("2026-01-01")
_NOW = "2026-03-01"


def check_ledger(ledger: Ledger) -> None:
    """Check all that a ledger owes.

    What is recorded twice counts once. A row that contradicts what is recorded is refused, and
    so is an answer to nothing; of a refused call nothing is written. Feedback says what was
    known at a moment, whenever it is asked for, and the later answer holds. Single rows are as
    good as frames. An erased customer is gone, and every total and the chain of hashes stay.

    Parameters
    ----------
    ledger : Ledger
        Open and empty. The check leaves rows in it.

    Raises
    ------
    AssertionError
        Says what the ledger owes, and what was seen.

    Examples
    --------
    >>> with Ledger.open("sqlite://") as ledger:
    ...     check_ledger(ledger)
    """
    owed(ledger.counts()["decisions"] == 0, "give check_ledger an empty ledger; this one has rows")
    decisions, outcomes = _decisions(), _outcomes()
    with unchanged("the ledger", decisions=decisions, outcomes=outcomes):
        _check_twice(ledger, decisions, outcomes)
        _check_refusals(ledger, decisions, outcomes)
        _check_feedback(ledger)
        _check_correction(ledger, outcomes)
        _check_single_rows(ledger, decisions)
        _check_erasure(ledger)


def _with(frame: pd.DataFrame, columns: dict[str, Any]) -> pd.DataFrame:
    return frame.assign(**columns)


def _decisions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            c.DECISION_ID: ["d1", "d2", "d3", "d4"],
            c.CUSTOMER_ID: [1, 2, 3, 4],
            c.DECIDED_AT: _START,
            c.OFFER_ID: ["card", "card", "loan", c.NO_OFFER],
            c.ACTION_PROBABILITY: [0.1, 0.7, 1 / 3, 1.0],
            "note": ["extra columns", None, "are", "kept"],
        }
    )


def _outcomes() -> pd.DataFrame:
    days = pd.to_timedelta([2, 3], unit="D")
    return pd.DataFrame({c.DECISION_ID: ["d1", "d2"], c.OUTCOME: [c.ACCEPT, c.REJECT], c.OUTCOME_AT: _START + days})


def _check_twice(ledger: Ledger, decisions: pd.DataFrame, outcomes: pd.DataFrame) -> None:
    first, again = ledger.record(decisions.iloc[:3]), ledger.record(decisions)
    owed((first, again) == (3, 1), f"record must count new decisions, 3 and then 1; it counted {first} and {again}")
    first, again = ledger.record_outcomes(outcomes, now=_NOW), ledger.record_outcomes(outcomes, now=_NOW)
    owed((first, again) == (2, 0), f"record_outcomes must count new ones, 2 and then 0; counted {first} and {again}")
    kept = ledger.decisions()
    for column in decisions:
        given, read = decisions[column].tolist(), kept[column].tolist()
        alike = all(a == b or (pd.isna(a) and pd.isna(b)) for a, b in zip(given, read, strict=True))
        owed(alike, f"the ledger must give back what it was given; {column} was {given} and is {read}")


def _check_refusals(ledger: Ledger, decisions: pd.DataFrame, outcomes: pd.DataFrame) -> None:
    before = ledger.counts()
    changed = _with(decisions, {c.ACTION_PROBABILITY: 0.5})
    new = _with(decisions, {c.DECISION_ID: ["n1", "n2", "n3", "n4"]})
    wrong_decisions = {
        "a decision that is recorded otherwise": pd.concat([new, changed.iloc[:1]]),
        "an action probability of 0": _with(new, {c.ACTION_PROBABILITY: [0.0, 0.5, 0.5, 0.5]}),
        "decisions without an action probability": new.drop(columns=c.ACTION_PROBABILITY),
        "a decision without a customer": _with(new.astype({c.CUSTOMER_ID: "Int64"}), {c.CUSTOMER_ID: pd.NA}),
    }
    for what, rows in wrong_decisions.items():
        with refused("the ledger", what):
            ledger.record(rows)
    late = _with(outcomes, {c.OUTCOME: c.REJECT, c.OUTCOME_AT: _START + 5 * _DAY})
    wrong_outcomes = {
        "an answer to no decision": _with(late, {c.DECISION_ID: ["d1", "nothing"]}),
        "an answer before the decision": _with(late, {c.OUTCOME_AT: [_START + 5 * _DAY, _START - _DAY]}),
        "an answer of the future": _with(late, {c.OUTCOME_AT: [_START + 5 * _DAY, pd.Timestamp(_NOW) + _DAY]}),
        "an unknown outcome": _with(late, {c.OUTCOME: [c.REJECT, "perhaps"]}),
    }
    for what, rows in wrong_outcomes.items():
        with refused("the ledger", what):
            ledger.record_outcomes(rows, now=_NOW)
    owed(
        ledger.counts() == before,
        f"of a refused call nothing may be written; rows were {before}, are {ledger.counts()}",
    )


def _feedback(ledger: Ledger, day: float) -> dict[str, tuple[str, float]]:
    rows = ledger.feedback(_START + day * _DAY, window="14D")
    triples = zip(rows[c.DECISION_ID], rows[c.OUTCOME], rows[c.REWARD], strict=True)
    return {decision: (outcome, reward) for decision, outcome, reward in triples}


def _check_feedback(ledger: Ledger) -> None:
    accept, reject, silence = (c.ACCEPT, 1.0), (c.REJECT, 0.0), (c.NO_ANSWER, 0.0)
    expected = {
        0: {},
        2: {},  # the accept happened on day 2, so it is not known strictly before
        2.5: {"d1": accept},
        10: {"d1": accept, "d2": reject},
        15: {"d1": accept, "d2": reject, "d3": silence, "d4": silence},
    }
    for day, rows in expected.items():
        found = _feedback(ledger, day)
        owed(found == rows, f"feedback as of day {day:g} must be {rows}; it is {found}")
        pending = set(ledger.pending(_START + day * _DAY, window="14D")[c.DECISION_ID])
        waiting = set() if day == 0 else {"d1", "d2", "d3", "d4"} - set(rows)
        owed(pending == waiting, f"as of day {day:g} the decisions {waiting} must be pending; {pending} are")


def _check_correction(ledger: Ledger, outcomes: pd.DataFrame) -> None:
    before = _feedback(ledger, 10)
    corrected = _with(outcomes.iloc[:1], {c.OUTCOME: c.REJECT, c.OUTCOME_AT: _START + 20 * _DAY})
    owed(ledger.record_outcomes(corrected, now=_NOW) == 1, "another answer to the same decision must be new")
    owed(_feedback(ledger, 21)["d1"] == (c.REJECT, 0.0), "the later answer must hold")
    owed(_feedback(ledger, 10) == before, "feedback of a past moment must not change when answers come later")
    silent = _with(outcomes.iloc[:1], {c.OUTCOME: c.NO_ANSWER, c.OUTCOME_AT: _START + 25 * _DAY})
    ledger.record_outcomes(silent, now=_NOW)
    owed(_feedback(ledger, 26)["d1"] == (c.REJECT, 0.0), "an accept or a reject must come before no answer")
    torn = ledger.contradictions()
    held = torn.loc[torn["holds"], c.OUTCOME].tolist()
    owed(held == [c.REJECT], f"of contradicting answers one holds, ['reject']; contradictions() says {held}")


def _check_single_rows(ledger: Ledger, decisions: pd.DataFrame) -> None:
    row = {str(name): value for name, value in decisions.iloc[0].items()}
    answer = ("d1", c.REJECT, _START + 20 * _DAY)
    new = ledger.record_decision(row), ledger.record_outcome(*answer)
    owed(new == (False, False), f"rows that frames recorded are repeats one by one; the ledger said new: {new}")
    single = {**row, c.DECISION_ID: "d5"}
    new = ledger.record_decision(single), ledger.record_outcome("d5", c.ACCEPT, _START + _DAY)
    owed(new == (True, True), f"a decision and an outcome that are not there must be new; the ledger said {new}")
    again = ledger.record(pd.DataFrame([single]))
    owed(again == 0, "what was recorded one by one is a repeat in a frame")


def _check_erasure(ledger: Ledger) -> None:
    head, before = ledger.verify().head, (ledger.counts(), _feedback(ledger, 30))
    erased = ledger.erase(1), ledger.erase(1)
    owed(erased == (2, 0), f"erase must count the customer's decisions once, (2, 0); it counted {erased}")
    kept = ledger.decisions()
    owed(1 not in kept[c.CUSTOMER_ID].tolist(), "an erased customer's id must be gone")
    owed((ledger.counts(), _feedback(ledger, 30)) == before, "counts and feedback must not change by an erasure")
    found = ledger.verify(head)
    owed(found.ok, f"the chain must hold over an erasure; it is {found}")
