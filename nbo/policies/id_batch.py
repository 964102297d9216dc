"""Decision ids of a frame as few columns that can be compared at once: whole numbers, and texts of one width."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["WHOLE", "IdBatch", "IdPart"]

# The kind of whole numbers; that of texts is how many bytes they have.
WHOLE: Final = -1
# Texts of more widths, or wider ones, are not parted.
_MOST_WIDTHS, _WIDEST = 16, 256


class IdPart:
    """Ids of one kind, at least one.

    Parameters
    ----------
    kind : int
        ``WHOLE``, or the number of bytes of each text.
    values : ndarray of shape (m,)
        Of int64, or of so many bytes.
    rows : ndarray of int, shape (m,), optional
        Where each stands in the frame; by default one after the other from row 0.

    Examples
    --------
    >>> part = IdPart(WHOLE, np.array([7, 5]))
    >>> part.is_sorted, part.ends, part.in_order().values.tolist(), part.in_order().rows.tolist()
    (False, (5, 7), [5, 7], [1, 0])
    """

    def __init__(self, kind: int, values: np.ndarray, rows: np.ndarray | None = None) -> None:
        self.kind, self.values, self.rows = kind, values, rows

    @cached_property
    def is_sorted(self) -> bool:
        """Whether each id is greater than the one before; then none is there twice."""
        return bool((self.values[1:] > self.values[:-1]).all())

    @cached_property
    def ends(self) -> tuple[Any, Any]:
        """The least and the greatest id."""
        ends = (0, -1) if self.is_sorted else (self.values.argmin(), self.values.argmax())
        low, high = (self.values[end].item() for end in ends)
        return low, high

    def in_order(self) -> IdPart:
        """Sort by id.

        Returns
        -------
        IdPart
        """
        if self.is_sorted:
            return self
        order = np.argsort(self.values)
        return IdPart(self.kind, self.values[order], order if self.rows is None else self.rows[order])


class IdBatch:
    """Decision ids of a frame.

    Parameters
    ----------
    ids : Series of length n

    Examples
    --------
    >>> batch = IdBatch(pd.Series(["d9", "d10", "d11"]))
    >>> [(part.kind, part.values.tolist()) for part in batch.parts]
    [(2, [b'd9']), (3, [b'd10', b'd11'])]
    >>> IdBatch(pd.Series([0.5, 1.0])).parts is None
    True
    """

    def __init__(self, ids: pd.Series) -> None:
        self._ids = ids

    def __len__(self) -> int:
        return len(self._ids)

    @cached_property
    def listed(self) -> list[Any]:
        """The ids as Python's numbers and texts."""
        return self._ids.tolist()

    @cached_property
    def parts(self) -> list[IdPart] | None:
        """The ids by kind, each kind once; None where they are neither whole numbers nor texts of few widths."""
        kind = self._ids.dtype
        if pd.api.types.is_integer_dtype(kind):
            return self._of_numbers()
        if isinstance(kind, pd.StringDtype | pd.ArrowDtype) and pd.api.types.is_string_dtype(kind):
            return _of_texts(pa.array(self._ids.array))
        if pd.api.types.is_object_dtype(kind) and len(self) and {type(each) for each in self.listed} == {str}:
            try:
                return _of_texts(pa.array(self.listed, pa.large_string()))
            except UnicodeEncodeError:
                return None
        return None

    def taken(self, rows: np.ndarray) -> IdBatch:
        """Give the ids of some rows.

        Parameters
        ----------
        rows : ndarray of bool, shape (n,)

        Returns
        -------
        IdBatch
        """
        return IdBatch(self._ids[rows])

    def _of_numbers(self) -> list[IdPart] | None:
        numbers = self._ids.to_numpy()
        if numbers.dtype == np.uint64 and len(numbers) and numbers.max() > np.iinfo(np.int64).max:
            return None
        return [IdPart(WHOLE, numbers.astype(np.int64, copy=False))] if len(numbers) else []


def _of_texts(texts: pa.Array | pa.ChunkedArray) -> list[IdPart] | None:
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    texts = texts.cast(pa.large_string())
    if not len(texts):
        return []
    _, starts, letters = texts.buffers()
    start = np.frombuffer(starts, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    width = np.diff(start)
    widest = int(width.max())
    if not 0 < widest <= _WIDEST:
        return None
    if int(width.min()) == widest:
        return [IdPart(widest, np.frombuffer(letters, f"S{widest}", len(texts), int(start[0])))]
    kinds = np.flatnonzero(np.bincount(width)).tolist()
    if kinds[0] == 0 or len(kinds) > _MOST_WIDTHS:
        return None
    parts = []
    for kind in kinds:
        # What begins at any letter, and has so many bytes.
        anywhere: np.ndarray = np.ndarray((int(start[-1]) - kind + 1,), f"S{kind}", letters, strides=(1,))
        rows = np.flatnonzero(width == kind)
        parts.append(IdPart(kind, anywhere[start[rows]], rows))
    return parts
