"""Which partitions a key leads to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np

from nbo.features.engines.hashes import MISSING
from nbo.features.slices import set_out

__all__ = ["NOWHERE", "NO_KEYS", "NO_PLACES", "Ways"]

NO_KEYS: Final = np.empty(0, dtype=np.uint64)
NO_PLACES: Final = np.empty(0, dtype=np.int32)


class Ways:
    """Which partitions a key leads to: none, one or several.

    Parameters
    ----------
    keys : ndarray of uint64, shape (k,)
        Hashes, ascending, each once.
    bounds : ndarray of int, shape (k + 1,)
        Key i leads to ``places[bounds[i]:bounds[i + 1]]``.
    places : ndarray of int32
        Partitions.

    Examples
    --------
    >>> keys = np.array([7, 9, 7], dtype=np.uint64)
    >>> ways = Ways.of([keys, np.array([2, 0, 1])])
    >>> rows, places = ways.follow(np.array([9, 8, 7], dtype=np.uint64))
    >>> sorted(zip(rows.tolist(), places.tolist()))
    [(0, 0), (2, 1), (2, 2)]
    """

    def __init__(self, keys: np.ndarray, bounds: np.ndarray, places: np.ndarray) -> None:
        self.keys, self.bounds, self.places = keys, bounds, places

    @classmethod
    def of(cls, pairs: Sequence[np.ndarray]) -> Ways:
        """Take pairs, in any order and any number of times; a missing key leads nowhere.

        Parameters
        ----------
        pairs : sequence of ndarray
            Keys, their places, keys, their places ...

        Returns
        -------
        Ways
        """
        keys = np.concatenate([NO_KEYS, *pairs[::2]])
        places = np.concatenate([NO_PLACES, *pairs[1::2]]).astype(np.int32)
        order = np.lexsort((places, keys))
        order = order[keys[order] != MISSING]
        keys, places = keys[order], places[order]
        other_key = np.ones(len(keys), dtype=bool)
        other_key[1:] = keys[1:] != keys[:-1]
        new = other_key.copy()
        new[1:] |= places[1:] != places[:-1]
        starts = np.flatnonzero(other_key[new])
        return cls(keys[other_key], np.append(starts, new.sum()), places[new])

    @property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """All keys and places, each pair once."""
        return np.repeat(self.keys, np.diff(self.bounds)), self.places

    def several(self) -> Ways:
        """Keep the keys that lead to more than one place."""
        keys, places = self.pairs
        some = np.repeat(np.diff(self.bounds) > 1, np.diff(self.bounds))
        return Ways.of([keys[some], places[some]])

    def follow(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give all places that keys lead to.

        Parameters
        ----------
        keys : ndarray of uint64, shape (m,)

        Returns
        -------
        rows : ndarray of int, shape (p,)
            Positions in `keys`, in no order.
        places : ndarray of int32, shape (p,)
        """
        if not len(self.keys):
            return np.empty(0, dtype=np.int64), NO_PLACES
        may_lead, shift = self._may_lead
        rows = np.flatnonzero(may_lead[keys >> shift])
        # In the order of the keys, for a search that jumps about waits for memory at every step.
        rows = rows[np.argsort(keys[rows])]
        at = np.minimum(np.searchsorted(self.keys, keys[rows]), len(self.keys) - 1)
        leads = self.keys[at] == keys[rows]
        owner, position = set_out(self.bounds[at[leads]], self.bounds[at[leads] + 1])
        return rows[leads][owner], self.places[position]

    @cached_property
    def _may_lead(self) -> tuple[np.ndarray, np.uint64]:
        """Mark the first bits that any key has, and say how many bits come behind them."""
        bits = min(max(len(self.keys).bit_length() + 4, 8), 26)
        shift = np.uint64(64 - bits)
        marks = np.zeros(1 << bits, dtype=bool)
        marks[self.keys >> shift] = True
        return marks, shift


NOWHERE: Final = Ways(NO_KEYS, np.zeros(1, dtype=np.int64), NO_PLACES)
