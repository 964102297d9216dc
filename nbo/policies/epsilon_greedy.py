"""The offer that has paid most, and now and then any other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo.numbers import check_number
from nbo.policies.greedy import Greedy

__all__ = ["EpsilonGreedy"]


class EpsilonGreedy(Greedy):
    r"""Spread a share evenly over all eligible offers; make the best one with the rest.

    Of k eligible offers each has the probability :math:`\epsilon / k`, and the best one
    :math:`1 - \epsilon` more. Best is as in :class:`~nbo.Greedy`: the highest `values * rate -
    costs` with shrunken rates, and equal ones share evenly. ``nbo.NO_OFFER``, where eligible,
    is explored like any offer.

    It explores as much in the end as in the beginning, and offers that are known to be bad as
    often as those hardly tried; :class:`~nbo.SegmentThompson` does not.

    Parameters
    ----------
    offers : list of str
        The actions. ``nbo.NO_OFFER`` among them pays 0 for certain.
    epsilon : float, default=0.1
        Share that is spread evenly, in [0, 1]. With 0 it is :class:`~nbo.Greedy`, with 1
        :class:`~nbo.Uniform`.
    values : array-like of shape (k,), optional
        What an acceptance is worth, 0 or more, in the order of `offers`; 1 by default.
    costs : array-like of shape (k,), optional
        What making the offer costs, accepted or not, in the unit of `values`; 0 by default.
    random_state : int, default=0
        Seed of :meth:`draw` where it is given none.
    prior_rate : float, default=0.04
        Acceptance rate expected before any answer.
    prior_strength : float, default=25
        How many decisions that belief is worth.
    pooling : bool, default=True
        False shrinks each rate to `prior_rate` alone, and nothing is shared.

    References
    ----------
    .. [1] Sutton, R. S. and Barto, A. G. (2018). Reinforcement learning: an introduction,
       second edition, section 2.3. MIT Press.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"decision_id": range(400), "segment": "young", "offer_id": ["card", "loan"] * 200,
    ...                         "reward": [0.0, 0.0] * 100 + [0.0, 1.0] * 100})
    >>> EpsilonGreedy(["card", "loan"]).learn(answers).probabilities(pd.DataFrame({"segment": ["young"]}))
    array([[0.05, 0.95]])
    """

    def __init__(
        self,
        offers: Sequence[str],
        epsilon: float = 0.1,
        values: Sequence[float] | np.ndarray | None = None,
        costs: Sequence[float] | np.ndarray | None = None,
        random_state: int = 0,
        prior_rate: float = 0.04,
        prior_strength: float = 25.0,
        pooling: bool = True,
    ) -> None:
        super().__init__(
            offers,
            values=values,
            costs=costs,
            random_state=random_state,
            prior_rate=prior_rate,
            prior_strength=prior_strength,
            pooling=pooling,
        )
        self.epsilon = epsilon

    def _least(self, eligible: np.ndarray) -> float | np.ndarray:
        return self.epsilon / eligible.sum(axis=1, keepdims=True)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_number(self.epsilon, "epsilon", "in [0, 1]", lambda share: 0 <= share <= 1)
