"""Sales, what is left of them, what came back and what is on its way."""

from __future__ import annotations

from typing import Final

from nbo import columns as c
from nbo.features.combined import ratio
from nbo.features.conditions import Condition
from nbo.features.event_features import columns_there
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.features.window import ALL, Window

__all__ = ["COMPLETED", "RETURNS", "SALES", "order_features", "return_features", "sales_features"]

Conditions = tuple[Condition, ...]
COMPLETED: Final[Conditions] = ((c.STATUS, c.COMPLETED),)
SALES: Final[Conditions] = ((c.KIND, c.SALE), *COMPLETED)
RETURNS: Final[Conditions] = ((c.KIND, c.RETURN),)
_PENDING: Final[Conditions] = ((c.STATUS, c.PENDING),)
_TABLE = "transactions"


def sales_features(past: Past, windows: list[str], wide: list[str]) -> list[Feature]:
    """Plan how much was sold and what is left of it.

    Parameters
    ----------
    past : Past
    windows, wide : list of str
        All, and those of secondary features.

    Returns
    -------
    list of Feature
    """
    table, features = past.table(_TABLE), []
    for window in dict.fromkeys((*windows, ALL)):
        features.append(Feature.of(_TABLE, "count", window, where=SALES))
        for column in columns_there(table, c.AMOUNT, c.MARGIN):
            features.append(Feature.of(_TABLE, "sum", window, column, where=SALES))
        if c.AMOUNT in table:
            features.append(Feature.of(_TABLE, "sum", window, "net_amount", where=COMPLETED))
    for window in windows if c.AMOUNT in table else []:
        features += [Feature.of(_TABLE, aggregate, window, c.AMOUNT, where=SALES) for aggregate in ("mean", "max")]
    if c.DISCOUNT in table:
        features += [Feature.of(_TABLE, "sum", window, c.DISCOUNT, where=SALES) for window in wide]
    if c.MARGIN in table:
        features += [net_margin(window) for window in dict.fromkeys((windows[-1], ALL))]
    return features


def net_margin(window: str) -> Feature:
    """Plan the margin of sales less what returns lost, in a window."""
    meaning = f"Margin of completed sales less what was lost on returns, {Window.of(window).words}."
    name = feature_name(_TABLE, "net_margin", "sum", window)
    return Feature.of(_TABLE, "sum", window, c.MARGIN, name=name, where=COMPLETED, meaning=meaning)


def return_features(past: Past, windows: list[str], wide: list[str]) -> list[Feature]:
    """Plan what came back, beside what was sold.

    Parameters
    ----------
    past : Past
    windows, wide : list of str
        All, and those of secondary features.

    Returns
    -------
    list of Feature
    """
    money, features = columns_there(past.table(_TABLE), c.AMOUNT), []
    for window in windows:
        count, sold = _returned("count", window), Feature.of(_TABLE, "count", window, where=SALES)
        meaning = f"Returns per completed sale, {Window.of(window).words}."
        name = feature_name(_TABLE, "return_rate", window)
        features += [count, *(_returned("sum", window, column) for column in money)]
        features.append(ratio(name, count, sold, meaning, column=c.KIND))
    for window in wide if money else []:
        back, paid = _returned("sum", window, c.AMOUNT), Feature.of(_TABLE, "sum", window, c.AMOUNT, where=SALES)
        meaning = f"Money given back for returns over money paid for completed sales, {Window.of(window).words}."
        features.append(ratio(feature_name(_TABLE, "returned_share", window), back, paid, meaning))
    return [*features, Feature.of(_TABLE, "recency_days", where=COMPLETED, pivot=RETURNS)]


def _returned(aggregate: str, window: str, column: str = "") -> Feature:
    return Feature.of(_TABLE, aggregate, window, column, where=COMPLETED, pivot=RETURNS)


def order_features(past: Past) -> list[Feature]:
    """Plan what is on its way: sales that are not completed.

    Parameters
    ----------
    past : Past

    Returns
    -------
    list of Feature
    """
    sale = SALES[:1]
    features = [Feature.of(_TABLE, "count", where=sale, pivot=_PENDING)]
    for column in columns_there(past.table(_TABLE), c.AMOUNT):
        features.append(Feature.of(_TABLE, "sum", ALL, column, where=sale, pivot=_PENDING))
    meaning = "Days since the oldest order that is still pending."
    name = feature_name(_TABLE, "pending_days")
    return [*features, Feature.of(_TABLE, "tenure_days", name=name, where=sale, pivot=_PENDING, meaning=meaning)]
