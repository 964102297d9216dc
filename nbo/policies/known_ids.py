"""Which decisions are known, and where: in sorted runs as far as ids come in ranges of their own, else by hash."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import chain
from typing import Any, Final

import numpy as np

from nbo.policies.id_batch import WHOLE, IdBatch, IdPart
from nbo.policies.id_run import IdRun

__all__ = ["KnownIds"]

# Fewer ids are remembered by hash: a run has its price.
_FEW: Final = 32
# Of ids known by hash, one is looked for in a frame as fast as so many of a frame are looked for among them.
_SLOWER: Final = 20
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


class KnownIds:
    """Give each decision the next position once, and find it again.

    Ids of a frame that are sorted, or whole numbers, and lie where no id of their kind is known yet are kept as
    they are, which takes a tenth of the time and of the memory of a hash table.

    Examples
    --------
    >>> import pandas as pd
    >>> known = KnownIds()
    >>> known.add("d7")
    0
    >>> known.take_in(IdBatch(pd.Series(range(100)))), known.take_in(IdBatch(pd.Series([200, 99])))
    (True, False)
    >>> known.get(99), known.get("d7"), known.get("d8"), len(known)
    (100, 0, None, 101)
    """

    def __init__(self) -> None:
        self._hashed: dict[Any, int] = {}
        # By kind, in the order of their ids; no two reach into each other.
        self._runs: dict[int, list[IdRun]] = {}
        self._n_in_runs = 0

    def __len__(self) -> int:
        return len(self._hashed) + self._n_in_runs

    def get(self, decision_id: Any) -> int | None:
        """Find a decision.

        Parameters
        ----------
        decision_id : str or int

        Returns
        -------
        int, optional
            Its position.
        """
        place = self._hashed.get(decision_id)
        return self._in_runs(decision_id) if place is None and self._runs else place

    def add(self, decision_id: Any) -> int:
        """Take a decision in that is new.

        Parameters
        ----------
        decision_id : str or int
            One that :meth:`get` does not know.

        Returns
        -------
        int
            Its position.
        """
        self._hashed[decision_id] = place = len(self._hashed) + self._n_in_runs
        return place

    def take_in(self, ids: IdBatch) -> bool:
        """Take decisions in, in their order, if all are new and each is there once; else none.

        Parameters
        ----------
        ids : IdBatch

        Returns
        -------
        bool
            Whether they were.
        """
        return self._are_in_no_run(ids) and self.remember(ids)

    def remember(self, ids: IdBatch) -> bool:
        """Do as :meth:`take_in` with decisions that are in no run.

        Parameters
        ----------
        ids : IdBatch
            Such as those that :meth:`positions` does not find.

        Returns
        -------
        bool
        """
        parts = self._sorted(ids)
        if parts is None:
            return self._hashed.keys().isdisjoint(ids.listed) and self._hash(ids.listed)
        if self._any_hashed(ids, parts):
            return False
        start = len(self)
        for part in parts:
            self._put(part, start)
        self._n_in_runs += len(ids)
        return True

    def positions(self, ids: IdBatch) -> np.ndarray:
        """Find decisions.

        Parameters
        ----------
        ids : IdBatch of n ids

        Returns
        -------
        ndarray of int, shape (n,)
            -1 where a decision is not known.
        """
        parts, n = ids.parts, len(ids)
        if parts is None and self._runs:
            found: Iterable[int | None] = map(self.get, ids.listed)
            return np.fromiter((-1 if place is None else place for place in found), np.int64, n)
        if self._hashed:
            position = np.fromiter((self._hashed.get(each, -1) for each in ids.listed), np.int64, n)
        else:
            position = np.full(n, -1, dtype=np.int64)
        for part in parts or []:
            runs = self._near(part)
            if runs:
                part = part.in_order()
            for run in runs:
                here, places = run.places(part.values)
                rows = here if part.rows is None else part.rows[here]
                position[rows] = places
        return position

    def listed(self) -> list[tuple[Any, int]]:
        """List all ids with their positions.

        Returns
        -------
        list of (str or int, int)
        """
        runs = chain.from_iterable(run.listed() for runs in self._runs.values() for run in runs)
        return [*self._hashed.items(), *runs]

    def _are_in_no_run(self, ids: IdBatch) -> bool:
        """Tell whether decisions are in no run; in large frames those between its ends count as if they were."""
        if not self._runs:
            return True
        if ids.parts is None or len(ids) < _FEW:
            return all(self._in_runs(each) is None for each in ids.listed)
        return not any(self._near(part) for part in ids.parts)

    def _sorted(self, ids: IdBatch) -> list[IdPart] | None:
        """Give the parts of a frame sorted, if they may be runs and that is faster than to hash them."""
        parts = ids.parts
        if parts is None or len(ids) < _FEW or any(self._near(part) for part in parts):
            return None
        # Whole numbers are sorted faster than hashed, texts are not.
        if not all(part.kind == WHOLE or part.is_sorted for part in parts):
            return None
        parts = [part.in_order() for part in parts]
        return parts if all(part.is_sorted for part in parts) else None

    def _hash(self, listed: list[Any]) -> bool:
        """Take new decisions in by hash, if each is there once."""
        start, known = len(self), len(self._hashed)
        self._hashed.update(zip(listed, range(start, start + len(listed)), strict=True))
        if len(self._hashed) == known + len(listed):
            return True
        for decision_id in set(listed):
            del self._hashed[decision_id]
        return False

    def _put(self, part: IdPart, start: int) -> None:
        """Add a sorted part to the run before it, if positions go on there, or as a run of its own."""
        runs = self._runs.setdefault(part.kind, [])
        at = bisect_right(runs, part.ends[0], key=_first)
        if not (at and runs[at - 1].append(part, start)):
            runs.insert(at, IdRun(part, start))

    def _near(self, part: IdPart) -> list[IdRun]:
        """Give the runs that reach between the least and the greatest id of a part."""
        runs = self._runs.get(part.kind)
        if not runs:
            return []
        low, high = part.ends
        begin, end = (bisect_right(runs, key, key=_first) for key in (low, high))
        return runs[begin - (begin > 0 and runs[begin - 1].last >= low) : end]

    def _any_hashed(self, ids: IdBatch, parts: list[IdPart]) -> bool:
        """Tell whether any id of a frame is known by hash."""
        if len(self._hashed) * _SLOWER > len(ids) or not all(part.is_sorted for part in parts):
            return not self._hashed.keys().isdisjoint(ids.listed)
        keys = [_key(decision_id) for decision_id in self._hashed]
        for part in parts:
            low, high = part.ends
            near = [key[1] for key in keys if key is not None and key[0] == part.kind and low <= key[1] <= high]
            asked = np.array(near, dtype=part.values.dtype)
            if (part.values[np.searchsorted(part.values, asked)] == asked).any():
                return True
        return False

    def _in_runs(self, decision_id: Any) -> int | None:
        key = _key(decision_id)
        runs = None if key is None else self._runs.get(key[0])
        if key is None or not runs:
            return None
        at = bisect_right(runs, key[1], key=_first) - 1
        return runs[at].place(key[1]) if at >= 0 and key[1] <= runs[at].last else None


def _first(run: IdRun) -> Any:
    return run.first


def _key(decision_id: Any) -> tuple[int, Any] | None:
    """Give the kind of an id, and what it is compared by; None for one that is in no run."""
    try:
        if isinstance(decision_id, str):
            letters = decision_id.encode()
            return len(letters), letters.rstrip(b"\0")
        whole = int(decision_id)
    except (TypeError, ValueError, OverflowError):
        return None
    return (WHOLE, whole) if whole == decision_id and _SMALLEST <= whole <= _LARGEST else None
