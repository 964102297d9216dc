"""The offer that has paid most, by segment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo.policies.even_best import even_best
from nbo.policies.floors import with_floor
from nbo.policies.segment_policy import SegmentPolicy

__all__ = ["Greedy"]


class Greedy(SegmentPolicy):
    r"""Make the offer that pays most in the segment, as far as the answers say.

    An offer pays `values * rate - costs`; ``nbo.NO_OFFER`` pays 0. The rate is the posterior
    mean that :meth:`acceptance_rates` reports: shrunk to the segment's and the offer's own
    level as :class:`~nbo.SegmentThompson` shrinks it, so three answers do not make an offer the
    best. Offers that pay the same share the probability evenly; payoffs are the same where they
    differ by less than 1e-9 of the largest value and cost. Answers, a warm start and new offers
    come in as in :class:`~nbo.SegmentThompson`.

    Without a floor it does not explore: an offer that began badly by chance is not made again,
    and its log cannot tell what another policy would have earned. It is a reference for other
    policies, or serves what a log of another policy has learned.

    Parameters
    ----------
    offers : list of str
        The actions. ``nbo.NO_OFFER`` among them pays 0 for certain.
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
       second edition, section 2.2. MIT Press.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"decision_id": range(400), "segment": "young", "offer_id": ["card", "loan"] * 200,
    ...                         "reward": [0.0, 0.0] * 100 + [0.0, 1.0] * 100})
    >>> policy = Greedy(["card", "loan", "fund"]).learn(answers)
    >>> policy.probabilities(pd.DataFrame({"segment": ["young"] * 2}), np.array([[True] * 3, [True, False, False]]))
    array([[0., 1., 0.],
           [1., 0., 0.]])
    """

    def __init__(
        self,
        offers: Sequence[str],
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
            sharpen=1.0,
            pooling=pooling,
        )

    def _state_probabilities(self, segments: Sequence[str], eligible: np.ndarray) -> np.ndarray:
        values, costs, _ = self._fitted().actions
        best = even_best(self._payoffs(segments), eligible, values.max() + np.abs(costs).max())
        return with_floor(best, eligible, self._least(eligible))

    def _least(self, eligible: np.ndarray) -> float | np.ndarray:
        """Give the least probability of an eligible offer, a number or of shape (n, 1)."""
        return self._least_probability()

    def _payoffs(self, segments: Sequence[str]) -> np.ndarray:
        """Give what each offer is expected to pay in each segment, shape (n, k)."""
        values, costs, _ = self._fitted().actions
        alpha, beta = self._fitted().posterior(segments)
        return values * (alpha / (alpha + beta)) - costs
