from __future__ import annotations

import pandas as pd
import pytest

from nbo.batch.rejects import set_aside
from nbo.tables import CustomerTables

AS_OF = pd.Timestamp("2026-06-30")


def rejects(**tables):
    usable, found = set_aside(CustomerTables(**{name: pd.DataFrame(table) for name, table in tables.items()}), AS_OF)
    return usable, [tuple(row) for row in found[["table", "row", "column", "reason"]].itertuples(index=False)]


def test_rows_are_set_aside_with_position_and_reason():
    usable, found = rejects(
        customers={
            "customer_id": ["ann", None, "bob", "ann", "cy", "dan", "eve"],
            "birth_date": ["1980-02-01", "1980-02-01", "31 Feb", "1980-02-01", "2030-01-01", "1492-10-12", None],
            "age": [46, 46, 46, 46, 46, 46, 200],
        }
    )
    assert found == [
        ("customers", 1, "customer_id", "missing"),
        ("customers", 2, "birth_date", "not a time (ISO 8601), UTC where no zone is given"),
        ("customers", 3, "customer_id", "an earlier row has the same customer_id"),
        ("customers", 4, "birth_date", "after the moment of the run"),
        ("customers", 5, "birth_date", "before 1890"),
        ("customers", 6, "age", "not a number in [0, 130]"),
    ]
    assert usable.customers["customer_id"].tolist() == ["ann"]
    # Without the row that was no date the column gets its type.
    assert usable.customers["birth_date"].dtype == "datetime64[us]"


def test_later_states_of_a_customer_are_no_duplicates():
    states = {"customer_id": ["ann", "ann", "ann"], "valid_from": ["2026-01-01", "2026-02-01", "2026-02-01"]}
    usable, found = rejects(customers=states)
    assert found == [("customers", 2, "customer_id", "an earlier row has the same customer_id, valid_from")]
    assert len(usable.customers) == 2


def test_a_sale_that_came_twice_counts_once():
    sales = {
        "transaction_id": ["t1", "t2", "t1", None, None],
        "customer_id": ["ann", "ann", "ann", "bob", "bob"],
        "event_time": ["2026-01-01"] * 5,
        "amount": ["9", "x", "9", "1", "1"],
    }
    usable, found = rejects(transactions=sales)
    assert [row[1:] for row in found] == [
        (1, "amount", "not a number, 0 or more"),
        (2, "transaction_id", "an earlier row has the same transaction_id"),
    ]
    assert usable.transactions["amount"].tolist() == [9.0, 1.0, 1.0]


def test_an_event_needs_a_customer_and_a_time():
    events = {"customer_id": [1, None, 2], "event_time": ["2026-01-01", "2026-01-01", None]}
    usable, found = rejects(events=events)
    assert [row[1:3] for row in found] == [(1, "customer_id"), (2, "event_time")]
    assert usable.events["customer_id"].tolist() == [1]


def test_what_we_did_is_left_alone():
    decisions = {"decision_id": ["d", "d"], "customer_id": [None, "ann"], "decided_at": [None, "2026-01-01"]}
    assert rejects(decisions=decisions)[1] == []


def test_sound_tables_lose_nothing(tables, world):
    usable, found = set_aside(tables, world.end)
    assert len(found) == 0
    assert found.columns.tolist() == ["table", "row", "customer_id", "column", "reason"]
    for name in tables.names:
        pd.testing.assert_frame_equal(usable.get(name), tables.get(name))


@pytest.mark.parametrize("n", [0, 1])
def test_few_rows_are_fine(n):
    usable, found = rejects(customers=pd.DataFrame({"customer_id": ["ann"]}).iloc[:n])
    assert found == []
    assert len(usable.customers) == n


def test_the_callers_tables_stay_as_they_are():
    tables = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann", None]}))
    set_aside(tables, AS_OF)
    assert len(tables.customers) == 2


CONSENTS = {"customer_id": ["ann"] * 2, "valid_from": ["2025-01-01", "2026-06-10"], "consent_email": ["true", "false"]}


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        # The newest row is not usable: what held before it must not come back.
        ({"acquisition_cost": [1, -1]}, []),
        ({"consent_email": ["true", "withdrawn"]}, []),
        ({"valid_from": ["2025-01-01", "soon"]}, []),
        # An older row is not usable, or one that is not known yet: the newest one rules.
        ({"acquisition_cost": [-1, 1]}, ["2026-06-10"]),
        ({"acquisition_cost": [1, -1], "valid_from": ["2025-01-01", "2026-07-01"]}, ["2025-01-01"]),
        ({"valid_from": ["when", "2026-06-10"]}, []),
    ],
)
def test_a_withdrawn_consent_does_not_come_back(change, kept):
    usable, _ = rejects(customers={**CONSENTS, **change})
    assert usable.customers["valid_from"].astype("str").tolist() == kept


def test_older_states_say_why_they_are_set_aside():
    _, found = rejects(customers={**CONSENTS, "acquisition_cost": [1, -1]})
    assert ("customers", 0, "customer_id", "a newer row of the customer is set aside") in found


def test_a_row_that_repeats_another_takes_nobody_away():
    again = {name: [*values, values[1]] for name, values in CONSENTS.items()}
    usable, found = rejects(customers=again)
    assert len(usable.customers) == 2
    assert [row[1] for row in found] == [2]


def test_blank_ids_are_set_aside():
    _, found = rejects(customers={"customer_id": ["ann", "", "  "]})
    assert found == [("customers", 1, "customer_id", "blank"), ("customers", 2, "customer_id", "blank")]
