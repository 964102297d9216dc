"""How much interest events show: a weight for each kind of event, that decays with age."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.aggregates import half_life_days
from nbo.features.feature import Feature, feature_name
from nbo.features.history import History
from nbo.features.numbers import Numbers
from nbo.features.past import Past
from nbo.features.slices import set_out, slice_chunks
from nbo.features.window import ALL
from nbo.tables.codes import texts_at

__all__ = [
    "EVENT_WEIGHTS",
    "TOP_INTEREST",
    "decayed_sums",
    "event_weights",
    "interest",
    "top_interest",
    "top_interests",
]

# What a customer does who is about to buy weighs most, what we do to the customer nothing.
EVENT_WEIGHTS: Final[dict[str, float]] = {
    "page_view": 1.0,
    "app_open": 0.5,
    "email_open": 0.5,
    "email_click": 2.0,
    "search": 2.0,
    "product_view": 2.0,
    "download": 2.0,
    "chat": 2.0,
    "call": 2.0,
    "cart": 5.0,
    "checkout": 8.0,
    "purchase": 0.0,
    "email_sent": 0.0,
    "unsubscribe": 0.0,
}
TOP_INTEREST: Final = "top_interest"
_SHARE = "top_interest_share"
_OTHERS = 1.0
# Fewer cells of slices and categories are added up in a table of them all.
_CELLS = 1 << 20


def event_weights(past: Past, weights: Mapping[str, float] | None) -> tuple[tuple[str, float], ...]:
    """Give the weight of each type of event that occurs.

    Parameters
    ----------
    past : Past
        Types known before its latest moment count.
    weights : mapping of str to float, optional
        Put in the place of those of `EVENT_WEIGHTS`; a type of neither weighs 1.

    Returns
    -------
    tuple of (str, float)
        In the order of the alphabet, without those that weigh 0.

    Raises
    ------
    InputError
        If a weight is no finite number of 0 or more.
    """
    own = {} if weights is None else dict(weights)
    for text, weight in own.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < np.inf:
            raise InputError(f"weights must be finite numbers of 0 or more; got {weight!r} for {text!r}.")
    known = {**EVENT_WEIGHTS, **own}
    types = sorted(past.value_counts("events", c.EVENT_TYPE))
    return tuple((text, float(known.get(text, _OTHERS))) for text in types if known.get(text, _OTHERS))


def interest(name: str, half_life: str, weights: tuple[tuple[str, float], ...], *pivot: tuple[str, str]) -> Feature:
    """Make the decayed sum of the weights of events.

    Parameters
    ----------
    name : str
        Such as "intent".
    half_life : str
    weights : tuple of (str, float)
    *pivot : conditions

    Returns
    -------
    Feature
    """
    rows = " with ".join(["events", *(f"{column} = {value}" for column, value in pivot)])
    shown = ", ".join(f"{text} {weight:g}" for text, weight in weights)
    meaning = f"Weight of all {rows} before as_of ({shown}), half as much for every {half_life} of their age."
    said: dict[str, Any] = {"unit": "points", "meaning": meaning, "weights": weights, "pivot": pivot}
    name = feature_name("events", name, "decayed_sum", half_life, pivot=pivot)
    return Feature(name, "events", c.EVENT_TYPE, "decayed_sum", half_life, **said)


def top_interests(column: str, half_life: str, weights: tuple[tuple[str, float], ...]) -> list[Feature]:
    """Make the features of what interests most: which, and its share of all interest.

    Parameters
    ----------
    column : str
        Such as category.
    half_life : str
    weights : tuple of (str, float)

    Returns
    -------
    list of Feature
        For :func:`top_interest` to compute.
    """
    most = f"The {column} whose events before as_of weigh most, half as much for every {half_life} of their age"
    first = f"{most}; the first in the alphabet of equals."
    share = f"What the events of the {column} that weighs most weigh, over those of all; 1 if there is but one."
    said: dict[str, Any] = {"column": column, "window": half_life, "weights": weights}
    name, of_share = (feature_name("events", column, kind, half_life) for kind in (TOP_INTEREST, _SHARE))
    return [
        Feature(name, "events", aggregate=TOP_INTEREST, kind="category", meaning=first, **said),
        Feature(of_share, "events", aggregate=_SHARE, unit="share", meaning=share, **said),
    ]


def top_interest(features: list[Feature], past: Past) -> dict[str, Any]:
    """Compute the features of what interests most.

    Parameters
    ----------
    features : list of Feature
        Of :func:`top_interests`; all others are left alone.
    past : Past

    Returns
    -------
    dict of str to array of shape (n,)
        By the names of the features.
    """
    found: dict[str, Any] = {}
    most: dict[tuple[str, str], tuple[Any, np.ndarray]] = {}
    for feature in features:
        if feature.aggregate in (TOP_INTEREST, _SHARE):
            which = feature.column, feature.window
            if which not in most:
                most[which] = _most(past.history("events"), feature)
            found[feature.feature] = most[which][feature.aggregate == _SHARE]
    return found


def _most(history: History, feature: Feature) -> tuple[Any, np.ndarray]:
    """Find the category that weighs most in each slice, and its share of all."""
    texts, rank = history.table.codes(feature.column).alphabet
    best, share = np.full(len(history), -1), np.full(len(history), np.nan)
    weights = history.numbers(history.weighed(c.EVENT_TYPE, feature.weights))
    for some, owner, code, weight, total in decayed_sums(history, feature.column, weights, feature.window):
        order = np.lexsort((rank[code], -weight, owner))
        first = order[np.diff(owner[order], prepend=-1) != 0]
        first = first[weight[first] > 0]
        best[some.start + owner[first]] = rank[code[first]]
        share[some.start + owner[first]] = weight[first] / total[owner[first]]
    return texts_at(texts, best), share


def decayed_sums(
    history: History, column: str, weights: Numbers, half_life: str
) -> Iterator[tuple[slice, np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Add up weights that decay with age, for each category in each slice.

    Parameters
    ----------
    history : History of n slices
    column : str
        Holds the categories; rows without one do not count.
    weights : Numbers
        The weight of each row.
    half_life : str

    Yields
    ------
    some : slice
        Which of the slices.
    owner, code : ndarray of int, shape (m,)
        Number of the slice among these, and of the category.
    sums : ndarray of float, shape (m,)
        Of the weights of the category in the slice.
    total : ndarray of float
        Of all categories, for each of these slices.
    """
    codes, n_codes = history.codes(column), max(history.table.codes(column).n_values, 1)
    days = half_life_days(half_life)
    low, high = history.bounds(ALL)
    for some in slice_chunks(low, high):
        owner, position = set_out(low[some], high[some])
        # In an order that ties in time do not leave open, so that no bit does either.
        position = weights.order[position]
        there = codes[position] >= 0
        owner, position = owner[there], position[there]
        weight = np.exp2(-history.days_ago(position, owner + some.start) / days) * weights.values[position]
        cell = owner * n_codes + codes[position]
        if (some.stop - some.start) * n_codes <= _CELLS:
            sums = np.bincount(cell, weights=weight)
            cell = np.flatnonzero(np.bincount(cell))
            sums = sums[cell]
        else:
            cell, which = np.unique(cell, return_inverse=True)
            sums = np.bincount(which, weights=weight, minlength=len(cell))
        total = np.bincount(owner, weights=weight, minlength=some.stop - some.start)
        yield some, cell // n_codes, cell % n_codes, sums, total
