"""Which products, categories and channels a customer buys, and which of them are new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nbo import columns as c
from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.features.builders.sales import SALES
from nbo.features.combined import difference, ratio
from nbo.features.event_features import columns_there
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.features.window import ALL, Window
from nbo.tables import CONTRACTS, TableColumns

__all__ = ["mix_features", "product_features"]

_TABLE = "transactions"


def mix_features(past: Past, wide: list[str], pivots: Sequence[str], top: int) -> list[Feature]:
    """Plan the shares of the most frequent categories and channels, and how mixed they are.

    Parameters
    ----------
    past : Past
    wide : list of str
        Windows of secondary features.
    pivots : sequence of str
        Columns of categories.
    top : int
        How many values of each get columns of their own.

    Returns
    -------
    list of Feature

    Raises
    ------
    InputError
        If a column is misspelt, or `pivots` is a text.
    """
    table = past.table(_TABLE)
    _check_pivots(pivots, table)
    features = []
    for column in columns_there(table, *pivots):
        values = past.top_values(_TABLE, column, top)
        for window in wide:
            for value in values:
                features += _of_value(table, window, column, value)
            features += [
                Feature.of(_TABLE, aggregate, window, column, where=SALES)
                for aggregate in ("entropy", "top_share", "top")
            ]
        features.append(Feature.of(_TABLE, "earliest", ALL, column, where=SALES))
    return features


def product_features(past: Past, windows: list[str], wide: list[str]) -> list[Feature]:
    """Plan how many different products and categories are bought, and how many for the first time.

    Parameters
    ----------
    past : Past
    windows, wide : list of str
        All, and those of secondary features.

    Returns
    -------
    list of Feature
    """
    table = past.table(_TABLE)
    features = [
        Feature.of(_TABLE, "distinct", window, column, where=SALES)
        for window in windows
        for column in columns_there(table, c.CATEGORY, c.PRODUCT_ID)
    ]
    for window in wide if c.PRODUCT_ID in table else []:
        # Nothing is new in all of history, and no window can start before a lagged one.
        if window != ALL and not Window.of(window).lag:
            features += _new_products(window)
    return features


def _of_value(table: TableColumns, window: str, column: str, value: str) -> list[Feature]:
    pivot = ((column, value),)
    count = Feature.of(_TABLE, "count", window, where=SALES, pivot=pivot)
    if c.AMOUNT not in table:
        return [count, _share(count, "share", f"completed sales with {column} = {value}")]
    paid = Feature.of(_TABLE, "sum", window, c.AMOUNT, where=SALES, pivot=pivot)
    return [count, paid, _share(paid, "amount_share", f"money paid for completed sales that has {column} = {value}")]


def _share(part: Feature, word: str, words: str) -> Feature:
    name = feature_name(_TABLE, word, part.window, pivot=part.pivot)
    meaning = f"Share of {words}, {Window.of(part.window).words}."
    return ratio(name, part, replace(part, pivot=()), meaning, "share")


def _new_products(window: str) -> list[Feature]:
    here, ever, earlier = (
        Feature.of(_TABLE, "distinct", span, c.PRODUCT_ID, where=SALES)
        for span in (window, ALL, f"{ALL}_before_{window}")
    )
    words = Window.of(window).words
    meaning = f"Number of products bought for the first time {words}."
    new = difference(
        feature_name(_TABLE, "new_products", window),
        ever,
        earlier,
        meaning,
        "count",
        window=window,
        column=c.PRODUCT_ID,
    )
    meaning = f"Share of the different products bought {words} that were bought for the first time then."
    return [new, ratio(feature_name(_TABLE, "new_product_share", window), new, here, meaning, "share")]


def _check_pivots(pivots: Sequence[str], table: TableColumns) -> None:
    """Refuse a column that neither the contract nor the table knows: it is misspelt."""
    if isinstance(pivots, str):
        raise InputError(f"pivots must be a sequence of columns; got {pivots!r}. Use [{pivots!r}].")
    check_columns(table, [name for name in pivots if CONTRACTS[_TABLE].column(name) is None], _TABLE)
