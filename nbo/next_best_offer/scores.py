"""What the models say of each customer and offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration import Beliefs, Candidates, Priority
from nbo.next_best_offer.people import People
from nbo.tables import Catalog

if TYPE_CHECKING:
    from nbo.next_best_offer.decider import Decider

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
    def of(cls, model: Decider, X: pd.DataFrame, people: People, channels: np.ndarray | None = None) -> Scores:
        """Ask the models that know offers.

        Parameters
        ----------
        model : NextBestOffer
        X : DataFrame of shape (n, p)
            Features.
        people : People
            What is known of the customers.
        channels : ndarray of str, shape (n, k), optional
            Channel of each offer to each customer; by default the offer's first.

        Returns
        -------
        Scores
        """
        catalog = model._fitted_catalog()
        known = people.segment, people.churn_probability, people.clv
        if not len(X):
            nothing = np.empty((0, len(catalog)))
            return cls(nothing, nothing, *known)
        propensity = model.propensity.score_offers(X, catalog, channels=channels)
        return cls(propensity, _uplift(model, X, catalog), *known)

    @property
    def beliefs(self) -> Beliefs:
        """What the arbitration needs of them."""
        return Beliefs(self.propensity, self.uplift, self.churn_probability, self.clv)

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
        catalog, frame, beliefs = candidates.catalog, candidates.spine.frame, self.beliefs
        terms = Priority.of(candidates, beliefs)
        n, k = self.propensity.shape
        channels = np.where(candidates.eligible, candidates.channel_names, np.array(None, dtype=object))
        uplift = {c.UPLIFT: self.uplift.ravel()} if beliefs.tells_uplift else {}

        def long(numbers: np.ndarray) -> np.ndarray:
            return np.broadcast_to(numbers, (n, k)).ravel()

        return pd.DataFrame(
            {
                c.CUSTOMER_ID: frame[c.CUSTOMER_ID].repeat(k).array,
                c.AS_OF: frame[c.AS_OF].repeat(k).array,
                c.OFFER_ID: pd.Series(np.tile(catalog.offer_ids, n), dtype="str"),
                c.CHANNEL: pd.Series(channels.ravel(), dtype="str"),
                "eligible": candidates.eligible.ravel(),
                c.PROPENSITY: self.propensity.ravel(),
                **uplift,
                c.CONTEXT_WEIGHT: long(terms.context),
                c.VALUE: long(terms.value),
                c.LEVER: long(terms.lever),
                c.COST: long(terms.cost),
                c.PRIORITY: long(terms.priority),
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
        n, beliefs = len(self.propensity), self.beliefs
        uplift = {"uplifts": pd.Series(self.uplift.tolist(), dtype=object)} if beliefs.tells_uplift else {}
        terms = Priority.of_catalog(catalog, beliefs)
        return pd.DataFrame(
            {
                c.SEGMENT: pd.Series(self.segment, dtype="str"),
                c.CHURN_PROBABILITY: self.churn_probability,
                c.CLV: self.clv,
                "offer_ids": pd.Series([catalog.offer_ids] * n, dtype=object),
                "propensities": pd.Series(list(self.propensity.tolist()), dtype=object),
                **uplift,
                "values": pd.Series(list(terms.value.tolist()), dtype=object),
                "priorities": pd.Series(list(terms.priority.tolist()), dtype=object),
            }
        )


def _uplift(model: Decider, X: pd.DataFrame, catalog: Catalog) -> np.ndarray:
    """Give the uplift of the offers that a model knows as treatments; missing for the others."""
    found = np.full((len(X), len(catalog)), np.nan)
    if model.uplift is not None:
        places = {offer_id: place for place, offer_id in enumerate(catalog.offer_ids)}
        effects = model.uplift.predict(X).reshape(len(X), -1)
        for treatment, effect in zip(model.uplift.treatments_.tolist(), effects.T, strict=True):
            if treatment in places:
                found[:, places[treatment]] = effect
    return found
