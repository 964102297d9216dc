"""Service cases that the rows of a run may know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.past_contacts import past_contacts
from nbo.features.conditions import Condition, check_conditions
from nbo.features.history import History
from nbo.features.moments import moments
from nbo.features.slices import set_out, slice_chunks
from nbo.features.window import ALL
from nbo.features.windows import rows_before

__all__ = ["case_conditions", "closed_cases", "expected_closing", "open_cases", "opened_cases"]

_CASES = "cases"


def case_conditions(
    severity: float | None, topics: Sequence[str] | None, kinds: Sequence[str] | None
) -> tuple[Condition, ...]:
    """Say which cases are meant, as conditions on their table.

    Parameters
    ----------
    severity : float, optional
        So grave or more.
    topics, kinds : sequence of str, optional

    Returns
    -------
    tuple of conditions

    Raises
    ------
    InputError
        If one is no number or no sequence of texts.
    """
    given: list[tuple[Any, ...]] = [] if severity is None else [(c.SEVERITY, ">=", severity)]
    sets = ((c.TOPIC, topics), (c.KIND, kinds))
    return check_conditions([*given, *((name, "in", texts) for name, texts in sets if texts is not None)], "cases")


def open_cases(candidates: Candidates, where: tuple[Condition, ...]) -> pd.DataFrame:
    """List the cases that are open as of each row's moment.

    Parameters
    ----------
    candidates : Candidates
        n rows.
    where : tuple of conditions

    Returns
    -------
    DataFrame
        row (of the run), case_id, topic and opened_at: cases opened before, and not closed before, the row's
        moment, as known then. Where the table has no `closed_at`, no case was closed.
    """
    past = past_contacts(candidates).past
    until = c.CLOSED_AT if c.CLOSED_AT in past.table(_CASES) else ""
    return _listed(candidates, past.history(_CASES, open_until=until, where=where), ALL)


def opened_cases(candidates: Candidates, where: tuple[Condition, ...], window: str) -> pd.DataFrame:
    """List the cases that were opened in a window before each row's moment, as in :func:`open_cases`."""
    return _listed(candidates, past_contacts(candidates).past.history(_CASES, where=where), window)


def closed_cases(candidates: Candidates, where: tuple[Condition, ...], window: str) -> pd.DataFrame:
    """List the cases that were closed in a window before each row's moment; `time` is when."""
    past = past_contacts(candidates).past
    if c.CLOSED_AT not in past.table(_CASES):
        return opened_cases(candidates, where, window).iloc[:0]
    return _listed(candidates, past.history(_CASES, time=c.CLOSED_AT, where=where), window)


def _listed(candidates: Candidates, history: History, window: str) -> pd.DataFrame:
    past, table = past_contacts(candidates).past, history.table
    low, high = (past.given({"": bounds})[""] for bounds in history.bounds(window))
    owner, position = set_out(low, high)
    rows = history.rows[position]
    columns: dict[str, Any] = {"row": owner, "time": history.times[position].view("datetime64[us]")}
    for name in (c.CASE_ID, c.TOPIC):
        columns[name] = table[name].array.take(rows) if name in table else pd.Series(pd.NA, range(len(rows)), "str")
    return pd.DataFrame(columns)


def expected_closing(candidates: Candidates, cases: pd.DataFrame) -> np.ndarray:
    """Expect when open cases are closed: after the median time that closed cases of their topic took.

    Parameters
    ----------
    candidates : Candidates
    cases : DataFrame of m rows
        As :func:`open_cases` gives them.

    Returns
    -------
    ndarray of datetime64[us], shape (m,)
        NaT where no case of the topic was closed before the row's moment, or that much time is over already.
    """
    never = np.full(len(cases), np.datetime64("NaT", "us"))
    table = past_contacts(candidates).past.table(_CASES)
    if not len(cases) or c.TOPIC not in table or c.CLOSED_AT not in table:
        return never
    as_of = candidates.as_of[cases["row"].to_numpy()]
    asked = pd.DataFrame({c.TOPIC: cases[c.TOPIC].array, c.AS_OF: as_of})
    questions = asked.drop_duplicates(ignore_index=True)
    history = rows_before(table, questions, time=c.CLOSED_AT, key=c.TOPIC)
    opened, _ = moments(table)
    usual = _medians(history, history.times - opened[history.rows])
    number = asked.merge(questions.assign(usual=usual), how="left", on=[c.TOPIC, c.AS_OF])["usual"].to_numpy()
    known = ~np.isnan(number)
    expected = cases["time"].to_numpy() + np.where(known, number, 0).astype("timedelta64[us]")
    return np.where(known & (expected > as_of), expected, never)


def _medians(history: History, lengths: np.ndarray) -> np.ndarray:
    """Give the median of the lengths that each question sees; NaN for none."""
    found = np.full(len(history), np.nan)
    low, high = history.bounds(ALL)
    for some in slice_chunks(low, high):
        owner, position = set_out(low[some], high[some])
        order = np.lexsort((lengths[position], owner))
        ranked, size = lengths[position[order]].astype(float), (high - low)[some]
        first = np.cumsum(size) - size
        there = np.flatnonzero(size)
        middle = [ranked[first[there] + (size[there] - back) // 2] for back in (0, 1)]
        found[some.start + there] = (middle[0] + middle[1]) / 2
    return found
