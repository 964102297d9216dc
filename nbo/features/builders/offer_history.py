"""Features of what we offered to customers, and what they answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.answers import SUPERSEDED_AT, with_categories
from nbo.features.base import check_windows
from nbo.features.builders.contacts import ACCEPTED, ANSWERED, OFFERED, acceptance_rate, answer, answered_contacts
from nbo.features.combined import difference, ratio
from nbo.features.conditions import Condition
from nbo.features.event_features import EventFeatures, computed
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.features.slices import first_at_or_after
from nbo.features.window import ALL, Window
from nbo.tables import TableColumns
from nbo.times import check_duration

__all__ = ["OfferHistoryFeatures"]

_PREFERRED = "preferred"
_SINCE = "decisions__contacts_since_accept"
# Contacts that a customer's rate over all channels is worth in the rate of each.
_PRIOR = 2.0


class OfferHistoryFeatures(EventFeatures):
    """Features of what we offered to customers, and what they answered.

    A contact is a decision with an offer; decisions to make none are counted apart. An outcome
    counts from when it came and was known; a later answer to the same decision takes its place, as in
    a ledger. Rates are of the contacts made in the window: what was accepted so far over all of them.

    At training and at scoring the tables must hold the same history: where new decisions and their
    outcomes go to a ledger, add them with :meth:`nbo.CustomerTables.added` before you build. Even so
    these columns move when what we do changes: a model that learnt from a log of few contacts has
    not seen customers who are contacted each week. So the builder is not among those of
    ``FeatureSet.default``; take it where the log was made by a policy like the one that decides.

    Parameters
    ----------
    windows : sequence of str, default=("7D", "30D", "90D")
        Lengths of time before `as_of`.
    top : int, default=5
        How many channels, and how many categories of offers, get columns of their own.
    half_life : str, default="14D"
        Age at which a contact weighs half in the decayed count.
    answer_window : str, default="14D"
        Contacts older than this that have no answer are counted as unanswered.

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.

    Examples
    --------
    >>> from nbo.tables import CustomerTables, Spine
    >>> decisions = pd.DataFrame(
    ...     {
    ...         "decision_id": [1, 2, 3],
    ...         "customer_id": "ann",
    ...         "decided_at": ["2026-06-01", "2026-06-10", "2026-06-20"],
    ...         "offer_id": ["card", "loan", "card"],
    ...     }
    ... )
    >>> outcomes = pd.DataFrame({"decision_id": [1], "outcome": ["accept"], "outcome_at": ["2026-06-02"]})
    >>> tables, spine = CustomerTables(decisions=decisions, outcomes=outcomes), Spine.at("2026-06-30", ["ann"])
    >>> X = OfferHistoryFeatures().fit(tables, spine).build(tables, spine)
    >>> X.loc[0, ["decisions__count__30D", "decisions__contacts_since_accept"]].tolist()
    [3, 2]
    >>> float(X.loc[0, "outcomes__acceptance_rate__90D"]), X.loc[0, "outcomes__outcome__latest__all"]
    (0.333..., 'accept')
    """

    data_type = "what we did"
    tables = ("decisions", "outcomes")
    by_default: ClassVar[bool] = False
    own_as_said = True

    def __init__(
        self,
        windows: Sequence[str] = ("7D", "30D", "90D"),
        top: int = 5,
        half_life: str = "14D",
        answer_window: str = "14D",
    ) -> None:
        self.windows = windows
        self.top = top
        self.half_life = half_life
        self.answer_window = answer_window

    def _plan(self, past: Past) -> list[Feature]:
        windows = check_windows(self.windows)
        for name in ("half_life", "answer_window"):
            check_duration(getattr(self, name), name)
        if not past.has("decisions"):
            return []
        features = self._contacts(past, windows)
        if past.has("outcomes"):
            features += self._answers(past, windows)
        return features

    def _contacts(self, past: Past, windows: list[str]) -> list[Feature]:
        decayed = f"Number of contacts before as_of, each weighing half as much for every {self.half_life} of its age."
        features = [
            Feature.of("decisions", "recency_days", where=OFFERED),
            Feature.of("decisions", "decayed_count", self.half_life, where=OFFERED, meaning=decayed),
            *(Feature.of("decisions", "count", window, where=OFFERED) for window in dict.fromkeys((*windows, ALL))),
            Feature.of("decisions", "distinct", windows[-1], c.OFFER_ID, where=OFFERED),
        ]
        if c.NO_OFFER in past.value_counts("decisions", c.OFFER_ID):
            features.append(Feature.of("decisions", "count", windows[-1], pivot=((c.OFFER_ID, c.NO_OFFER),)))
        for column, value in self._pivots(past):
            features.append(Feature.of("decisions", "count", windows[-1], where=OFFERED, pivot=((column, value),)))
        latest = c.CATEGORY if _top_categories(past, 1) else c.OFFER_ID
        return [*features, Feature.of("decisions", "latest", ALL, latest, where=OFFERED)]

    def _answers(self, past: Past, windows: list[str]) -> list[Feature]:
        last = "Last answer to a contact before as_of: accept, reject or no_answer."
        features = [replace(answer("latest", ALL, (), c.OUTCOME), meaning=last)]
        for outcome in past.value_counts("outcomes", c.OUTCOME):
            pivot = ((c.OUTCOME, outcome),)
            features += [answer("count", window, pivot) for window in dict.fromkeys((*windows, ALL))]
            features.append(answer("recency_days", ALL, pivot))
        features += [acceptance_rate(window) for window in dict.fromkeys((windows[-1], ALL))]
        features += [acceptance_rate(ALL, pivot) for pivot in self._pivots(past)]
        features += [_answered_share(windows[-1]), self._unanswered(windows[-1]), _SINCE_ACCEPT]
        days = answer("mean", ALL, ANSWERED, "days_to_answer", name="outcomes__days_to_answer__mean__all")
        features.append(replace(days, meaning="Mean days from a contact to its accept or reject, of those that came."))
        features += [answer("top", ALL, ACCEPTED, column) for column in ("daypart", "hour", "weekpart")]
        channels = past.top_values("decisions", c.CHANNEL, self.top) if c.CHANNEL in past.table("decisions") else []
        return [*features, _preferred(channels)] if len(channels) > 1 else features

    def _pivots(self, past: Past) -> list[Condition]:
        channels = past.top_values("decisions", c.CHANNEL, self.top) if c.CHANNEL in past.table("decisions") else []
        categories = _top_categories(past, self.top)
        return [(c.CHANNEL, value) for value in channels] + [(c.CATEGORY, value) for value in categories]

    def _unanswered(self, window: str) -> Feature:
        before = f"{window}_before_{self.answer_window}" if not Window.of(window).lag else window
        made = Feature.of("decisions", "count", before, where=OFFERED)
        meaning = f"Contacts {Window.of(before).words} without an accept or reject so far."
        name = feature_name("decisions", "unanswered", before)
        return difference(name, made, answered_contacts(before, ANSWERED), meaning, "count")

    def _own(self, past: Past) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for feature in self.features_:
            if feature.aggregate == _SINCE_ACCEPT.aggregate:
                found[feature.feature] = _contacts_since_accept(past)
            elif feature.aggregate == _PREFERRED:
                found[feature.feature] = _best(feature, past)
        return found


def _answered_share(window: str) -> Feature:
    made = Feature.of("decisions", "count", window, where=OFFERED)
    meaning = f"Share of the contacts {Window.of(window).words} that have been accepted or rejected by then."
    name = feature_name("outcomes", "answered_share", window)
    return ratio(name, answered_contacts(window, ANSWERED), made, meaning, "share", column=c.OUTCOME)


_SINCE_ACCEPT = Feature(
    _SINCE,
    "decisions",
    "",
    "count_since",
    ALL,
    where=OFFERED,
    unit="count",
    meaning="Number of contacts before as_of since the last accept came; all contacts where none did.",
    parts=(answer("recency_days", ALL, ACCEPTED), Feature.of("decisions", "count", where=OFFERED)),
)


def _preferred(channels: list[str]) -> Feature:
    """Name the channel with the best rate; the parts are contacts and accepts of each, by pairs."""
    pivots: list[Condition] = [(c.CHANNEL, channel) for channel in channels]
    parts = []
    for pivot in pivots:
        parts.append(Feature.of("decisions", "count", where=OFFERED, pivot=(pivot,)))
        parts.append(answered_contacts(ALL, ACCEPTED, pivot))
    return Feature(
        "outcomes__channel__preferred__all",
        "outcomes",
        c.CHANNEL,
        _PREFERRED,
        ALL,
        kind="category",
        parts=tuple(parts),
        meaning="Channel with the highest share of contacts accepted, whatever its use; missing without an accept. "
        f"Each rate is drawn towards the customer's own over all channels, as by {_PRIOR:g} more contacts.",
    )


def _best(feature: Feature, past: Past) -> Any:
    """Find the channel with the best rate; of equal ones the first in the alphabet."""
    # By numbers, for two channels such as "a b" and "a_b" would share a name.
    parts = [replace(part, feature=str(i)) for i, part in enumerate(feature.parts) if isinstance(part, Feature)]
    counts = np.array(list(computed(parts, past).values()), dtype=float)
    made, accepted = counts[0::2], counts[1::2]
    overall = accepted.sum(axis=0) / np.maximum(made.sum(axis=0), 1)
    rate = np.where(made > 0, (accepted + _PRIOR * overall) / (made + _PRIOR), -1.0)
    channels = [str(part.pivot[0][1]) for part in parts[0::2]]
    order = np.argsort(channels)
    best = order[rate[order].argmax(axis=0)]
    return pd.array(channels, dtype="str").take(np.where(accepted.sum(axis=0) > 0, best, -1), allow_fill=True)


def _contacts_since_accept(past: Past) -> np.ndarray:
    accepted = past.history("outcomes", open_until=SUPERSEDED_AT, where=(*OFFERED, *ACCEPTED))
    contacts = past.history("decisions", where=OFFERED)
    low, high = accepted.bounds(ALL)
    never = low == high
    last = np.append(accepted.times, 0)[np.where(never, -1, high - 1)]
    first, end = contacts.bounds(ALL)
    start = first_at_or_after(contacts.times, first, end, last)
    return end - np.where(never, first, start)


def _top_categories(past: Past, top: int) -> list[str]:
    """Learn the most frequent categories of the offers made, through the catalog where decisions state none."""
    if past.states("decisions", c.CATEGORY):
        counts = past.value_counts("decisions", c.CATEGORY, OFFERED)
    else:
        offers = past.value_counts("decisions", c.OFFER_ID, OFFERED)
        made = TableColumns.of(pd.DataFrame({c.OFFER_ID: list(offers)}, dtype="str"), "decisions")
        codes, counts = with_categories(made, past.table("catalog")).codes(c.CATEGORY), {}
        for code, n in zip(codes.codes.tolist(), offers.values(), strict=True):
            if code >= 0:
                counts[codes.texts[code]] = counts.get(codes.texts[code], 0) + n
    return sorted(counts, key=lambda text: (-counts[text], text))[:top]
