"""Aggregates as plain Python on lists of values, none of them missing.

`None` stands for a missing feature. No arithmetic here is NumPy's, and nothing is imported
from the library.
"""

import math
import re
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

DAY = timedelta(days=1)
UNITS = {"h": timedelta(hours=1), "D": DAY, "W": timedelta(weeks=1)}
ON_CATEGORIES = ("distinct", "entropy", "top_share", "top", "latest", "earliest")
# Amounts from here on are no money, and need not be summed to the hundredth.
_MOST_MONEY = 8e10


@dataclass(frozen=True)
class About:
    """A number that rounding may touch, and the size of the terms that it is made of."""

    value: float
    size: float


def cents(value: float) -> int | None:
    """Whole hundredths, None if the value is no whole number of them."""
    whole = round(value * 100)
    return whole if abs(value) < _MOST_MONEY and whole / 100 == value else None


def total(values: list[float]) -> float | About:
    """Exact for money; else the exact sum of what the floats are."""
    hundredths = [cents(value) for value in values]
    if None not in hundredths:
        return sum(hundredths) / 100
    return About(float(sum(map(Fraction, values))), math.fsum(map(abs, values)))


def mean(values: list[float]) -> float | About | None:
    if not values:
        return None
    added = total(values)
    if isinstance(added, About):
        return About(added.value / len(values), added.size / len(values))
    return added / len(values)


def std(values: list[float]) -> About | None:
    """Sample standard deviation."""
    return About(statistics.stdev(values), max(map(abs, values))) if len(values) > 1 else None


def first(pairs: list[tuple[datetime, Any]]) -> Any:
    """Value of the earliest row, the smallest among ties."""
    return min(pairs)[1] if pairs else None


def last(pairs: list[tuple[datetime, Any]]) -> Any:
    """Value of the latest row, the largest among ties."""
    return max(pairs)[1] if pairs else None


def top(values: list[str]) -> str | None:
    """Most frequent value, the first in the alphabet among equals."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None


def top_share(values: list[str]) -> float | None:
    return max(Counter(values).values()) / len(values) if values else None


def entropy(values: list[str]) -> float | About | None:
    """Shannon entropy in nats; 0 with one value."""
    shares = [n / len(values) for n in Counter(values).values()]
    if len(shares) < 2:
        return 0.0 if shares else None
    return About(-math.fsum(share * math.log(share) for share in shares), 1.0)


OF_VALUES: dict[str, Callable[[list], Any]] = {
    "sum": total,
    "mean": mean,
    "std": std,
    "max": lambda values: max(values, default=None),
    "min": lambda values: min(values, default=None),
    "distinct": lambda values: len(set(values)),
    "entropy": entropy,
    "top_share": top_share,
    "top": top,
}
OF_PAIRS: dict[str, Callable[[list], Any]] = {"first": first, "last": last, "latest": last, "earliest": first}


def days(aggregate: str, times: list[datetime], as_of: datetime) -> Any:
    """Days since, and between, the rows."""
    times = sorted(times)
    gaps = [(newer - older) / DAY for older, newer in zip(times, times[1:], strict=False)]
    if aggregate == "recency_days":
        return (as_of - times[-1]) / DAY if times else None
    if aggregate == "tenure_days":
        return (as_of - times[0]) / DAY if times else None
    if aggregate == "mean_gap_days":
        return About(math.fsum(gaps) / len(gaps), max(gaps)) if gaps else None
    return About(statistics.stdev(gaps), max(gaps)) if len(gaps) > 1 else None


def decayed(ages: list[timedelta], values: list[float], half_life: str) -> float | About:
    """Values that halve with every half-life of their age, added up."""
    n, unit = re.fullmatch(r"(\d+)(h|D|W)", half_life).groups()
    terms = [value * 2.0 ** -(age / (int(n) * UNITS[unit])) for age, value in zip(ages, values, strict=True)]
    return About(math.fsum(terms), math.fsum(map(abs, terms))) if terms else 0.0
