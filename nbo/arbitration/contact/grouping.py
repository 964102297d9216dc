"""What offers and ways are told apart by: channel, offer, category or kind."""

from __future__ import annotations

from typing import Final

import numpy as np

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.checks import check_one_of
from nbo.tables import Offer

__all__ = ["GROUPINGS", "group_of_offer", "groups_of", "spread_groups"]

GROUPINGS: Final = (c.CHANNEL, "offer", c.CATEGORY, c.KIND)


def group_of_offer(offer: Offer, per: str) -> str | None:
    """Give the group of an offer; None where it has no category or kind."""
    return offer.offer_id if per == "offer" else offer.category if per == c.CATEGORY else offer.kind


def groups_of(candidates: Candidates, per: str) -> list[str]:
    """List the groups of a run.

    Parameters
    ----------
    candidates : Candidates
    per : {"channel", "offer", "category", "kind"}

    Returns
    -------
    list of str
        Channels of the ways, offers, or categories or kinds of offers, in the order in which they stand there.

    Raises
    ------
    InputError
        If `per` is not one of these.
    """
    check_one_of(per, GROUPINGS, "per")
    if per == c.CHANNEL:
        return list(dict.fromkeys(candidates.channels))
    named = [group_of_offer(offer, per) for offer in candidates.catalog]
    return list(dict.fromkeys(name for name in named if name is not None))


def spread_groups(candidates: Candidates, per: str | None, values: np.ndarray, fill: object) -> np.ndarray:
    """Give values of groups to the triples of a run.

    Parameters
    ----------
    candidates : Candidates
    per : {"channel", "offer", "category", "kind"}, optional
    values : ndarray of shape (n, groups), or (n,) without `per`
        In the order of :func:`groups_of`.
    fill : object
        For offers without a category or kind.

    Returns
    -------
    ndarray of shape (n, 1, m) for channels, (n, k, 1) for what offers have, (n, 1, 1) without `per`
    """
    if per is None:
        return values[:, None, None]
    place = {name: at for at, name in enumerate(groups_of(candidates, per))}
    if per == c.CHANNEL:
        return values[:, [place[channel] for channel in candidates.channels]][:, None, :]
    names = [group_of_offer(offer, per) for offer in candidates.catalog]
    places = np.array([len(place) if name is None else place[name] for name in names], dtype=np.intp)
    if len(place) in places:
        values = np.column_stack([values, np.full(len(values), fill, dtype=values.dtype)])
    return values[:, places][:, :, None]
