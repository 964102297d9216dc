"""Where the rows of each key stand in a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo.features.order import counting_order

__all__ = ["Places"]


class Places:
    """Positions of the rows of each key, found once.

    Parameters
    ----------
    keys : Series of shape (n,)
    """

    def __init__(self, keys: pd.Series) -> None:
        plain = keys.astype(keys.cat.categories.dtype) if isinstance(keys.dtype, pd.CategoricalDtype) else keys
        codes, different = pd.factorize(plain)
        self._keys = pd.Index(different)
        # Missing keys are number 0, which nobody asks for.
        self._order, _, self._bounds = counting_order(codes + 1, len(self._keys) + 1)
        # The first look makes the table of keys: better now than while somebody waits.
        self._keys.get_indexer(self._keys[:1])

    def of(self, keys: Sequence[Any]) -> np.ndarray:
        """Give the positions of the rows that have one of some keys, key by key.

        Parameters
        ----------
        keys : sequence
            Each once.

        Returns
        -------
        ndarray of int
        """
        codes = [self._keys.get_loc(key) for key in keys if key in self._keys]
        parts = [self._order[self._bounds[code + 1] : self._bounds[code + 2]] for code in codes]
        return np.concatenate([np.empty(0, np.int64), *parts])
