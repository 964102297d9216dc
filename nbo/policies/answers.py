"""What customers answered: one row per decision, and exact totals of them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.policies.answer_columns import AnswerColumns
from nbo.policies.answer_rows import MISSING, SILENT, UNIT, WAITING, WAITING_RANK, AnswerRow, answer_columns
from nbo.policies.cell_counts import CellCounts
from nbo.policies.id_batch import IdBatch
from nbo.policies.known_ids import KnownIds

__all__ = ["Answers"]

_FIELDS: Final = (c.DECISION_ID, c.SEGMENT, c.OFFER_ID, c.CHANNEL, c.REWARD, "rank", c.DECIDED_AT)


class Answers:
    """Hold the answer to each decision, and count them by segment and offer.

    A decision's row is kept once. Of two different rows of a decision, an accept or a reject
    comes before a `no_answer`, and that before one that is pending; then the later `outcome_at`; where times are
    missing, the row that is learnt last. Hence rows may come repeated, in any order and in batches of
    any size.

    Attributes
    ----------
    version : int
        Grows with every change.
    revisions : int
        Grows with every row that takes the place of another one, unless that was pending.
    latest : int
        Latest moment of any decision or answer, microseconds.
    rows : AnswerColumns
        All rows, in the order in which their decisions were first learnt.
    waiting : dict
        Positions of the rows whose answer may still come.

    Examples
    --------
    >>> answers = Answers()
    >>> row = pd.DataFrame({"decision_id": ["d1"], "segment": ["a"], "offer_id": ["x"], "reward": [1.0]})
    >>> answers.fold(row), answers.fold(row)
    (1, 0)
    >>> answers.count(["a"], ["x"])[0].tolist()
    [[1.0]]
    """

    def __init__(self) -> None:
        self._known = KnownIds()
        self.rows = AnswerColumns()
        self._counts = CellCounts()
        self.waiting: dict[int, None] = {}
        self.version = 0
        self.revisions = 0
        self.latest = MISSING

    def __len__(self) -> int:
        return len(self._known)

    @property
    def segments(self) -> list[str]:
        """Segments of any row that counts, sorted."""
        return sorted({segment for (segment, _), n in zip(self.rows.cells, self._counts.n, strict=False) if n})

    def totals(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the number of rows that count, and the sum of their rewards in units, of each cell.

        Returns
        -------
        n, units : ndarray of int, shape (n_cells,)
        """
        self._counts.reach(len(self.rows.cells))
        return np.array(self._counts.n, dtype=np.int64), np.array(self._counts.units, dtype=np.int64)

    def fold(self, feedback: pd.DataFrame) -> int:
        """Take rows in.

        Parameters
        ----------
        feedback : DataFrame
            See :func:`~nbo.policies.answer_rows.answer_columns`.

        Returns
        -------
        int
            Number of rows that were new or corrected.

        Raises
        ------
        InputError
            If a key is missing or a reward is not in [0, 1]. Nothing is taken in then.
        """
        columns = answer_columns(feedback)
        ids, numbers = IdBatch(feedback[c.DECISION_ID]), self.rows.numbers(columns)
        # Mostly all decisions are new, and each is there once.
        if self._known.take_in(ids):
            self._extend(numbers)
            self.version += len(ids) > 0
            return len(ids)
        position = self._known.positions(ids)
        first = (position < 0) & ~feedback[c.DECISION_ID].duplicated().to_numpy()
        changed = int(first.sum())
        self._known.remember(ids.taken(first))
        self._extend({name: values[first] for name, values in numbers.items()})
        # A row seen before is passed over at once; the others are weighed one by one, in their order.
        old = np.flatnonzero(~first)
        differs = ~self.rows.same(position[old], {name: values[old] for name, values in numbers.items()})
        for row in old[differs].tolist():
            segment, offer = self.rows.cells[numbers["cell"][row]]
            units, rank, decided = (int(numbers[name][row]) for name in ("units", "rank", "decided"))
            new = AnswerRow(segment, offer, self.rows.channels[numbers["channel"][row]], units, rank, decided)
            changed += self.fold_row(ids.listed[row], new)
        self.version += changed > 0
        return changed

    def fold_row(self, decision_id: str | int, row: AnswerRow) -> bool:
        """Take one row in; `version` stays.

        Parameters
        ----------
        decision_id : str or int
        row : AnswerRow

        Returns
        -------
        bool
            Whether it was new or a correction.
        """
        position = self._known.get(decision_id)
        if position is None:
            self.append(decision_id, row)
            return True
        old = self.rows.row(position)
        if old == row or not old.yields_to(row):
            return False
        self._replace(position, old, row)
        return True

    def append(self, decision_id: str | int, row: AnswerRow) -> int:
        """Take the row of a decision in that is new; `version` stays.

        Parameters
        ----------
        decision_id : str or int
            One of which :meth:`position` knows none.
        row : AnswerRow

        Returns
        -------
        int
            Its cell.
        """
        place = self._known.add(decision_id)
        cell, rank = self.rows.append(row), row.rank
        if rank == WAITING_RANK:
            self.waiting[place] = None
        else:
            self._counts.add(cell, 1, row.units)
        if rank > self.latest or row.decided > self.latest:
            self.latest = max(rank, row.decided)
        return cell

    def position(self, decision_id: str | int) -> int | None:
        """Find a decision's row.

        Parameters
        ----------
        decision_id : str or int

        Returns
        -------
        int, optional
        """
        return self._known.get(decision_id)

    def count(self, segments: list[str], offers: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Count answers and acceptances.

        Parameters
        ----------
        segments, offers : list of str
            Rows and columns wanted.

        Returns
        -------
        n, accepted : ndarray of float, shape (n_segments, n_offers)
            Number of rows that count, and sum of their rewards.
        """
        n, units = self.totals()
        return self.rows.table(n, segments, offers), self.rows.table(units, segments, offers) * UNIT

    def expire(self, last: int) -> list[int]:
        """Count decisions that waited long enough as not accepted.

        Parameters
        ----------
        last : int
            Microseconds; those decided at it or before no longer wait.

        Returns
        -------
        list of int
            The cell of each.
        """
        cell, decided = self.rows.cell, self.rows.decided
        over = [i for i in self.waiting if MISSING < decided[i] <= last]
        for position in over:
            del self.waiting[position]
            self.rows.says[position] = SILENT
            self._counts.add(cell[position], 1, 0)
        self.version += bool(over)
        return [cell[position] for position in over]

    def await_all(self) -> None:
        """Let decisions wait again whose answer did not come."""
        if not len(self.rows):
            return
        views = self.rows.views()
        over = np.flatnonzero((views["says"] == SILENT) & (views["rank"] == WAITING_RANK)).tolist()
        for position in over:
            self.rows.says[position] = WAITING
            self._counts.add(self.rows.cell[position], -1, 0)
            self.waiting[position] = None
        self.version += bool(over)

    def to_state(self) -> dict[str, list[Any]]:
        """Give all rows as columns of JSON values, by decision.

        Returns
        -------
        dict of list
        """
        known = sorted(self._known.listed(), key=lambda pair: (isinstance(pair[0], str), pair[0]))
        ids, rows = [each for each, _ in known], [self.rows.row(position).to_state() for _, position in known]
        columns = list(zip(*rows, strict=True)) if rows else [()] * (len(_FIELDS) - 1)
        return {name: list(column) for name, column in zip(_FIELDS, [ids, *columns], strict=True)}

    @classmethod
    def from_state(cls, state: dict[str, list[Any]]) -> Answers:
        """Rebuild from :meth:`to_state`.

        Parameters
        ----------
        state : dict of list

        Returns
        -------
        Answers

        Raises
        ------
        InputError
            If a list is missing, or they differ in length.
        """
        answers = cls()
        columns = [state.get(name) for name in _FIELDS]
        lengths = {len(column) if isinstance(column, list) else None for column in columns}
        if len(lengths) > 1 or None in lengths:
            raise InputError("the answers of a state must be lists of one length; the state is incomplete or altered.")
        for decision_id, *row in zip(*columns, strict=True):
            answers.fold_row(decision_id, AnswerRow.from_state(*row))
        answers.version = 1
        return answers

    def _replace(self, position: int, old: AnswerRow, new: AnswerRow) -> None:
        if position in self.waiting:
            del self.waiting[position]
        else:
            self._counts.add(self.rows.cell[position], -1, -old.units)
            self.revisions += 1
        self.rows.replace(position, new)
        if new.rank == WAITING_RANK:
            self.waiting[position] = None
        else:
            self._counts.add(self.rows.cell[position], 1, new.units)
        self.latest = max(self.latest, new.rank, new.decided)

    def _extend(self, numbers: dict[str, np.ndarray]) -> None:
        """Take rows of new decisions in, each once."""
        start = len(self.rows)
        self.rows.extend(numbers)
        cell, units, waits = numbers["cell"], numbers["units"], numbers["says"] == WAITING
        if waits.any():
            self.waiting.update(dict.fromkeys((start + np.flatnonzero(waits)).tolist()))
            cell, units = cell[~waits], units[~waits]
        self._counts.add_all(cell, units)
        self.latest = max(self.latest, *(int(numbers[name].max(initial=MISSING)) for name in ("rank", "decided")))
