"""Each offer the rarer, the wider the gap to the best one, and the more is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from nbo import columns as c
from nbo.numbers import check_number
from nbo.policies.context_policy import ContextPolicy
from nbo.policies.inverse_gap import inverse_gap_weights
from nbo.policies.logistic_posterior import LogisticPosterior, fit_logistic_posterior

__all__ = ["SquareCB"]


class SquareCB(ContextPolicy):
    r"""Weigh each offer by the inverse of its gap to the best one.

    A logistic regression with the model of :class:`~nbo.LogisticThompson` says what each of the
    K eligible offers pays; with f that payoff over the largest value, an offer that is not the
    best has the probability [1]_

    .. math:: \pi_o = \frac{1}{K + \gamma \, (f_{best} - f_o)}, \qquad \gamma = g \, n^{e},

    and the best one has the rest. So :math:`\gamma`, which grows with the number n of answers,
    moves the policy from uniform to greedy, in each context as fast as the gaps there say. It
    needs no posterior, and no offer's probability is ever 0.

    Parameters
    ----------
    offers : list of str
        The actions. ``nbo.NO_OFFER`` among them pays 0 for certain.
    features : list of str, default=("segment",)
        Columns of the context, and of the feedback: numbers, booleans or texts. At least one.
    gamma_scale : float, default=30
        The factor g, above 0: more exploits sooner.
    gamma_exponent : float, default=0.5
        The power e of the number of answers, in [0, 1].
    values : array-like of shape (k,), optional
        What an acceptance is worth, 0 or more, in the order of `offers`; 1 by default.
    costs : array-like of shape (k,), optional
        What making the offer costs, accepted or not, in the unit of `values`; 0 by default.
    random_state : int, default=0
        Seed of :meth:`draw` where it is given none.
    min_probability : float, default=0
        Every eligible offer gets at least this probability (less if 1 / number of eligible
        offers is less).
    prior_rate : float, default=0.04
        Acceptance rate expected before any answer.
    effect_sd : float, default=0.5
        How far apart offers are expected to be, and how much a feature to matter: a standard
        deviation on the log-odds.

    References
    ----------
    .. [1] Foster, D. and Rakhlin, A. (2020). Beyond UCB: optimal and efficient contextual
       bandits with regression oracles. ICML 2020.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"decision_id": range(400), "segment": "young", "offer_id": ["card", "loan"] * 200,
    ...                         "reward": [0.0, 0.0] * 100 + [0.0, 1.0] * 100})
    >>> SquareCB(["card", "loan"]).learn(answers).probabilities(pd.DataFrame({"segment": ["young"]})).round(3)
    array([[0.004, 0.996]])
    """

    _posterior: LogisticPosterior

    def __init__(
        self,
        offers: Sequence[str],
        features: Sequence[str] = (c.SEGMENT,),
        gamma_scale: float = 30.0,
        gamma_exponent: float = 0.5,
        values: Sequence[float] | np.ndarray | None = None,
        costs: Sequence[float] | np.ndarray | None = None,
        random_state: int = 0,
        min_probability: float = 0.0,
        prior_rate: float = 0.04,
        effect_sd: float = 0.5,
    ) -> None:
        super().__init__(
            offers,
            features=features,
            values=values,
            costs=costs,
            random_state=random_state,
            min_probability=min_probability,
            prior_rate=prior_rate,
            effect_sd=effect_sd,
        )
        self.gamma_scale = gamma_scale
        self.gamma_exponent = gamma_exponent

    def _fit(self, matrix: np.ndarray, n: np.ndarray, accepted: np.ndarray, rates: np.ndarray) -> None:
        near = self._posterior.mean if hasattr(self, "_posterior") else None
        self._posterior = fit_logistic_posterior(
            matrix, n, accepted, prior_rate=rates, effect_sd=self.effect_sd, near=near
        )
        self._gamma = self.gamma_scale * float(n.sum()) ** self.gamma_exponent

    def _choice(self, matrix: np.ndarray, eligible: np.ndarray) -> np.ndarray:
        values, costs, real = self._money()
        payoffs = np.zeros(eligible.shape)
        # One by one, for a product of many rows may round otherwise than that of one.
        odds = np.array([self._posterior.mean @ row for row in matrix])
        payoffs[:, real] = values[real] * special.expit(odds) - costs[real]
        return inverse_gap_weights(payoffs / (values.max() or 1.0), eligible, self._gamma)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_number(self.gamma_scale, "gamma_scale", "above 0", lambda number: 0 < number < np.inf)
        check_number(self.gamma_exponent, "gamma_exponent", "in [0, 1]", lambda number: 0 <= number <= 1)
