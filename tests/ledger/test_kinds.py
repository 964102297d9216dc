"""Kinds of values, by hand and for any values."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.errors import InputError
from nbo.ledger.kinds import detect, to_series, to_texts, to_values, widen


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pd.Series(["a", None]), "text"),
        (pd.Series(["a", None], dtype="category"), "text"),
        (pd.Series([None, None], dtype="str"), "text"),
        (pd.Series([1, 2], dtype="int8"), "integer"),
        (pd.Series([1, None], dtype="Int64"), "integer"),
        (pd.Series([1, None], dtype=object), "integer"),
        (pd.Series([1.0, np.nan]), "number"),
        (pd.Series([1, 2.5], dtype=object), "number"),
        (pd.Series([decimal.Decimal("1.5")]), "number"),
        (pd.Series([True, None], dtype=object), "flag"),
        (pd.Series([True, False]), "flag"),
        (pd.to_datetime(pd.Series(["2026-01-01"])).dt.tz_localize("UTC"), "time"),
        (pd.Series([pd.NaT, pd.NaT]), "time"),
        (pd.Series([datetime.date(2026, 1, 1)]), "time"),
        (pd.Series([np.nan, np.nan]), "empty"),
        (pd.Series([None], dtype=object), "empty"),
        (pd.Series([[1], None]), "any"),
        (pd.Series([1, "a"]), "any"),
    ],
)
def test_kinds_by_hand(values, kind):
    assert detect(values) == kind


@pytest.mark.parametrize(
    ("stored", "given", "kind"),
    [
        ("text", "text", "text"),
        ("empty", "time", "time"),
        ("time", "empty", "time"),
        ("integer", "number", "number"),
        ("number", "integer", "number"),
        ("flag", "integer", "any"),
        ("text", "integer", "any"),
        ("any", "text", "any"),
    ],
)
def test_widening_by_hand(stored, given, kind):
    assert widen(stored, given, "decisions.x") == kind


@pytest.mark.parametrize("other", ["text", "integer", "number", "flag", "any"])
def test_times_do_not_mix(other):
    with pytest.raises(InputError, match="decisions.x must be times, as it is in this ledger"):
        widen("time", other, "decisions.x")
    with pytest.raises(InputError, match="it is times. Convert it, or give the column another name"):
        widen(other, "time", "decisions.x")


def test_times_are_microseconds_since_1970_in_utc():
    times = pd.Series(pd.to_datetime(["1970-01-01 01:00:00.000002+01:00", None]))
    assert to_values(times, "time", "x") == [2, None]
    assert to_series([2, None], "time").tolist() == [pd.Timestamp("1970-01-01 00:00:00.000002"), pd.NaT]


def test_arrays_and_numbers_of_numpy_become_plain():
    values = pd.Series([{"a": np.float64(0.5), 1: np.array([1, 2])}, (True, None)], dtype=object)
    assert to_values(values, "any", "x") == [{"a": 0.5, "1": [1, 2]}, [True, None]]


def test_integers_become_text_and_mixtures_are_refused():
    assert to_texts(pd.Series([7, 8]), "x") == (["7", "8"], "integer")
    with pytest.raises(InputError, match="x must be all text or all integers; 1 of 2 rows is not, first at row 1: 8"):
        to_texts(pd.Series(["7", 8]), "x")


COLUMNS = {
    "text": (st.text(st.characters(codec="utf-8")), "str"),
    "integer": (st.integers(-(2**63), 2**63 - 1), "Int64"),
    "number": (st.floats(allow_nan=False), "float64"),
    "flag": (st.booleans(), "boolean"),
    "time": (st.datetimes(), "datetime64[us]"),
}


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.data())
@pytest.mark.parametrize("kind", COLUMNS)
def test_any_values_come_back(kind, data):
    values, dtype = COLUMNS[kind]
    column = pd.Series(data.draw(st.lists(st.none() | values, max_size=5)), dtype=dtype)
    back = to_series(to_values(column, kind, "x"), kind)
    pd.testing.assert_series_equal(back.astype(dtype), column)
