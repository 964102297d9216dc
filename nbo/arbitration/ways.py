"""The ways in which the offers of a catalog come."""

from __future__ import annotations

import numpy as np

from nbo.tables import Catalog, Treatment

__all__ = ["way_numbers", "way_ranks", "ways_of"]

_ANY = ("", "", "", "")


def ways_of(catalog: Catalog) -> list[Treatment]:
    """Name the ways that any offer comes, each once, sorted; one that says nothing where no offer names any.

    Parameters
    ----------
    catalog : Catalog

    Returns
    -------
    list of Treatment
        With channel, creative, placement and slot only; what they cost and weigh is the offer's.
    """
    named = {way.key for offer in catalog for way in offer.ways if any(way.key)}
    if any(not any(way.key) for offer in catalog for way in offer.ways):
        # An offer that names none comes plainly, by any channel.
        named |= {(channel, "", "", "") for channel, *_ in named if channel}
    return [Treatment(*key) for key in sorted(named)] or [Treatment()]


def way_ranks(catalog: Catalog, ways: list[Treatment]) -> np.ndarray:
    """Rank the ways of each offer.

    Parameters
    ----------
    catalog : Catalog
    ways : list of Treatment

    Returns
    -------
    ndarray of int, shape (k, m)
        0 for the one it prefers; m where it does not come that way. An offer that names none comes plainly, by all
        channels.
    """
    place = {way.key: at for at, way in enumerate(ways)}
    last = len(place)
    rank = np.full((len(catalog), last), last, dtype=np.int16)
    for row, offer in enumerate(catalog):
        plain = [at for key, at in place.items() if not any(key[1:])]
        order = [place[way.key] for way in offer.ways if way.key in place] or plain or list(range(last))
        rank[row, order] = np.arange(len(order))
    return rank


def way_numbers(catalog: Catalog, ways: list[Treatment], name: str) -> np.ndarray:
    """Give a number of each offer's treatments.

    Parameters
    ----------
    catalog : Catalog
    ways : list of Treatment
    name : {"cost", "weight"}

    Returns
    -------
    ndarray of shape (k, m)
        0 where an offer does not come that way.
    """
    numbers = np.zeros((len(catalog), len(ways)))
    for row, offer in enumerate(catalog):
        own = {way.key: getattr(way, name) for way in offer.ways}
        numbers[row] = [own.get(way.key, own.get(_ANY, 0.0)) for way in ways]
    return numbers
