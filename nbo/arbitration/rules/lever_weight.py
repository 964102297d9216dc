"""What all levers together make of an offer's priority."""

from __future__ import annotations

import numpy as np

from nbo.arbitration.candidates import Candidates

__all__ = ["lever_weight"]


def lever_weight(candidates: Candidates) -> np.ndarray:
    """Add up the percentages of all levers: the L of ``P x C x V x L``.

    Parameters
    ----------
    candidates : Candidates
        With the rules; those without levers say nothing.

    Returns
    -------
    ndarray of float
        ``1 + sum / 100``, and 0 where that is less; broadcasts to (n, k, m).

    Examples
    --------
    >>> from nbo.arbitration import Lever
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> spine, catalog = Spine.at("2026-06-30", ["ann"]), Catalog([Offer("gold", category="cards"), Offer("loan")])
    >>> levers = (Lever("cards", 55, categories=["cards"]), Lever("gold month", 20, offers=["gold"]))
    >>> lever_weight(Candidates.of(CustomerTables(), spine, catalog, levers)).ravel().tolist()
    [1.75, 1.0]
    """
    percent = np.zeros((1, 1, 1))
    for rule in candidates.rules:
        levers = getattr(rule, "levers", None)
        for pulled in {} if levers is None else levers(candidates).values():
            percent = percent + pulled
    return np.asarray(np.maximum(1.0 + percent / 100.0, 0.0))
