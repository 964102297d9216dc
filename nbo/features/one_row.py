"""A frame of one row, made fast."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["one_row"]


def one_row(columns: dict[str, Any]) -> pd.DataFrame:
    """Make a frame of one row.

    Numbers of one type are put in together, which is several times faster than one by one.

    Parameters
    ----------
    columns : dict of str to array of one value

    Returns
    -------
    DataFrame of shape (1, k)

    Examples
    --------
    >>> one_row({"n": np.array([3]), "city": pd.array(["Bern"], dtype="str"), "days": np.array([0.5])})
       n  city  days
    0  3  Bern   0.5
    """
    kinds: dict[Any, list[str]] = {}
    for name, values in columns.items():
        kinds.setdefault(values.dtype if isinstance(values, np.ndarray) else None, []).append(name)
    parts = [
        pd.DataFrame({name: columns[name] for name in names})
        if kind is None
        else pd.DataFrame(np.concatenate([columns[name] for name in names])[None], columns=names, copy=False)
        for kind, names in kinds.items()
    ]
    places = {name: place for place, name in enumerate(name for names in kinds.values() for name in names)}
    return pd.concat(parts, axis=1).take([places[name] for name in columns], axis=1)
