"""The offer whose acceptance could be best, by a linear model of the customer's features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo import columns as c
from nbo.numbers import check_number
from nbo.policies.context_policy import ContextPolicy
from nbo.policies.even_best import even_best
from nbo.policies.linear_posterior import fit_linear_posterior

__all__ = ["LinearUCB"]


class LinearUCB(ContextPolicy):
    r"""Make the offer with the highest upper bound of what it pays, and now and then any other.

    Acceptance is a linear function of the customer's features: effects that all offers share,
    and each offer's own, fitted to all answers at once. The bound of an offer's rate is
    its mean and `alpha` standard deviations, within [0, 1]; the offer with the highest `values *
    bound - costs` is made [1]_. Equal ones share evenly, ``nbo.NO_OFFER`` pays 0.

    The bound names one offer, for which the log alone could tell nothing of the others. Hence
    every eligible offer has at least the probability `min_probability`, and the best one has the
    rest; these probabilities are exact.

    Features are read as by :class:`~nbo.LogisticThompson`. A straight line on rates is coarse
    where rates are small and features matter much; it is fast, for its fit is one solution of
    linear equations.

    Parameters
    ----------
    offers : list of str
        The actions. ``nbo.NO_OFFER`` among them pays 0 for certain.
    features : list of str, default=("segment",)
        Columns of the context, and of the feedback: numbers, booleans or texts. At least one.
    alpha : float, default=1
        How many standard deviations the bound lies above the mean, 0 or more. More explores
        longer.
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
    effect_sd : float, default=1
        How far apart offers are expected to be, and how much a feature to matter: a standard
        deviation on the log-odds. Wider than in :class:`~nbo.LogisticThompson`, for a straight line
        on rates is steepest where rates are high.

    References
    ----------
    .. [1] Li, L., Chu, W., Langford, J. and Schapire, R. (2010). A contextual-bandit approach
       to personalized news article recommendation. WWW 2010.

    Examples
    --------
    The young take the card, the old the fund.

    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> log = pd.DataFrame({"decision_id": range(2000), "age": rng.integers(18, 80, 2000),
    ...                     "offer_id": rng.choice(["card", "fund"], 2000)})
    >>> fits = (log["age"] < 45) == (log["offer_id"] == "card")
    >>> policy = LinearUCB(["card", "fund"], ["age"]).learn(log.assign(reward=0.2 * fits))
    >>> policy.probabilities(pd.DataFrame({"age": [20, 75]}))
    array([[0.99, 0.01],
           [0.01, 0.99]])
    """

    def __init__(
        self,
        offers: Sequence[str],
        features: Sequence[str] = (c.SEGMENT,),
        alpha: float = 1.0,
        values: Sequence[float] | np.ndarray | None = None,
        costs: Sequence[float] | np.ndarray | None = None,
        random_state: int = 0,
        min_probability: float = 0.01,
        prior_rate: float = 0.04,
        effect_sd: float = 1.0,
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
        self.alpha = alpha

    def _fit(self, matrix: np.ndarray, n: np.ndarray, accepted: np.ndarray, rates: np.ndarray) -> None:
        self._posterior = fit_linear_posterior(matrix, n, accepted, prior_rate=rates, effect_sd=self.effect_sd)

    def _choice(self, matrix: np.ndarray, eligible: np.ndarray) -> np.ndarray:
        values, costs, real = self._money()
        mean, sd = self._posterior.rates(matrix)
        payoffs = np.zeros(eligible.shape)
        payoffs[:, real] = values[real] * np.clip(mean + self.alpha * sd, 0.0, 1.0) - costs[real]
        return even_best(payoffs, eligible, values.max() + np.abs(costs).max())

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_number(self.alpha, "alpha", "0 or more", lambda number: 0 <= number < np.inf)
