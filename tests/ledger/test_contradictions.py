"""Different answers to one decision: all are kept, one holds, and they are told."""

import pandas as pd
import pytest

COLUMNS = ["decision_id", "outcome", "outcome_at"]


@pytest.fixture
def asked(ledger):
    ledger.record(
        pd.DataFrame(
            {
                "decision_id": [11, 12, 13, 14],
                "customer_id": range(4),
                "decided_at": "2026-01-01",
                "offer_id": "bonus",
                "action_probability": 0.5,
            }
        )
    )
    return ledger


def test_without_any_there_is_an_empty_frame(asked):
    asked.record_outcome(11, "accept", "2026-01-02")
    asked.record_outcome(11, "accept", "2026-01-03")
    found = asked.contradictions()
    assert found.columns.tolist() == ["decision_id", "outcome", "outcome_at", "known_at", "holds"]
    assert found.empty
    assert found["holds"].dtype == bool


def test_the_answer_that_holds_is_marked(asked):
    rows = [
        (11, "accept", "2026-01-03"),
        (12, "reject", "2026-01-02"),
        (11, "reject", "2026-01-05"),  # later
        (11, "accept", "2026-01-04"),
        (13, "accept", "2026-01-02"),
        (13, "no_answer", "2026-01-09"),  # silence does not take an answer back
        (14, "accept", "2026-01-02"),
        (14, "reject", "2026-01-02"),  # recorded last
    ]
    asked.record_outcomes(pd.DataFrame(rows, columns=COLUMNS))
    asked.record_outcomes(pd.DataFrame(rows, columns=COLUMNS))
    found = asked.contradictions()
    told = [(row.decision_id, row.outcome, row.holds) for row in found.itertuples()]
    assert told == [
        (11, "accept", False), (11, "reject", True), (11, "accept", False), (13, "accept", True),
        (13, "no_answer", False), (14, "accept", False), (14, "reject", True),
    ]  # fmt: skip
    held = found[found["holds"]].set_index("decision_id")["outcome"].to_dict()
    feedback = asked.feedback("2026-02-01").set_index("decision_id")["outcome"].to_dict()
    assert feedback == {**held, 12: "reject"}
