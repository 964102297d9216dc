"""Features of sales, returns, service cases and referrals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo import columns as c
from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.features.base import check_windows
from nbo.features.conditions import rows_where
from nbo.features.event_features import EventFeatures, columns_there
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.features.window import ALL
from nbo.tables import CONTRACTS, TableColumns

__all__ = ["TransactionFeatures", "completed_sales"]

_SALES = ((c.KIND, c.SALE), (c.STATUS, c.COMPLETED))
_RETURNS = ((c.KIND, c.RETURN),)
_PENDING = ((c.STATUS, c.PENDING),)
_DISCOUNT = "discount"


class TransactionFeatures(EventFeatures):
    """Features of sales, returns, service cases and referrals.

    Plain names are about completed sales: a return or a pending order is never counted as a
    sale, and has columns of its own (``__kind_return``, ``__status_pending``). Whether an order
    is pending is taken as the table states it; hand over a table as of the time, or `known_at`,
    if that changes. What a case cost and how satisfied the customer was count once the case
    is closed, and a referral is converted only once its `converted_at` lies before `as_of`.

    Parameters
    ----------
    windows : sequence of str, default=("30D", "90D", "365D")
        Lengths of time before `as_of`.
    pivots : sequence of str, default=("category", "channel")
        Columns of transactions whose most frequent values get columns of their own, over the
        longest window.
    top : int, default=5
        How many values of each.

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import CustomerTables, Spine
    >>> sales = pd.DataFrame(
    ...     {"customer_id": ["ann", "ann"], "event_time": ["2026-06-01", "2026-06-30"], "amount": [9.5, 20.0]}
    ... )
    >>> tables, spine = CustomerTables(transactions=sales), Spine.at("2026-06-30", ["ann", "bob"])
    >>> X = TransactionFeatures(windows=["30D"]).fit(tables, spine).build(tables, spine)
    >>> X[["transactions__amount__sum__30D", "transactions__recency_days"]]
       transactions__amount__sum__30D  transactions__recency_days
    0                             9.5                        29.0
    1                             0.0                         NaN
    """

    data_type = "transaction"
    tables = ("transactions", "cases", "referrals")

    def __init__(
        self,
        windows: Sequence[str] = ("30D", "90D", "365D"),
        pivots: Sequence[str] = (c.CATEGORY, c.CHANNEL),
        top: int = 5,
    ) -> None:
        self.windows = windows
        self.pivots = pivots
        self.top = top

    def _plan(self, past: Past) -> list[Feature]:
        windows = check_windows(self.windows)
        features: list[Feature] = []
        if past.has("transactions"):
            table = past.table("transactions")
            features += _sales(table, windows) + _returns(table, windows) + _pending(table)
            features += self._pivots(past, windows[-1])
        if past.has("cases"):
            table = past.table("cases")
            features += _cases(table, windows) + _open_cases(table) + _closed_cases(table, windows)
        if past.has("referrals"):
            features += _referrals(past.table("referrals"), windows)
        return features

    def _pivots(self, past: Past, window: str) -> list[Feature]:
        table = past.table("transactions")
        _check_pivots(self.pivots, table)
        features = []
        for column in columns_there(table, *self.pivots):
            for value in past.top_values("transactions", column, self.top):
                pivot = ((column, value),)
                features.append(Feature.of("transactions", "count", window, where=_SALES, pivot=pivot))
                for money in columns_there(table, c.AMOUNT):
                    features.append(Feature.of("transactions", "sum", window, money, where=_SALES, pivot=pivot))
        return features


def completed_sales(transactions: TableColumns) -> np.ndarray:
    """Mark the completed sales.

    Parameters
    ----------
    transactions : TableColumns of m rows

    Returns
    -------
    ndarray of bool, shape (m,)
    """
    return rows_where(transactions, _SALES)


def _check_pivots(pivots: Sequence[str], frame: TableColumns) -> None:
    """Refuse a column that neither the contract nor the table knows: it is misspelt."""
    if isinstance(pivots, str):
        raise InputError(f"pivots must be a sequence of columns; got {pivots!r}. Use [{pivots!r}].")
    check_columns(frame, [name for name in pivots if CONTRACTS["transactions"].column(name) is None], "transactions")


def _sales(frame: TableColumns, windows: list[str]) -> list[Feature]:
    features = [
        Feature.of("transactions", aggregate, where=_SALES)
        for aggregate in ("recency_days", "tenure_days", "mean_gap_days")
    ]
    for window in (*windows, ALL):
        features.append(Feature.of("transactions", "count", window, where=_SALES))
        for column in columns_there(frame, c.AMOUNT, c.MARGIN, _DISCOUNT):
            features.append(Feature.of("transactions", "sum", window, column, where=_SALES))
    for window in windows:
        if c.AMOUNT in frame:
            features.append(Feature.of("transactions", "mean", window, c.AMOUNT, where=_SALES))
            features.append(Feature.of("transactions", "max", window, c.AMOUNT, where=_SALES))
        if c.AMOUNT in frame and _DISCOUNT in frame:
            features.append(_discount_share(window))
        for column in columns_there(frame, c.CATEGORY, c.PRODUCT_ID):
            features.append(Feature.of("transactions", "distinct", window, column, where=_SALES))
    return features


def _discount_share(window: str) -> Feature:
    discount, amount = (feature_name("transactions", column, "sum", window) for column in (_DISCOUNT, c.AMOUNT))
    return Feature(
        feature_name("transactions", "discount_share", window),
        "transactions",
        _DISCOUNT,
        "ratio",
        window,
        _SALES,
        unit="share",
        meaning=f"Discount over the price before it, of sales in the {window} before as_of.",
        parts=(discount, discount, amount),
    )


def _returns(frame: TableColumns, windows: list[str]) -> list[Feature]:
    features = []
    for window in windows:
        returns = Feature.of("transactions", "count", window, pivot=_RETURNS)
        features.append(returns)
        if c.AMOUNT in frame:
            features.append(Feature.of("transactions", "sum", window, c.AMOUNT, pivot=_RETURNS))
        features.append(
            Feature(
                feature_name("transactions", "return_rate", window),
                "transactions",
                c.KIND,
                "ratio",
                window,
                unit="share",
                meaning=f"Returns per completed sale in the {window} before as_of.",
                parts=(returns.feature, feature_name("transactions", "count", window)),
            )
        )
    return features


def _pending(frame: TableColumns) -> list[Feature]:
    sale = ((c.KIND, c.SALE),)
    features = [Feature.of("transactions", "count", where=sale, pivot=_PENDING)]
    for column in columns_there(frame, c.AMOUNT):
        features.append(Feature.of("transactions", "sum", ALL, column, where=sale, pivot=_PENDING))
    return features


def _cases(frame: TableColumns, windows: list[str]) -> list[Feature]:
    features = [Feature.of("cases", "recency_days")]
    for window in windows:
        features.append(Feature.of("cases", "count", window))
        if c.KIND in frame:
            for kind in ("complaint", "inquiry", "request"):
                features.append(Feature.of("cases", "count", window, pivot=((c.KIND, kind),)))
        for column in columns_there(frame, c.SEVERITY):
            features.append(Feature.of("cases", "max", window, column))
    return features


def _open_cases(frame: TableColumns) -> list[Feature]:
    if c.CLOSED_AT not in frame:
        return []
    features = [
        Feature.of("cases", "any", name="cases__is_open", open_until=c.CLOSED_AT),
        Feature.of("cases", "count", name="cases__open_count", open_until=c.CLOSED_AT),
        Feature.of("cases", "tenure_days", name="cases__days_open", open_until=c.CLOSED_AT),
    ]
    for column in columns_there(frame, c.SEVERITY):
        name = feature_name("cases", column, "max", "open")
        features.append(Feature.of("cases", "max", ALL, column, name=name, open_until=c.CLOSED_AT))
    return features


def _closed_cases(frame: TableColumns, windows: list[str]) -> list[Feature]:
    if c.CLOSED_AT not in frame:
        return []
    features = []
    for column in columns_there(frame, c.COST_TO_SERVE):
        for window in (*windows, ALL):
            features.append(Feature.of("cases", "sum", window, column, time=c.CLOSED_AT))
    for column in columns_there(frame, c.SATISFACTION):
        for aggregate in ("last", "mean"):
            features.append(Feature.of("cases", aggregate, ALL, column, time=c.CLOSED_AT))
    return features


def _referrals(frame: TableColumns, windows: list[str]) -> list[Feature]:
    features = [Feature.of("referrals", "count", window) for window in (windows[-1], ALL)]
    if c.CONVERTED_AT in frame:
        name = feature_name("referrals", "converted", "count", ALL)
        features.append(Feature.of("referrals", "count", name=name, time=c.CONVERTED_AT))
        for column in columns_there(frame, c.CONVERTED_VALUE):
            features.append(Feature.of("referrals", "sum", ALL, column, time=c.CONVERTED_AT))
    return features
