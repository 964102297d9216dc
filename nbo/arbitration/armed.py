"""A run in which the customers of an experiment's arms are decided differently."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.beliefs import Beliefs
from nbo.arbitration.candidates import Candidates
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.experiments import Arms
from nbo.experiments.arm_names import (
    BUSINESS_AS_USUAL,
    CONTROL,
    HOLDOUT,
    IMPACT_ARMS,
    OUTSIDE,
    PROPENSITY_ONLY,
    RANDOM_PROPENSITY,
)
from nbo.policies import Policy, Uniform
from nbo.rng import uniform_by_key

__all__ = ["ByArm", "armed"]

_KNOWN = (*IMPACT_ARMS, BUSINESS_AS_USUAL, HOLDOUT, OUTSIDE)


def armed(candidates: Candidates, beliefs: Beliefs, arms: Arms) -> Candidates:
    """Put the customers into the arms of an experiment, and leave to each what its arm does.

    Parameters
    ----------
    candidates : Candidates
        Before a plan is made.
    beliefs : Beliefs
    arms : Arms
        Named as in :mod:`nbo.experiments.arm_names`.

    Returns
    -------
    Candidates
        Nothing is left to the holdout; to propensity alone and to random propensities the best offer by these;
        eligibility alone is not bound by rules of applicability and suitability; without levers they count 1.

    Raises
    ------
    InputError
        If an arm has another name.

    Examples
    --------
    >>> from nbo.experiments import four_arms
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> people = pd.DataFrame({"customer_id": ["ann", "bob", "fay"]})
    >>> spine, catalog = Spine.at("2026-06-30", people), Catalog([Offer("card", value=40.0)])
    >>> found = Candidates.of(CustomerTables(customers=people), spine, catalog)
    >>> armed(found, Beliefs(np.array([[0.1], [0.2], [0.3]])), four_arms("spring", holdout=0.5)).arms.tolist()
    ['holdout', 'holdout', 'agent']
    """
    for name in (*arms.shares, arms.rest):
        check_one_of(name, _KNOWN, f"an arm of {arms.name!r}")
    ids = candidates.spine.frame[c.CUSTOMER_ID]
    names = np.asarray(arms.assign(ids, candidates.segments))
    found = replace(candidates, arms=names)
    best_by = {PROPENSITY_ONLY: beliefs.propensity, RANDOM_PROPENSITY: _random(ids, found, arms.name)}
    refused = {f"arm: {HOLDOUT}": (names == HOLDOUT)[:, None, None]}
    for arm, scores in best_by.items():
        best = np.where(found.eligible, scores, -np.inf).argmax(axis=1)
        others = np.arange(len(found.catalog))[None, :] != best[:, None]
        refused[f"arm: {arm}"] = (others & (names == arm)[:, None])[:, :, None]
    return found.without("arbitration", {why: mask for why, mask in refused.items() if mask.any()})


class ByArm:
    """State the probabilities of each customer's arm.

    Parameters
    ----------
    policy : Policy
        Of the agent, and of the arms that take one part out of its decision.
    arms : ndarray of str, shape (n,)
        Arm of each customer.
    customer_ids : ndarray, shape (n,)
    business_as_usual : Policy, optional
        What was done before; needed where customers are in that arm.

    Raises
    ------
    InputError
        If there are customers in business as usual, and no policy for them.
    """

    def __init__(
        self, policy: Policy, arms: np.ndarray, customer_ids: Any, business_as_usual: Policy | None = None
    ) -> None:
        if business_as_usual is None and (arms == BUSINESS_AS_USUAL).any():
            raise InputError(
                f"{(arms == BUSINESS_AS_USUAL).sum()} customers are in the arm {BUSINESS_AS_USUAL!r}, and "
                "business_as_usual is not given. Give the policy that was used before."
            )
        self.policy = policy
        self._arms = pd.Series(arms, index=pd.Index(customer_ids))
        self._usual = business_as_usual

    @property
    def offers(self) -> list[str]:
        """Actions, in the policy's order; ``nbo.NO_OFFER`` is one."""
        own = list(self.policy.offers)
        return own if c.NO_OFFER in own else [*own, c.NO_OFFER]

    @property
    def context_columns(self) -> list[str]:
        """Features that the policies read."""
        usual = [] if self._usual is None else self._usual.context_columns
        return list(dict.fromkeys([*self.policy.context_columns, *usual]))

    def decision_columns(self, context: pd.DataFrame) -> pd.DataFrame:
        """Name the arm of each decision, beside what the policy notes."""
        notes = getattr(self.policy, "decision_columns", None)
        own = pd.DataFrame(index=context.index) if notes is None else notes(context)
        return own.assign(**{c.ARM: pd.array(self._of(context), dtype="str")})

    def names(self, context: pd.DataFrame) -> np.ndarray:
        """Name the policy that decides for each customer.

        Parameters
        ----------
        context : DataFrame of n rows

        Returns
        -------
        ndarray of str, shape (n,)
        """
        others = {CONTROL: "Uniform", BUSINESS_AS_USUAL: type(self._usual).__name__}
        return np.array([others.get(arm, type(self.policy).__name__) for arm in self._of(context)], dtype=object)

    def narrowed(self, context: pd.DataFrame, eligible: np.ndarray) -> np.ndarray:
        """Leave making no offer to policies that know it, and to customers for whom theirs has nothing else.

        Parameters
        ----------
        context : DataFrame of n rows
        eligible : ndarray of bool, shape (n, k)

        Returns
        -------
        ndarray of bool, shape (n, k)
        """
        left, nothing = eligible.copy(), self.offers.index(c.NO_OFFER)
        arms = self._of(context)
        for arm in np.unique(arms):
            own = list(self._policy_of(arm).offers)
            if c.NO_OFFER not in own:
                columns = [at for at, action in enumerate(self.offers) if action in own]
                rows = arms == arm
                left[rows, nothing] &= ~left[np.ix_(rows, columns)].any(axis=1)
        return left

    def probabilities(self, context: pd.DataFrame, eligible: np.ndarray | None = None) -> np.ndarray:
        """See :meth:`nbo.Policy.probabilities`."""
        names = self._of(context)
        k = len(self.offers)
        allowed = np.ones((len(context), k), dtype=bool) if eligible is None else eligible
        stated = np.zeros((len(context), k))
        for arm in np.unique(names):
            rows = np.flatnonzero(names == arm)
            stated[rows] = self._stated(self._policy_of(arm), context.iloc[rows], allowed[rows])
        return stated

    def _stated(self, policy: Any, context: pd.DataFrame, allowed: np.ndarray) -> np.ndarray:
        """State in the order of all actions; where the policy may make none of its offers, no offer is made."""
        place = {action: at for at, action in enumerate(self.offers)}
        own = np.array([place[action] for action in policy.offers])
        found = np.zeros(allowed.shape)
        asked = np.asarray(allowed[:, own].any(axis=1))
        cells = np.ix_(np.flatnonzero(asked), own)
        found[cells] = policy.probabilities(context[asked], allowed[cells])
        # Who must get an offer that the policy does not know gets one of those evenly.
        none = allowed[:, place[c.NO_OFFER]]
        found[~asked & none, place[c.NO_OFFER]] = 1.0
        rest = ~asked & ~none
        found[rest] = allowed[rest] / np.maximum(allowed[rest].sum(axis=1, keepdims=True), 1)
        return found

    def _of(self, context: pd.DataFrame) -> np.ndarray:
        return self._arms.loc[context[c.CUSTOMER_ID]].to_numpy(dtype=object)

    def _policy_of(self, arm: str) -> Any:
        real = [action for action in self.offers if action != c.NO_OFFER]
        return {CONTROL: Uniform(real), BUSINESS_AS_USUAL: self._usual}.get(arm, self.policy)


def _random(ids: pd.Series, candidates: Candidates, name: str) -> np.ndarray:
    offers = candidates.catalog.offer_ids
    return np.column_stack([uniform_by_key(ids, salt=f"arms/{name}/{offer}") for offer in offers])
