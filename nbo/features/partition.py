"""Which partition a customer belongs to, the same on every engine and in every run."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from pandas.util import hash_array

from nbo.errors import InputError

__all__ = ["MISSING", "check_partitions", "key_hashes", "partition_of"]

# Keyed, so that no other partitioning of the same ids is in step with this one; never changes.
_HASH_KEY = "nbo_partition_of"
MISSING: Final = np.uint64(0)


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
    [80, 76, 0, 80]
    >>> partition_of([7, 8, 9], 100).tolist() == partition_of([7.0, 8.0, 9.0], 100).tolist()
    True
    """
    return (key_hashes(ids) % np.uint64(n)).astype(np.int32)


def key_hashes(keys: Any) -> np.ndarray:
    """Hash keys to 64 bits; each different key is hashed once.

    Parameters
    ----------
    keys : Series or array-like of m keys

    Returns
    -------
    ndarray of uint64, shape (m,)
        `MISSING` where missing, and nowhere else. Two of a million keys share a hash once in
        37 million such sets.
    """
    series = keys if isinstance(keys, pd.Series) else pd.Series(keys)
    if isinstance(series.dtype, pd.CategoricalDtype):
        # One more at the end, for the code of missing values, -1.
        return np.append(key_hashes(pd.Series(series.cat.categories)), MISSING)[series.cat.codes.to_numpy()]
    if pd.api.types.is_integer_dtype(series.dtype) and not series.hasnans:
        return _number_hashes(series.to_numpy(dtype=np.int64))
    codes, different = pd.factorize(series)
    return np.append(_hashes(pd.Series(different)), MISSING)[codes]


def _hashes(different: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(different.dtype):
        return _number_hashes(different.to_numpy(dtype=np.int64 if different.dtype.kind in "iub" else np.float64))
    values = np.asarray(different, dtype=object)
    numeric = np.array([_is_number(value) for value in values], dtype=bool)
    hashes = np.empty(len(values), dtype=np.uint64)
    hashes[numeric] = _number_hashes(pd.to_numeric(pd.Series(values[numeric], dtype=object)).to_numpy())
    texts = np.array([str(value) for value in values[~numeric]], dtype=object)
    hashes[~numeric] = _without_zero(hash_array(texts, hash_key=_HASH_KEY, categorize=False))
    return hashes


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and bool(-(2**63) <= value < 2**63)


def _number_hashes(numbers: np.ndarray) -> np.ndarray:
    """Hash numbers so that a whole one is the same as integer and as float."""
    if numbers.dtype.kind == "f":
        whole = (numbers == np.rint(numbers)) & (np.abs(numbers) < 2.0**63)
        if not whole.all():
            hashes = hash_array(numbers.astype(np.float64), categorize=False)
            hashes[whole] = hash_array(numbers[whole].astype(np.int64), categorize=False)
            return _without_zero(hashes)
    return _without_zero(hash_array(numbers.astype(np.int64), categorize=False))


def _without_zero(hashes: np.ndarray) -> np.ndarray:
    hashes[hashes == MISSING] = np.uint64(1)
    return hashes
