"""How far a log can speak for a target policy."""

from __future__ import annotations

import numpy as np
from scipy import special

from nbo.evaluation.estimate import Estimate

__all__ = ["effective_sample_size", "with_overlap"]

_FEW = 100
_HEAVY = 0.1


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


def with_overlap(
    name: str,
    weights: np.ndarray,
    value: float,
    standard_error: float,
    level: float,
    warnings: tuple[str, ...] = (),
) -> Estimate:
    """Add the interval, what the value rests on, and warnings.

    Parameters
    ----------
    name : str
        Of the estimator.
    weights : ndarray of shape (n,)
        Weight of each decision in the value.
    value, standard_error : float
    level : float
        Of confidence, in (0, 1).
    warnings : tuple of str, default=()
        What is known already.

    Returns
    -------
    Estimate
        Without overlap, standard error and interval are NaN.
    """
    size, total, largest = effective_sample_size(weights), float(weights.sum()), float(weights.max())
    half = special.ndtri((1 + level) / 2) * standard_error
    notes = list(warnings)
    if total == 0:
        notes.append("no logged action could have been the target policy's: the log says nothing about it")
        standard_error = half = np.nan
    elif size < _FEW:
        notes.append(f"{len(weights)} decisions count only like {size:.1f}: the interval is not to be trusted")
    if total > 0 and largest > _HEAVY * total and len(weights) > 1:
        notes.append(f"one decision has {largest / total:.0%} of all weight ({largest:.4g})")
    return Estimate(
        value=float(value),
        standard_error=float(standard_error),
        low=float(value - half),
        high=float(value + half),
        n=len(weights),
        effective_sample_size=size,
        max_weight=largest,
        matched=int((weights > 0).sum()),
        estimator=name,
        warnings=tuple(notes),
    )
