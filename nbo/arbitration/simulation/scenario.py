"""What one set of rules would lead to, in expectation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.allocation import Limit
from nbo.arbitration.arbitration import Arbitration
from nbo.arbitration.asking import check_run, policy_actions, policy_context
from nbo.arbitration.beliefs import Beliefs
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.plan import Plan
from nbo.arbitration.priority import Priority
from nbo.arbitration.rule import Rule
from nbo.checks import check_matrix
from nbo.errors import InputError
from nbo.policies import Policy

__all__ = ["Scenario"]


@dataclass(frozen=True)
class Scenario:
    """What one set of rules would lead to, in expectation.

    It takes the way of :func:`~nbo.arbitration.decide` up to the draw: rules, plan, and the probabilities that the
    policy states. Nothing is drawn, so its numbers have no noise of a draw, and nothing is changed.

    Parameters
    ----------
    candidates : Candidates
        n customers, each once; k offers; and the rules.
    beliefs : Beliefs
    policy : Policy
    context : DataFrame of n rows
        What the policy reads.
    arbitration : Arbitration
    limits : tuple of Limit, default=()
    base : Scenario, optional
        Of the same customers and policy; the policy is asked only about rows that may get something else than there.
    """

    candidates: Candidates
    beliefs: Beliefs
    policy: Policy
    context: pd.DataFrame
    arbitration: Arbitration
    limits: tuple[Limit, ...] = ()
    base: Scenario | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        candidates: Candidates,
        beliefs: Beliefs | np.ndarray,
        policy: Policy,
        *,
        segments: np.ndarray | None = None,
        features: pd.DataFrame | None = None,
        arbitration: Arbitration | None = None,
        limits: Iterable[Limit] = (),
    ) -> Scenario:
        """Put it together.

        Parameters
        ----------
        candidates : Candidates
        beliefs : Beliefs or ndarray of shape (n, k)
            A matrix is P(accept).
        policy : Policy
            Knows the catalog's offers.
        segments : ndarray of str, shape (n,), optional
            By default those of the candidates.
        features : DataFrame of n rows, optional
            With the `context_columns` of the policy; by default those of the candidates.
        arbitration : Arbitration, optional
        limits : iterable of Limit, default=()

        Returns
        -------
        Scenario

        Raises
        ------
        InputError
            If there are no customers, one stands twice, they are in arms of an experiment, there are no segments,
            the policy does not know an offer of the catalog or lacks a column, or shapes differ.
        """
        n, k, _ = candidates.shape
        if not n:
            raise InputError("candidates must have at least one customer to simulate; got none.")
        if candidates.arms is not None:
            raise InputError("candidates must be simulated before they are put into the arms of an experiment.")
        given = Beliefs.given(beliefs)
        check_matrix(given.propensity, (n, k), "propensity")
        check_run(candidates, policy)
        segments = candidates.segments if segments is None else np.asarray(segments)
        if segments is None:
            raise InputError("segments must be given, or be part of the candidates; there are none.")
        if segments.shape != (n,):
            raise InputError(f"segments must have {n} values, one a customer; got shape {segments.shape}.")
        context = policy_context(candidates, segments, policy, candidates.features if features is None else features)
        return cls(candidates, given, policy, context, arbitration or Arbitration(), tuple(limits))

    def with_rules(self, rules: Iterable[Rule], beliefs: Beliefs | np.ndarray | None = None) -> Scenario:
        """Ask the same of other rules.

        Parameters
        ----------
        rules : iterable of Rule, such as a Playbook
        beliefs : Beliefs or ndarray of shape (n, k), optional
            By default the same; others where the rules change the ways in which offers come, and the models
            tell ways apart.

        Returns
        -------
        Scenario

        Raises
        ------
        InputError
            If one of them is no rule, or the shape of the beliefs is another.
        """
        if not isinstance(rules, Iterable):
            raise InputError(f"rules must be a list of rules, or a Playbook; got {rules!r}.")
        own = tuple(rules)
        wrong = [rule for rule in own if not isinstance(rule, Rule)]
        if wrong:
            raise InputError(f"rules must be Rule objects; got {wrong[0]!r}.")
        given = self.beliefs if beliefs is None else Beliefs.given(beliefs)
        check_matrix(given.propensity, self.candidates.shape[:2], "propensity")
        return replace(self, candidates=replace(self.candidates, rules=own), beliefs=given, base=self)

    @cached_property
    def _planned(self) -> tuple[Candidates, np.ndarray]:
        plan = Plan.make(self.candidates, self.beliefs, self.arbitration, self.limits)
        left, must, _ = plan.applied(self.candidates)
        return left, must

    @property
    def left(self) -> Candidates:
        """What rules and plan leave to the policy."""
        return self._planned[0]

    @cached_property
    def eligible(self) -> np.ndarray:
        """What the policy may draw, in its own order; ndarray of bool, shape (n, offers of the policy)."""
        return policy_actions(self.left, self.policy, self._planned[1])

    @cached_property
    def stated(self) -> np.ndarray:
        """Probabilities that the policy states, in its own order; 0 throughout where nothing may be offered."""
        asked = self.eligible.any(axis=1)
        stated = np.zeros(self.eligible.shape)
        if self.base is not None:
            stated = self.base.stated.copy()
            moved = (self.eligible != self.base.eligible).any(axis=1)
            stated[moved], asked = 0.0, asked & moved
        rows = np.flatnonzero(asked)
        if len(rows):
            stated[rows] = self.policy.probabilities(self.context.iloc[rows], self.eligible[rows])
        return stated

    @cached_property
    def made(self) -> np.ndarray:
        """Probability with which each offer is made, ndarray of shape (n, k)."""
        column = {offer: at for at, offer in enumerate(self.policy.offers)}
        return self.stated[:, [column[offer] for offer in self.candidates.catalog.offer_ids]]

    @cached_property
    def terms(self) -> Priority:
        """Terms of the priority, each offer in its best way."""
        return Priority.of(self.left, self.beliefs)

    @cached_property
    def worth(self) -> np.ndarray:
        """Expected gain of making each offer, money, without levers: P x C x V - cost; ndarray of shape (n, k)."""
        return self.terms.chance * self.terms.context * self.terms.value - self.terms.cost

    @property
    def segments(self) -> np.ndarray:
        """Segment of each customer."""
        return self.context[c.SEGMENT].to_numpy(dtype=object)

    def expected(self) -> pd.DataFrame:
        """Give what each customer is expected to get and to bring.

        Returns
        -------
        DataFrame of n rows
            `offers` (chance of any offer, in [0, 1]), `acceptances` (by the propensity), `value` (money, without
            levers) and `priority` (money, with them).
        """
        sums = {
            "offers": self.made,
            "acceptances": self.made * self.beliefs.propensity,
            "value": self.made * self.worth,
            "priority": self.made * self.terms.priority,
        }
        return pd.DataFrame({name: terms.sum(axis=1) for name, terms in sums.items()})
