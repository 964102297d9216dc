"""How much decisions made before changes of offers still count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nbo.policies.answer_columns import AnswerColumns
from nbo.policies.answer_rows import MISSING, UNIT, WAITING
from nbo.policies.shared_change import chance_of_shared_change

__all__ = ["kept_after_changes"]

# A decision before a change counts so much after it.
_KEPT: Final = 0.02


def kept_after_changes(rows: AnswerColumns, changes: Sequence[tuple[int, str]]) -> np.ndarray:
    """Say how much each row counts after changes.

    What came before the change of an offer counts 2 %; with the chance p that all offers changed then
    (:func:`~nbo.policies.shared_change.chance_of_shared_change`), a decision for another one counts .02 to the
    power of p.

    Parameters
    ----------
    rows : AnswerColumns
    changes : sequence of (int, str)
        Moment until which all went otherwise, and offer; ascending, at least one.

    Returns
    -------
    ndarray of shape (n_rows,)
        1 where no moment of a decision is known.

    Examples
    --------
    >>> from nbo.policies.answer_rows import AnswerRow
    >>> rows = AnswerColumns()
    >>> cells = [rows.append(AnswerRow("a", offer, "", 0, moment, moment)) for moment in (1, 2) for offer in "xy"]
    >>> kept_after_changes(rows, [(1, "x")]).round(2).tolist()
    [0.02, 0.14, 1.0, 1.0]
    """
    views, n_cells = rows.views(), len(rows.cells)
    cell, decided = views["cell"], views["decided"]
    moments = np.unique([moment for moment, _ in changes])
    # Rows of a phase were decided at the moment that ends it or before; the last phase is after all changes.
    phase = np.where(decided == MISSING, len(moments), np.searchsorted(moments, decided))
    counted = (decided != MISSING) & (views["says"] != WAITING)
    n, units = np.zeros((2, (len(moments) + 1) * n_cells), dtype=np.int64)
    place = phase[counted] * n_cells + cell[counted]
    np.add.at(n, place, 1)
    np.add.at(units, place, views["units"][counted])
    segments, offers = (sorted({name[side] for name in rows.cells}) for side in (0, 1))
    # Sums over segments must not depend on the order of the cells.
    tables = [
        np.stack([rows.table(own, segments, offers) for own in counts.reshape(-1, n_cells)])
        for counts in (n, units * UNIT)
    ]
    column = {offer: place for place, offer in enumerate(offers)}
    kept = _by_phase(tables, [(int(np.searchsorted(moments, moment)), column[offer]) for moment, offer in changes])
    return kept[phase, np.array([column[offer] for _, offer in rows.cells])[cell]]


def _by_phase(tables: list[np.ndarray], changes: list[tuple[int, int]]) -> np.ndarray:
    """Say how much a decision of each phase for each offer counts; tables are of phases, segments and offers."""
    own, shared = np.ones((2, len(tables[0]), tables[0].shape[2]))
    for last, offer in changes:
        others = np.arange(own.shape[1]) != offer
        weighted = [((own * shared)[:, None] * table)[:, :, others] for table in tables]
        before = [table[: last + 1].sum(axis=0) for table in weighted]
        chance = chance_of_shared_change(*before, *(table[last + 1 :].sum(axis=0) for table in weighted))
        own[: last + 1, offer] *= _KEPT
        shared[: last + 1, others] = np.minimum(shared[: last + 1, others], _KEPT**chance)
    return own * shared
