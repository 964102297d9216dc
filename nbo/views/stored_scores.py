"""Scores that were made before, looked up by customer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.tables import Spine
from nbo.times import check_duration, check_times
from nbo.views.places import Places

__all__ = ["StoredScores"]


class StoredScores:
    """Scores that a job made before, in the place of a model on the card of a customer.

    A model takes its time for one customer; a look at what it said last night takes none. Scores are
    never used past their age, nor before the moment they are of.

    Parameters
    ----------
    scores : DataFrame of shape (n, any)
        customer_id, as_of, offer_id, and what else :meth:`nbo.NextBestOffer.score` gives, such as
        ``open_result(folder, at).read_scores()`` of a batch job.
    max_age : str or Timedelta, default="7D"
        How old scores may be.

    Raises
    ------
    InputError
        If a column is missing, or a time or the age is none.

    Examples
    --------
    >>> told = {"customer_id": ["ann"], "as_of": ["2026-06-29"], "offer_id": ["card"], "propensity": [0.2]}
    >>> stored = StoredScores(pd.DataFrame(told))
    >>> stored.score(None, Spine.at("2026-06-30", ["ann"]))["offer_id"].tolist()
    ['card']
    >>> len(stored.score(None, Spine.at("2026-07-30", ["ann"])))
    0
    """

    # A card need not cut tables down for it.
    needs_tables = False

    def __init__(self, scores: Any, max_age: str | pd.Timedelta = "7D") -> None:
        frame = check_frame(scores, "scores").reset_index(drop=True)
        check_columns(frame, [c.CUSTOMER_ID, c.AS_OF, c.OFFER_ID], "scores")
        self._frame = frame.assign(**{c.AS_OF: check_times(frame[c.AS_OF], "scores.as_of")})
        self._max_age = check_duration(max_age, "max_age")
        self._places = Places(frame[c.CUSTOMER_ID])

    def __repr__(self) -> str:
        return f"StoredScores({len(self._frame):,} rows, at most {self._max_age} old)"

    def score(self, tables: Any, spine: Spine, reasons: int = 0) -> pd.DataFrame:
        """Give the latest scores of one customer.

        Parameters
        ----------
        tables : object
            Not looked at.
        spine : Spine
            One row.
        reasons : int, default=0
            Not looked at: reasons are there if they were stored.

        Returns
        -------
        DataFrame
            Without rows if there are no scores of the customer, or only such as are too old or of later.
        """
        asked, as_of = spine.frame[c.CUSTOMER_ID].iloc[0], spine.frame[c.AS_OF].iloc[0]
        own = self._frame.take(np.sort(self._places.of([asked])))
        there = own[(own[c.AS_OF] <= as_of) & (own[c.AS_OF] >= as_of - self._max_age)]
        return there[there[c.AS_OF] == there[c.AS_OF].max()].reset_index(drop=True)
