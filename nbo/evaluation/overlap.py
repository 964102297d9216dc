"""How far a log can speak for a target policy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.evaluation.customer_error import customer_sums
from nbo.evaluation.log import Log

__all__ = ["Overlap", "effective_sample_size"]


def effective_sample_size(weights: np.ndarray) -> float:
    r"""Count the decisions of equal weight that would be as informative.

    It is :math:`(\sum w)^2 / \sum w^2` [1]_.

    Parameters
    ----------
    weights : ndarray of shape (n,)
        Importance weights, 0 or more.

    Returns
    -------
    float
        In [0, n]; 0 if all weights are.

    References
    ----------
    .. [1] Kish, L. (1965). Survey Sampling. Wiley.

    Examples
    --------
    >>> effective_sample_size(np.array([2.0, 2.0, 0.0, 0.0]))
    2.0
    """
    largest = weights.max(initial=0.0)
    # Scaled first, so that the square of a huge weight cannot overflow.
    scaled = weights / largest if largest > 0 else weights
    return float(scaled.sum() ** 2 / (scaled**2).sum()) if largest > 0 else 0.0


@dataclass(frozen=True)
class Overlap:
    """What tells whether a log supports a verdict on a target policy.

    Parameters
    ----------
    n : int
        Logged decisions with an action probability.
    effective_sample_size : float
        As :func:`effective_sample_size`.
    max_weight : float
        Largest weight of a single decision.
    largest_share : float
        Its share of all weight, in [0, 1].
    matched : int
        Decisions of weight above 0.
    mean_weight : float
        1 but for chance, where the probabilities are right and every action of the target policy could
        have been taken.
    mean_weight_z : float
        How many standard errors the mean weight is from 1; decisions of one customer go together.
    uncovered : float
        Share of the target policy's probability on actions that the log could not have taken.
    unusable : float
        Share of the rows given without an action probability.
    """

    n: int
    effective_sample_size: float
    max_weight: float
    largest_share: float
    matched: int
    mean_weight: float
    mean_weight_z: float
    uncovered: float
    unusable: float

    @classmethod
    def of(cls, log: Log, weights: np.ndarray) -> Overlap:
        """Measure the overlap of both policies.

        Parameters
        ----------
        log : Log
        weights : ndarray of shape (n,)
            What each decision counts in the value; the mean weight is that of the importance weights.

        Returns
        -------
        Overlap
        """
        excess = log.weights - 1
        gap = float(abs(excess.sum()))
        # Squares about 1, not about the mean: equal weights of 2 are no sign that 2 is right. Where few heavy
        # weights came, they understate chance: what is missing would have come in weights as the largest.
        spread = np.sqrt((customer_sums(excess, log.customer) ** 2).sum() + log.weights.max() * gap)
        total = float(weights.sum())
        return cls(
            n=len(weights),
            effective_sample_size=effective_sample_size(weights),
            max_weight=float(weights.max()),
            largest_share=float(weights.max()) / total if total > 0 else 0.0,
            matched=int((weights > 0).sum()),
            mean_weight=float(log.weights.mean()),
            mean_weight_z=float(gap / spread) if spread > 0 else 0.0,
            uncovered=log.uncovered,
            unusable=log.unusable,
        )
