from __future__ import annotations

import datetime as dt
import logging
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nbo.errors import InputError
from nbo.models.encoding import FrameEncoder

FRAME = pd.DataFrame(
    {
        "plan": ["gold", "basic", None, "basic"],
        "age": [30.0, np.nan, 41.0, 50.0],
        "member": [True, False, True, True],
        "visits": pd.array([1, None, 3, 4], dtype="Int64"),
    }
)
# Columns in the order of their names: age, member, plan, visits; basic is 0, gold is 1.
BY_HAND = np.array([[30, 1, 1, 1], [np.nan, 0, 0, np.nan], [41, 1, np.nan, 3], [50, 1, 0, 4]], dtype=float)


def test_matrix_by_hand():
    encoder = FrameEncoder().fit(FRAME)
    assert encoder.names_ == ["age", "member", "plan", "visits"]
    assert encoder.category_columns == [2]
    np.testing.assert_array_equal(encoder.transform(FRAME), BY_HAND)


@pytest.mark.parametrize(
    "convert",
    [
        lambda frame: pl.DataFrame(pa.Table.from_pandas(frame, preserve_index=False)),
        lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
        lambda frame: frame.astype({"plan": "category"}),
        lambda frame: frame.astype(object).where(frame.notna(), None),
        lambda frame: frame[["visits", "plan", "member", "age"]].assign(extra="ignored"),
        lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    ],
    ids=["polars", "pyarrow", "category", "object", "other order", "arrow types"],
)
def test_library_types_and_order_change_no_bit(convert):
    other = convert(FRAME)
    np.testing.assert_array_equal(FrameEncoder().fit(FRAME).transform(other), BY_HAND)
    columns = [FrameEncoder().fit(other).names_.index(name) for name in ("age", "member", "plan", "visits")]
    np.testing.assert_array_equal(FrameEncoder().fit(other).transform(FRAME.assign(extra="x"))[:, columns], BY_HAND)


def test_polars_categories_and_enums_are_texts():
    frame = pl.DataFrame({"plan": ["gold", "basic"]})
    encoder = FrameEncoder().fit(frame)
    for kind in (pl.Categorical, pl.Enum(["x", "gold", "basic"])):
        assert encoder.transform(frame.with_columns(pl.col("plan").cast(kind))).tolist() == [[1.0], [0.0]]


def test_category_never_seen_is_missing():
    encoder = FrameEncoder().fit(FRAME)
    new = FRAME.assign(plan=["platinum", "gold", "basic", None])
    np.testing.assert_array_equal(encoder.transform(new)[:, 2], [np.nan, 1, 0, np.nan])


def test_rare_categories_beyond_the_most_allowed_are_missing(caplog):
    frame = pd.DataFrame({"city": ["a", "b", "b", "c", "c"]})
    with caplog.at_level(logging.WARNING):
        encoder = FrameEncoder(max_categories=2).fit(frame)
    assert encoder.values_ == {"city": ["b", "c"]}
    assert "'city' has 3 categories; the 2 most frequent" in caplog.text


def test_numbers_named_as_categories_keep_their_names_when_one_is_missing():
    encoder = FrameEncoder(categories=["offer_id"]).fit(pd.DataFrame({"offer_id": [7, 8]}))
    assert encoder.values_ == {"offer_id": ["7", "8"]}
    np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"offer_id": [8, np.nan]})), [[1], [np.nan]])


def test_decimals_are_numbers():
    frame = pd.DataFrame({"amount": [Decimal("1.5"), None]})
    np.testing.assert_array_equal(FrameEncoder().fit(frame).transform(frame), [[1.5], [np.nan]])


def test_column_without_values_stays_missing():
    encoder = FrameEncoder().fit(pd.DataFrame({"a": [1, 2], "nothing": [None, None]}))
    assert encoder.kinds_["nothing"] == "empty"
    np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"a": [1], "nothing": ["text"]})), [[1.0, np.nan]])


def test_chunks_equal_the_whole():
    encoder = FrameEncoder().fit(FRAME)
    parts = [encoder.transform(FRAME, slice(i, i + 1)) for i in range(4)]
    np.testing.assert_array_equal(np.concatenate(parts), encoder.transform(FRAME))


def test_state_makes_the_same_encoder():
    encoder = FrameEncoder(["offer_id"]).fit(FRAME)
    again = FrameEncoder.from_dict(encoder.to_dict())
    np.testing.assert_array_equal(again.transform(FRAME), BY_HAND)


