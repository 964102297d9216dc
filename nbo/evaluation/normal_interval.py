"""Intervals by the standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy import special

from nbo.evaluation.intervals import interval_kind
from nbo.evaluation.log import Log
from nbo.evaluation.terms import Terms

if TYPE_CHECKING:
    from nbo.evaluation.asked import Asked

__all__ = ["normal_interval"]


@interval_kind("normal")
def normal_interval(log: Log, terms: Terms, asked: Asked) -> tuple[float, float]:
    """Go as many standard errors to both sides as the normal distribution asks for.

    Parameters
    ----------
    log : Log
    terms : Terms
    asked : Asked

    Returns
    -------
    tuple of (float, float)
        The lower and the upper bound.

    Examples
    --------
    >>> import numpy as np
    >>> from nbo.evaluation.asked import Asked
    >>> from nbo.evaluation.ips import ips
    >>> log = Log(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([1.0, 0.5]), np.zeros(2))
    >>> [round(bound, 2) for bound in normal_interval(log, ips(log), Asked(level=0.5))]
    [0.33, 1.67]
    """
    half = special.ndtri((1 + asked.level) / 2) * terms.error
    return float(terms.value - half), float(terms.value + half)
