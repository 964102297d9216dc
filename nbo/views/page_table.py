"""A frame as an HTML table that people can sort."""

from __future__ import annotations

from collections.abc import Collection
from html import escape
from typing import Any

import pandas as pd

from nbo.views.formats import label, plain, shown_column

__all__ = ["table_html"]

# Letters of a text that is not broken into lines.
_SHORT = 24


def table_html(frame: pd.DataFrame, labelled_by: str, percent: Collection[str] = ()) -> str:
    """Write a frame as a table in a box that scrolls by itself.

    Parameters
    ----------
    frame : DataFrame
        Each column is shown; the index is not.
    labelled_by : str
        Id of the heading that names the table.
    percent : collection of str, optional
        Columns of shares, to be shown as percent.

    Returns
    -------
    str
        Everything escaped. Cells carry the value to sort by; missing ones carry none.
    """
    kinds = [_kind(frame.iloc[:, place]) for place in range(frame.shape[1])]
    heads = "".join(
        f'<th scope="col"{_class(kind)}>{escape(label(str(name)))}</th>'
        for name, kind in zip(frame.columns, kinds, strict=True)
    )
    shares = [name in percent for name in frame.columns]
    columns = [_cells(frame.iloc[:, place], kind, shares[place]) for place, kind in enumerate(kinds)]
    rows = "".join(f"<tr>{''.join(cells)}</tr>" for cells in zip(*columns, strict=True))
    rows = rows or f'<tr><td class="empty" colspan="{max(frame.shape[1], 1)}">No rows.</td></tr>'
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    # Who has no mouse can scroll the box once it has the focus.
    return f'<div class="scroll" role="region" aria-labelledby="{escape(labelled_by)}" tabindex="0">{table}</div>'


def _kind(values: pd.Series) -> str:
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return "time"
    if values.dtype == object and len(values) and all(isinstance(value, int | float) for value in values):
        return "number"
    return "short" if values.map(lambda value: len(str(value))).max() <= _SHORT else ""


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _cells(values: pd.Series, kind: str, percent: bool) -> list[str]:
    return [
        f"<td{_class(kind)}{_sort_key(value, text)}>{escape(text)}</td>"
        for value, text in zip(values, shown_column(values, percent), strict=True)
    ]


def _sort_key(value: Any, text: str) -> str:
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, float):
        key = "Infinity" if value == float("inf") else "-Infinity" if value == float("-inf") else repr(value)
    else:
        key = value.isoformat() if isinstance(value, pd.Timestamp) else str(value) if isinstance(value, int) else text
    return f' data-value="{escape(key)}"'
