"""When customers buy: how regularly, with which trend, in which season, on which days."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nbo import columns as c
from nbo.features.builders.sales import SALES
from nbo.features.combined import ratio, share, trend
from nbo.features.event_features import columns_there
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.features.window import Window

__all__ = ["rhythm_features", "season_features", "trend_features"]

_TABLE = "transactions"
# The rest is at night.
_DAYPARTS = ("morning", "afternoon", "evening")
_YEAR = "365D"


def rhythm_features() -> list[Feature]:
    """Plan how long ago, how often and how regularly a customer buys, and whether the next sale is late.

    Returns
    -------
    list of Feature
    """
    recency, tenure, mean, std = (
        Feature.of(_TABLE, aggregate, where=SALES)
        for aggregate in ("recency_days", "tenure_days", "mean_gap_days", "std_gap_days")
    )
    regular = "Standard deviation of the days between completed sales over their mean: 0 for clockwork, 1 for chance."
    late = "Days since the last completed sale over the mean days between them; above 1 the next one is late."
    return [
        *(recency, tenure, mean, std),
        ratio(feature_name(_TABLE, "gap_regularity"), std, mean, regular),
        ratio(feature_name(_TABLE, "overdue"), recency, mean, late),
    ]


def trend_features(past: Past, windows: list[str]) -> list[Feature]:
    """Plan how the pace of sales and spend changes.

    The shortest window is held against the one before it, and each against the next longer.

    Parameters
    ----------
    past : Past
    windows : list of str

    Returns
    -------
    list of Feature
    """
    spans = [window for window in windows if not Window.of(window).lag and np.isfinite(Window.of(window).days)]
    paid = [Feature.of(_TABLE, "sum", column=c.AMOUNT, where=SALES)] if c.AMOUNT in past.table(_TABLE) else []
    features = []
    for window in spans[:1]:
        features.append(_momentum(Feature.of(_TABLE, "count", window, where=SALES), "completed sales"))
        features += [_momentum(replace(what, window=window), "money paid") for what in paid]
    for what in paid:
        features += [trend(what, short, long, "money paid") for short, long in zip(spans, spans[1:], strict=False)]
    return features


def season_features(past: Past, windows: list[str], wide: list[str]) -> list[Feature]:
    """Plan on which days and at which time of day sales are, and what the customer did a year ago.

    Parameters
    ----------
    past : Past
    windows, wide : list of str
        All, and those of secondary features.

    Returns
    -------
    list of Feature
    """
    features = []
    for window in wide:
        features.append(share(_TABLE, window, (("weekpart", "weekend"),), SALES))
        features += [share(_TABLE, window, (("daypart", part),), SALES) for part in _DAYPARTS]
    if np.isfinite(Window.of(windows[0]).days) and not Window.of(windows[0]).lag:
        ago = f"{windows[0]}_before_{_YEAR}"
        for column in columns_there(past.table(_TABLE), c.AMOUNT):
            features.append(Feature.of(_TABLE, "sum", ago, column, where=SALES))
    return features


def _momentum(now: Feature, words: str) -> Feature:
    """Compare a window with the one of the same length before it; defined as soon as there is something in either."""
    before = Feature.of(_TABLE, now.aggregate, f"{now.window}_before_{now.window}", now.column, where=SALES)
    meaning = (
        f"Share of the {words} in the last two spans of {now.window} that is in the later, times 2: "
        "1 is steady, 0 none lately, 2 all lately."
    )
    name = feature_name(_TABLE, now.column, "momentum", now.window)
    made = Feature(name, _TABLE, now.column, "ratio", now.window, SALES, parts=(now, now, before), scale=2.0)
    return replace(made, unit="ratio", meaning=meaning)
