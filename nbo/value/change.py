"""A change of how customers are served, or of what they are offered, to be tried on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nbo.errors import InputError
from nbo.numbers import check_number

__all__ = ["Change", "drawn_effect"]

Size = float | tuple[float, float, float]


@dataclass(frozen=True)
class Change:
    """A change of how customers are served, or of what they are offered, to be tried on paper.

    Parameters
    ----------
    name : str
        Such as "to the basic tier".
    who : array-like of bool, name of a segment, sequence of names, or None
        Whom it is for: a mask over the customers, or names of segments; everybody by default.
    cost_factors : mapping of str to float, optional
        By line of cost, such as ``{"cost_to_serve": 0.7, "contact_cost": 0.0}``: what it is multiplied by, 0 or more.
    moved_contacts : mapping of (str, str) to float, optional
        Which share of the contacts goes from a channel to another, such as ``{("phone", "web"): 0.6}``.
    added_cost : float, default=0.0
        For each customer, money; it goes to the line other_cost.
    revenue_effect : float or (float, float, float), default=0.0
        Relative effect on revenue, such as 0.05; or the estimate with its interval, such as (0.05, 0.02, 0.08), as an
        experiment gives it. Returns and goods go along.
    churn_effect : float or (float, float, float), default=0.0
        Relative effect on the probability of leaving, -1 or more; -0.1 means that of ten who would leave, one stays.

    Raises
    ------
    InputError
        If a factor or share is not allowed, or an estimate does not lie in its interval.

    Examples
    --------
    >>> Change("to self-service", who="basic", moved_contacts={("phone", "web"): 0.6}, churn_effect=(0.02, -0.01, 0.05))
    ... # doctest: +ELLIPSIS
    Change(name='to self-service', who='basic', ...)
    """

    name: str
    who: Any = None
    cost_factors: Mapping[str, float] = field(default_factory=dict)
    moved_contacts: Mapping[tuple[str, str], float] = field(default_factory=dict)
    added_cost: float = 0.0
    revenue_effect: Size = 0.0
    churn_effect: Size = 0.0

    def __post_init__(self) -> None:
        for line, factor in self.cost_factors.items():
            check_number(factor, f"{self.name}: factor of {line}", "0 or more", lambda value: 0 <= value < np.inf)
        for (source, target), share in self.moved_contacts.items():
            what = f"{self.name}: share moved from {source} to {target}"
            check_number(share, what, "in [0, 1]", lambda value: 0 <= value <= 1)
        check_number(self.added_cost, f"{self.name}: added_cost", "a finite number", np.isfinite)
        for what in ("revenue_effect", "churn_effect"):
            _check_effect(getattr(self, what), f"{self.name}: {what}")

    @property
    def revenue(self) -> float:
        """Estimate of the effect on revenue."""
        return _triple(self.revenue_effect)[0]

    @property
    def churn(self) -> float:
        """Estimate of the effect on the probability of leaving."""
        return _triple(self.churn_effect)[0]


def drawn_effect(size: Size, level: float, z: np.ndarray) -> np.ndarray:
    """Draw an effect from its estimate and interval, with a normal half to each side.

    Parameters
    ----------
    size : float or (float, float, float)
        The estimate, or the estimate with its bounds.
    level : float
        Of the interval.
    z : ndarray of shape (draws,)
        Standard normal numbers.

    Returns
    -------
    ndarray of shape (draws,)
        -1 or more: nothing can fall by more than all of it.

    Examples
    --------
    >>> drawn_effect((0.1, 0.05, 0.3), 0.95, np.array([-1.959964, 0.0, 1.959964])).round(3).tolist()
    [0.05, 0.1, 0.3]
    """
    from scipy.stats import norm

    estimate, low, high = _triple(size)
    side = np.where(z < 0, estimate - low, high - estimate)
    return np.maximum(estimate + z / norm.ppf((1 + level) / 2) * side, -1.0)


def _triple(size: Size) -> tuple[float, float, float]:
    return (size[0], size[1], size[2]) if isinstance(size, tuple) else (size, size, size)


def _check_effect(size: Any, what: str) -> None:
    if isinstance(size, tuple) and len(size) != 3:
        raise InputError(f"{what} must be a number, or (estimate, low, high); got {size!r}.")
    for value in _triple(size):
        check_number(value, what, "finite and -1 or more", lambda number: -1 <= number < np.inf)
    estimate, low, high = _triple(size)
    if not low <= estimate <= high:
        raise InputError(f"{what} must be (estimate, low, high) with the estimate in between; got {size!r}.")
