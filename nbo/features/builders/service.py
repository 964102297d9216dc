"""Complaints, inquiries and requests: how many, how grave, how they end, and what they leave of the margin."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from nbo import columns as c
from nbo.features.builders.sales import COMPLETED, SALES, net_margin
from nbo.features.combined import difference, ratio
from nbo.features.conditions import Condition
from nbo.features.event_features import columns_there
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.features.window import ALL, Window
from nbo.tables import TableColumns

__all__ = ["case_features", "closed_case_features", "open_case_features", "profit_features"]

_TABLE = "cases"
_KINDS = ("complaint", "inquiry", "request")
_COMPLAINT: Final[tuple[Condition, ...]] = ((c.KIND, "complaint"),)
_GRAVE: Final[tuple[Condition, ...]] = ((c.SEVERITY, ">=", 4.0),)


def case_features(past: Past, windows: list[str], wide: list[str], top: int) -> list[Feature]:
    """Plan how many cases there were, of which kind, topic and severity.

    Parameters
    ----------
    past : Past
    windows, wide : list of str
        All, and those of secondary features.
    top : int
        How many topics get columns of their own.

    Returns
    -------
    list of Feature
    """
    table, features = past.table(_TABLE), [Feature.of(_TABLE, "recency_days")]
    for window in windows:
        features.append(Feature.of(_TABLE, "count", window))
        if c.KIND in table:
            features += [Feature.of(_TABLE, "count", window, pivot=((c.KIND, kind),)) for kind in _KINDS]
        features += [Feature.of(_TABLE, "max", window, column) for column in columns_there(table, c.SEVERITY)]
    topics = past.top_values(_TABLE, c.TOPIC, top) if c.TOPIC in table else []
    for window in wide:
        features += [Feature.of(_TABLE, "count", window, pivot=((c.TOPIC, topic),)) for topic in topics]
        if c.SEVERITY in table:
            features.append(Feature.of(_TABLE, "count", window, pivot=_GRAVE))
        if c.KIND in table and c.TOPIC in table:
            features.append(_repeated(window))
    return features + (_complaints(past) if c.KIND in table else [])


def _complaints(past: Past) -> list[Feature]:
    complaint = Feature.of(_TABLE, "recency_days", pivot=_COMPLAINT)
    if not past.has("transactions"):
        return [complaint]
    sale = Feature.of("transactions", "recency_days", where=SALES)
    meaning = "Days from the last completed sale to the last complaint; negative if the customer has bought since."
    gap = difference(feature_name(_TABLE, "complaint_after_sale_days"), sale, complaint, meaning, "days")
    return [complaint, replace(gap, table=_TABLE, column=c.OPENED_AT, where=(), pivot=_COMPLAINT)]


def _repeated(window: str) -> Feature:
    with_topic = (*_COMPLAINT, (c.TOPIC, "not in", ()))
    made = Feature.of(_TABLE, "count", window, pivot=with_topic)
    topics = Feature.of(_TABLE, "distinct", window, c.TOPIC, pivot=with_topic)
    meaning = f"Number of complaints beyond the first on their topic, {Window.of(window).words}."
    return difference(
        feature_name(_TABLE, "repeat_complaints", window),
        made,
        topics,
        meaning,
        "count",
        column=c.TOPIC,
        pivot=_COMPLAINT,
    )


def open_case_features(table: TableColumns) -> list[Feature]:
    """Plan what is known of cases that are open at `as_of`.

    Parameters
    ----------
    table : TableColumns
        The cases.

    Returns
    -------
    list of Feature
        None if the table does not say when cases were closed.
    """
    if c.CLOSED_AT not in table:
        return []
    how_long = "Days since the oldest case that is open at as_of was opened."
    features = [
        Feature.of(_TABLE, "any", name="cases__is_open", open_until=c.CLOSED_AT),
        Feature.of(_TABLE, "count", name="cases__open_count", open_until=c.CLOSED_AT),
        Feature.of(_TABLE, "tenure_days", name="cases__days_open", open_until=c.CLOSED_AT, meaning=how_long),
    ]
    for column, aggregate in ((c.SEVERITY, "max"), (c.TOPIC, "latest"), (c.KIND, "latest")):
        if column in table:
            name = feature_name(_TABLE, column, aggregate, "open")
            features.append(Feature.of(_TABLE, aggregate, ALL, column, name=name, open_until=c.CLOSED_AT))
    return features


def closed_case_features(table: TableColumns, windows: list[str], wide: list[str]) -> list[Feature]:
    """Plan what cases took, cost and left behind, once they are closed.

    Parameters
    ----------
    table : TableColumns
        The cases.
    windows, wide : list of str
        All, and those of secondary features.

    Returns
    -------
    list of Feature
        None if the table does not say when cases were closed.
    """
    if c.CLOSED_AT not in table:
        return []
    features = [_closed("mean", window, "days_to_close") for window in wide]
    for column in columns_there(table, c.COST_TO_SERVE):
        features += [_closed("sum", window, column) for window in dict.fromkeys((*windows, ALL))]
    for column in columns_there(table, c.SATISFACTION):
        features += [_closed(aggregate, ALL, column) for aggregate in ("last", "mean")]
        features += [_change(window) for window in wide if window != ALL and not Window.of(window).lag]
    return features


def _closed(aggregate: str, window: str, column: str) -> Feature:
    return Feature.of(_TABLE, aggregate, window, column, time=c.CLOSED_AT)


def _change(window: str) -> Feature:
    now, before = (_closed("mean", span, c.SATISFACTION) for span in (window, f"{ALL}_before_{window}"))
    meaning = f"Mean satisfaction with cases closed {Window.of(window).words}, less that of all cases closed earlier."
    name = feature_name(_TABLE, c.SATISFACTION, "change", window)
    return difference(name, now, before, meaning, time=c.CLOSED_AT)


def profit_features(past: Past, windows: list[str]) -> list[Feature]:
    """Plan what is left of the margin after returns and the cost to serve.

    Parameters
    ----------
    past : Past
    windows : list of str

    Returns
    -------
    list of Feature
        None unless both tables state their money.
    """
    if c.MARGIN not in past.table("transactions"):
        return []
    cases, features = past.table(_TABLE), []
    for window in windows if c.COST_TO_SERVE in cases and c.CLOSED_AT in cases else []:
        words = Window.of(window).words
        profit = difference(
            feature_name("transactions", "profit", window), net_margin(window), _closed("sum", window, c.COST_TO_SERVE),
            f"Margin of completed sales, less what was lost on returns and the cost of cases closed, {words}.", "money",
        )  # fmt: skip
        features.append(profit)
        if c.AMOUNT in past.table("transactions"):
            net = Feature.of("transactions", "sum", window, "net_amount", where=COMPLETED)
            meaning = f"Profit over money paid less money given back, {words}."
            features.append(ratio(feature_name("transactions", "profit_rate", window), profit, net, meaning))
    return features
