"""What features must be, as slow loops over plain Python values.

Written from the meaning of windows, aggregates, conditions and pivots alone: nothing here is
imported from the library, and no arithmetic is NumPy's. Rows are dicts; missing is None.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tests.features.oracle_aggregates import OF_PAIRS, OF_VALUES, ON_CATEGORIES, UNITS, About, days, decayed

Row = dict[str, Any]
TIMES = {"transactions": "event_time", "events": "event_time", "cases": "opened_at"}


def same(found: Any, expected: Any) -> bool:
    """Tell whether a feature's value is the expected one: to the bit, but for what is `About`."""
    if expected is None:
        return found is None or found != found
    if found is None or found != found:
        return False
    if isinstance(expected, About):
        return abs(found - expected.value) <= 1e-9 * abs(expected.value) + 1e-12 * expected.size
    if isinstance(expected, str):
        return bool(found == expected)
    return bool(found == expected) and math.copysign(1, found) == math.copysign(1, expected)


def months_back(moment: datetime, n: int) -> datetime:
    """Same day of the month and clock, n months earlier; the last day of a month that is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - n, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def month_start(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, 1)


def _back(moment: datetime, length: str) -> datetime:
    n, unit = re.fullmatch(r"(\d+)(fullmo|mo|h|D|W)", length).groups()
    if unit == "fullmo":
        return months_back(month_start(moment), int(n))
    return months_back(moment, int(n)) if unit == "mo" else moment - int(n) * UNITS[unit]


def bounds(window: str, as_of: datetime) -> tuple[datetime, datetime]:
    """Start (included) and end (excluded) of a window."""
    length, _, lag = window.partition("_before_")
    end = _back(as_of, lag) if lag else as_of
    if length == "all":
        return datetime.min, end
    return _back(end, length), month_start(end) if length.endswith("fullmo") else end


def seen_before(rows: Sequence[Row], time: str, as_of: datetime) -> list[Row]:
    """Rows that happened and were known before `as_of`."""
    return [row for row in rows if row[time] < as_of and (row.get("known_at") or row[time]) < as_of]


def text(value: Any) -> str:
    """A category as text; a whole number is the same as integer and as float."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": lambda value, limit: value >= limit,
    ">": lambda value, limit: value > limit,
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
}


def meets(row: Row, condition: tuple) -> bool:
    """Tell whether a row meets a condition; what is missing meets none."""
    value = row[condition[0]]
    if value is None:
        return False
    if len(condition) == 2:
        return text(value) == text(condition[1])
    _, operator, right = condition
    if operator in _COMPARE:
        return _COMPARE[operator](value, right)
    return (text(value) in [text(one) for one in right]) == (operator == "in")


def in_window(rows: list[Row], time: str, aggregate: str, column: str, start: datetime, end: datetime) -> Any:
    """One aggregate over the rows in [start, end)."""
    inside = [row for row in rows if start <= row[time] < end]
    if aggregate == "count":
        return len(inside)
    if aggregate == "any":
        return 1 if inside else 0
    pairs = [(row[time], row[column]) for row in inside if row[column] is not None]
    if aggregate in ON_CATEGORIES:
        pairs = [(moment, text(value)) for moment, value in pairs]
    return OF_PAIRS[aggregate](pairs) if aggregate in OF_PAIRS else OF_VALUES[aggregate]([value for _, value in pairs])


def pivot_conditions(
    rows: Sequence[Row], time: str, latest: datetime | None, pivots: Any, top: int, other: bool
) -> list[tuple[str, tuple]]:
    """Names and conditions of the pivots' columns; values are learnt from rows known before `latest`."""
    found: list[tuple[str, tuple]] = []
    known = seen_before(rows, time, latest) if latest else []
    for column in pivots:
        counts = Counter(text(row[column]) for row in known if row[column] is not None)
        learnt = sorted(counts, key=lambda value: (-counts[value], value))[:top]
        values = list(pivots[column]) if isinstance(pivots, dict) else learnt
        found += [(f"{column}_{value}", (column, value)) for value in values]
        if other:
            found.append((f"{column}_other", (column, "not in", tuple(values))))
    return found


def features(
    rows: Sequence[Row],
    spine: Sequence[tuple[Any, datetime]],
    *,
    table: str = "transactions",
    aggregates: Sequence[str] = ("count",),
    windows: Sequence[str] = ("30D",),
    where: Sequence[tuple] = (),
    pivots: Any = (),
    top: int = 5,
    other: bool = False,
    half_lives: Sequence[str] = ("30D",),
    label: str = "",
) -> dict[str, list]:
    """Every feature of a builder, by name: one value for each row of the spine."""
    time = TIMES[table]
    latest = max((as_of for _, as_of in spine), default=None)
    chosen = pivot_conditions(rows, time, latest, pivots, top, other) if pivots else [("", ())]
    table = f"{table}_{label}" if label else table
    columns: dict[str, list] = {}
    for shown, pivot in chosen:
        conditions = [*where, pivot] if pivot else list(where)
        kept = [row for row in rows if all(meets(row, condition) for condition in conditions)]
        for customer, as_of in spine:
            own = seen_before([row for row in kept if row["customer_id"] == customer], time, as_of)
            for parts, value in _values(own, time, as_of, aggregates, windows, half_lives):
                columns.setdefault(_name(table, *parts, shown), []).append(value)
    return columns


def _values(
    rows: list[Row],
    time: str,
    as_of: datetime,
    aggregates: Sequence[str],
    windows: Sequence[str],
    half_lives: Sequence[str],
) -> list[tuple[tuple[str, ...], Any]]:
    """Parts of the name and value of each feature for one row of the spine."""
    found: list[tuple[tuple[str, ...], Any]] = []
    for asked in aggregates:
        aggregate, column = re.fullmatch(r"(\w+)(?:\((\w+)\))?", asked).groups(default="")
        if aggregate.endswith("_days"):
            found.append(((aggregate,), days(aggregate, [row[time] for row in rows], as_of)))
        elif aggregate.startswith("decayed"):
            there = [row for row in rows if not column or row[column] is not None]
            ages, values = [as_of - row[time] for row in there], [row[column] if column else 1.0 for row in there]
            found += [((column, aggregate, half_life), decayed(ages, values, half_life)) for half_life in half_lives]
        else:
            for window in windows:
                value = in_window(rows, time, aggregate, column, *bounds(window, as_of))
                found.append(((column, aggregate, window), value))
    return found


def _name(*parts: str) -> str:
    return "__".join(re.sub(r"[^\w.+-]+", "_", part) for part in parts if part)


def held(rows: Sequence[Row], customer: Any, as_of: datetime, column: str) -> set:
    """What the attribute may be: the row of the latest start, of those the one known last; twins are equal."""
    own = [row for row in rows if row["customer_id"] == customer]
    started = [(row["valid_from"] or datetime.min, row) for row in own]
    known = [(start, row.get("known_at") or start, row[column]) for start, row in started]
    seen = [(start, since, value) for start, since, value in known if start < as_of and since < as_of]
    newest = max(((start, since) for start, since, _ in seen), default=None)
    return {value for start, since, value in seen if (start, since) == newest} or {None}
