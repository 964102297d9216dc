"""The situation in which a customer calls: what it did last, and what is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.history import History
from nbo.features.past import Past
from nbo.features.slices import first_at_or_after, reduce_slices
from nbo.features.windows import still_open
from nbo.journeys.calls import case_names

__all__ = ["situations"]

_NONE: Final = "none"
_DAYS: Final = np.array([1.0, 7.0, 30.0, 90.0])
_AGES: Final = np.array(["under 1 day", "1 to 7 days", "7 to 30 days", "30 to 90 days", "over 90 days", _NONE])
_CASE: Final = "case"


def situations(past: Past, attributes: Sequence[str]) -> pd.DataFrame:
    """Describe the situation of each spine row in categories.

    Parameters
    ----------
    past : Past
    attributes : sequence of str
        Columns of customers, as they held then; those that are not there are left out.

    Returns
    -------
    DataFrame of str, one row for each spine row
        last_event, last_order, last_case and open_case ("none" where there is none), how long each of the
        first three is ago, and the attributes.
    """
    cases = past.table("cases")
    named = past.history_of(cases.replaced(**{_CASE: lambda: case_names(cases)}))
    columns = {
        **_last("event", past.history("events"), c.EVENT_TYPE),
        **_last("order", past.history("transactions"), c.KIND),
        **_last("case", named, _CASE),
    }
    is_open = still_open(named, cases.times(c.CLOSED_AT)) if c.CLOSED_AT in cases else named
    columns["open_case"] = _last("case", is_open, _CASE)["last_case"]
    for name in attributes:
        if past.states("customers", name):
            codes = past.table("customers").codes(name)
            found = np.append(codes.codes, -1)[past.rows_as_of("customers")]
            columns[name] = np.array([*codes.texts, _NONE], dtype=object)[found]
    return past.spread(columns)


def _last(what: str, history: History, column: str) -> dict[str, np.ndarray]:
    """Give the last row's category and how long it is ago; of several at one moment, the first in the alphabet."""
    there = history.end > history.first
    last = np.append(history.times, 0)[np.where(there, history.end - 1, 0)]
    low = first_at_or_after(history.times, history.first, history.end, last)
    texts, ranks = history.table.codes(column).alphabet
    of_row = np.append(ranks, len(texts))[history.codes(column)].astype(float)
    rank = reduce_slices(np.minimum, of_row, low, history.end, len(texts)).astype(int)
    days = history.days_ago(np.where(there, history.end - 1, 0), np.arange(len(history))) if len(history.times) else 0.0
    age = np.where(there, np.searchsorted(_DAYS, days, side="right"), len(_AGES) - 1)
    return {
        f"last_{what}": np.array([*texts, _NONE], dtype=object)[rank],
        f"last_{what}_ago": _AGES[age].astype(object),
    }
