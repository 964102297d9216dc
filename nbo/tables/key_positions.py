"""Where keys stand among those that are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.errors import InputError

__all__ = ["key_positions"]


def key_positions(keys: pd.Series, asked: pd.Index, what: str) -> np.ndarray:
    """Find where keys stand among those that are asked for.

    Parameters
    ----------
    keys : Series of length n
    asked : Index
        Different keys.
    what : str
        Name for messages.

    Returns
    -------
    ndarray of int32, shape (n,)
        Positions in `asked`; -1 where missing or not asked for.

    Raises
    ------
    InputError
        If keys are text on one side and numbers on the other, or, where a column holds both, a key is one that
        is asked for but for its type.

    Examples
    --------
    >>> key_positions(pd.Series(["bob", None, "ann"]), pd.Index(["ann", "cy"]), "events.customer_id")
    array([-1, -1,  0], dtype=int32)
    """
    if len(asked) == 1 and keys.dtype == asked.dtype and keys.dtype != object:
        return np.where((keys.array == asked[0]).astype(bool), np.int32(0), np.int32(-1))
    codes, own = _numbered(keys)
    _check_same_kind(own, asked, what)
    return np.asarray(np.append(asked.get_indexer(own), -1).astype(np.int32)[codes])


def _numbered(keys: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Give numbers to keys, -1 where missing, and what each number stands for."""
    if isinstance(keys.dtype, pd.CategoricalDtype):
        return keys.cat.codes.to_numpy(), keys.cat.categories
    codes, different = pd.factorize(keys)
    return codes, pd.Index(different)


def _check_same_kind(own: pd.Index, asked: pd.Index, what: str) -> None:
    dtypes = [side.categories.dtype if isinstance(side, pd.CategoricalIndex) else side.dtype for side in (own, asked)]
    if not (len(own) and len(asked)):
        return
    if object in dtypes:
        _check_strangers(own[~own.isin(asked)], asked, what)
        return
    kinds = ["numbers" if pd.api.types.is_numeric_dtype(dtype) else "text" for dtype in dtypes]
    if kinds[0] != kinds[1]:
        raise InputError(
            f"{what} must be of the kind that the spine's customers have; it holds {kinds[0]} such as "
            f"{_plain(own[0])!r}, theirs are {kinds[1]} such as {_plain(asked[0])!r}."
        )


def _check_strangers(own: pd.Index, asked: pd.Index, what: str) -> None:
    """Refuse keys that are asked for but for their type: "7" where the customers have 7."""
    lost = own[own.astype(str).isin(asked.astype(str))]
    if len(lost):
        theirs = asked[asked.astype(str) == str(lost[0])][0]
        raise InputError(
            f"{what} must be of the kind that the spine's customers have; it holds {len(lost)} keys of another type, "
            f"such as {_plain(lost[0])!r} where they have {_plain(theirs)!r}. Give keys one type in all tables."
        )


def _plain(key: Any) -> Any:
    return key.item() if isinstance(key, np.generic) else key
