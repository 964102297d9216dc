"""Features that are made of others: ratios, shares, trends, differences, and what nothing came after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from nbo.features.conditions import Condition
from nbo.features.derived import DERIVED
from nbo.features.feature import Feature, feature_name
from nbo.features.row_words import row_words
from nbo.features.window import Window

__all__ = ["combined", "difference", "ratio", "share", "since", "trend", "trends"]


def ratio(name: str, above: Feature, below: Feature, meaning: str, unit: str = "ratio", **about: Any) -> Feature:
    """Divide one feature by another.

    Parameters
    ----------
    name : str
    above, below : Feature
        They need not be columns themselves.
    meaning : str
    unit : str, default="ratio"
    **about
        What else the feature is, in the words of :class:`~nbo.features.feature.Feature`; by default like `above`.

    Returns
    -------
    Feature
        Missing where `below` is 0.
    """
    return _made("ratio", name, (above, below), meaning, unit, **about)


def difference(name: str, first: Feature, second: Feature, meaning: str, unit: str = "", **about: Any) -> Feature:
    """Take one feature off another; as :func:`ratio`.

    Parameters
    ----------
    name : str
    first, second : Feature
    meaning : str
    unit : str, default=""
    **about

    Returns
    -------
    Feature
        Missing where one of them is.
    """
    return _made("difference", name, (first, second), meaning, unit, **about)


def since(name: str, first: Feature, others: tuple[Feature, ...], meaning: str, **about: Any) -> Feature:
    """Take days since something, where nothing else came since; as :func:`ratio`.

    Parameters
    ----------
    name : str
    first : Feature
        Days since the last time.
    others : tuple of Feature
        Days since the last time of what must not have come since, nor at the same moment.
    meaning : str
    **about

    Returns
    -------
    Feature
        Missing where something came since.
    """
    return _made("since", name, (first, *others), meaning, "days", **about)


def share(
    table: str, window: str, pivot: tuple[Condition, ...], where: tuple[Condition, ...] = (), column: str = ""
) -> Feature:
    """Say which share of the rows, or of what a column adds up to, meets conditions, of those that have a value there.

    Parameters
    ----------
    table, window : str
    pivot : tuple of conditions
        What the rows of the share meet.
    where : tuple of conditions, default=()
        What all rows meet.
    column : str, optional
        Numbers to add up; rows are counted where it is empty.

    Returns
    -------
    Feature

    Examples
    --------
    >>> share("events", "90D", (("device", "tablet"),)).describe()["meaning"]
    'Share of events with device = tablet among those with a device in the 90D before as_of.'
    """
    always = [derived.name for derived in DERIVED.get(table, ())]
    columns = dict.fromkeys(condition[0] for condition in pivot if condition[0] not in always)
    there = tuple((column, "not in", ()) for column in columns)
    aggregate = "sum" if column else "count"
    above = Feature.of(table, aggregate, window, column, where=where, pivot=pivot)
    below = Feature.of(table, aggregate, window, column, where=(*where, *there))
    among = f" among those with a {' and a '.join(columns)}" if columns else ""
    of = f"{column} of {row_words(table, (*where, *pivot))}" if column else row_words(table, (*where, *pivot))
    meaning = f"Share of {of}{among} {Window.of(window).words}."
    name = feature_name(table, column, "share", window, pivot=pivot)
    return ratio(name, above, below, meaning, "share", column=column or pivot[0][0])


def trend(what: Feature, short: str, long: str, rows: str = "") -> Feature:
    """Compare the pace of a count or sum in a short window with that in a long one.

    Parameters
    ----------
    what : Feature
        Over any window.
    short, long : str
        Windows of a known length.
    rows : str, optional
        What is counted, in words; by default the name of the table.

    Returns
    -------
    Feature
        A day in the short window over a day in the long one; missing where there is nothing in the long one.

    Examples
    --------
    >>> trend(Feature.of("events", "count"), "7D", "30D").feature
    'events__trend__7D__30D'
    """
    scale = Window.of(long).days / Window.of(short).days
    parts = (replace(what, window=short), replace(what, window=long))
    name = feature_name(what.table, what.column, "trend", short, long, pivot=what.pivot)
    said = rows or row_words(what.table, (*what.where, *what.pivot))
    said = f"{said[:1].upper()}{said[1:]} a day {Window.of(short).words}"
    meaning = f"{said}, over those a day {Window.of(long).words}; above 1 is rising."
    return _made("ratio", name, parts, meaning, "ratio", window=short, scale=scale)


def trends(what: Feature, windows: Sequence[str], rows: str = "") -> list[Feature]:
    """Compare the pace in each window with that in the next longer one; see :func:`trend`.

    Parameters
    ----------
    what : Feature
    windows : sequence of str
        Shortest first; those without a length or with a lag are left out.
    rows : str, optional

    Returns
    -------
    list of Feature
    """
    plain = [window for window in windows if not Window.of(window).lag and np.isfinite(Window.of(window).days)]
    return [trend(what, short, long, rows) for short, long in zip(plain, plain[1:], strict=False)]


def _made(aggregate: str, name: str, parts: tuple[Feature, ...], meaning: str, unit: str, **about: Any) -> Feature:
    like = parts[0]
    said: dict[str, Any] = {part: getattr(like, part) for part in ("window", "column", "where", "pivot")}
    said |= about
    return Feature(name, like.table, aggregate=aggregate, parts=parts, meaning=meaning, unit=unit, **said)


def combined(feature: Feature, parts: list[np.ndarray]) -> np.ndarray:
    """Compute a feature from its parts.

    Parameters
    ----------
    feature : Feature
        A "ratio", a "difference" or days "since".
    parts : list of ndarray of shape (n,)
        What its parts are.

    Returns
    -------
    ndarray of shape (n,)
        A difference of amounts of money is exact to the hundredth.

    Examples
    --------
    >>> profit = difference("profit", Feature.of("cases", "count"), Feature.of("cases", "count"), "")
    >>> combined(profit, [np.array([0.3]), np.array([0.1])]), 0.3 - 0.1
    (array([0.2]), 0.19999999999999998)
    """
    return _COMBINED[feature.aggregate](*parts) * feature.scale


def _over(above: np.ndarray, *below: np.ndarray) -> np.ndarray:
    total = np.sum(below, axis=0)
    return np.divide(above, total, out=np.full(len(total), np.nan), where=total != 0)


def _less(first: np.ndarray, *others: np.ndarray) -> np.ndarray:
    cents = [np.rint(part * 100) for part in (first, *others)]
    whole = np.logical_and.reduce([c / 100 == part for c, part in zip(cents, (first, *others), strict=True)])
    return np.where(whole, (cents[0] - np.sum(cents[1:], axis=0)) / 100, first - np.sum(others, axis=0))


def _unless_since(first: np.ndarray, *others: np.ndarray) -> np.ndarray:
    last = np.fmin.reduce(others)
    return np.where(np.isnan(last) | (first < last), first, np.nan)


_COMBINED: Final[dict[str, Callable[..., np.ndarray]]] = {"ratio": _over, "difference": _less, "since": _unless_since}
