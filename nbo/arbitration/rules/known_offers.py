"""Offers that a rule names must be there, or have been."""

from __future__ import annotations

from collections.abc import Sequence

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.rules.syntax import near
from nbo.errors import InputError

__all__ = ["check_known_offers"]


def check_known_offers(given: Sequence[str], candidates: Candidates, what: str) -> None:
    """Refuse offers that were never in a catalog.

    Parameters
    ----------
    given : sequence of str
    candidates : Candidates
        Their catalog and their table `catalog`, which may know offers of the past.
    what : str
        Name for messages.

    Raises
    ------
    InputError
        Names the first.
    """
    tables = candidates.tables
    known = list(candidates.catalog.offer_ids)
    if tables is not None and tables.has("catalog"):
        known += [str(offer) for offer in tables.get("catalog")[c.OFFER_ID]]
    unknown = [offer for offer in given if offer not in known]
    if unknown:
        raise InputError(
            f"{what} must be offers of the catalog or of the table `catalog`; {unknown[0]!r} is not"
            f"{near(unknown[0], known)}."
        )