def test_missing_columns_are_named_and_counted():
    with pytest.raises(
        InputError, match="2 of the 4 columns of the model are missing, lacks the columns 'age', 'plan'"
    ):
        FrameEncoder().fit(FRAME).transform(FRAME[["member", "visits"]])


@pytest.mark.parametrize(
    "times",
    [
        pd.Series(pd.to_datetime(["2026-01-01", "2026-01-02"])),
        pd.Series([dt.date(2026, 1, 1), None], dtype=object),
        pd.Series(pd.to_timedelta(["1D", "2D"])),
        pd.Series(pd.period_range("2026-01", periods=2, freq="M")),
    ],
    ids=["datetime", "date", "timedelta", "period"],
)
def test_times_are_refused_with_a_way_out(times):
    with pytest.raises(InputError, match="'when' holds .*; first at row 0. Turn a time into a number") as told:
        FrameEncoder().fit(pd.DataFrame({"when": times}))
    assert "2026" not in str(told.value)


def test_infinity_is_refused_with_its_row_also_in_a_later_chunk():
    encoder = FrameEncoder().fit(FRAME)
    bad = FRAME.assign(age=[1.0, 2.0, 3.0, np.inf])
    with pytest.raises(InputError, match=r"'age' must be finite or missing; 1 of 4 rows is not, first at row 3"):
        encoder.transform(bad, slice(2, 4))


def test_text_where_numbers_were_fitted_is_refused():
    encoder, bad = FrameEncoder().fit(FRAME), FRAME.assign(age=pd.Series([None, None, None, "SECRET"], dtype="str"))
    for rows in (None, slice(2, 4)):
        with pytest.raises(InputError, match="'age' held numbers when .* now holds str, first at row 3") as told:
            encoder.transform(bad, rows)
        assert "SECRET" not in str(told.value)


def test_values_that_are_neither_text_nor_number_are_refused():
    with pytest.raises(TypeError, match="1 of 2 rows of column 'a' are not, first at row 1: a dict"):
        FrameEncoder().fit(pd.DataFrame({"a": [1, {"b": 2}]}))


@pytest.mark.parametrize("frame", [FRAME.iloc[:0], FRAME[[]]], ids=["no rows", "no columns"])
def test_empty_frames_are_refused(frame):
    with pytest.raises(InputError, match="at least one row and one column"):
        FrameEncoder().fit(frame)


def test_same_name_twice_is_refused():
    with pytest.raises(InputError, match="'a' is there more than once"):
        FrameEncoder().fit(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_few_rows_are_encoded_as_among_many():
    rng = np.random.default_rng(0)
    n = 200
    many = pd.DataFrame(
        {
            "number": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
            "count": rng.integers(0, 9, n),
            "flag": rng.random(n) < 0.5,
            "maybe": pd.array(np.where(rng.random(n) < 0.3, None, 1), dtype="Int64"),
            "text": np.array(["a", "b"])[rng.integers(0, 2, n)],
            "single": rng.normal(size=n).astype("float32"),
            "never": np.nan,
        }
    )
    encoder = FrameEncoder(("count",)).fit(many)
    whole = encoder.transform(many)
    for first in range(0, n, 7):
        np.testing.assert_array_equal(encoder.transform(many.iloc[first : first + 7]), whole[first : first + 7])
        np.testing.assert_array_equal(encoder.transform(many, slice(first, first + 7)), whole[first : first + 7])
    with pytest.raises(InputError, match="column 'number' must be finite or missing"):
        encoder.transform(many.head(3).assign(number=[1.0, np.inf, 2.0]))


@pytest.mark.parametrize("dtype", ["str", "string", "category", "object"])
def test_texts_of_few_rows_are_encoded_as_among_many(dtype):
    encoder = FrameEncoder(("seven",)).fit(pd.DataFrame({"text": ["a", "b"], "seven": [7, 8], "never": [None, None]}))
    texts = pd.Series(["b", None, "new", "a", ""] * 40, dtype=dtype)
    frame = pd.DataFrame({"text": texts, "seven": ["7", "8", "9", None, "7.0"] * 40, "never": texts})
    whole = encoder.transform(frame)
    np.testing.assert_array_equal(whole[:5, encoder.column("text")], [1.0, np.nan, np.nan, 0.0, np.nan])
    for rows in (slice(0, 1), slice(3, 8), slice(150, 200)):
        np.testing.assert_array_equal(encoder.transform(frame, rows), whole[rows])
