"""What each offer is worth to each customer now: P x C x V x L - cost, with each term kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.arbitration.beliefs import Beliefs
from nbo.arbitration.candidates import Candidates
from nbo.checks import check_matrix
from nbo.tables import Catalog

__all__ = ["RETENTION", "Priority"]

# Kind of offers that are worth what a customer is who would leave.
RETENTION = "retention"


@dataclass(frozen=True)
class Priority:
    r"""What each offer is worth to each of n customers now.

    .. math:: \text{priority} = P \cdot C \cdot V \cdot L - \text{cost}

    Parameters
    ----------
    chance : ndarray of shape (n, k)
        P: calibrated propensity, or the uplift where a model tells it.
    context : ndarray of shape (n, k)
        C: product of all context weights.
    value : ndarray of shape (n, k)
        V: what an acceptance is worth, money. The offer's value plus its change of lifetime value; a retention
        offer (``kind="retention"``) adds P(churn) x CLV of the customer. A flexible bundle brings the share of its
        products that the customer does not own.
    lever : ndarray of shape (n, k)
        L: what the business adds or takes off by hand.
    cost : ndarray of shape (n, k)
        What making the offer costs, accepted or not, money: the offer, its way, and the subsidy to those who would
        have bought anyway, (propensity - uplift) x subsidy, where the uplift is known.

    Examples
    --------
    A discount of 5 on a thing with margin 20: of 30 % who take it, 20 % would have bought it anyway.

    >>> from nbo.tables import Offer
    >>> catalog = Catalog([Offer("discount", value=15.0, subsidy=5.0, cost=0.5)])
    >>> beliefs = Beliefs(np.array([[0.3]]), uplift=np.array([[0.1]]))
    >>> round(Priority.of_catalog(catalog, beliefs).priority.item(), 6)  # 0.1 x 15 - 0.5 - 0.2 x 5
    0.0
    """

    chance: np.ndarray
    context: np.ndarray
    value: np.ndarray
    lever: np.ndarray
    cost: np.ndarray

    @classmethod
    def of(cls, candidates: Candidates, beliefs: Beliefs) -> Priority:
        """Put the terms together, each offer in its best way.

        Parameters
        ----------
        candidates : Candidates
        beliefs : Beliefs
            Of the same n customers and k offers.

        Returns
        -------
        Priority

        Raises
        ------
        InputError
            If the shapes differ.
        """
        n, k, _ = candidates.shape
        check_matrix(beliefs.propensity, (n, k), "propensity")
        plain = cls.of_catalog(candidates.catalog, beliefs)
        return cls(
            plain.chance,
            candidates.context_weight,
            plain.value * candidates.portion,
            candidates.lever,
            plain.cost + candidates.way_costs,
        )

    @classmethod
    def of_catalog(cls, catalog: Catalog, beliefs: Beliefs) -> Priority:
        """Put the terms together that need no rules: no context, no lever, no way.

        Parameters
        ----------
        catalog : Catalog
        beliefs : Beliefs

        Returns
        -------
        Priority
        """
        offers = list(catalog)
        worth = np.array([offer.value + offer.clv_change for offer in offers])
        value = np.broadcast_to(worth, beliefs.propensity.shape)
        retains = np.array([offer.kind == RETENTION for offer in offers])
        if retains.any() and beliefs.churn_probability is not None and beliefs.clv is not None:
            at_stake = np.nan_to_num(beliefs.churn_probability * beliefs.clv)
            value = value + at_stake[:, None] * retains
        cost = np.broadcast_to(catalog.costs, beliefs.propensity.shape)
        subsidies = np.array([offer.subsidy for offer in offers])
        if subsidies.any() and beliefs.uplift is not None:
            anyway = np.clip(np.nan_to_num(beliefs.propensity - beliefs.uplift), 0.0, 1.0)
            cost = cost + anyway * subsidies
        one = np.ones((1, 1))
        return cls(beliefs.chance, one, value, one, cost)

    @property
    def priority(self) -> np.ndarray:
        """Expected gain of making each offer, money, ndarray of shape (n, k)."""
        return self.chance * self.context * self.value * self.lever - self.cost

    def allowed(self, candidates: Candidates) -> np.ndarray:
        """Give the priorities of what the rules have left, -inf for the rest; ndarray of shape (n, k)."""
        return np.where(candidates.eligible, self.priority, -np.inf)
