"""What policies on features of the customer share: answers by context, a fit, and a choice."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.policies.amounts import amounts_of_offers, money_of_actions
from nbo.policies.base import Policy
from nbo.policies.context_answers import ContextAnswers
from nbo.policies.context_columns import ContextColumns
from nbo.policies.context_values import ContextValues, context_keys
from nbo.policies.floors import with_floor
from nbo.policies.groups import group_rows
from nbo.policies.more_offers import add_more_offers
from nbo.policies.warm_start import WarmStart

__all__ = ["ContextPolicy"]


class ContextPolicy(Policy):
    """Hold what policies on features share; it is not a policy by itself.

    A subclass fits its model of acceptance in `_fit` and states in `_choice` which offers it
    would make. Arguments are as in :class:`~nbo.LogisticThompson`.
    """

    _stored: Any

    def __init__(
        self,
        offers: Sequence[str],
        features: Sequence[str] = (c.SEGMENT,),
        values: Sequence[float] | np.ndarray | None = None,
        costs: Sequence[float] | np.ndarray | None = None,
        random_state: int = 0,
        min_probability: float = 0.01,
        prior_rate: float = 0.04,
        effect_sd: float = 0.5,
    ) -> None:
        super().__init__()
        self.offers = offers
        self.features = features
        self.values = values
        self.costs = costs
        self.random_state = random_state
        self.min_probability = min_probability
        self.prior_rate = prior_rate
        self.effect_sd = effect_sd
        self._warm: WarmStart | None = None
        self._fitted_for: tuple[Any, ...] = ()

    @abstractmethod
    def _fit(self, matrix: np.ndarray, n: np.ndarray, accepted: np.ndarray, rates: np.ndarray) -> None:
        """Fit the model to counts by context and offer, from an expected rate of each offer."""

    @abstractmethod
    def _choice(self, matrix: np.ndarray, eligible: np.ndarray) -> np.ndarray:
        """State the probabilities of all actions for rows of features, without the floor."""

    @property
    def _answers(self) -> Any:
        """Answers by context: what the base stores, with the features, once these are known."""
        features = self._checked_features()
        if not isinstance(self._stored, ContextAnswers):
            self._stored = ContextAnswers(features, self._stored)
        if self._stored.features != features:
            raise InputError(
                f"features must stay those of the answers learnt, {self._stored.features}; got {features}. "
                "Make a new policy."
            )
        return self._stored

    @_answers.setter
    def _answers(self, answers: Any) -> None:
        self._stored = answers

    @property
    def context_columns(self) -> list[str]:
        """Columns of the context, and of the feedback, that the policy reads."""
        return self._checked_features()

    def learn(self, feedback: pd.DataFrame, as_of: Any = None) -> Self:
        """See :meth:`Policy.learn`; `feedback` also has the features, as they were at the decision.

        A decision whose answer is pending counts when the answer is there.
        """
        feedback = check_frame(feedback, "feedback")
        check_columns(feedback, self._checked_features(), "feedback")
        if c.OUTCOME in feedback:
            feedback = feedback[(feedback[c.OUTCOME] != c.PENDING).to_numpy(dtype=bool)]
        return super().learn(feedback, as_of)

    def warm_start(self, prior_rates: pd.DataFrame) -> Self:
        """Start from a model's expectations; answers correct them.

        Each offer's rate takes the place of `prior_rate`. The level of all offers is free to
        move, and each offer and feature as far as `effect_sd` says.

        Parameters
        ----------
        prior_rates : DataFrame
            Columns `offer_id` and `rate` in [0, 1], such as a propensity model's mean
            prediction; where there is a column `segment`, the mean over segments counts. A
            second call replaces the first.

        Returns
        -------
        Policy
            Itself.

        Raises
        ------
        InputError
            If a column is missing, a rate is not allowed, or an offer is there twice.
        """
        prior_rates = check_frame(prior_rates, "prior_rates")
        if c.SEGMENT not in prior_rates:
            prior_rates = prior_rates.assign(**{c.SEGMENT: "all"})
        self._warm = WarmStart.of(prior_rates)
        self._fitted_for = ()
        return self

    def add_offers(
        self,
        offers: Sequence[str],
        values: Sequence[float] | np.ndarray | None = None,
        costs: Sequence[float] | np.ndarray | None = None,
    ) -> Self:
        """Add offers at run time; what all offers have in common holds for them from the start.

        Parameters
        ----------
        offers : list of str
            New actions; answers to them that came before count.
        values, costs : array-like of shape (n_new,), optional
            As in the class; 1 and 0 by default.

        Returns
        -------
        Policy
            Itself.

        Raises
        ------
        InputError
            If an offer is there already, or `values` or `costs` have another length.
        """
        add_more_offers(self, offers, values, costs)
        return self

    def to_state(self) -> dict[str, Any]:
        """See :meth:`Policy.to_state`; the segment of an answer is written with its features."""
        warm = None if self._warm is None else self._warm.to_state()
        return {**super().to_state(), "warm_start": warm}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """See :meth:`Policy.from_state`."""
        policy = super().from_state(state)
        # Reads the contexts once: a state that is altered is refused here.
        policy._answers.contexts(policy._checked_offers())
        if state.get("warm_start") is not None:
            policy._warm = WarmStart.from_state(state["warm_start"])
        return policy

    def _probabilities(self, context: pd.DataFrame, eligible: np.ndarray) -> np.ndarray:
        self._refresh()
        features = self._checked_features()
        check_columns(context, features, "context")
        keys = context_keys(context, features, "context")
        group, first = group_rows(keys, eligible)
        matrix = self._columns.matrix(ContextValues.of(keys[first].tolist(), len(features)))
        stated = self._choice(matrix, eligible[first])
        return with_floor(stated, eligible[first], self.min_probability)[group]

    def _refresh(self) -> None:
        """Fit anew if answers or parameters are not those of the last fit."""
        now = (self._answers.version, repr(self._parameters()))
        if now == self._fitted_for:
            return
        self._check_parameters()
        offers = self._real_offers()
        values, n, accepted = self._answers.contexts(offers)
        self._columns = ContextColumns.of(values, n.sum(axis=1))
        self._fit(self._columns.matrix(values), n, accepted, self._expected(offers))
        self._fitted_for = now

    def _expected(self, offers: list[str]) -> np.ndarray:
        """Give the rate of each offer expected before any answer."""
        if self._warm is None:
            return np.full(len(offers), float(self.prior_rate))
        return self._warm.tables(self._warm.segments, offers, self.prior_rate)[0][-1]

    def _money(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give the value and cost of each action, and mark what is an offer."""
        return money_of_actions(self._checked_offers(), self.values, self.costs)

    def _checked_features(self) -> list[str]:
        many = np.iterable(self.features) and not isinstance(self.features, str)
        features: list[Any] = list(self.features) if many else []
        if not features or len(set(features)) < len(features) or not all(isinstance(name, str) for name in features):
            raise InputError(f"features must be a list of names of columns, each once; got {self.features!r}.")
        return features

    def _check_parameters(self) -> None:
        values = amounts_of_offers(self.values, len(self._checked_offers()), "values", 1.0)
        check_rows(values < 0, values, "values", "0 or more")
        check_number(self.min_probability, "min_probability", "in [0, 1)", lambda least: 0 <= least < 1)
        check_number(self.prior_rate, "prior_rate", "in (0, 1)", lambda rate: 0 < rate < 1)
        check_number(self.effect_sd, "effect_sd", "above 0", lambda sd: 0 < sd < np.inf)
