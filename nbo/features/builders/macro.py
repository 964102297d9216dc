"""Features of the economy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.attribute_rows import AttributeRows
from nbo.features.base import FeatureBuilder, check_texts
from nbo.features.feature import Feature, feature_name
from nbo.features.history import History
from nbo.features.moments import SINCE_EVER
from nbo.features.past import Past
from nbo.features.slices import first_at_or_after
from nbo.features.window import ALL, Window
from nbo.features.windows import rows_before
from nbo.tables import TableColumns
from nbo.tables.codes import as_texts

__all__ = ["MacroFeatures"]

_TABLE: Final = "macro"
# Figures for everybody have this region.
_EVERYWHERE: Final = ""


class MacroFeatures(FeatureBuilder):
    """Features of the economy: what the series of `macro` say, as far as it was published before `as_of`.

    For each series the latest figure, and what it is less the one that held, say, 12 months before
    it. A figure counts from its `valid_from`, and once it was known; of several for the same time
    the one published last, so a revision counts from when it was published, and both ends of a
    change are as revised by then. A customer of a region gets the figures of the region if there
    are any, else those for everybody; the region is that of the customer's row in `customers` at
    `as_of`.

    Parameters
    ----------
    series : sequence of str, default=()
        Which series; without any, the most frequent ones.
    top : int, default=10
        How many series then.
    changes : sequence of str, default=("3mo", "12mo")
        How far the two figures of a change lie apart.

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.

    Examples
    --------
    >>> from nbo.tables import CustomerTables, Spine
    >>> figures = pd.DataFrame(
    ...     {
    ...         "series": "cpi",
    ...         "valid_from": ["2026-01-01", "2026-02-01", "2026-02-01"],
    ...         "known_at": ["2026-02-10", "2026-03-10", "2026-04-10"],
    ...         "value": [100.0, 101.0, 100.5],
    ...     }
    ... )
    >>> tables = CustomerTables(macro=figures)
    >>> spine = Spine.of(pd.DataFrame({"customer_id": "ann", "as_of": ["2026-03-10", "2026-03-11", "2026-04-11"]}))
    >>> X = MacroFeatures(changes=["1mo"]).fit(tables, spine).build(tables, spine)
    >>> X["macro__value__last__all__series_cpi"].tolist()
    [100.0, 101.0, 100.5]
    >>> X["macro__value__change__1mo__series_cpi"].tolist()
    [nan, 1.0, 0.5]
    """

    data_type = "environmental"
    tables = (_TABLE,)

    def __init__(self, series: Sequence[str] = (), top: int = 10, changes: Sequence[str] = ("3mo", "12mo")) -> None:
        self.series = series
        self.top = top
        self.changes = changes

    def _plan(self, past: Past) -> list[Feature]:
        chosen = check_texts(self.series, "series") or past.top_values(_TABLE, c.SERIES, self.top)
        return [feature for series in chosen for feature in self._of_series(series)]

    def _of_series(self, series: str) -> list[Feature]:
        pivot = ((c.SERIES, series),)
        meaning = f"Latest figure of {series} that was published before as_of."
        features = [Feature.of(_TABLE, "last", ALL, c.VALUE, pivot=pivot, meaning=meaning)]
        for length in _lengths(self.changes):
            name = feature_name(_TABLE, c.VALUE, "change", length, pivot=pivot)
            meaning = f"Latest figure of {series} less the one that held {length} before it, as published before as_of."
            features.append(Feature(name, _TABLE, c.VALUE, "change", length, pivot=pivot, meaning=meaning))
        return features

    def _columns(self, past: Past) -> dict[str, Any]:
        figures = _figures(past.table(_TABLE))
        asked = [_Asked.of(region, past.as_of) for region in (_regions(past), np.full(len(past), _EVERYWHERE))]
        found: dict[str, Any] = {}
        for series in dict.fromkeys(feature.pivot[0][1] for feature in self.features_):
            own = [feature for feature in self.features_ if feature.pivot[0][1] == series]
            of_series = figures[figures[c.SERIES] == series]
            regional, everywhere = ([column[a.number] for column in _at(of_series, a.frame, own)] for a in asked)
            has_own = ~np.isnan(regional[0])
            for feature, values, general in zip(own, regional[1:], everywhere[1:], strict=True):
                found[feature.feature] = np.where(has_own, values, general)
        return found


@dataclass(frozen=True)
class _Asked:
    """The different regions and moments that are asked for, and which of them each question has."""

    frame: pd.DataFrame
    number: np.ndarray

    @classmethod
    def of(cls, region: Any, as_of: np.ndarray) -> _Asked:
        moments, moment = np.unique(as_of, return_inverse=True)
        code = pd.factorize(region)[0] * max(len(moments), 1) + moment
        _, first, number = np.unique(code, return_index=True, return_inverse=True)
        asked = {c.REGION: pd.array(region, dtype="str")[first], c.AS_OF: as_of[first].view("datetime64[us]")}
        return cls(pd.DataFrame(asked), number)


def _lengths(changes: Sequence[str]) -> list[str]:
    if isinstance(changes, str) or any(Window.of(text).lag or text == ALL for text in changes):
        raise InputError(f"changes must be lengths of time such as ('3mo', '12mo'); got {changes!r}.")
    return list(changes)


def _figures(table: TableColumns) -> pd.DataFrame:
    """Take the figures, with texts of series and regions."""
    frame = table.frame([name for name in (c.VALID_FROM, c.KNOWN_AT) if name in table])
    region = as_texts(table[c.REGION]).fillna(_EVERYWHERE) if c.REGION in table else _EVERYWHERE
    columns = {c.SERIES: as_texts(table[c.SERIES]), c.REGION: region, c.VALUE: table.numbers(c.VALUE)}
    return frame.assign(**columns).astype({c.REGION: "str"}).dropna(subset=c.VALUE)


def _regions(past: Past) -> Any:
    """Give each question's region as of its moment, as text; missing where not known."""
    customers = past.table("customers")
    if c.REGION not in customers:
        return pd.array([None] * len(past), dtype="str")
    texts = [text if text != _EVERYWHERE else None for text in customers.codes(c.REGION).texts]
    return AttributeRows(customers, past.rows_as_of("customers"), past.as_of).texts_of(c.REGION, texts)


def _at(figures: pd.DataFrame, asked: pd.DataFrame, features: list[Feature]) -> list[np.ndarray]:
    """Give the latest figure of a series for each region and moment, then all features."""
    table = TableColumns.of(figures, _TABLE)
    history = rows_before(table, asked, key=c.REGION, ties=table.numbers(c.VALUE))
    values, latest = np.append(history.numbers(c.VALUE).values, np.nan), history.end - 1
    now = np.where(history.end > history.first, values[latest], np.nan)

    def since(length: str) -> np.ndarray:
        before = _earlier(history, latest, length)
        return now - np.where(before >= history.first, values[before], np.nan)

    return [now, *(since(f.window) if f.aggregate == "change" else now for f in features)]


def _earlier(history: History, latest: np.ndarray, length: str) -> np.ndarray:
    """Find the row that held a length of time before the latest one began to; one below the first if none did."""
    began = np.append(history.times, SINCE_EVER)[latest]
    some = (history.end > history.first) & (began != SINCE_EVER)
    start, _ = Window.of(length).span(np.where(some, began, 0))
    just_after = np.where(some, np.asarray(start) + 1, SINCE_EVER)
    return first_at_or_after(history.times, history.first, history.end, just_after) - 1
