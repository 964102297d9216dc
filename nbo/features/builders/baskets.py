"""What customers put together, at which prices."""

from __future__ import annotations

from dataclasses import replace

from nbo import columns as c
from nbo.features.builders.sales import SALES
from nbo.features.combined import ratio
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.features.window import ALL, Window

__all__ = ["basket_features", "price_features"]

_TABLE = "transactions"
_DAY = "order_day"


def basket_features(past: Past, wide: list[str], detail: bool) -> list[Feature]:
    """Plan how much is bought at a time.

    Parameters
    ----------
    past : Past
    wide : list of str
        Windows of secondary features.
    detail : bool
        Whether the spread of amounts is planned too.

    Returns
    -------
    list of Feature
    """
    table, features = past.table(_TABLE), []
    for window in wide:
        days = Feature.of(_TABLE, "distinct", window, _DAY, where=SALES)
        features.append(days)
        if c.QUANTITY in table:
            features += [_sold(aggregate, window, c.QUANTITY) for aggregate in ("mean", "max", "std")]
            features.append(_a_day(window, c.QUANTITY, days, "Pieces bought a day with a sale"))
        if c.AMOUNT in table:
            features.append(_a_day(window, c.AMOUNT, days, "Money paid a day with a sale"))
        if c.AMOUNT in table and detail:
            features.append(_sold("std", window, c.AMOUNT))
    return features


def price_features(past: Past, windows: list[str], wide: list[str], detail: bool) -> list[Feature]:
    """Plan what is paid a piece, and how much of it thanks to discounts.

    Parameters
    ----------
    past : Past
    windows, wide : list of str
        All, and those of secondary features.
    detail : bool
        Whether the mean discount of a sale is planned too.

    Returns
    -------
    list of Feature
    """
    table, features = past.table(_TABLE), []
    if c.DISCOUNT in table and c.AMOUNT in table:
        features += [_discount_share(window) for window in windows]
    for window in wide if c.DISCOUNT in table else []:
        cut = Feature.of(_TABLE, "count", window, where=SALES, pivot=((c.DISCOUNT, ">", 0.0),))
        meaning = f"Share of completed sales with a discount, {Window.of(window).words}."
        sold = Feature.of(_TABLE, "count", window, where=SALES)
        features.append(ratio(feature_name(_TABLE, "discounted_share", window), cut, sold, meaning, "share"))
        if c.AMOUNT in table and detail:
            features.append(_sold("mean", window, "discount_rate"))
    if c.AMOUNT in table and c.QUANTITY in table:
        features += [feature for window in wide for feature in _unit_price(window)]
        now, ever = _paid_a_piece(wide[-1]), _paid_a_piece(ALL)
        meaning = (
            f"Money paid a piece {Window.of(wide[-1]).words}, over that of all sales; above 1 is dearer than before."
        )
        if wide[-1] != ALL:
            features.append(ratio(feature_name(_TABLE, "unit_price", "trend", wide[-1]), now, ever, meaning))
    return features


def _sold(aggregate: str, window: str, column: str) -> Feature:
    return Feature.of(_TABLE, aggregate, window, column, where=SALES)


def _a_day(window: str, column: str, days: Feature, words: str) -> Feature:
    meaning, unit = f"{words}, {Window.of(window).words}.", "money" if column == c.AMOUNT else "pieces"
    return ratio(
        feature_name(_TABLE, column, "per_order_day", window), _sold("sum", window, column), days, meaning, unit
    )


def _discount_share(window: str) -> Feature:
    given, paid = _sold("sum", window, c.DISCOUNT), _sold("sum", window, c.AMOUNT)
    meaning = f"Discount over the price before it, of completed sales {Window.of(window).words}."
    made = ratio(feature_name(_TABLE, "discount_share", window), given, given, meaning, "share")
    return replace(made, parts=(given, given, paid))


def _paid_a_piece(window: str) -> Feature:
    priced = (*SALES, (c.QUANTITY, ">", 0.0))
    paid, pieces = (Feature.of(_TABLE, "sum", window, column, where=priced) for column in (c.AMOUNT, c.QUANTITY))
    meaning = f"Money paid a piece of completed sales {Window.of(window).words}."
    return ratio(feature_name(_TABLE, "unit_price", window), paid, pieces, meaning, "money")


def _unit_price(window: str) -> list[Feature]:
    return [_paid_a_piece(window), _sold("std", window, "unit_price")]
