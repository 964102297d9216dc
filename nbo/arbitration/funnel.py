"""Why offers were dropped, in words for the log."""

from __future__ import annotations

import json

import numpy as np

from nbo.arbitration.candidates import Candidates
from nbo.policies.groups import equal_rows

__all__ = ["dropped_texts", "offer_codes", "why_nothing"]


def offer_codes(candidates: Candidates) -> np.ndarray:
    """Give one code for each offer: 0 where some way is left, else the latest refusal of its ways.

    Parameters
    ----------
    candidates : Candidates

    Returns
    -------
    ndarray of int, shape (n, k)
        An offer is as far in the funnel as the way of it that came farthest. "channel" counts only where there is
        nothing else: an offer that does not come by e-mail is not refused there.
    """
    codes = candidates.codes
    return np.where((codes == 0).any(axis=2), 0, codes.max(axis=2, initial=0))


def dropped_texts(candidates: Candidates) -> np.ndarray:
    """Write the reason of every offer that was dropped as JSON.

    Parameters
    ----------
    candidates : Candidates

    Returns
    -------
    ndarray of str, shape (n,)
        Offer id -> reason; one text for equal rows, made once.
    """
    codes = offer_codes(candidates)
    group, first = equal_rows(codes)
    offers, reasons = candidates.catalog.offer_ids, candidates.reasons
    made = [json.dumps({offers[j]: reasons[row[j] - 1] for j in np.flatnonzero(row)}) for row in codes[first]]
    return np.array(made, dtype=object)[group] if len(group) else np.empty(0, dtype=object)


def why_nothing(candidates: Candidates, rows: np.ndarray) -> np.ndarray:
    """Name the most frequent reason of the refusals of some customers.

    Parameters
    ----------
    candidates : Candidates
    rows : ndarray of int, shape (some,)

    Returns
    -------
    ndarray of str, shape (some,)
        Of reasons that are equally frequent, the first; "channel" only where there is no other.
    """
    (_, k, m), reasons, n = candidates.shape, candidates.reasons, len(rows)
    refused = candidates.codes[rows].reshape(n, k * m)
    others = range(2, len(reasons) + 1)
    counts = np.stack([(refused == code).sum(axis=1) for code in others] or [np.zeros(n, dtype=int)])
    return np.asarray(np.array(reasons[1:] or reasons, dtype=object)[counts.argmax(axis=0)])
