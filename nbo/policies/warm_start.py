"""A model's expectations of acceptance rates, to start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_probabilities, check_rows
from nbo.errors import InputError

__all__ = ["WarmStart"]

# A model that says 0 or 1 is not believed further than this.
_NEAREST = 1e-4
_STRONGEST = 2000.0


@dataclass(frozen=True)
class WarmStart:
    """Expected acceptance rates by segment and offer.

    Parameters
    ----------
    rates : dict of (str, str) to float
        Rate of each segment and offer, in (0, 1).
    strengths : dict of (str, str) to float
        How many decisions the rate is worth, where that is given.
    """

    rates: dict[tuple[str, str], float]
    strengths: dict[tuple[str, str], float]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> WarmStart:
        """Take a frame with the columns `segment`, `offer_id`, `rate` and perhaps `strength`.

        Parameters
        ----------
        frame : DataFrame
            See :meth:`nbo.SegmentThompson.warm_start`.

        Returns
        -------
        WarmStart

        Raises
        ------
        InputError
            If a column or key is missing, a pair is there twice, a rate is not in [0, 1] or a
            strength not above 0.
        """
        frame = check_frame(frame, "prior_rates")
        check_columns(frame, (c.SEGMENT, c.OFFER_ID, "rate"), "prior_rates")
        for key in (c.SEGMENT, c.OFFER_ID):
            check_keys(frame[key], f"prior_rates.{key}")
        pairs = list(zip(frame[c.SEGMENT].astype(str), frame[c.OFFER_ID].astype(str), strict=True))
        check_rows(pd.Series(pairs).duplicated().to_numpy(dtype=bool), pairs, "prior_rates", "one row per pair")
        rates = np.clip(check_probabilities(frame["rate"], "prior_rates.rate"), _NEAREST, 1 - _NEAREST)
        strengths: dict[tuple[str, str], float] = {}
        if "strength" in frame:
            numbers = frame["strength"].to_numpy(dtype=float, na_value=np.nan)
            check_rows(numbers <= 0, numbers, "prior_rates.strength", "above 0, or missing")
            capped = np.minimum(numbers, _STRONGEST).tolist()
            strengths = {pair: number for pair, number in zip(pairs, capped, strict=True) if number == number}
        return cls(dict(zip(pairs, rates.tolist(), strict=True)), strengths)

    @property
    def segments(self) -> list[str]:
        """Segments with a rate, sorted."""
        return sorted({segment for segment, _ in self.rates})

    def tables(self, segments: list[str], offers: list[str], prior_rate: float) -> tuple[np.ndarray, np.ndarray]:
        """Lay rates and strengths out.

        Parameters
        ----------
        segments, offers : list of str
            Rows and columns.
        prior_rate : float
            Rate where no other is known.

        Returns
        -------
        rate : ndarray of shape (n_segments + 1, n_offers)
            A pair without a rate has its offer's mean (on the log-odds), else its segment's,
            else `prior_rate`. The last row is for new segments.
        strength : ndarray of shape (n_segments + 1, n_offers)
            NaN where none is given.
        """
        shape = (len(segments), len(offers))
        pairs = [(segment, offer) for segment in segments for offer in offers]
        odds = special.logit(np.array([self.rates.get(pair, np.nan) for pair in pairs], dtype=float)).reshape(shape)
        strength = np.array([self.strengths.get(pair, np.nan) for pair in pairs], dtype=float).reshape(shape)
        odds, strength = (np.vstack([table, np.full((1, len(offers)), np.nan)]) for table in (odds, strength))
        for axis in (0, 1):
            odds = np.where(np.isnan(odds), _means(odds, axis), odds)
        return special.expit(np.where(np.isnan(odds), special.logit(prior_rate), odds)), strength

    def to_state(self) -> list[list[Any]]:
        """Give rows of segment, offer, rate and strength (or None), sorted.

        Returns
        -------
        list of list
        """
        return [[*pair, rate, self.strengths.get(pair)] for pair, rate in sorted(self.rates.items())]

    @classmethod
    def from_state(cls, state: list[list[Any]]) -> WarmStart:
        """Rebuild from :meth:`to_state`.

        Parameters
        ----------
        state : list of list

        Returns
        -------
        WarmStart
        """
        if not isinstance(state, list) or any(not isinstance(row, list) or len(row) != 4 for row in state):
            raise InputError("the warm start of a state must be rows of four; the state is incomplete or altered.")
        rates = {(segment, offer): rate for segment, offer, rate, _ in state}
        return cls(rates, {(segment, offer): worth for segment, offer, _, worth in state if worth is not None})


def _means(table: np.ndarray, axis: int) -> np.ndarray:
    """Average what is there along an axis; NaN where nothing is."""
    there = ~np.isnan(table)
    count = there.sum(axis=axis, keepdims=True)
    total = np.where(there, table, 0.0).sum(axis=axis, keepdims=True)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
