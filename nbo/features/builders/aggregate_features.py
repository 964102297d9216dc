"""Aggregates of one event table, as a user asks for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from nbo.checks import check_columns, check_one_of
from nbo.errors import InputError
from nbo.features.aggregates import AGGREGATES
from nbo.features.base import check_texts, check_windows
from nbo.features.combined import share, trend
from nbo.features.conditions import Condition, as_text, check_conditions
from nbo.features.event_features import EventFeatures
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.features.row_words import row_words
from nbo.features.window import ALL, Window
from nbo.tables import CONTRACTS
from nbo.times import check_duration

__all__ = ["AggregateFeatures"]

_CALL = re.compile(r"(\w+)(?:\((.+)\))?")
_SHARE, _TREND = "share", "trend"
_WITHOUT_COLUMN = ("count", "any", "recency_days", "tenure_days", "mean_gap_days", "std_gap_days", "decayed_count")


class AggregateFeatures(EventFeatures):
    """Aggregates of one event table: any of them, over any windows, filters and categories.

    Parameters
    ----------
    table : str, default="transactions"
        An event table, such as transactions, events, cases or decisions.
    aggregates : sequence of str, default=("count",)
        Such as "count" or "sum(amount)". Of rows: count, any, recency_days, tenure_days,
        mean_gap_days, std_gap_days, decayed_count. Of numbers: sum, mean, max, min, std, first, last,
        decayed_sum, decayed_mean. Of categories: distinct, entropy, top_share, top, latest, earliest; of what
        rows share, such as a visit: mean_rows, single_share, mean_seconds, max_seconds. Days and
        decayed figures are over all history, the others over each window. Of rows, or of the sum of a column:
        "share" or "share(amount)", which part of it each value of a pivot has, of the rows that have one;
        "trend" or "trend(amount)", the pace in each window over that in the next longer one, and over
        that in a lagged window as long as it.
    windows : sequence of str, default=("30D", "90D", "365D")
        Lengths such as "30D", months back such as "3mo", full calendar months such as
        "3fullmo", "all", and lagged ones such as "30D_before_30D".
    where : sequence of tuple, default=()
        Which rows count, such as ``("kind", "sale")``, ``("category", "in", ["books",
        "toys"])`` or ``("amount", ">=", 100)``. A missing value meets no condition.
    pivots : sequence of str or mapping, default=()
        Columns whose most frequent values get columns of their own; a mapping gives the values.
    top : int, default=5
        How many values of each pivot are learnt, in `fit`, from rows known before the spine's latest `as_of`.
    other : bool, default=False
        Whether all other values of a pivot get a column together.
    half_lives : sequence of str, default=("30D",)
        Ages at which a row weighs half in decayed figures.
    label : str, optional
        Put behind the table's name, to tell columns of different `where` apart.

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import CustomerTables, Spine
    >>> sales = pd.DataFrame(
    ...     {"customer_id": "ann", "event_time": ["2026-04-20", "2026-05-20", "2026-06-20"], "amount": [1.0, 2.0, 6.0]}
    ... )
    >>> tables, spine = CustomerTables(transactions=sales), Spine.at("2026-06-30", ["ann"])
    >>> builder = AggregateFeatures("transactions", ["sum(amount)"], windows=["1fullmo", "30D", "30D_before_30D"])
    >>> builder.fit(tables, spine).build(tables, spine).T
                                                 0
    transactions__amount__sum__30D             6.0
    transactions__amount__sum__1fullmo         2.0
    transactions__amount__sum__30D_before_30D  2.0
    """

    by_default: ClassVar[bool] = False

    def __init__(
        self,
        table: str = "transactions",
        aggregates: Sequence[str] = ("count",),
        windows: Sequence[str] = ("30D", "90D", "365D"),
        where: Sequence[Any] = (),
        pivots: Sequence[str] | Mapping[str, Sequence[str]] = (),
        top: int = 5,
        other: bool = False,
        half_lives: Sequence[str] = ("30D",),
        label: str = "",
    ) -> None:
        self.table = table
        self.aggregates = aggregates
        self.windows = windows
        self.where = where
        self.pivots = pivots
        self.top = top
        self.other = other
        self.half_lives = half_lives
        self.label = label

    @property
    def data_type(self) -> str:  # type: ignore[override]
        """The data type of the table."""
        return str(CONTRACTS[self.table].data_type)

    @property
    def tables(self) -> tuple[str, ...]:  # type: ignore[override]
        """The table."""
        events = [name for name, contract in CONTRACTS.items() if contract.time is not None]
        return (check_one_of(self.table, events, "table"),)

    def _plan(self, past: Past) -> list[Feature]:
        table = past.table(self.tables[0])
        where = check_conditions(self.where)
        wanted = [_parsed(text) for text in check_texts(self.aggregates, "aggregates")]
        pivots = self._pivots(past)
        columns = [column for _, column in wanted if column] + [condition[0] for condition in (*where, *pivots)]
        known = [name for name in dict.fromkeys(columns) if CONTRACTS[table.name].column(name) is None]
        check_columns(table, known, table.name)
        return [
            feature
            for pivot in ([(condition,) for condition in pivots] if self.pivots else [()])
            for aggregate, column in wanted
            for feature in self._of(aggregate, column, where, pivot)
        ]

    def _of(
        self, aggregate: str, column: str, where: tuple[Condition, ...], pivot: tuple[Condition, ...]
    ) -> list[Feature]:
        if aggregate == _SHARE:
            if not pivot:
                raise InputError("aggregates: a share is that of a pivot's value; give pivots, such as ['category'].")
            shares = (share(self.table, window, pivot, where, column) for window in check_windows(self.windows))
            return [self._labelled(feature) for feature in shares]
        if aggregate == _TREND:
            what = Feature.of(self.table, "sum" if column else "count", ALL, column, where=where, pivot=pivot)
            said = f"{column} of {row_words(self.table, (*where, *pivot))}" if column else ""
            return [self._labelled(trend(what, *pair, said)) for pair in _pairs(check_windows(self.windows))]
        return [
            Feature.of(self.table, aggregate, window, column, label=self.label, where=where, pivot=pivot)
            for window in self._windows(aggregate)
        ]

    def _labelled(self, feature: Feature) -> Feature:
        """Put the label behind the table's name."""
        rest = feature.feature.removeprefix(self.table)
        return replace(feature, feature=feature_name(f"{self.table}_{self.label}") + rest) if self.label else feature

    def _windows(self, aggregate: str) -> list[str]:
        if aggregate.startswith("decayed"):
            lives = check_texts(self.half_lives, "half_lives")
            return [life for life in lives if check_duration(life, "half_lives")]
        return [ALL] if aggregate.endswith("_days") else check_windows(self.windows)

    def _pivots(self, past: Past) -> list[Condition]:
        found: list[Condition] = []
        fixed = self.pivots if isinstance(self.pivots, Mapping) else {}
        for column in self.pivots if fixed else check_texts(self.pivots, "pivots"):
            values = (
                tuple(as_text(value) for value in fixed[column])
                if fixed
                else tuple(past.top_values(self.table, column, self.top))
            )
            found += [(column, value) for value in values]
            found += [(column, "not in", values)] * self.other
        return found


