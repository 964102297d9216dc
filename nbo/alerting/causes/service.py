"""Service that customers were not happy with."""

from __future__ import annotations

from typing import Final

import numpy as np

from nbo import columns as c
from nbo.alerting.causes.signal import Signal, day_of, last_rows, silent
from nbo.features.windows import rows_before
from nbo.tables import CustomerTables, Spine

__all__ = ["service_signals"]

_CASES: Final = "bad service"
_SURVEYS: Final = "bad survey"
_WINDOW: Final = 90 * 86_400_000_000
_LOW_SATISFACTION: Final = 2.0
# Of these surveys we know which answers are bad: csat goes from 1 to 5, nps from 0 to 10, detractors up to 6.
_BAD_UP_TO: Final = {"csat": 2.0, "nps": 6.0}


def service_signals(tables: CustomerTables, spine: Spine) -> list[Signal]:
    """Find whose last rating of a case, or last answer to a survey, was bad in the last 90 days.

    Parameters
    ----------
    tables : CustomerTables
        Satisfaction with a case of 2 or less is bad, and so is a csat of 2 or less and an nps of 6 or less; other
        surveys don't count, for nobody says what is bad.
    spine : Spine of n rows

    Returns
    -------
    list of Signal
    """
    return [_rated_cases(tables, spine), _answered_surveys(tables, spine)]


def _rated_cases(tables: CustomerTables, spine: Spine) -> Signal:
    table = tables.columns("cases")
    if not tables.has("cases") or c.SATISFACTION not in table or c.CLOSED_AT not in table:
        return silent(_CASES, len(spine))
    # A case is rated once it is closed.
    history = rows_before(table, spine.frame, time=c.CLOSED_AT)
    scores = table.numbers(c.SATISFACTION)
    history = history.where(~np.isnan(scores[history.rows]))
    some, rows = last_rows(history)
    closed = table.times(c.CLOSED_AT)
    if not len(closed):
        return silent(_CASES, len(spine))
    holds = some & (scores[rows] <= _LOW_SATISFACTION) & (closed[rows] >= history.as_of - _WINDOW)

    def evidence(row: int) -> str:
        return f"rated a case {scores[rows[row]]:g} of 5, closed on {day_of(closed[rows[row]])}"

    return Signal(_CASES, holds, evidence)


def _answered_surveys(tables: CustomerTables, spine: Spine) -> Signal:
    table = tables.columns("surveys")
    if not tables.has("surveys") or not len(table) or c.SURVEY not in table or c.SCORE not in table:
        return silent(_SURVEYS, len(spine))
    codes = table.codes(c.SURVEY)
    limits = np.array([*(_BAD_UP_TO.get(text.lower(), np.nan) for text in codes.texts), np.nan])[codes.codes]
    scores, answered = table.numbers(c.SCORE), table.times(c.EVENT_TIME)
    history = rows_before(table, spine.frame)
    history = history.where(~np.isnan(scores + limits)[history.rows])
    some, rows = last_rows(history)
    holds = some & (scores[rows] <= limits[rows]) & (answered[rows] >= history.as_of - _WINDOW)

    def evidence(row: int) -> str:
        survey = codes.texts[codes.codes[rows[row]]]
        return f"answered {scores[rows[row]]:g} to {survey} on {day_of(answered[rows[row]])}"

    return Signal(_SURVEYS, holds, evidence)
