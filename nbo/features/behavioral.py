"""Features of what customers do on the web, in the app, by e-mail, chat and phone."""

from __future__ import annotations

from collections.abc import Sequence

from nbo import columns as c
from nbo.features.base import check_windows
from nbo.features.event_features import EventFeatures, columns_there
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.tables import TableColumns
from nbo.times import check_duration

__all__ = ["BehavioralFeatures"]


class BehavioralFeatures(EventFeatures):
    """Features of what customers do on the web, in the app, by e-mail, chat and phone.

    Where the table `identities` is there, events of an anonymous visitor count for the
    customer from when the link became known. Asked for by its own id, the visitor keeps them: a link
    of the future must not take them away.

    Parameters
    ----------
    windows : sequence of str, default=("7D", "30D", "90D")
        Lengths of time before `as_of`.
    top : int, default=8
        How many event types get columns of their own.
    top_categories : int, default=5
        How many product categories do, over the longest window.
    half_life : str, default="30D"
        Age at which an event weighs half in the decayed count.

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
    """

    data_type = "behavioral"
    tables = ("events",)

    def __init__(
        self,
        windows: Sequence[str] = ("7D", "30D", "90D"),
        top: int = 8,
        top_categories: int = 5,
        half_life: str = "30D",
    ) -> None:
        self.windows = windows
        self.top = top
        self.top_categories = top_categories
        self.half_life = half_life

    def _plan(self, past: Past) -> list[Feature]:
        windows = check_windows(self.windows)
        check_duration(self.half_life, "half_life")
        frame = past.table("events")
        features = self._plain(frame, windows)
        if c.EVENT_TYPE in frame:
            for value in past.top_values("events", c.EVENT_TYPE, self.top):
                pivot = ((c.EVENT_TYPE, value),)
                features.append(Feature.of("events", "recency_days", pivot=pivot))
                features += [Feature.of("events", "count", window, pivot=pivot) for window in windows]
        if c.CATEGORY in frame:
            for value in past.top_values("events", c.CATEGORY, self.top_categories):
                features.append(Feature.of("events", "count", windows[-1], pivot=((c.CATEGORY, value),)))
        return features

    def _plain(self, frame: TableColumns, windows: list[str]) -> list[Feature]:
        features = [Feature.of("events", "recency_days"), Feature.of("events", "tenure_days"), self._decayed()]
        for window in windows:
            features.append(Feature.of("events", "count", window))
            for column in columns_there(frame, c.SESSION_ID, c.PRODUCT_ID):
                features.append(Feature.of("events", "distinct", window, column))
            for column in columns_there(frame, c.DURATION):
                features.append(Feature.of("events", "sum", window, column))
        return features + [_trend(short, long) for short, long in zip(windows, windows[1:], strict=False)]

    def _decayed(self) -> Feature:
        meaning = f"Number of events before as_of, each weighing half as much for every {self.half_life} of its age."
        return Feature.of("events", "decayed_count", self.half_life, meaning=meaning)


def _trend(short: str, long: str) -> Feature:
    """Compare the pace of a short window with that of a long one."""
    lengths = [check_duration(window, "windows") for window in (short, long)]
    return Feature(
        feature_name("events", "trend", short, long),
        "events",
        "",
        "ratio",
        short,
        unit="ratio",
        meaning=f"Events a day in the {short} before as_of over those in the {long} before it; above 1 is rising.",
        parts=(feature_name("events", "count", short), feature_name("events", "count", long)),
        scale=lengths[1] / lengths[0],
    )
