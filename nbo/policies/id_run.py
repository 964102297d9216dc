"""Sorted ids of one kind, and their positions."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

from nbo.policies.id_batch import WHOLE, IdPart

__all__ = ["IdRun"]


class IdRun:
    """Sorted ids of one kind, each once, in the bytes that they come in.

    Parameters
    ----------
    part : IdPart
        Sorted, with at least one id.
    start : int
        Position of the frame's first row.

    Attributes
    ----------
    first, last : int or bytes
        Least and greatest id; a text without zero bytes at its end.

    Examples
    --------
    >>> run = IdRun(IdPart(WHOLE, np.array([3, 5])), 10)
    >>> run.append(IdPart(WHOLE, np.array([9])), 12), run.place(9), run.place(4)
    (True, 12, None)
    """

    __slots__ = ("_data", "_kind", "_start", "_where", "first", "last")

    def __init__(self, part: IdPart, start: int) -> None:
        self.first, self.last = part.ends
        self._kind, self._start = part.kind, _first_position(part, start)
        self._data = bytearray(_bytes(part))
        # Positions, where they do not count up by one.
        self._where: array[int] | None = None
        if part.rows is not None and not _counts_up(part):
            self._where = array("q", (part.rows + start).tobytes())

    def __len__(self) -> int:
        return len(self._values())

    def append(self, part: IdPart, start: int) -> bool:
        """Add later ids, if their positions go on where these end.

        Parameters
        ----------
        part : IdPart
            Sorted.
        start : int
            Position of the first row of its frame.

        Returns
        -------
        bool
            Whether they were added.
        """
        follows = _first_position(part, start) == self._start + len(self)
        if self._where is not None or not follows or not _counts_up(part):
            return False
        self._data += _bytes(part)
        self.last = part.ends[1]
        return True

    def place(self, key: Any) -> int | None:
        """Find an id.

        Parameters
        ----------
        key : int or bytes
            Between `first` and `last`.

        Returns
        -------
        int, optional
            Its position.
        """
        values = self._values()
        at = int(np.searchsorted(values, np.array(key, dtype=values.dtype)))
        return self._position(at) if values[at] == key else None

    def places(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find many ids.

        Parameters
        ----------
        values : ndarray of shape (m,)
            Sorted.

        Returns
        -------
        found : ndarray of int, shape (p,)
            Which of them are here.
        places : ndarray of int, shape (p,)
            Their positions.
        """
        own = self._values()
        begin, end = np.searchsorted(values, own[0]), np.searchsorted(values, own[-1], side="right")
        asked = values[begin:end]
        at = np.arange(len(asked)) + np.searchsorted(own, asked[:1])
        # Mostly ids come again as they came first.
        if not len(at) or at[-1] >= len(own) or not (own[at[0] : at[-1] + 1] == asked).all():
            at = np.searchsorted(own, asked)
            same = own[at] == asked
            at, found = at[same], begin + np.flatnonzero(same)
        else:
            found = np.arange(begin, end)
        return found, self._start + at if self._where is None else np.frombuffer(self._where, dtype=np.int64)[at]

    def listed(self) -> list[tuple[Any, int]]:
        """List the ids with their positions.

        Returns
        -------
        list of (str or int, int)
        """
        if self._kind == WHOLE:
            ids: list[Any] = self._values().tolist()
        else:
            ids = [self._data[at : at + self._kind].decode() for at in range(0, len(self._data), self._kind)]
        return [(each, self._position(at)) for at, each in enumerate(ids)]

    def _position(self, at: int) -> int:
        return self._start + at if self._where is None else self._where[at]

    def _values(self) -> np.ndarray:
        return np.frombuffer(self._data, dtype=np.int64 if self._kind == WHOLE else f"S{self._kind}")


def _first_position(part: IdPart, start: int) -> int:
    return start if part.rows is None else start + int(part.rows[0])


def _counts_up(part: IdPart) -> bool:
    """Tell whether positions of ids count up by one."""
    return part.rows is None or bool((np.diff(part.rows) == 1).all())


def _bytes(part: IdPart) -> memoryview:
    return np.ascontiguousarray(part.values).view(np.uint8).data
