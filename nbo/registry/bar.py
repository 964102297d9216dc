"""What a challenger must clear to become the champion."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from nbo.checks import check_one_of
from nbo.experiments import NormalMixture
from nbo.numbers import check_number

__all__ = ["Bar"]


@dataclass(frozen=True)
class Bar:
    """How much better a challenger must be, and how sure.

    Parameters
    ----------
    margin : float, default=0.0
        The lower bound of the gain per decision must be above it, in the unit of the reward.
    confidence : float, default=0.95
        Of the interval of the gain, in (0, 1).
    interval : {"always_valid", "normal"}, default="always_valid"
        "always_valid" holds at all times together, however often the challenger is judged on a log that grows;
        "normal" holds for one look, at a moment that was chosen beforehand.
    planned : float, default=10000
        Customers with decisions at which an always valid interval shall be narrowest, chosen without looking.

    Raises
    ------
    InputError
        If one is not allowed.

    Examples
    --------
    The right to look at all times costs about half as much again in width.

    >>> round(Bar().reach(10_000), 2), round(Bar(interval="normal").reach(10_000), 2)
    (3.04, 1.96)
    """

    margin: float = 0.0
    confidence: float = 0.95
    interval: str = "always_valid"
    planned: float = 10_000

    def __post_init__(self) -> None:
        check_number(self.margin, "margin", "a finite number", math.isfinite)
        check_number(self.confidence, "confidence", "in (0, 1)", lambda share: 0 < share < 1)
        check_one_of(self.interval, ("always_valid", "normal"), "interval")
        check_number(self.planned, "planned", "a finite number above 0", lambda units: 0 < units < math.inf)

    def reach(self, customers: int) -> float:
        """Give the standard errors that the interval goes to each side.

        Parameters
        ----------
        customers : int
            With decisions so far, 1 or more.

        Returns
        -------
        float
        """
        if self.interval == "normal":
            return float(special.ndtri((1 + self.confidence) / 2))
        return float(NormalMixture(self.planned, self.confidence).reach(np.array([customers]))[0])
