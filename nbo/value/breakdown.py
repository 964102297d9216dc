"""Cents by line for every group and period, next to the total."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from nbo.value.entries import Entries
from nbo.value.postings import Postings, tallied
from nbo.value.profitability_result import PERIOD
from nbo.value.span import Span

__all__ = ["NOT_KNOWN", "breakdown", "named_groups", "with_counts"]

NOT_KNOWN: Final = "not known"
_COUNTS: Final = {"transactions": "orders", "cases": "cases", "decisions": "contacts"}


def named_groups(found: Sequence[Entries], columns: dict[str, str]) -> tuple[list[np.ndarray], list[str]]:
    """Give numbers to the groups that rows name, in the order of their names; `NOT_KNOWN` is the last.

    Parameters
    ----------
    found : sequence of Entries
    columns : dict of str to str
        Table -> the column that names the group; rows of other tables name none.

    Returns
    -------
    groups : list of ndarray of int
        Of the rows of each of `found`.
    names : list of str
    """
    local = []
    for entries in found:
        column = columns.get(entries.table.name, "")
        if column not in entries.table or not len(entries.rows):
            local.append((np.zeros(len(entries.rows), dtype=int), [NOT_KNOWN]))
            continue
        codes = entries.table.codes(column)
        local.append((codes.codes[entries.rows], [*codes.texts, NOT_KNOWN]))
    used = {texts[code] for codes, texts in local for code in np.unique(codes)}
    names = [*sorted(used - {NOT_KNOWN}), NOT_KNOWN]
    place = {name: at for at, name in enumerate(names)}
    # A code of -1 is the last one.
    return [np.array([place.get(text, 0) for text in texts])[codes] for codes, texts in local], names


def breakdown(
    found: Sequence[Entries], groups: Sequence[np.ndarray], names: Sequence[str], span: Span, label: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add up the lines by group and period, and by period alone.

    Parameters
    ----------
    found : sequence of Entries
    groups : sequence of ndarray of int
        Position in `names` of each of their rows.
    names : sequence of str
    span : Span
    label : str
        Column for the names.

    Returns
    -------
    cents : DataFrame
        A row for each name and period, the lines as int64.
    total : DataFrame
        A row for each period, of all rows.
    """
    p = len(span.starts)
    periods = [span.periods(entries.times) for entries in found]
    cells = [
        Postings(group * p + period, entries.cents)
        for entries, group, period in zip(found, groups, periods, strict=True)
    ]
    keys = {label: np.repeat(np.array(names, dtype=object), p), PERIOD: np.tile(span.starts, len(names))}
    cents = pd.concat([pd.DataFrame(keys).astype({label: "str"}), tallied(cells, len(names) * p)], axis=1)
    whole = [Postings(period, entries.cents) for entries, period in zip(found, periods, strict=True)]
    return cents, pd.concat([pd.Series(span.starts, name=PERIOD), tallied(whole, p)], axis=1)


def with_counts(
    cents: pd.DataFrame, found: Sequence[Entries], groups: Sequence[np.ndarray], span: Span
) -> pd.DataFrame:
    """Add how many orders, cases and contacts there were.

    Parameters
    ----------
    cents : DataFrame
        As from :func:`breakdown`.
    found, groups, span
        As for it.

    Returns
    -------
    DataFrame
    """
    p, counts = len(span.starts), {}
    for entries, group in zip(found, groups, strict=True):
        name = _COUNTS.get(entries.table.name)
        if name:
            # A return is no order.
            counted = entries.cents["revenue"] > 0 if name == "orders" else np.ones(len(group), dtype=bool)
            cell = (group * p + span.periods(entries.times))[counted]
            counts[name] = np.bincount(cell, minlength=len(cents))
    return cents.assign(**counts)
