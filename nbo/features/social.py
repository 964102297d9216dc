"""Features of social media, surveys and relationships between customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.features.base import check_windows
from nbo.features.event_features import EventFeatures, columns_there
from nbo.features.feature import Feature
from nbo.features.mixes import distinct
from nbo.features.past import Past
from nbo.features.window import ALL
from nbo.tables import TableColumns

__all__ = ["SocialFeatures"]

_DEGREE = Feature.of("relationships", "distinct", ALL, c.RELATED_ID)
_KINDS = ("like", "share", "comment", "mention", "follow")


class SocialFeatures(EventFeatures):
    """Features of social media, surveys and relationships between customers.

    Parameters
    ----------
    windows : sequence of str, default=("30D", "90D", "365D")
        Lengths of time before `as_of`.
    top : int, default=5
        How many surveys, and how many topics, get columns of their own.
    both_ends : bool, default=False
        Whether a relationship counts for `related_id` too. By default it counts for
        `customer_id` alone, so that a customer's features need no rows of others, wherever
        the tables are split by customer.

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import CustomerTables, Spine
    >>> surveys = pd.DataFrame(
    ...     {"customer_id": "ann", "event_time": ["2026-05-01", "2026-06-01"], "survey": "csat", "score": [2, 5]}
    ... )
    >>> tables, spine = CustomerTables(surveys=surveys), Spine.at("2026-06-30", ["ann"])
    >>> X = SocialFeatures().fit(tables, spine).build(tables, spine)
    >>> X.loc[0, ["surveys__score__last__all__survey_csat", "surveys__score__mean__all__survey_csat"]].tolist()
    [5.0, 3.5]
    """

    data_type = "social"
    tables = ("social", "surveys", "relationships")

    def __init__(self, windows: Sequence[str] = ("30D", "90D", "365D"), top: int = 5, both_ends: bool = False) -> None:
        self.windows = windows
        self.top = top
        self.both_ends = both_ends

    @property
    def links(self) -> tuple[str, ...]:  # type: ignore[override]
        """The other end of a relationship, if it counts there too."""
        return (c.RELATED_ID,) if self.both_ends else ()

    def _plan(self, past: Past) -> list[Feature]:
        windows = check_windows(self.windows)
        features: list[Feature] = []
        if past.has("social"):
            features += self._social(past, windows)
        if past.has("surveys"):
            features += self._surveys(past)
        if past.has("relationships"):
            features.append(_DEGREE)
        return features

    def _columns(self, past: Past) -> dict[str, Any]:
        found = super()._columns(past)
        if self.both_ends and _DEGREE.feature in found:
            edges = past.history_of(_turned_too(past.table("relationships")))
            found[_DEGREE.feature] = distinct(edges, c.RELATED_ID, [ALL])[0]
        return found

    def _social(self, past: Past, windows: list[str]) -> list[Feature]:
        frame = past.table("social")
        features = [Feature.of("social", "recency_days")]
        for window in windows:
            features.append(Feature.of("social", "count", window))
            if c.KIND in frame:
                features += [Feature.of("social", "count", window, pivot=((c.KIND, kind),)) for kind in _KINDS]
            for column in columns_there(frame, c.SENTIMENT):
                features.append(Feature.of("social", "mean", window, column))
            for column in columns_there(frame, c.REACH):
                features.append(Feature.of("social", "sum", window, column))
        for column in columns_there(frame, c.SENTIMENT):
            features.append(Feature.of("social", "last", ALL, column))
        if c.TOPIC in frame:
            for value in past.top_values("social", c.TOPIC, self.top):
                features.append(Feature.of("social", "count", windows[-1], pivot=((c.TOPIC, value),)))
        return features

    def _surveys(self, past: Past) -> list[Feature]:
        frame = past.table("surveys")
        features = [Feature.of("surveys", "count"), Feature.of("surveys", "recency_days")]
        if c.SCORE not in frame:
            return features
        if c.SURVEY not in frame:
            return features + [Feature.of("surveys", aggregate, ALL, c.SCORE) for aggregate in ("last", "mean")]
        for value in past.top_values("surveys", c.SURVEY, self.top):
            for aggregate in ("last", "mean"):
                features.append(Feature.of("surveys", aggregate, ALL, c.SCORE, pivot=((c.SURVEY, value),)))
        return features


def _turned_too(edges: TableColumns) -> TableColumns:
    """Add each edge once more, seen from its other end."""
    turned = {c.CUSTOMER_ID: c.RELATED_ID, c.RELATED_ID: c.CUSTOMER_ID}

    def read(name: str) -> pd.Series:
        return pd.concat([edges[name], edges[turned.get(name, name)]], ignore_index=True)

    return TableColumns(edges.name, edges.columns, 2 * len(edges), read)
