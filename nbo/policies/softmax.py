"""Each offer the likelier, the more it has paid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo.numbers import check_number
from nbo.policies.floors import with_floor
from nbo.policies.greedy import Greedy

__all__ = ["Softmax"]


class Softmax(Greedy):
    r"""Make each offer with a probability that grows with what it pays.

    The probability of offer o is proportional to :math:`\exp(u_o / (\tau v))`, with :math:`u_o`
    = value x rate - cost its payoff in the segment, :math:`\tau` the temperature and v the
    largest value, so that the temperature means the same for acceptances and for money. The
    rates are the shrunken ones of :class:`~nbo.Greedy`; ``nbo.NO_OFFER`` pays 0.

    It looks at payoffs alone, not at how well they are known: an offer hardly tried is made as
    often as one known to pay the same. It is a reference for other policies.

    Parameters
    ----------
    offers : list of str
        The actions. ``nbo.NO_OFFER`` among them pays 0 for certain.
    temperature : float, default=0.01
        An offer that pays this part of the largest value less than another is made 1/e as
        often. Above 0; towards 0 it is :class:`~nbo.Greedy`, without end :class:`~nbo.Uniform`.
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
    prior_strength : float, default=25
        How many decisions that belief is worth.
    pooling : bool, default=True
        False shrinks each rate to `prior_rate` alone, and nothing is shared.

    References
    ----------
    .. [1] Sutton, R. S. and Barto, A. G. (2018). Reinforcement learning: an introduction,
       second edition, section 2.8. MIT Press.

    Examples
    --------
    Before any answer both rates are 0.04, and payoffs lie 0.02 of the largest value apart: e^2 = 7.4 to 1.

    >>> import pandas as pd
    >>> policy, context = Softmax(["card", "loan"], values=[50, 100]), pd.DataFrame({"segment": ["young"]})
    >>> policy.probabilities(context).round(3)
    array([[0.119, 0.881]])
    """

    def __init__(
        self,
        offers: Sequence[str],
        temperature: float = 0.01,
        values: Sequence[float] | np.ndarray | None = None,
        costs: Sequence[float] | np.ndarray | None = None,
        random_state: int = 0,
        min_probability: float = 0.0,
        prior_rate: float = 0.04,
        prior_strength: float = 25.0,
        pooling: bool = True,
    ) -> None:
        super().__init__(
            offers,
            values=values,
            costs=costs,
            random_state=random_state,
            min_probability=min_probability,
            prior_rate=prior_rate,
            prior_strength=prior_strength,
            pooling=pooling,
        )
        self.temperature = temperature

    def _state_probabilities(self, segments: Sequence[str], eligible: np.ndarray) -> np.ndarray:
        values, _, _ = self._fitted().actions
        scale = values.max(initial=0.0) or 1.0
        odds = np.where(eligible, self._payoffs(segments) / (self.temperature * scale), -np.inf)
        weight = np.exp(odds - odds.max(axis=1, keepdims=True))
        return with_floor(weight / weight.sum(axis=1, keepdims=True), eligible, self._least_probability())

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_number(self.temperature, "temperature", "above 0", lambda number: 0 < number < np.inf)
