"""How a caller wants an estimate to be stated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.evaluation.intervals import INTERVALS
from nbo.evaluation.support import Support
from nbo.numbers import check_number

__all__ = ["Asked"]

_ON_NO_SUPPORT = ("withhold", "raise", "report")


@dataclass(frozen=True)
class Asked:
    """What :func:`nbo.evaluate` and its like are asked beside the estimator.

    Parameters
    ----------
    level : float, default=0.95
        Of the confidence interval, in (0, 1).
    interval : str, default="normal"
        Kind of the interval, see :data:`~nbo.evaluation.intervals.INTERVALS`.
    reward_range : (float, float), optional
        Least and largest reward that there can be.
    max_weight : float, optional
        Largest weight that there can be; by default from the probabilities of all actions, if they are known.
    rng : int, default=0
        For intervals that draw.
    support : Support
        From which overlap on there is a verdict.
    on_no_support : {"withhold", "raise", "report"}, default="withhold"
        Whether an estimate without support has no value, is an error, or is only warned of.

    Raises
    ------
    InputError
        If one is not allowed.
    """

    level: float = 0.95
    interval: str = "normal"
    reward_range: tuple[float, float] | None = None
    max_weight: float | None = None
    rng: int = 0
    support: Support = Support()
    on_no_support: str = "withhold"

    def __post_init__(self) -> None:
        check_number(self.level, "level", "in (0, 1)", lambda share: 0 < share < 1)
        check_one_of(self.interval, sorted(INTERVALS), "interval")
        if self.max_weight is not None:
            check_number(self.max_weight, "max_weight", "a finite number above 0", lambda most: 0 < most < np.inf)
        check_one_of(self.on_no_support, _ON_NO_SUPPORT, "on_no_support")
        if not isinstance(self.support, Support):
            raise InputError(f"support must be a nbo.evaluation.Support; got {self.support!r}.")
