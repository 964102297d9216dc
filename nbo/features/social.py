"""Features of social media, surveys and relationships between customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.features.base import check_windows, known_rows, top_values
from nbo.features.event_features import EventFeatures, columns_there
from nbo.features.feature import Feature
from nbo.features.windows import ALL
from nbo.tables import CustomerTables

__all__ = ["SocialFeatures"]

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
    >>> from nbo.tables import Spine
    >>> surveys = pd.DataFrame(
    ...     {"customer_id": "ann", "event_time": ["2026-05-01", "2026-06-01"], "survey": "csat", "score": [2, 5]}
    ... )
    >>> tables, spine = CustomerTables(surveys=surveys), Spine.at("2026-06-30", ["ann"])
    >>> X = SocialFeatures().fit(tables, spine).build(tables, spine)
    >>> X.loc[0, ["surveys__score__last__all__survey_csat", "surveys__score__mean__all__survey_csat"]].tolist()
    [5.0, 3.5]
    """

    data_type: ClassVar[str] = "social"
    tables: ClassVar[tuple[str, ...]] = ("social", "surveys", "relationships")

    def __init__(self, windows: Sequence[str] = ("30D", "90D", "365D"), top: int = 5, both_ends: bool = False) -> None:
        self.windows = windows
        self.top = top
        self.both_ends = both_ends

    def _frame(self, tables: CustomerTables, name: str) -> pd.DataFrame:
        frame = tables.get(name)
        if name != "relationships" or not self.both_ends:
            return frame
        check_columns(frame, [c.CUSTOMER_ID, c.RELATED_ID], name)
        turned = frame.rename(columns={c.CUSTOMER_ID: c.RELATED_ID, c.RELATED_ID: c.CUSTOMER_ID})
        return pd.concat([frame, turned], ignore_index=True)

    def _plan(self, tables: CustomerTables, latest: pd.Timestamp) -> list[Feature]:
        windows = check_windows(self.windows)
        features: list[Feature] = []
        if tables.has("social"):
            features += self._social(tables.get("social"), windows, latest)
        if tables.has("surveys"):
            features += self._surveys(tables.get("surveys"), latest)
        if tables.has("relationships"):
            features.append(Feature.of("relationships", "distinct", ALL, c.RELATED_ID))
        return features

    def _social(self, frame: pd.DataFrame, windows: list[str], latest: pd.Timestamp) -> list[Feature]:
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
            for value in top_values(known_rows(frame, "social", latest)[c.TOPIC], self.top):
                features.append(Feature.of("social", "count", windows[-1], pivot=((c.TOPIC, value),)))
        return features

    def _surveys(self, frame: pd.DataFrame, latest: pd.Timestamp) -> list[Feature]:
        features = [Feature.of("surveys", "count"), Feature.of("surveys", "recency_days")]
        if c.SCORE not in frame:
            return features
        if c.SURVEY not in frame:
            return features + [Feature.of("surveys", aggregate, ALL, c.SCORE) for aggregate in ("last", "mean")]
        for value in top_values(known_rows(frame, "surveys", latest)[c.SURVEY], self.top):
            for aggregate in ("last", "mean"):
                features.append(Feature.of("surveys", aggregate, ALL, c.SCORE, pivot=((c.SURVEY, value),)))
        return features
