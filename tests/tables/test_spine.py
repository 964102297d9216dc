import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.tables import CustomerTables, Spine


def test_each_customer_is_asked_once_in_order_of_appearance():
    history = pd.DataFrame(
        {"customer_id": ["bob", "ann", "bob"], "valid_from": ["2025-01-01", "2025-01-01", "2026-01-01"]}
    )
    for customers in (history, CustomerTables(customers=history), history["customer_id"], ["bob", "ann", "bob"]):
        assert Spine.at("2026-06-30", customers).frame["customer_id"].tolist() == ["bob", "ann"]


def test_the_calendar_holds_each_customer_at_each_moment():
    spine = Spine.calendar("2026-01-01", "2026-03-01", "MS", [1, 2])
    assert spine.frame["as_of"].dt.month.tolist() == [1, 1, 2, 2, 3, 3]
    assert spine.frame["customer_id"].tolist() == [1, 2] * 3


def test_rows_of_a_frame_are_kept_with_their_own_moments_and_repeats():
    frame = pd.DataFrame({"customer_id": ["a", "a"], "as_of": ["2026-01-01T02:00+02:00"] * 2, "x": 1}, index=[9, 9])
    spine = Spine.of(frame)
    assert spine.frame.to_dict("list") == {"customer_id": ["a", "a"], "as_of": [pd.Timestamp("2026-01-01")] * 2}
    assert spine.frame.index.tolist() == [0, 1]
    assert len(spine) == 2


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Spine.at("soon", ["a"]), "as_of must be a time"),
        (lambda: Spine.at("2026-01-01", "ann"), r"use \['ann'\]"),
        (lambda: Spine.at("2026-01-01", ["a", None]), "customers.customer_id must be there in every row; 1 of 2"),
        (lambda: Spine.at("2026-01-01", pd.DataFrame({"id": [1]})), "customers lacks the column 'customer_id'"),
        (lambda: Spine.of(pd.DataFrame({"customer_id": ["a"]})), "spine lacks the column 'as_of'"),
        (lambda: Spine.of(pd.DataFrame({"customer_id": ["a"], "as_of": [pd.NaT]})), "spine.as_of must be times"),
        (lambda: Spine.calendar("2026-01-01", "2026-02-01", "now and then", ["a"]), "every must be a step"),
        (lambda: Spine.calendar("2026-02-01", "2026-01-01", "D", ["a"]), "no moment of the calendar"),
    ],
)
def test_bad_questions_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_no_customers_give_an_empty_spine():
    empty = Spine.at("2026-01-01", pd.DataFrame({"customer_id": np.array([], dtype=str)}))
    assert len(empty) == 0
    assert repr(empty) == "Spine(0 rows)"
    assert "<table" in empty._repr_html_()
