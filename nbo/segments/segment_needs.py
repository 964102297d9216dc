"""Which products customers of each segment need: who buys what more often than others, and how sure that is."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_rows
from nbo.features.keys import match_keys
from nbo.features.moments import moments
from nbo.features.window import Window
from nbo.features.windows import known_before
from nbo.tables import CustomerTables, TableColumns
from nbo.times import check_time
from nbo.wilson import wilson_interval

__all__ = ["segment_needs"]

_COLUMNS: Final = (
    *(c.SEGMENT, c.CATEGORY, "n", "bought", "rate", "low", "high", "rate_of_all", "lift", "p_value", "p_adjusted"),
)


def segment_needs(
    tables: CustomerTables,
    segments: pd.DataFrame,
    as_of: Any,
    window: str = "365D",
    column: str = c.CATEGORY,
    level: float = 0.95,
) -> pd.DataFrame:
    """Tell which categories of products the customers of each segment buy, such as those of each stage of life.

    A customer counts for a category who completed a purchase in it within the window, however often. A segment is
    compared with all other customers by the exact hypergeometric test, and p-values of all pairs are adjusted
    together [1]_: among pairs with an adjusted value up to 5 %, at most about 5 % are there by chance.

    Parameters
    ----------
    tables : CustomerTables
        Of which the transactions count that happened and were known before `as_of`; returns do not.
    segments : DataFrame of shape (n, any)
        customer_id, once each, and `segment`, such as one scheme of :func:`~nbo.segments.segment_customers`.
    as_of : Timestamp or str
        The moment, UTC.
    window : str, default="365D"
        How far to look back, such as "90D", "3mo" or "all".
    column : str, default="category"
        Column of the transactions to tell by, such as "product_id".
    level : float, default=0.95
        Of each interval, in (0, 1).

    Returns
    -------
    DataFrame
        One row per segment and category that anybody bought, sorted by segment, then by falling lift: `segment`,
        `category`, `n` (customers of the segment), `bought` (those who did), `rate`, `low` and `high` (Wilson's
        interval), `rate_of_all`, `lift` (rate over that of all), `p_value` and `p_adjusted`. NaN in
        both where there is nobody else to compare with.

    Raises
    ------
    InputError
        If a column is missing, or a customer comes twice, without id or without segment.

    References
    ----------
    .. [1] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate: a practical and powerful
       approach to multiple testing. Journal of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> sales = pd.DataFrame({
    ...     "customer_id": ["ann", "ann", "bob"], "event_time": "2026-06-01", "amount": 5.0,
    ...     "category": ["toys", "toys", "wine"]})
    >>> stages = pd.DataFrame({"customer_id": ["ann", "bob"], "segment": ["family", "couple"]})
    >>> needs = segment_needs(CustomerTables(transactions=sales), stages, "2026-06-30")
    >>> needs[["segment", "category", "bought", "rate"]].to_numpy().tolist()
    [['couple', 'wine', 1, 1.0], ['couple', 'toys', 0, 0.0], ['family', 'toys', 1, 1.0], ['family', 'wine', 0, 0.0]]
    """
    frame, moment = check_frame(segments, "segments").reset_index(drop=True), check_time(as_of)
    check_columns(frame, [c.CUSTOMER_ID, c.SEGMENT], "segments")
    check_rows(frame[c.SEGMENT].isna().to_numpy(), frame[c.SEGMENT], "segments.segment", "there in every row")
    check_keys(frame[c.CUSTOMER_ID], "segments.customer_id")
    again = frame[c.CUSTOMER_ID].duplicated().to_numpy()
    check_rows(again, frame[c.CUSTOMER_ID], "segments.customer_id", "there once")
    segment, names = pd.factorize(frame[c.SEGMENT].astype("str"), sort=True)
    owner, code, categories = _bought(tables.columns("transactions"), frame, moment, Window.of(window), column)
    size = len(names), len(categories)
    bought = np.bincount(segment[owner] * size[1] + code, minlength=size[0] * size[1]).reshape(size)
    n = np.bincount(segment, minlength=size[0])
    table = _measured(bought.ravel(), np.repeat(n, size[1]), np.tile(bought.sum(axis=0), size[0]), len(frame), level)
    table[c.SEGMENT] = pd.Series(np.repeat(np.asarray(names, dtype=object), size[1]), dtype="str")
    table[c.CATEGORY] = pd.Series(np.tile(np.asarray(categories, dtype=object), size[0]), dtype="str")
    ordered = table.sort_values([c.SEGMENT, "lift", c.CATEGORY], ascending=[True, False, True], kind="stable")
    return ordered[list(_COLUMNS)].reset_index(drop=True)


def _bought(
    table: TableColumns, frame: pd.DataFrame, moment: pd.Timestamp, window: Window, column: str
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Find who bought what: each pair of a customer (row of the frame) and a category once."""
    if not len(table):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), []
    check_columns(table, [column], "transactions")
    codes, owners = match_keys(table, frame, c.CUSTOMER_ID)
    start, end = window.span(np.array([moment.to_datetime64()], dtype="datetime64[us]").astype(np.int64))
    happened, _ = moments(table)
    kinds, states, category = table.codes(c.KIND), table.codes(c.STATUS), table.codes(column)
    counts = known_before(table, moment) & (happened < end[0]) & (codes >= 0) & (category.codes >= 0)
    counts &= states.having([c.COMPLETED])[states.codes] & kinds.having([c.SALE])[kinds.codes]
    if start is not None:
        counts &= happened >= start[0]
    texts = np.array(category.texts, dtype=object)
    place = np.empty(len(frame), dtype=np.int64)
    place[owners] = np.arange(len(frame))
    pairs = np.unique(place[codes[counts]] * max(len(texts), 1) + category.codes[counts])
    owner, code = np.divmod(pairs, max(len(texts), 1))
    seen, code = np.unique(code, return_inverse=True)
    return owner, code, texts[seen].tolist()


def _measured(
    bought: np.ndarray, n: np.ndarray, bought_by_all: np.ndarray, customers: int, level: float
) -> pd.DataFrame:
    from scipy import stats

    low, high = wilson_interval(bought, n, level)
    others = n < customers
    tails = stats.hypergeom(customers, bought_by_all[others], n[others])
    p_value, p_adjusted = np.full((2, len(n)), np.nan)
    p_value[others] = np.minimum(2 * np.minimum(tails.cdf(bought[others]), tails.sf(bought[others] - 1)), 1)
    if others.any():
        p_adjusted[others] = stats.false_discovery_control(p_value[others])
    everybody = bought_by_all / max(customers, 1)
    rate = bought / np.maximum(n, 1)
    return pd.DataFrame(
        {
            "n": n,
            "bought": bought,
            "rate": rate,
            "low": low,
            "high": high,
            "rate_of_all": everybody,
            "lift": rate / everybody,
            "p_value": p_value,
            "p_adjusted": p_adjusted,
        }
    )
