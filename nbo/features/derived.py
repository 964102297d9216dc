"""Columns that every table of a kind has because they follow from others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.tables import CONTRACTS, TableColumns
from nbo.tables.table_columns import MISSING_TIME

__all__ = ["DERIVED", "Derived", "with_derived"]

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_DAYPARTS = ("night", "morning", "afternoon", "evening")


@dataclass(frozen=True)
class Derived:
    """A column that follows from others.

    Parameters
    ----------
    name : str
        Its name.
    needs : tuple of str
        The columns that it follows from.
    compute : callable
        Takes the table, gives the column.
    meaning : str
        What it says, in one line.
    unit : str, default=""
        Such as "money".
    """

    name: str
    needs: tuple[str, ...]
    compute: Callable[[TableColumns], pd.Series]
    meaning: str
    unit: str = ""


def with_derived(table: TableColumns) -> TableColumns:
    """Add the derived columns that a table allows, each computed when first asked for.

    Parameters
    ----------
    table : TableColumns

    Returns
    -------
    TableColumns

    Examples
    --------
    >>> sales = pd.DataFrame({"event_time": pd.to_datetime(["2026-07-04T21:30"]), "amount": [9.5]})
    >>> table = with_derived(TableColumns.of(sales, "transactions"))
    >>> table["daypart"].tolist(), table["weekpart"].tolist(), table["net_amount"].tolist()
    (['evening'], ['weekend'], [9.5])
    """
    possible = [d for d in DERIVED.get(table.name, ()) if d.name not in table and all(n in table for n in d.needs)]
    return table.replaced(**{derived.name: partial(derived.compute, table) for derived in possible})


def _daypart(table: TableColumns) -> pd.Series:
    times = table.times(str(CONTRACTS[table.name].time))
    return _categories(times, times % _DAY // (6 * _HOUR), _DAYPARTS)


def _weekpart(table: TableColumns) -> pd.Series:
    times = table.times(str(CONTRACTS[table.name].time))
    # The first day of 1970 was a Thursday.
    return _categories(times, (times // _DAY + 3) % 7 // 5, ("weekday", "weekend"))


def _categories(times: np.ndarray, codes: np.ndarray, names: tuple[str, ...]) -> pd.Series:
    return pd.Series(
        pd.Categorical.from_codes(np.where(times == MISSING_TIME, -1, codes), categories=pd.Index(names, dtype="str"))
    )


def _net_amount(table: TableColumns) -> pd.Series:
    kind = table.codes(c.KIND)
    return pd.Series(np.where(kind.having([c.RETURN])[kind.codes], -1.0, 1.0) * table.numbers(c.AMOUNT))


def _times_of_day(time: str) -> tuple[Derived, ...]:
    return (
        Derived(
            "daypart", (time,), _daypart, "Part of the day, in UTC: night (0 to 6 h), morning, afternoon, evening."
        ),
        Derived("weekpart", (time,), _weekpart, "Weekday, or weekend (Saturday and Sunday), in UTC."),
    )


DERIVED: Final[dict[str, tuple[Derived, ...]]] = {
    "transactions": (
        *_times_of_day(c.EVENT_TIME),
        Derived("net_amount", (c.AMOUNT,), _net_amount, "Money paid, less money given back.", "money"),
    ),
    "events": _times_of_day(c.EVENT_TIME),
}
