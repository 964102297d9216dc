"""What the models say of each customer and offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration import Candidates
from nbo.tables import Catalog

if TYPE_CHECKING:
    from nbo.next_best_offer.next_best_offer import NextBestOffer

__all__ = ["Scores"]


@dataclass(frozen=True)
class Scores:
    """What the models say of n customers and k offers.

    Parameters
    ----------
    propensity : ndarray of shape (n, k)
        P(accept).
    uplift : ndarray of shape (n, k)
        By how much making the offer raises the chance of what it is made for; missing where no model tells.
    segment : ndarray of str, shape (n,)
    churn_probability : ndarray of shape (n,)
        Missing where there is no churn model.
    clv : ndarray of shape (n,)
        Future margin, money; missing where there is no such model.
    """

    propensity: np.ndarray
    uplift: np.ndarray
    segment: np.ndarray
    churn_probability: np.ndarray
    clv: np.ndarray

    @classmethod
    def of(cls, model: NextBestOffer, X: pd.DataFrame, channels: np.ndarray | None = None) -> Scores:
        """Ask all models of a next-best-offer object.

        Parameters
        ----------
        model : NextBestOffer
        X : DataFrame of shape (n, p)
            Features.
        channels : ndarray of str, shape (n, k), optional
            Channel of each offer to each customer; by default the offer's first.

        Returns
        -------
        Scores
        """
        catalog = model._fitted_catalog()
        missing = np.full(len(X), np.nan)
        if not len(X):
            nothing = np.empty((0, len(catalog)))
            return cls(nothing, nothing, np.empty(0, dtype=object), missing, missing)
        return cls(
            propensity=model.propensity.score_offers(X, catalog, channels=channels),
            uplift=_uplift(model, X, catalog),
            segment=model.segmenter.predict(X),
            churn_probability=missing if model.churn is None else model.churn.predict_proba(X)[:, 1],
            clv=missing if model.clv is None else model.clv.predict(X),
        )

    def priority(self, catalog: Catalog) -> np.ndarray:
        """Chance x value - cost, money, ndarray of shape (n, k); the chance is the uplift where it is known."""
        chance = np.where(np.isnan(self.uplift), self.propensity, self.uplift)
        return chance * catalog.values - catalog.costs

    @property
    def _tells_uplift(self) -> bool:
        return bool((~np.isnan(self.uplift)).any())

    def to_long(self, candidates: Candidates) -> pd.DataFrame:
        """Give one row per customer and offer.

        Parameters
        ----------
        candidates : Candidates
            The same customers and offers.

        Returns
        -------
        DataFrame of n x k rows
        """
        catalog, frame = candidates.catalog, candidates.spine.frame
        n, k = self.propensity.shape
        channels = np.where(candidates.eligible, candidates.channel_names, np.array(None, dtype=object))
        uplift = {c.UPLIFT: self.uplift.ravel()} if self._tells_uplift else {}
        return pd.DataFrame(
            {
                c.CUSTOMER_ID: frame[c.CUSTOMER_ID].repeat(k).array,
                c.AS_OF: frame[c.AS_OF].repeat(k).array,
                c.OFFER_ID: pd.Series(np.tile(catalog.offer_ids, n), dtype="str"),
                c.CHANNEL: pd.Series(channels.ravel(), dtype="str"),
                "eligible": candidates.eligible.ravel(),
                c.PROPENSITY: self.propensity.ravel(),
                **uplift,
                c.VALUE: np.tile(catalog.values, n),
                c.PRIORITY: self.priority(catalog).ravel(),
                c.CHURN_PROBABILITY: self.churn_probability.repeat(k),
                c.CLV: self.clv.repeat(k),
                c.SEGMENT: pd.Series(self.segment.repeat(k), dtype="str"),
            }
        )

    def to_wide(self, catalog: Catalog) -> pd.DataFrame:
        """Give one row per customer, with lists over the offers.

        Parameters
        ----------
        catalog : Catalog
            The same offers.

        Returns
        -------
        DataFrame of n rows
        """
        n = len(self.propensity)
        uplift = {"uplifts": pd.Series(self.uplift.tolist(), dtype=object)} if self._tells_uplift else {}
        return pd.DataFrame(
            {
                c.SEGMENT: pd.Series(self.segment, dtype="str"),
                c.CHURN_PROBABILITY: self.churn_probability,
                c.CLV: self.clv,
                "offer_ids": pd.Series([catalog.offer_ids] * n, dtype=object),
                "propensities": pd.Series(list(self.propensity.tolist()), dtype=object),
                **uplift,
                "values": pd.Series([catalog.values.tolist()] * n, dtype=object),
                "priorities": pd.Series(self.priority(catalog).tolist(), dtype=object),
            }
        )


def _uplift(model: NextBestOffer, X: pd.DataFrame, catalog: Catalog) -> np.ndarray:
    """Give the uplift of the offers that a model knows as treatments; missing for the others."""
    found = np.full((len(X), len(catalog)), np.nan)
    if model.uplift is not None:
        places = {offer_id: place for place, offer_id in enumerate(catalog.offer_ids)}
        effects = model.uplift.predict(X).reshape(len(X), -1)
        for treatment, effect in zip(model.uplift.treatments_.tolist(), effects.T, strict=True):
            if treatment in places:
                found[:, places[treatment]] = effect
    return found
