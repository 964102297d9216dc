"""Thompson sampling on acceptance rates that depend on a customer's features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.policies.amounts import amounts_of_offers
from nbo.policies.answers import Answers
from nbo.policies.base import Policy
from nbo.policies.context_columns import ContextColumns, context_keys
from nbo.policies.floors import with_floor
from nbo.policies.groups import group_rows
from nbo.policies.logistic_posterior import LogisticPosterior, fit_logistic_posterior
from nbo.states import check_parts

__all__ = ["LogisticThompson"]


class LogisticThompson(Policy):
    r"""Make each offer with the probability that it is the best one for the customer's features.

    The log-odds that a customer with features x accepts offer o are :math:`x^\top (b + b_o)`:
    a common level and effects of features, and for each offer its own, all with a normal prior.
    So offers share what they have in common, and a feature may favor one of them. The posterior
    is taken as normal at its mode [1]_, and refitted from all answers at the first question
    after new ones; hence it does not depend on their order.

    Numbers are standardized by the mean and standard deviation of all answers, and count as 4
    standard deviations where they are further off; a missing number counts as the mean. A text
    is an effect of its own (the 20 most frequent texts of a feature), and a missing text, or
    one never answered with, has none. What the state holds, one row per answer with its
    features, gives these figures back to the bit.

    Action probabilities are the shares of a fixed set of 4,096 quasi-random points of the
    posterior at which the offer pays most. The action is drawn from them, so what is logged is
    exact; from those of endless draws they differ by less than 0.01.

    Parameters
    ----------
    offers : list of str
        The actions. ``nbo.NO_OFFER`` among them pays 0 for certain.
    features : list of str, default=("segment",)
        Columns of the context, and of the feedback: numbers, booleans or texts. At least one.
    values : array-like of shape (k,), optional
        What an acceptance is worth, 0 or more, in the order of `offers`; 1 by default.
    costs : array-like of shape (k,), optional
        What making the offer costs, accepted or not, in the unit of `values`; 0 by default.
    random_state : int, default=0
        Seed of :meth:`draw` where it is given none.
    min_probability : float, default=0.01
        Every eligible offer gets at least this probability (less if 1 / number of eligible
        offers is less).
    prior_rate : float, default=0.04
        Acceptance rate expected before any answer.
    effect_sd : float, default=0.5
        How far apart offers are expected to be, and how much a feature to matter, by one
        standard deviation or by a text: a standard deviation on the log-odds.

    References
    ----------
    .. [1] Chapelle, O. and Li, L. (2011). An empirical evaluation of Thompson sampling.
       NeurIPS 24.

    Examples
    --------
    The young take the card, the old the fund.

    >>> rng = np.random.default_rng(0)
    >>> log = pd.DataFrame({"decision_id": range(2000), "age": rng.integers(18, 80, 2000),
    ...                     "offer_id": rng.choice(["card", "fund"], 2000)})
    >>> fits = (log["age"] < 45) == (log["offer_id"] == "card")
    >>> policy = LogisticThompson(["card", "fund"], ["age"]).learn(log.assign(reward=0.2 * fits))
    >>> policy.probabilities(pd.DataFrame({"age": [20, 75]})).round(2)
    array([[0.99, 0.01],
           [0.01, 0.99]])
    """

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
        # The same answers once more, by context in place of segment.
        self._contexts = Answers()
        self._fitted_for: tuple[Any, ...] = ()

    def learn(self, feedback: pd.DataFrame) -> Self:
        """See :meth:`Policy.learn`; `feedback` also has the features, as they were at the decision."""
        feedback = check_frame(feedback, "feedback")
        features = self._checked_features()
        check_columns(feedback, features, "feedback")
        keys = context_keys(feedback, features, "feedback")
        super().learn(feedback)
        self._contexts.fold(feedback.assign(**{c.SEGMENT: pd.array(keys, dtype="str")}))
        return self

    def to_state(self) -> dict[str, Any]:
        """See :meth:`Policy.to_state`; with the features of each answer."""
        return {**super().to_state(), "contexts": self._contexts.to_state()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """See :meth:`Policy.from_state`."""
        policy = super().from_state(state)
        check_parts(state, cls.__name__, {"contexts": dict})
        policy._contexts = Answers.from_state(state["contexts"])
        return policy

    def _probabilities(self, context: pd.DataFrame, eligible: np.ndarray) -> np.ndarray:
        self._refresh()
        features, offers = self._checked_features(), self._checked_offers()
        check_columns(context, features, "context")
        keys = context_keys(context, features, "context")
        group, first = group_rows(keys, eligible)
        best = self._posterior.probability_of_best(
            self._columns.matrix(keys[first].tolist()),
            amounts_of_offers(self.values, len(offers), "values", 1.0),
            amounts_of_offers(self.costs, len(offers), "costs", 0.0),
            eligible[first],
            np.array([offer != c.NO_OFFER for offer in offers]),
        )
        return with_floor(best, eligible[first], self.min_probability)[group]

    def _refresh(self) -> None:
        """Fit anew if answers or parameters are not those of the last fit."""
        now = (self._contexts.version, repr(self._parameters()))
        if now == self._fitted_for:
            return
        self._check_parameters()
        keys = self._contexts.segments
        n, accepted = self._contexts.count(keys, self._real_offers())
        self._columns = ContextColumns.of(keys, n.sum(axis=1), len(self._checked_features()))
        self._posterior: LogisticPosterior = fit_logistic_posterior(
            self._columns.matrix(keys), n, accepted, prior_rate=self.prior_rate, effect_sd=self.effect_sd
        )
        self._fitted_for = now

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
