"""Which partition a customer belongs to, the same on every engine and in every run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from nbo.errors import InputError
from nbo.features.engines.hashes import MISSING, integer_hashes, text_hashes

__all__ = ["MISSING", "check_partitions", "key_hashes", "partition_of"]


def check_partitions(partitions: Any) -> None:
    """Refuse what is no number of partitions.

    Parameters
    ----------
    partitions : int or None

    Raises
    ------
    InputError
        If it is no whole number of 1 or more; None is allowed.
    """
    if partitions is not None and (type(partitions) is not int or partitions < 1):
        raise InputError(f"partitions must be a whole number of 1 or more; got {partitions!r}.")


def partition_of(ids: Any, n: int) -> np.ndarray:
    """Say which partition each customer belongs to.

    It depends on the id and `n` alone, so that all engines, and a run that goes on after a
    stop, agree. An integer is the same id as a whole float and in a category.

    Parameters
    ----------
    ids : Series or array-like of m customer ids
    n : int
        Number of partitions, 1 or more.

    Returns
    -------
    ndarray of int32, shape (m,)
        In [0, n); a missing id is in partition 0.

    Examples
    --------
    >>> partition_of(["ann", "bob", None, "ann"], 100).tolist()
    [27, 84, 0, 27]
    >>> partition_of([7, 8, 9], 100).tolist() == partition_of([7.0, 8.0, 9.0], 100).tolist()
    True
    """
    return (key_hashes(ids) % np.uint64(n)).astype(np.int32)


def key_hashes(keys: Any) -> np.ndarray:
    """Hash keys to 64 bits.

    Parameters
    ----------
    keys : Series, pyarrow array or array-like of m keys

    Returns
    -------
    ndarray of uint64, shape (m,)
        `MISSING` where missing, and nowhere else. Two of a million keys share a hash once in
        37 million such sets.
    """
    if isinstance(keys, pa.Array):
        return _arrow_hashes(keys)
    series = keys if isinstance(keys, pd.Series) else pd.Series(keys)
    if isinstance(series.dtype, pd.CategoricalDtype):
        # One more at the end, for the code of missing values, -1.
        return np.append(key_hashes(pd.Series(series.cat.categories)), MISSING)[series.cat.codes.to_numpy()]
    if pd.api.types.is_integer_dtype(series.dtype) and not series.hasnans:
        return integer_hashes(series.to_numpy(dtype=np.int64))
    if isinstance(series.dtype, pd.StringDtype):
        return _arrow_hashes(pa.array(series, from_pandas=True))
    codes, different = pd.factorize(series)
    return np.append(_hashes(pd.Series(different)), MISSING)[codes]


def _arrow_hashes(keys: pa.Array | pa.ChunkedArray) -> np.ndarray:
    keys = keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys
    if pa.types.is_dictionary(keys.type):
        codes = keys.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return np.append(_arrow_hashes(keys.dictionary), MISSING)[codes]
    if pa.types.is_integer(keys.type):
        hashes = integer_hashes(keys.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64))
    elif pa.types.is_string(keys.type) or pa.types.is_large_string(keys.type):
        hashes = text_hashes(keys.fill_null(""))
    else:
        return key_hashes(keys.to_pandas())
    if keys.null_count:
        hashes[keys.is_null().to_numpy(zero_copy_only=False)] = MISSING
    return hashes


def _hashes(different: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(different.dtype):
        return _number_hashes(different.to_numpy(dtype=np.int64 if different.dtype.kind in "iub" else np.float64))
    values = np.asarray(different, dtype=object)
    numeric = np.array([_is_number(value) for value in values], dtype=bool)
    hashes = np.empty(len(values), dtype=np.uint64)
    hashes[numeric] = _number_hashes(pd.to_numeric(pd.Series(values[numeric], dtype=object)).to_numpy())
    hashes[~numeric] = text_hashes(pa.array([str(value) for value in values[~numeric]], pa.string()))
    return hashes


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and bool(-(2**63) <= value < 2**63)


def _number_hashes(numbers: np.ndarray) -> np.ndarray:
    """Hash numbers so that a whole one is the same as integer and as float."""
    if numbers.dtype.kind != "f":
        return integer_hashes(numbers.astype(np.int64))
    whole = (numbers == np.rint(numbers)) & (np.abs(numbers) < 2.0**63)
    hashes = integer_hashes(numbers.astype(np.float64).view(np.int64))
    hashes[whole] = integer_hashes(numbers[whole].astype(np.int64))
    return hashes
