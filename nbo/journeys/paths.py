"""The way of each customer through the stages, from what it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.past import Past
from nbo.features.slices import set_out, slice_chunks
from nbo.features.windows import rows_before
from nbo.journeys.funnel import Stage
from nbo.tables import TableColumns

__all__ = ["GOING_ON", "Paths", "stage_paths"]

# What we do to a customer is nothing that the customer does.
_PASSIVE: Final = ("email_sent",)
# The end of a stay that has not ended.
GOING_ON: Final = int(np.iinfo(np.int64).max)


@dataclass(frozen=True)
class Paths:
    """Stays in stages, those of a customer one after the other.

    Parameters
    ----------
    owner : ndarray of int, shape (m,)
        Number of the question, in order.
    stage : ndarray of int, shape (m,)
        Number of the stage; the last number stands for lapsed.
    entered, left : ndarray of int64, shape (m,)
        Microseconds of UTC; `GOING_ON` where the stay goes on.
    bounds : ndarray of int, shape (n + 1,)
        The stays of question i are those from ``bounds[i]`` up to ``bounds[i + 1]``.
    """

    owner: np.ndarray
    stage: np.ndarray
    entered: np.ndarray
    left: np.ndarray
    bounds: np.ndarray


def stage_paths(past: Past, stages: Sequence[Stage], lapse: int | None, forward: bool) -> Paths:
    """Find the stays of each customer in each stage, as known as of each question.

    Parameters
    ----------
    past : Past
    stages : sequence of Stage
    lapse : int or None
        Microseconds without anything after which a customer has lapsed; None: nobody lapses.
    forward : bool
        Stages are only climbed; else the last thing done says the stage.

    Returns
    -------
    Paths
    """
    table, level, sale = _activity(past, stages)
    history = rows_before(table, past.questions, ties=level + sale * len(stages))
    by_purchases, parts = _by_purchases(stages), []
    for some in slice_chunks(history.first, history.end):
        owner, position = set_out(history.first[some], history.end[some])
        rows = history.rows[position]
        stage = _stages(owner, level[rows], sale[rows], by_purchases, forward)
        found = _reached(owner + some.start, history.times[position], stage)
        found = found if lapse is None else _with_lapses(*found, history.as_of, lapse, len(stages))
        parts.append(_stays(*found))
    empty = (np.empty(0, np.int64),) * 4
    owner, stage, entered, left = (np.concatenate(found) for found in zip(empty, *parts, strict=True))
    return Paths(owner, stage, entered, left, np.searchsorted(owner, np.arange(len(past) + 1)))


def _activity(past: Past, stages: Sequence[Stage]) -> tuple[TableColumns, np.ndarray, np.ndarray]:
    """Put events and purchases in one table, with the stage that each leads into, -1 for none."""
    base = next((place for place, stage in enumerate(stages) if not stage.events and stage.purchases is None), -1)
    into = {event: place for place, stage in enumerate(stages) for event in stage.events}
    types = past.table("events").codes(c.EVENT_TYPE)
    done = np.array([*(text not in _PASSIVE for text in types.texts), True], dtype=bool)[types.codes]
    of_type = np.array([*(into.get(text, base) for text in types.texts), base], dtype=np.int64)
    bought = past.table("transactions")
    kinds, states = bought.codes(c.KIND), bought.codes(c.STATUS) if c.STATUS in bought else None
    sold = kinds.having({c.SALE})[kinds.codes]
    if states is not None:
        sold &= ~states.having({c.PENDING})[states.codes]
    parts = [(past.table("events"), np.flatnonzero(done)), (bought, np.flatnonzero(sold))]
    level = np.concatenate([of_type[types.codes][done], np.full(sold.sum(), base, dtype=np.int64)])
    sale = np.repeat([False, True], [len(rows) for _, rows in parts])
    return _together([part for part in parts if len(part[1])]), level, sale


def _together(parts: list[tuple[TableColumns, np.ndarray]]) -> TableColumns:
    """Put some rows of several tables in one, each column when it is asked for."""
    if not parts:
        return TableColumns.without_rows("events")

    def read(name: str) -> pd.Series:
        # What does not say when it was known was known when it happened.
        found = [(table[name if name in table else c.EVENT_TIME], rows) for table, rows in parts]
        taken = [values if len(rows) == len(values) else values.take(rows) for values, rows in found]
        return taken[0] if len(taken) == 1 else pd.concat(taken, ignore_index=True)

    names = [c.CUSTOMER_ID, c.EVENT_TIME, *([c.KNOWN_AT] if any(c.KNOWN_AT in table for table, _ in parts) else [])]
    return TableColumns("events", names, sum(len(rows) for _, rows in parts), read)


def _by_purchases(stages: Sequence[Stage]) -> np.ndarray:
    """Give the stage of the n-th purchase; -1 if none leads into one so far."""
    found = {stage.purchases: place for place, stage in enumerate(stages) if stage.purchases is not None}
    most = max(found, default=0)
    return np.array([max((found[n] for n in found if n <= count), default=-1) for count in range(most + 1)])


def _stages(
    owner: np.ndarray, level: np.ndarray, sale: np.ndarray, by_purchases: np.ndarray, forward: bool
) -> np.ndarray:
    """Give the stage after each row."""
    new = np.diff(owner, prepend=-1) != 0
    start = np.flatnonzero(new)[np.cumsum(new) - 1]
    bought = np.cumsum(sale)
    count = np.minimum(bought - (bought - sale)[start], len(by_purchases) - 1)
    level = np.where(sale, np.maximum(level, by_purchases[count]), level)
    if forward:
        height = level.max(initial=-1) + 2
        return np.asarray(np.maximum.accumulate(level + 1 + owner * height) - owner * height - 1)
    last = np.maximum.accumulate(np.where(level >= 0, np.arange(len(level)), 0))
    return np.where(last >= start, level[last], -1)


def _reached(owner: np.ndarray, time: np.ndarray, stage: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Keep, of several things at one moment, what they led to together, and only what led to a stage."""
    keep = ((np.diff(owner, append=-1) != 0) | (np.diff(time, append=GOING_ON) != 0)) & (stage >= 0)
    return owner[keep], time[keep], stage[keep]


def _with_lapses(
    owner: np.ndarray, time: np.ndarray, stage: np.ndarray, as_of: np.ndarray, lapse: int, lapsed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put a stay among the lapsed wherever nothing was done for so long."""
    ends = np.append(time[1:], 0)[: len(time)]
    ends = np.where(np.diff(owner, append=-1) != 0, as_of[owner], ends)
    quiet = ends - time >= lapse
    order = np.argsort(np.concatenate([np.arange(len(time)), np.flatnonzero(quiet) + 0.5]), kind="stable")
    owner = np.concatenate([owner, owner[quiet]])[order]
    time = np.concatenate([time, time[quiet] + lapse])[order]
    return owner, time, np.concatenate([stage, np.full(quiet.sum(), lapsed)])[order]


def _stays(owner: np.ndarray, time: np.ndarray, stage: np.ndarray) -> tuple[np.ndarray, ...]:
    """Give one row for each stay: owner, stage, when it was entered and when left."""
    moved = (np.diff(owner, prepend=-1) != 0) | (np.diff(stage, prepend=-1) != 0)
    owner, time, stage = owner[moved], time[moved], stage[moved]
    left = np.append(time[1:], 0)[: len(time)]
    return owner, stage, time, np.where(np.diff(owner, append=-1) != 0, GOING_ON, left)
