"""Thompson sampling on acceptance rates that depend on a customer's features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo import columns as c
from nbo.numbers import check_number
from nbo.policies.context_policy import ContextPolicy
from nbo.policies.logistic_posterior import LogisticPosterior, fit_logistic_posterior

__all__ = ["LogisticThompson"]


class LogisticThompson(ContextPolicy):
    r"""Make each offer with the probability that it is the best one for the customer's features.

    The log-odds that a customer with features x accepts offer o are :math:`x^\top (b + b_o)`:
    a common level and effects of features, and for each offer its own, all with a normal prior.
    So offers share what they have in common, and a feature may favor one of them. The posterior
    is taken as normal at its mode [1]_. At the first question after new answers the mode is
    sought from the last one, mostly in one or two steps; it is the same to the bit from
    wherever the search starts, and hence in whichever order the answers came.

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
    sharpen : float, default=4
        The posterior's covariance is divided by this number when probabilities are stated:
        above 1 explores less. By default standard deviations are halved, as in [1]_.

    References
    ----------
    .. [1] Chapelle, O. and Li, L. (2011). An empirical evaluation of Thompson sampling.
       NeurIPS 24.

    Examples
    --------
    The young take the card, the old the fund.

    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> log = pd.DataFrame({"decision_id": range(2000), "age": rng.integers(18, 80, 2000),
    ...                     "offer_id": rng.choice(["card", "fund"], 2000)})
    >>> fits = (log["age"] < 45) == (log["offer_id"] == "card")
    >>> policy = LogisticThompson(["card", "fund"], ["age"]).learn(log.assign(reward=0.2 * fits))
    >>> policy.probabilities(pd.DataFrame({"age": [20, 75]})).round(2)
    array([[0.99, 0.01],
           [0.01, 0.99]])
    """

    _posterior: LogisticPosterior

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
        sharpen: float = 4.0,
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
        self.sharpen = sharpen

    def _fit(self, matrix: np.ndarray, n: np.ndarray, accepted: np.ndarray, rates: np.ndarray) -> None:
        near = self._posterior.mean if hasattr(self, "_posterior") else None
        self._posterior = fit_logistic_posterior(
            matrix, n, accepted, prior_rate=rates, effect_sd=self.effect_sd, near=near
        )

    def _choice(self, matrix: np.ndarray, eligible: np.ndarray) -> np.ndarray:
        values, costs, real = self._money()
        surer = LogisticPosterior(self._posterior.mean, self._posterior.covariance / self.sharpen)
        return surer.probability_of_best(matrix, values, costs, eligible, real)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_number(self.sharpen, "sharpen", "above 0", lambda number: 0 < number < np.inf)
