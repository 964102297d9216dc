"""Features of social media, surveys and relationships between customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbo import columns as c
from nbo.features.base import check_windows
from nbo.features.builders.neighbors import turned_too
from nbo.features.combined import difference, ratio, trends
from nbo.features.conditions import Condition
from nbo.features.event_features import EventFeatures
from nbo.features.feature import Feature, feature_name
from nbo.features.mixes import distinct
from nbo.features.past import Past
from nbo.features.window import ALL, Window
from nbo.times import check_duration

__all__ = ["SocialFeatures"]

_DEGREE = Feature.of(
    "relationships", "distinct", ALL, c.RELATED_ID, meaning="Number of customers that relationships before as_of name."
)
_NPS = "Class of the latest nps score: promoter (9 or 10), passive (7 or 8), detractor (below)."
_KINDS = ("like", "share", "comment", "mention", "follow")


class SocialFeatures(EventFeatures):
    """Features of social media, surveys and relationships between customers.

    What is said, how gladly and how widely heard, and on which topics; scores of surveys, and their
    means weighed by the survey weight; the number of related customers.

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
    half_life : str, default="30D"
        Age at which a sentiment weighs half in the decayed mean.

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

    def __init__(
        self,
        windows: Sequence[str] = ("30D", "90D", "365D"),
        top: int = 5,
        both_ends: bool = False,
        half_life: str = "30D",
    ) -> None:
        self.windows = windows
        self.top = top
        self.both_ends = both_ends
        self.half_life = half_life

    @property
    def links(self) -> tuple[str, ...]:  # type: ignore[override]
        """The other end of a relationship, if it counts there too."""
        return (c.RELATED_ID,) if self.both_ends else ()

    def _plan(self, past: Past) -> list[Feature]:
        windows = check_windows(self.windows)
        check_duration(self.half_life, "half_life")
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
            edges = past.history_of(turned_too(past.table("relationships")))
            found[_DEGREE.feature] = distinct(edges, c.RELATED_ID, [ALL])[0]
        return found

    def _social(self, past: Past, windows: list[str]) -> list[Feature]:
        table = past.table("social")
        features = [Feature.of("social", "recency_days"), *trends(Feature.of("social", "count"), windows)]
        for window in windows:
            features.append(Feature.of("social", "count", window))
            if c.KIND in table:
                features += [Feature.of("social", "count", window, pivot=((c.KIND, kind),)) for kind in _KINDS]
        if c.SENTIMENT in table:
            features += _sentiment(windows, self.half_life)
        if c.REACH in table:
            reach = [Feature.of("social", "sum", window, c.REACH) for window in windows]
            features += [*reach, Feature.of("social", "max", windows[-1], c.REACH), *trends(reach[0], windows, "Reach")]
        return features + self._topics(past, windows[-1])

    def _topics(self, past: Past, window: str) -> list[Feature]:
        if c.TOPIC not in past.table("social"):
            return []
        features = []
        for value in past.top_values("social", c.TOPIC, self.top):
            pivot = ((c.TOPIC, value),)
            features.append(Feature.of("social", "count", window, pivot=pivot))
            if c.SENTIMENT in past.table("social"):
                features.append(Feature.of("social", "mean", window, c.SENTIMENT, pivot=pivot))
        return [*features, Feature.of("social", "top", window, c.TOPIC)]

    def _surveys(self, past: Past) -> list[Feature]:
        table = past.table("surveys")
        features = [Feature.of("surveys", "count"), Feature.of("surveys", "recency_days")]
        if c.SCORE not in table:
            return features
        values = past.top_values("surveys", c.SURVEY, self.top) if c.SURVEY in table else []
        pivots = [((c.SURVEY, value),) for value in values] if c.SURVEY in table else [()]
        for pivot in pivots:
            features += _scores(pivot, weighed=c.WEIGHT in table)
            features += [Feature.of("surveys", "recency_days", pivot=pivot)] if pivot else []
        if any(value.lower() == "nps" for value in values):
            features.append(Feature.of("surveys", "latest", ALL, "nps_class", meaning=_NPS))
        return features


def _sentiment(windows: list[str], half_life: str) -> list[Feature]:
    mean = {window: Feature.of("social", "mean", window, c.SENTIMENT) for window in windows}
    features = [*mean.values(), Feature.of("social", "last", ALL, c.SENTIMENT)]
    features.append(Feature.of("social", "min", windows[-1], c.SENTIMENT))
    features.append(Feature.of("social", "decayed_mean", half_life, c.SENTIMENT))
    features += [Feature.of("social", "count", window, pivot=((c.SENTIMENT, "<", 0.0),)) for window in windows]
    short, long = windows[0], windows[-1]
    if short != long:
        meaning = f"Mean sentiment {Window.of(short).words} less that {Window.of(long).words}; above 0 is brighter."
        name = feature_name("social", c.SENTIMENT, "trend", short, long)
        features.append(difference(name, mean[short], mean[long], meaning))
    return features


def _scores(pivot: tuple[Condition, ...], weighed: bool) -> list[Feature]:
    """Make the features of the scores of a survey: the last, the mean, the weighted mean, and what changed."""
    last, mean = (Feature.of("surveys", aggregate, ALL, c.SCORE, pivot=pivot) for aggregate in ("last", "mean"))
    of = f" with {pivot[0][0]} = {pivot[0][1]}" if pivot else ""
    change = f"Latest score of survey answers{of} less the mean of all before as_of; above 0 is better than usual."
    features = [last, mean]
    if weighed:
        total, weight = (
            Feature.of("surveys", "sum", ALL, one, pivot=pivot) for one in ("weighted_score", "scored_weight")
        )
        name = feature_name("surveys", c.SCORE, "weighted_mean", ALL, pivot=pivot)
        meaning = f"Mean score of survey answers{of} before as_of, each weighing its survey weight."
        features.append(ratio(name, total, weight, meaning, "", column=c.SCORE))
    return [*features, difference(feature_name("surveys", c.SCORE, "trend", ALL, pivot=pivot), last, mean, change)]
