"""Features of what customers do on the web, in the app, by e-mail, chat and phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nbo import columns as c
from nbo.features.base import check_windows
from nbo.features.builders.funnel import FUNNEL, funnel_features
from nbo.features.builders.habits import email_features, mix_features, rhythm_features
from nbo.features.builders.interest import event_weights, interest, top_interest, top_interests
from nbo.features.combined import ratio, trends
from nbo.features.event_features import EventFeatures, columns_there
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.features.window import ALL, Window
from nbo.tables import TableColumns
from nbo.times import check_duration

__all__ = ["BehavioralFeatures"]

_CONTENT = ("download", "blog", "article", "video", "webinar")
_VISITS = {
    "mean_rows": "Mean number of events per visit",
    "single_share": "Share of the visits that have one event only,",
    "mean_seconds": "Mean seconds from the first to the last event of a visit",
    "max_seconds": "Longest time from the first to the last event of a visit",
}


class BehavioralFeatures(EventFeatures):
    """Features of what customers do on the web, in the app, by e-mail, chat and phone.

    Counts and days since; visits; steps to an order and carts left open; interest in products,
    categories and content that decays with age; habits (channel, device, time of day in UTC,
    rhythm); what is done with our mails; and whether all this is rising.

    Where the table `identities` is there, events of an anonymous visitor count for the
    customer from when the link became known. Asked for by its own id, the visitor keeps them: a link
    of the future must not take them away.

    Parameters
    ----------
    windows : sequence of str, default=("7D", "30D", "90D")
        Lengths of time before `as_of`. The steps to an order are counted over the middle one, visits
        and habits over the longest.
    top : int, default=8
        How many event types get columns of their own.
    top_categories : int, default=5
        How many product categories do.
    half_life : str, default="30D"
        Age at which an event weighs half in the decayed count and in `interest`.
    top_products, top_habits : int, default=3
        How many products, and how many channels and devices, do.
    intent_half_life : str, default="7D"
        The same in `intent`, which tells who is about to buy.
    weights : mapping of str to float, optional
        What an event of a type weighs in interest and intent, in the place of
        :data:`nbo.features.builders.interest.EVENT_WEIGHTS`: page_view 1, search and product_view 2, cart 5,
        checkout 8 ... A type that neither names weighs 1.
    funnel : sequence of str
        Steps to an order, such as the default ("page_view|search", "product_view", "cart",
        "checkout|purchase"): types of events, alternatives parted by ``|``. Steps that do not occur
        are left out. The last is the order itself, the one before it the cart.
    content : sequence of str, default=("download", "blog", "article", "video", "webinar")
        Types of events that show which content interests, by category.

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import CustomerTables, Spine
    >>> events = pd.DataFrame(
    ...     {"customer_id": "ann", "event_time": ["2026-06-01", "2026-06-29"], "event_type": ["cart", "chat"]}
    ... )
    >>> tables, spine = CustomerTables(events=events), Spine.at("2026-07-01", ["ann"])
    >>> X = BehavioralFeatures(windows=["7D", "30D"]).fit(tables, spine).build(tables, spine)
    >>> X.loc[0, ["events__count__7D__event_type_cart", "events__count__30D__event_type_cart"]].tolist()
    [0, 1]
    >>> float(X.loc[0, "events__decayed_count__30D"])    # 1/2 + 2 ** (-2/30)
    1.454841603...
    >>> float(X.loc[0, "events__interest__decayed_sum__30D"])    # a cart weighs 5, a chat 2
    4.409683207...
    """

    data_type = "behavioral"
    tables = ("events",)
    own_as_said = True

    def __init__(
        self,
        windows: Sequence[str] = ("7D", "30D", "90D"),
        top: int = 8,
        top_categories: int = 5,
        half_life: str = "30D",
        top_products: int = 3,
        top_habits: int = 3,
        intent_half_life: str = "7D",
        weights: Mapping[str, float] | None = None,
        funnel: Sequence[str] = FUNNEL,
        content: Sequence[str] = _CONTENT,
    ) -> None:
        self.windows = windows
        self.top = top
        self.top_categories = top_categories
        self.half_life = half_life
        self.top_products = top_products
        self.top_habits = top_habits
        self.intent_half_life = intent_half_life
        self.weights = weights
        self.funnel = funnel
        self.content = content

    def _plan(self, past: Past) -> list[Feature]:
        windows = check_windows(self.windows)
        for name in ("half_life", "intent_half_life"):
            check_duration(getattr(self, name), name)
        features = self._plain(past.table("events"), windows) + _rising(windows)
        if c.EVENT_TYPE in past.table("events"):
            features += self._types(past, windows) + self._interest(past)
            features += funnel_features(past, self.funnel, windows[len(windows) // 2])
            features += email_features(past, windows[-1]) + self._content(past, windows[-1])
        features += mix_features(past, "events", (c.CHANNEL, c.DEVICE), self.top_habits, windows[-1])
        features += rhythm_features("events", windows[-1])
        # A step of the funnel may be one of the types that have columns anyway.
        return list(dict.fromkeys(features))

    def _own(self, past: Past) -> dict[str, Any]:
        return top_interest(self.features_, past)

    def _plain(self, table: TableColumns, windows: list[str]) -> list[Feature]:
        features = [Feature.of("events", "recency_days"), Feature.of("events", "tenure_days"), self._decayed()]
        for window in windows:
            features.append(Feature.of("events", "count", window))
            for column in columns_there(table, c.SESSION_ID, c.PRODUCT_ID):
                features.append(Feature.of("events", "distinct", window, column))
            for column in columns_there(table, c.DURATION):
                features.append(Feature.of("events", "sum", window, column))
        for column in columns_there(table, c.SESSION_ID):
            for aggregate, words in _VISITS.items():
                meaning = f"{words} {Window.of(windows[-1]).words}."
                features.append(Feature.of("events", aggregate, windows[-1], column, meaning=meaning))
        return features

    def _decayed(self) -> Feature:
        meaning = f"Number of events before as_of, each weighing half as much for every {self.half_life} of its age."
        return Feature.of("events", "decayed_count", self.half_life, meaning=meaning)

    def _types(self, past: Past, windows: list[str]) -> list[Feature]:
        features = []
        for value in past.top_values("events", c.EVENT_TYPE, self.top):
            pivot = ((c.EVENT_TYPE, value),)
            features.append(Feature.of("events", "recency_days", pivot=pivot))
            features += [Feature.of("events", "count", window, pivot=pivot) for window in windows]
        for column in columns_there(past.table("events"), c.CATEGORY):
            for value in past.top_values("events", column, self.top_categories):
                features.append(Feature.of("events", "count", windows[-1], pivot=((column, value),)))
        return features

    def _interest(self, past: Past) -> list[Feature]:
        weights, half_life = event_weights(past, self.weights), self.intent_half_life
        if not weights:
            return []
        features = [interest("interest", self.half_life, weights), interest("intent", half_life, weights)]
        tops = {c.CATEGORY: self.top_categories, c.PRODUCT_ID: self.top_products}
        for column in columns_there(past.table("events"), *tops):
            values = past.top_values("events", column, tops[column])
            features += [interest("intent", half_life, weights, (column, value)) for value in values]
            features += top_interests(column, half_life, weights) if values and column == c.CATEGORY else []
        return features

    def _content(self, past: Past, window: str) -> list[Feature]:
        where = ((c.EVENT_TYPE, "in", tuple(self.content)),)
        if c.CATEGORY not in past.table("events"):
            return []
        counts = past.value_counts("events", c.CATEGORY, where)
        values = sorted(counts, key=lambda text: (-counts[text], text))[: self.top_habits]
        features = [
            Feature.of("events", "count", window, where=where, pivot=((c.CATEGORY, value),), label="content")
            for value in values
        ]
        top = [Feature.of("events", "top", window, c.CATEGORY, where=where, label="content")]
        return features + top if values else []


def _rising(windows: list[str]) -> list[Feature]:
    """Compare the pace of events in neighboring windows, and in the middle one with the time before it."""
    features = trends(Feature.of("events", "count"), windows)
    middle = windows[len(windows) // 2]
    if not Window.of(middle).lag and middle != ALL:
        before = f"{middle}_before_{middle}"
        parts = Feature.of("events", "count", middle), Feature.of("events", "count", before)
        meaning = f"Events {Window.of(middle).words} over those {Window.of(before).words}; above 1 is rising."
        features.append(ratio(feature_name("events", "trend", middle, before), *parts, meaning))
    return features
