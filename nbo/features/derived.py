"""Columns that every table of a kind has because they follow from others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.tables import CONTRACTS, TableColumns
from nbo.tables.plain_values import MISSING_TIME

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
    return pd.Series(pd.Categorical.from_codes(np.where(times == MISSING_TIME, -1, codes), dtype=_kind(names)))


@cache
def _kind(names: tuple[str, ...]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(pd.Index(names, dtype="str"))


def _net_amount(table: TableColumns) -> pd.Series:
    kind = table.codes(c.KIND)
    return pd.Series(np.where(kind.having([c.RETURN])[kind.codes], -1.0, 1.0) * table.numbers(c.AMOUNT))


def _hour(table: TableColumns) -> pd.Series:
    times = table.times(str(CONTRACTS[table.name].time))
    return _categories(times, times % _DAY // _HOUR, tuple(f"{hour:02d}" for hour in range(24)))


def _days_to_answer(table: TableColumns) -> pd.Series:
    made, answered = table.times(c.DECIDED_AT), table.times(c.OUTCOME_AT)
    return pd.Series(np.where(made == MISSING_TIME, np.nan, (answered - made) / _DAY))


def _weighted_score(table: TableColumns) -> pd.Series:
    return pd.Series(table.numbers(c.SCORE) * table.numbers(c.WEIGHT))


def _scored_weight(table: TableColumns) -> pd.Series:
    return pd.Series(np.where(np.isnan(table.numbers(c.SCORE)), np.nan, table.numbers(c.WEIGHT)))


def _nps_class(table: TableColumns) -> pd.Series:
    surveys, score = table.codes(c.SURVEY), table.numbers(c.SCORE)
    is_nps = np.array([text.lower() == "nps" for text in surveys.texts] + [False])[surveys.codes]
    codes = np.where(is_nps & ~np.isnan(score), np.digitize(score, [7, 9]), -1)
    return pd.Series(pd.Categorical.from_codes(codes, dtype=_kind(("detractor", "passive", "promoter"))))


def _order_day(table: TableColumns) -> pd.Series:
    return pd.Series(table.times(c.EVENT_TIME) // _DAY)


def _unit_price(table: TableColumns) -> pd.Series:
    return _ratio(table.numbers(c.AMOUNT), table.numbers(c.QUANTITY))


def _discount_rate(table: TableColumns) -> pd.Series:
    discount = table.numbers(c.DISCOUNT)
    return _ratio(discount, discount + table.numbers(c.AMOUNT))


def _ratio(above: np.ndarray, below: np.ndarray) -> pd.Series:
    return pd.Series(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0))


def _days_to_close(table: TableColumns) -> pd.Series:
    opened, closed = table.times(c.OPENED_AT), table.times(c.CLOSED_AT)
    there = (opened != MISSING_TIME) & (closed != MISSING_TIME)
    return pd.Series(np.where(there, (closed - np.where(there, opened, closed)) / _DAY, np.nan))


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
        Derived("order_day", (c.EVENT_TIME,), _order_day, "Day of the sale, in UTC."),
        Derived("unit_price", (c.AMOUNT, c.QUANTITY), _unit_price, "Money paid a piece.", "money"),
        Derived("discount_rate", (c.AMOUNT, c.DISCOUNT), _discount_rate, "Discount over the price before it.", "share"),
    ),
    "cases": (
        Derived("days_to_close", (c.OPENED_AT, c.CLOSED_AT), _days_to_close, "Days from opening to closing.", "days"),
    ),
    "events": _times_of_day(c.EVENT_TIME),
    "social": _times_of_day(c.EVENT_TIME),
    "surveys": (
        Derived("weighted_score", (c.SCORE, c.WEIGHT), _weighted_score, "Score times survey weight."),
        Derived("scored_weight", (c.SCORE, c.WEIGHT), _scored_weight, "Survey weight, where there is a score."),
        Derived("nps_class", (c.SURVEY, c.SCORE), _nps_class, "Promoter (9 or 10), passive (7 or 8) or detractor."),
    ),
    "decisions": _times_of_day(c.DECIDED_AT),
    "outcomes": (
        *_times_of_day(c.OUTCOME_AT),
        Derived("hour", (c.OUTCOME_AT,), _hour, "Hour of the day, in UTC."),
        Derived(
            "days_to_answer", (c.DECIDED_AT, c.OUTCOME_AT), _days_to_answer, "Days from decision to answer.", "days"
        ),
    ),
}
