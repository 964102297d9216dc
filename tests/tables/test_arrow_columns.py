"""Columns of Arrow have the types that frames have."""

import datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest

from nbo.tables.arrow_columns import arrow_column, is_category


def chunked(*chunks: list, kind: pa.DataType | None = None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(chunk, type=kind) for chunk in chunks], type=kind)


def test_chunks_share_one_dictionary():
    values = arrow_column(chunked(["web", None], [], ["shop", "web"], kind=pa.string()), "transactions", "channel")
    assert values.astype("object").where(values.notna(), None).tolist() == ["web", None, "shop", "web"]
    assert values.cat.categories.tolist() == ["web", "shop"]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())])
def test_texts_are_categories(kind):
    values = arrow_column(chunked(["a", None], kind=kind), "transactions", "product_id")
    assert isinstance(values.dtype, pd.CategoricalDtype)
    assert values.cat.codes.tolist() == [0, -1]


def test_a_column_without_rows_has_its_type():
    assert arrow_column(chunked(kind=pa.string()), "events", "device").cat.categories.tolist() == []
    assert arrow_column(chunked(kind=pa.timestamp("ns")), "events", "event_time").dtype == "datetime64[us]"


@pytest.mark.parametrize(
    ("kind", "noon"),
    [
        (pa.timestamp("us"), datetime.datetime(2026, 6, 30, 12)),
        (pa.timestamp("us", "America/New_York"), datetime.datetime(2026, 6, 30, 12, tzinfo=datetime.UTC)),
        (pa.string(), "2026-06-30T14:00+02:00"),
    ],
)
def test_times_become_utc_whatever_their_zone(kind, noon):
    values = arrow_column(chunked([noon, None], kind=kind), "events", "event_time")
    assert values.dtype == "datetime64[us]"
    assert values.tolist() == [pd.Timestamp("2026-06-30 12:00"), pd.NaT]


def test_decimals_are_numbers():
    values = arrow_column(chunked([Decimal("0.10"), None], kind=pa.decimal128(10, 2)), "transactions", "amount")
    assert values.dtype == "float64"
    assert values.iloc[0] == 0.1


def test_texts_of_numbers_and_times_are_no_categories():
    assert not is_category(pa.string(), "transactions", "amount")
    assert not is_category(pa.string(), "transactions", "event_time")
    assert is_category(pa.string(), "transactions", "color of the box")
