"""Aggregates of one event table, as a user asks for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from nbo.checks import check_columns, check_one_of
from nbo.errors import InputError
from nbo.features.aggregates import AGGREGATES
from nbo.features.base import check_texts, check_windows
from nbo.features.conditions import Condition, as_text, check_conditions
from nbo.features.event_features import EventFeatures
from nbo.features.feature import Feature
from nbo.features.past import Past
from nbo.features.window import ALL
from nbo.tables import CONTRACTS
from nbo.times import check_duration

__all__ = ["AggregateFeatures"]

_CALL = re.compile(r"(\w+)(?:\((.+)\))?")
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
        decayed figures are over all history, the others over each window.
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
            Feature.of(table.name, aggregate, window, column, label=self.label, where=where, pivot=pivot)
            for pivot in ([(condition,) for condition in pivots] if self.pivots else [()])
            for aggregate, column in wanted
            for window in self._windows(aggregate)
        ]

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
    check_one_of(aggregate, list(AGGREGATES), "aggregates")
    if bool(column) == (aggregate in _WITHOUT_COLUMN):
        form = aggregate if aggregate in _WITHOUT_COLUMN else f"{aggregate}(column)"
        raise InputError(f"aggregates: write {form!r}; got {text!r}.")
    return aggregate, column
