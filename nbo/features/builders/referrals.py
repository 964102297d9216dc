"""Whom customers referred, and what came of it."""

from __future__ import annotations

from nbo import columns as c
from nbo.features.combined import ratio
from nbo.features.event_features import columns_there
from nbo.features.feature import Feature, feature_name
from nbo.features.window import ALL
from nbo.tables import TableColumns

__all__ = ["referral_features"]

_TABLE = "referrals"


def referral_features(table: TableColumns, windows: list[str]) -> list[Feature]:
    """Plan how many referrals were made, how many converted, and what they are worth.

    Parameters
    ----------
    table : TableColumns
        The referrals.
    windows : list of str

    Returns
    -------
    list of Feature
    """
    spans = list(dict.fromkeys((windows[-1], ALL)))
    made = Feature.of(_TABLE, "count", ALL)
    features = [Feature.of(_TABLE, "recency_days"), *(Feature.of(_TABLE, "count", window) for window in spans)]
    if c.CONVERTED_AT in table:
        features.append(_converted(ALL))
        meaning = "Share of the referrals made before as_of whose person has bought before as_of."
        name = feature_name(_TABLE, "conversion_rate", ALL)
        features.append(ratio(name, _converted(ALL), made, meaning, "share", column=c.CONVERTED_AT))
        for column in columns_there(table, c.CONVERTED_VALUE):
            features.append(Feature.of(_TABLE, "sum", ALL, column, time=c.CONVERTED_AT))
    return features


def _converted(window: str) -> Feature:
    return Feature.of(
        _TABLE, "count", window, name=feature_name(_TABLE, "converted", "count", window), time=c.CONVERTED_AT
    )
