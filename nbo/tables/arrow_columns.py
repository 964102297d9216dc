"""Columns of Arrow as the columns of pandas that calculations read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from nbo.tables.contracts import CONTRACTS
from nbo.tables.typed import typed_column

__all__ = ["arrow_column", "is_category"]


def arrow_column(values: pa.ChunkedArray, table: str, name: str) -> pd.Series:
    """Take a column with the type of its contract; categories are numbers and a dictionary.

    Parameters
    ----------
    values : pyarrow.ChunkedArray of n values
    table : str
        The table that the column is of.
    name : str
        The column.

    Returns
    -------
    Series of length n

    Examples
    --------
    >>> arrow_column(pa.chunked_array([["web", None], ["web"]]), "transactions", "channel").tolist()
    ['web', nan, 'web']
    """
    if is_category(values.type, table, name):
        return _categories(values if pa.types.is_dictionary(values.type) else values.dictionary_encode())
    series = values.to_pandas(self_destruct=True, split_blocks=True)
    column = CONTRACTS[table].column(name)
    return series if column is None else typed_column(series, column, table)


def is_category(kind: pa.DataType, table: str, name: str) -> bool:
    """Tell whether a column holds categories: texts that stand for nothing else, such as a time.

    Parameters
    ----------
    kind : pyarrow.DataType
        Of the column.
    table, name : str

    Returns
    -------
    bool
    """
    if pa.types.is_dictionary(kind):
        return True
    known = CONTRACTS[table].column(name)
    categories = known is None or known.kind in ("key", "category", "text")
    return categories and (pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _categories(values: pa.ChunkedArray) -> pd.Series:
    values = values.unify_dictionaries()
    chunks = [chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in values.chunks]
    texts = values.chunk(0).dictionary.to_pylist() if chunks else []
    codes = np.concatenate(chunks) if chunks else np.empty(0, dtype=np.int32)
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(texts, dtype="str")))
