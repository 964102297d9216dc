"""When, where and how customers come: channel, device, time of day, rhythm, and what they do with our mails."""

from __future__ import annotations

from typing import Final

from nbo import columns as c
from nbo.features.combined import ratio, share
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.features.window import ALL, Window

__all__ = ["DAYPARTS", "email_features", "mix_features", "rhythm_features"]

DAYPARTS: Final = ("night", "morning", "afternoon", "evening")
_SENT, _OPENED, _CLICKED, _UNSUBSCRIBED = "email_sent", "email_open", "email_click", "unsubscribe"


def mix_features(past: Past, table: str, columns: tuple[str, ...], top: int, window: str) -> list[Feature]:
    """Choose the shares of the most frequent values of some columns, and of each the most frequent one as text.

    Parameters
    ----------
    past : Past
    table : str
    columns : tuple of str
        Those that the table lacks are left out.
    top : int
        How many values of each.
    window : str

    Returns
    -------
    list of Feature
    """
    features = []
    for column in columns:
        if column in past.table(table):
            values = past.top_values(table, column, top)
            features += [share(table, window, ((column, value),)) for value in values]
            features += [Feature.of(table, "top", window, column)] if len(values) > 1 else []
    return features


def rhythm_features(table: str, window: str) -> list[Feature]:
    """Make the features of when rows of a table happen, and how regularly.

    Parameters
    ----------
    table : str
        With derived columns for the part of the day and of the week.
    window : str

    Returns
    -------
    list of Feature
    """
    shares = [share(table, window, (("daypart", part),)) for part in DAYPARTS]
    weekend = share(table, window, (("weekpart", "weekend"),))
    gaps = [Feature.of(table, aggregate) for aggregate in ("mean_gap_days", "std_gap_days")]
    return [*shares, Feature.of(table, "top", window, "daypart"), weekend, *gaps]


def email_features(past: Past, window: str) -> list[Feature]:
    """Choose the features of what customers do with our mails, as far as such events occur.

    Parameters
    ----------
    past : Past
        Types known before its latest moment count.
    window : str

    Returns
    -------
    list of Feature
        Mails opened and clicked per mail sent, days since, and whether the customer ever unsubscribed.
    """
    known, features = past.value_counts("events", c.EVENT_TYPE), []
    for kind, words in ((_OPENED, "open"), (_CLICKED, "click")):
        if kind in known:
            features.append(Feature.of("events", "recency_days", pivot=((c.EVENT_TYPE, kind),)))
        if kind in known and _SENT in known:
            features.append(_per_mail(kind, words, window))
    if _UNSUBSCRIBED in known:
        features.append(Feature.of("events", "any", ALL, pivot=((c.EVENT_TYPE, _UNSUBSCRIBED),)))
    return features


def _per_mail(kind: str, words: str, window: str) -> Feature:
    done, sent = (Feature.of("events", "count", window, pivot=((c.EVENT_TYPE, one),)) for one in (kind, _SENT))
    meaning = f"Mails with {kind} per mail sent {Window.of(window).words}; above 1 where one is opened again."
    name = feature_name("events", f"email_{words}_rate", window)
    return ratio(name, done, sent, meaning, column=c.EVENT_TYPE, pivot=())
