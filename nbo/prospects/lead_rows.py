"""People who are not customers yet, as they were known at some moments, and whether they converted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys
from nbo.errors import InputError
from nbo.features.moments import NEVER
from nbo.prospects.changes import Changes
from nbo.prospects.moments import DAY, micro, take_moments
from nbo.times import check_duration, check_time, check_times

__all__ = ["lead_rows"]


def lead_rows(leads: Any, as_of: Any, conversions: Any = None, horizon: Any = None, until: Any = None) -> pd.DataFrame:
    """Give the people who were not customers yet at each of some moments, as they were known then.

    A row of `leads` holds from `valid_from` on, and counts strictly before `as_of` once it is known. What a row leaves
    missing stays as it was. Rows that are the same in every column count once, and the order of the rows tells
    nothing. A customer_id is the id that somebody keeps when he or she becomes a customer, so that
    ``FeatureSet.build(tables, Spine.of(rows[["customer_id", "as_of"]]))`` adds what the tables know.

    Parameters
    ----------
    leads : DataFrame
        customer_id, valid_from, and what is known: third-party data, counts of visits ...; known_at of a row
        that became known late.
    as_of : Timestamp or str, or sequence of them
        UTC.
    conversions : DataFrame, optional
        customer_id and converted_at, and known_at where it became known late. The first one of a customer counts.
    horizon : str or timedelta, optional
        Length of the label window [as_of, as_of + horizon).
    until : Timestamp or str, optional
        End of the data: conversions known before it count. Needed for a label.

    Returns
    -------
    DataFrame
        One row for each moment and person, in this order: customer_id, as_of, age_days (since the first row), and the
        other columns of `leads`. With a horizon: converted, 1 or 0; missing where the window is not over at
        `until`, or the conversion was before `as_of` and not known yet.

    Raises
    ------
    InputError
        If a column is missing or holds what is not allowed, or a horizon has no `until` or no conversions.

    Examples
    --------
    >>> leads = pd.DataFrame({"customer_id": ["ann", "ann", "bob"], "visits": [1, 4, 2],
    ...     "valid_from": ["2026-01-01", "2026-01-20", "2026-01-05"]})
    >>> bought = pd.DataFrame({"customer_id": ["ann"], "converted_at": ["2026-02-10"]})
    >>> rows = lead_rows(leads, ["2026-01-10", "2026-02-01", "2026-03-01"], bought, "30D", until="2026-03-05")
    >>> rows[["customer_id", "visits", "converted"]].values.tolist()
    [['ann', 1, 0.0], ['bob', 2, 0.0], ['ann', 4, 1.0], ['bob', 2, 0.0], ['bob', 2, nan]]
    """
    changes = Changes.of(leads, "leads", c.CUSTOMER_ID, c.VALID_FROM)
    moments = take_moments(as_of)
    if horizon is not None and (conversions is None or until is None):
        raise InputError("a horizon needs conversions, and until, the end of the data.")
    converted, known = _conversions(conversions, changes.keys)
    label = None
    if horizon is not None:
        label = check_duration(horizon, "horizon"), micro(check_time(until, "until"))
    parts = []
    for moment in moments:
        now = changes.visible(moment, np.maximum(converted, known) >= micro(moment))
        found: dict[str, Any] = {c.CUSTOMER_ID: changes.keys[now.codes]}
        found[c.AS_OF] = np.full(len(now.codes), moment.to_datetime64(), dtype="datetime64[us]")
        found["age_days"] = (micro(moment) - changes.times[now.rows[now.first]]) / DAY
        own = (c.CUSTOMER_ID, c.VALID_FROM, c.KNOWN_AT)
        found |= {name: now.latest(name) for name in changes.frame.columns if name not in own}
        if label is not None:
            found[c.CONVERTED] = _label(converted[now.codes], known[now.codes], moment, *label)
        parts.append(pd.DataFrame(found))
    return pd.concat(parts, ignore_index=True)


def _conversions(conversions: Any, keys: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """Give when each person converted first, and when that was known; far in the future for who did not."""
    converted, known = np.full(len(keys), NEVER), np.full(len(keys), NEVER)
    if conversions is None:
        return converted, known
    frame = check_frame(conversions, "conversions")
    check_columns(frame, [c.CUSTOMER_ID, c.CONVERTED_AT], "conversions")
    check_keys(frame[c.CUSTOMER_ID], "conversions.customer_id")
    happened = check_times(frame[c.CONVERTED_AT], "conversions.converted_at").to_numpy().astype(np.int64)
    told = happened
    if c.KNOWN_AT in frame.columns:
        stated = check_times(frame[c.KNOWN_AT], "conversions.known_at", missing=True)
        told = np.where(stated.isna(), happened, stated.to_numpy().astype(np.int64))
    codes = keys.get_indexer(pd.Index(frame[c.CUSTOMER_ID]))
    # The first one comes last, and stays.
    order = np.lexsort((-told, -happened))
    order = order[codes[order] >= 0]
    converted[codes[order]], known[codes[order]] = happened[order], told[order]
    return converted, known


def _label(
    converted: np.ndarray, known: np.ndarray, as_of: pd.Timestamp, horizon: pd.Timedelta, until: int
) -> np.ndarray:
    start, end = micro(as_of), micro(as_of + horizon)
    label = ((converted < end) & (known < until)).astype(float)
    return np.where((end > until) | (converted < start), np.nan, label)