def _parsed(text: str) -> tuple[str, str]:
    """Read "count" or "sum(amount)"."""
    match = _CALL.fullmatch(text)
    aggregate, column = (match[1], match[2] or "") if match else (text, "")
    check_one_of(aggregate, [*AGGREGATES, _SHARE, _TREND], "aggregates")
    if aggregate in (_SHARE, _TREND):
        return aggregate, column
    if bool(column) == (aggregate in _WITHOUT_COLUMN):
        form = aggregate if aggregate in _WITHOUT_COLUMN else f"{aggregate}(column)"
        raise InputError(f"aggregates: write {form!r}; got {text!r}.")
    return aggregate, column


def _pairs(windows: list[str]) -> list[tuple[str, str]]:
    """Pair each window with the next longer one, and with lagged ones of its own length."""
    plain = [window for window in windows if not Window.of(window).lag and np.isfinite(Window.of(window).days)]
    lagged = [(short, long) for short in plain for long in windows if long.startswith(f"{short}_before_")]
    pairs = [*zip(plain, plain[1:], strict=False), *lagged]
    if not pairs:
        raise InputError(
            "aggregates: a trend needs two windows of a known length, such as '30D' and '90D', or '30D' and "
            f"'30D_before_30D'; got {tuple(windows)!r}."
        )
    return pairs
