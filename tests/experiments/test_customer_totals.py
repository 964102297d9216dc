"""One row a customer, those without decisions among them."""

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.experiments import customer_totals

DECISIONS = pd.DataFrame(
    {
        "customer_id": ["bob", "ann", "ann", "bob", "eve"],
        "arm": ["agent", "control", "control", "agent", "agent"],
        "segment": ["old", "new", "new", "old", "old"],
        "reward": [1.0, 0.0, 1.0, 1.0, 0.0],
        "value": [30.0, 0.0, 20.0, 5.0, 0.0],
    }
)
CUSTOMERS = pd.DataFrame(
    {"customer_id": ["ann", "bob", "cy", "eve", "fay"], "arm": ["control", "agent", "agent", "agent", "outside"]}
)


def test_by_hand():
    found = customer_totals(DECISIONS, ["reward", "value"], keep=["segment"])
    assert found.columns.tolist() == ["customer_id", "arm", "segment", "decisions", "reward", "value"]
    assert found.values.tolist() == [
        ["bob", "agent", "old", 2, 2.0, 35.0],
        ["ann", "control", "new", 2, 1.0, 20.0],
        ["eve", "agent", "old", 1, 0.0, 0.0],
    ]


def test_who_got_no_decision_counts_zero_and_who_is_outside_does_not_count():
    found = customer_totals(DECISIONS, ["value"], CUSTOMERS.assign(before=7.0))
    assert found.columns.tolist() == ["customer_id", "arm", "before", "decisions", "value"]
    assert found[["customer_id", "decisions", "value"]].values.tolist() == [
        ["ann", 2, 20.0],
        ["bob", 2, 35.0],
        ["cy", 0, 0.0],
        ["eve", 1, 0.0],
    ]
    fay = pd.DataFrame({"customer_id": ["fay"], "arm": ["outside"], "reward": [1.0], "value": [9.0]})
    for columns in (fay.columns, fay.columns.drop("arm")):
        more = pd.concat([DECISIONS, fay])[columns]
        pd.testing.assert_frame_equal(customer_totals(more, ["value"], CUSTOMERS.assign(before=7.0)), found)
    nothing = customer_totals(DECISIONS.head(0), ["value"], CUSTOMERS)
    assert nothing["decisions"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("decisions", "customers", "keep", "says"),
    [
        (DECISIONS.assign(arm=["a", "b", "b", "b", "a"]), None, (), "1 of 3 are in several, first 'bob': 'a', 'b'"),
        (DECISIONS.assign(segment=list("oonoo")), None, ["segment"], "1 times they change, first for 'ann'"),
        (DECISIONS, CUSTOMERS.tail(4), (), "decisions.customer_id must be among the customers .*; 2 of 5"),
        (
            DECISIONS.assign(arm="agent"),
            CUSTOMERS,
            (),
            "decisions.arm must be the arm of the customer in `customers`; 2 of 5",
        ),
        (DECISIONS, pd.concat([CUSTOMERS, CUSTOMERS.head(1)]), (), "must be in one row; 1 of 5"),
        (DECISIONS.assign(reward=None), None, (), "decisions.reward must be there and finite; 5 of 5"),
        (DECISIONS, CUSTOMERS.assign(reward=0), (), "must not have the columns that are added up; it has 'reward'"),
        (DECISIONS.drop(columns="arm"), None, (), "decisions lacks the column 'arm'"),
    ],
)
def test_what_is_not_allowed_is_refused(decisions, customers, keep, says):
    with pytest.raises(InputError, match=says):
        customer_totals(decisions, customers=customers, keep=keep)
