"""What the models say of each customer and offer."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration import Beliefs, Priority
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
    def people(self) -> People:
        """What is known of the customers."""
        return People(self.segment, self.churn_probability, self.clv)

    @property
    def beliefs(self) -> Beliefs:
        """What the arbitration needs of them."""
        return Beliefs(self.propensity, self.uplift, self.churn_probability, self.clv)

    def part(self, rows: slice) -> Scores:
        """Take some of its rows."""
        return Scores(*(getattr(self, field.name)[rows] for field in fields(self)))

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
