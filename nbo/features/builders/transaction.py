"""Features of sales, returns, service cases and referrals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo import columns as c
from nbo.features.base import check_windows
from nbo.features.builders.baskets import basket_features, price_features
from nbo.features.builders.product_mix import mix_features, product_features
from nbo.features.builders.referrals import referral_features
from nbo.features.builders.rhythm import rhythm_features, season_features, trend_features
from nbo.features.builders.sales import SALES, order_features, return_features, sales_features
from nbo.features.builders.service import case_features, closed_case_features, open_case_features, profit_features
from nbo.features.conditions import rows_where
from nbo.features.event_features import EventFeatures
from nbo.features.feature import Feature
from nbo.features.past import Past
from nbo.features.window import ALL
from nbo.tables import TableColumns

__all__ = ["TransactionFeatures", "completed_sales"]


class TransactionFeatures(EventFeatures):
    """Features of sales, returns, service cases and referrals.

    Of sales: recency, frequency and money; margin, net value and profit; what came back and what
    is pending; baskets, prices and discounts; the mix of products, categories and channels;
    rhythm, trend and season. Of cases: how many of which kind, topic and severity, what is open,
    how satisfied they left the customer. Of referrals: how many, and what they brought.

    Plain names are about completed sales: a return or a pending order is never counted as a
    sale, and has columns of its own (``__kind_return``, ``__status_pending``). Net figures are
    those of completed sales less those of completed returns. Whether an order is pending is
    taken as the table states it; hand over a table as of the time, or `known_at`, if that
    changes. What a case cost, how long it took and how satisfied the customer was count once the
    case is closed, and a referral is converted only once its `converted_at` lies before `as_of`.

    Parameters
    ----------
    windows : sequence of str, default=("30D", "90D", "365D")
        Lengths of time before `as_of`.
    pivots : sequence of str, default=("category", "channel")
        Columns of transactions whose most frequent values get columns of their own.
    top : int, default=5
        How many values of each, and how many topics of cases.
    detail : bool, default=False
        Whether baskets, prices, mixes, seasons, topics and the like are over every window and
        not over the longest alone, and the spread of amounts and the mean discount of a sale are
        there too: about twice as many columns.

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
        detail: bool = False,
    ) -> None:
        self.windows = windows
        self.pivots = pivots
        self.top = top
        self.detail = detail

    def _plan(self, past: Past) -> list[Feature]:
        windows = check_windows(self.windows)
        wide = windows if self.detail else windows[-1:]
        features: list[Feature] = []
        if past.has("transactions"):
            features += [*rhythm_features(), *sales_features(past, windows, wide)]
            features += [*return_features(past, windows, wide), *order_features(past)]
            features += [*basket_features(past, wide, self.detail), *price_features(past, windows, wide, self.detail)]
            features += [*product_features(past, windows, wide), *mix_features(past, wide, self.pivots, self.top)]
            features += [*trend_features(past, windows), *season_features(past, windows, wide)]
        if past.has("cases"):
            table = past.table("cases")
            features += case_features(past, windows, wide, self.top)
            features += [*open_case_features(table), *closed_case_features(table, windows, wide)]
        if past.has("transactions") and past.has("cases"):
            features += profit_features(past, list(dict.fromkeys((*wide, ALL))))
        if past.has("referrals"):
            features += referral_features(past.table("referrals"), windows)
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
    return rows_where(transactions, SALES)
