"""Acceptance rates as a table of one row per segment and offer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c

__all__ = ["rate_table"]


def rate_table(
    segments: list[str],
    offers: list[str],
    rate: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    n: np.ndarray,
    accepted: np.ndarray,
) -> pd.DataFrame:
    """Lay tables of segments by offers out in rows.

    Parameters
    ----------
    segments, offers : list of str
    rate, low, high, n, accepted : ndarray of shape (n_segments, n_offers)

    Returns
    -------
    DataFrame
        Columns `segment`, `offer_id`, `rate`, `low`, `high`, `n` and `accepted`.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> table = rate_table(["young"], ["card"], one / 4, one / 8, one / 2, 4 * one, one)
    >>> table[["segment", "rate", "n"]].values.tolist()
    [['young', 0.25, 4]]
    """
    return pd.DataFrame(
        {
            c.SEGMENT: pd.array(np.repeat(np.asarray(segments, dtype=object), len(offers)), dtype="str"),
            c.OFFER_ID: pd.array(np.tile(np.asarray(offers, dtype=object), len(segments)), dtype="str"),
            "rate": rate.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
            "n": n.ravel().astype("int64"),
            "accepted": accepted.ravel(),
        }
    )
