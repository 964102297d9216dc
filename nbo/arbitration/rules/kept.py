"""What several rules work out of the same candidates, worked out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from nbo.arbitration.candidates import Candidates

__all__ = ["kept"]

_T = TypeVar("_T")


def kept(candidates: Candidates, key: Hashable, make: Callable[[], _T]) -> _T:
    """Give what was made of candidates under a key, or make it and keep it with them.

    Parameters
    ----------
    candidates : Candidates
        They never change, so what was made of them holds.
    key : hashable
        Names what is made, with all that it depends on beside the candidates.
    make : callable
        Makes it.

    Returns
    -------
    object

    Examples
    --------
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> candidates = Candidates.of(CustomerTables(), Spine.at("2026-06-30", ["ann"]), Catalog([Offer("card")]))
    >>> kept(candidates, "n", lambda: 1), kept(candidates, "n", lambda: 2)
    (1, 1)
    """
    # As a cached property does, but under any key: the fields of the candidates stay frozen.
    known = candidates.__dict__.setdefault("_kept", {})
    if key not in known:
        known[key] = make()
    found: _T = known[key]
    return found
