"""Rows of answers as plain growing columns, and the cells that they are counted in."""

from __future__ import annotations

from array import array
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo.policies.answer_rows import ANSWERED, LAST_SILENT_RANK, SILENT, WAITING, WAITING_RANK, AnswerRow
from nbo.tables.codes import Codes

__all__ = ["AnswerColumns"]

# What is kept of each row, with the code of an array and its type in NumPy.
_KINDS: Final[dict[str, tuple[str, type]]] = {
    "cell": ("i", np.int32),
    "channel": ("i", np.int32),
    "says": ("b", np.int8),
    "units": ("q", np.int64),
    "rank": ("q", np.int64),
    "decided": ("q", np.int64),
}

# So many pairs are few, however few rows there are.
_FEW_PAIRS: Final = 1_000


class AnswerColumns:
    """Keep rows of answers in columns of numbers.

    Pairs of a segment and an offer are cells; each row has one.

    Attributes
    ----------
    cells : list of (str, str)
        Segment and offer of each cell.
    channels : list of str
        Name of each channel, by its code.

    Examples
    --------
    >>> columns = AnswerColumns()
    >>> columns.append(AnswerRow("a", "x", "", 0, 5, 3))
    0
    >>> columns.row(0).segment, columns.cells
    ('a', [('a', 'x')])
    """

    def __init__(self) -> None:
        self.cells: list[tuple[str, str]] = []
        self.channels: list[str] = []
        self._cell_codes: dict[tuple[str, str], int] = {}
        self._channel_codes: dict[str, int] = {}
        self._columns = {name: array(code) for name, (code, _) in _KINDS.items()}

    def __len__(self) -> int:
        return len(self._columns["cell"])

    @property
    def cell(self) -> array[int]:
        """Cell of each row."""
        return self._columns["cell"]

    @property
    def says(self) -> array[int]:
        """What each row says."""
        return self._columns["says"]

    @property
    def decided(self) -> array[int]:
        """Moment of each decision."""
        return self._columns["decided"]

    def code_cell(self, segment: str, offer: str) -> int:
        """Give a pair of a segment and an offer its number.

        Parameters
        ----------
        segment, offer : str

        Returns
        -------
        int
        """
        cell = self._cell_codes.get((segment, offer))
        if cell is None:
            cell = self._cell_codes[segment, offer] = len(self.cells)
            self.cells.append((segment, offer))
        return cell

    def append(self, row: AnswerRow) -> int:
        """Add a row.

        Parameters
        ----------
        row : AnswerRow

        Returns
        -------
        int
            Its cell.
        """
        cell, channel, says, units, rank, decided = self._columns.values()
        numbers = self._numbers(row)
        cell.append(numbers[0])
        channel.append(numbers[1])
        says.append(numbers[2])
        units.append(numbers[3])
        rank.append(numbers[4])
        decided.append(numbers[5])
        return numbers[0]

    def replace(self, position: int, row: AnswerRow) -> None:
        """Put a row in the place of another.

        Parameters
        ----------
        position : int
        row : AnswerRow
        """
        for column, value in zip(self._columns.values(), self._numbers(row), strict=True):
            column[position] = value

    def row(self, position: int) -> AnswerRow:
        """Read a row.

        Parameters
        ----------
        position : int

        Returns
        -------
        AnswerRow
        """
        cell, channel, _, units, rank, decided = (column[position] for column in self._columns.values())
        segment, offer = self.cells[cell]
        return AnswerRow(segment, offer, self.channels[channel], units, rank, decided)

    def numbers(self, columns: dict[str, Any]) -> dict[str, np.ndarray]:
        """Turn the columns of a batch into the numbers that are kept.

        Parameters
        ----------
        columns : dict
            Of :func:`~nbo.policies.answer_rows.answer_columns`.

        Returns
        -------
        dict of ndarray
        """
        found = {name: columns[name] for name in ("units", "rank", "decided")}
        found |= {"cell": self._cells_of(columns["segment"], columns["offer"]), "says": _said(columns["rank"])}
        if "channel" in columns:
            channel = columns["channel"]
            found["channel"] = np.array([self._code_channel(name) for name in channel.texts], dtype=int)[channel.codes]
        else:
            found["channel"] = np.full(len(columns["rank"]), self._code_channel(""), dtype=np.int32)
        return {name: found[name].astype(kind, copy=False) for name, (_, kind) in _KINDS.items()}

    def extend(self, numbers: dict[str, np.ndarray]) -> None:
        """Add rows.

        Parameters
        ----------
        numbers : dict of ndarray
            Of :meth:`numbers`.
        """
        for name, column in self._columns.items():
            column.frombytes(np.ascontiguousarray(numbers[name]).data.cast("B"))

    def same(self, position: np.ndarray, numbers: dict[str, np.ndarray]) -> np.ndarray:
        """Tell which rows are what is there.

        Parameters
        ----------
        position : ndarray of int, shape (n,)
            Where; negative for nowhere.
        numbers : dict of ndarray
            Of :meth:`numbers`.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        same = position >= 0
        if len(self):
            for name, column in self.views().items():
                # What a row says may have changed by the time that has passed.
                same &= (column[position] == numbers[name]) | (name == "says")
        return same

    def views(self) -> dict[str, np.ndarray]:
        """Show the columns as arrays; no row can be added while they are in use.

        Returns
        -------
        dict of ndarray
            `cell`, `channel`, `says`, `units`, `rank`, `decided`.
        """
        return {name: np.frombuffer(self._columns[name], dtype=kind) for name, (_, kind) in _KINDS.items()}

    def columns(self, start: int = 0) -> dict[str, np.ndarray]:
        """Copy the rows out.

        Parameters
        ----------
        start : int, default=0
            The first one.

        Returns
        -------
        dict of ndarray
            `cell`, `channel`, `says`, `units`, `rank`, `decided`.
        """
        return {name: view[start:].copy() for name, view in self.views().items()}

    def latest_by_cell(self) -> np.ndarray:
        """Give the moment of the last answer in each cell.

        Returns
        -------
        ndarray of int, shape (n_cells,)
            Microseconds; 0 where none is known.
        """
        latest = np.zeros(len(self.cells), dtype=np.int64)
        if len(self):
            views = self.views()
            np.maximum.at(latest, views["cell"], views["rank"])
        return latest

    def table(self, by_cell: np.ndarray, segments: list[str], offers: list[str]) -> np.ndarray:
        """Lay numbers of cells out by segment and offer.

        Parameters
        ----------
        by_cell : ndarray of shape (n_cells,)
        segments, offers : list of str
            Rows and columns wanted.

        Returns
        -------
        ndarray of float, shape (n_segments, n_offers)
            0 for a pair without a cell.
        """
        rows, columns = ({name: i for i, name in enumerate(names)} for names in (segments, offers))
        places = np.array([(rows.get(s, -1), columns.get(o, -1)) for s, o in self.cells], dtype=np.intp).reshape(-1, 2)
        wanted = (places >= 0).all(axis=1)
        table = np.zeros((len(segments), len(offers)))
        table[tuple(places[wanted].T)] = by_cell[wanted]
        return table

    def _cells_of(self, segment: Codes, offer: Codes) -> np.ndarray:
        """Give the cell of each row."""
        width = max(offer.n_values, 1)
        pair = segment.codes.astype(np.int64)
        pair *= width
        pair += offer.codes
        # Few pairs are counted off, many are looked up.
        few = segment.n_values * width <= max(len(pair), _FEW_PAIRS)
        row, pairs = (pair, np.flatnonzero(np.bincount(pair))) if few else pd.factorize(pair)
        segments, offers = segment.texts, offer.texts
        cells = [self.code_cell(segments[each // width], offers[each % width]) for each in pairs.tolist()]
        numbers: np.ndarray = np.zeros(segment.n_values * width if few else len(cells), dtype=np.int32)
        numbers[pairs if few else slice(None)] = cells
        return numbers.take(row)

    def _numbers(self, row: AnswerRow) -> tuple[int, ...]:
        segment, offer, name, units, rank, decided = row
        cell = self._cell_codes.get((segment, offer))
        if cell is None:
            cell = self.code_cell(segment, offer)
        channel = self._channel_codes.get(name)
        if channel is None:
            channel = self._code_channel(name)
        return cell, channel, ANSWERED if rank > 0 else row.says, units, rank, decided

    def _code_channel(self, channel: str) -> int:
        if channel not in self._channel_codes:
            self._channel_codes[channel] = len(self.channels)
            self.channels.append(channel)
        return self._channel_codes[channel]


def _said(rank: np.ndarray) -> np.ndarray:
    """Tell what rows say, as `AnswerRow.says` does for one."""
    says = np.full(len(rank), ANSWERED, dtype=np.int8)
    early = rank < LAST_SILENT_RANK
    if early.any():
        says[early & (rank > WAITING_RANK)] = SILENT
        says[rank == WAITING_RANK] = WAITING
    return says
