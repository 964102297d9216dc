"""From which overlap on a log supports a verdict."""

from __future__ import annotations

from dataclasses import dataclass, fields

from nbo.evaluation.overlap import Overlap
from nbo.numbers import check_number

__all__ = ["Support"]

_FEW = 100
_HEAVY = 0.1


@dataclass(frozen=True)
class Support:
    """Thresholds of the overlap that an estimate needs, or no value is given.

    Parameters
    ----------
    min_effective : float, default=30.0
        Least effective sample size: below, an interval says nothing. A small log is not refused for
        being small, but one whose decisions the weights make few: see `min_share`.
    min_share : float, default=0.5
        From this share of the decisions on, in [0, 1], an effective sample size is enough, however small.
    max_uncovered : float, default=0.01
        Largest share of the target policy's probability, in [0, 1], on actions that the log could not have
        taken. What they would have brought is not in the log at all.
    max_weight_gap : float, default=0.1
        Largest gap between the mean weight and 1. It counts where it is also above `max_weight_z`.
    max_weight_z : float, default=5.0
        Largest gap between the mean weight and 1 in standard errors. A larger one is no chance: action
        probabilities are wrong, or actions of the target policy never came.
    max_unusable : float, default=0.05
        Largest share of decisions without an action probability, in [0, 1]. They are left out, which is right
        only if they are as the others.

    Raises
    ------
    InputError
        If a threshold is negative or no number.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import nbo
    >>> log = pd.DataFrame({"action_probability": [0.999] * 99 + [0.001], "reward": 0.0})
    >>> nbo.evaluate(np.full(100, 0.5), log).supported
    False
    >>> nbo.evaluate(np.full(100, 0.5), log, support=Support(min_effective=1, max_weight_gap=np.inf)).supported
    True
    """

    min_effective: float = 30.0
    min_share: float = 0.5
    max_uncovered: float = 0.01
    max_weight_gap: float = 0.1
    max_weight_z: float = 5.0
    max_unusable: float = 0.05

    def __post_init__(self) -> None:
        for field in fields(self):
            check_number(getattr(self, field.name), field.name, "0 or more", lambda threshold: threshold >= 0)

    def lacks(self, overlap: Overlap) -> tuple[str, ...]:
        """Say why there is no verdict.

        Parameters
        ----------
        overlap : Overlap

        Returns
        -------
        tuple of str
            Empty where there is one.
        """
        if overlap.max_weight == 0:
            return ("no logged action could have been the target policy's: the log says nothing about it",)
        found = []
        size = overlap.effective_sample_size
        if size < self.min_effective and size < self.min_share * overlap.n:
            found.append(
                f"{overlap.n} decisions count only like {size:.1f} of equal weight, below {self.min_effective:g}; "
                f"the largest weight is {overlap.max_weight:.4g}"
            )
        if overlap.uncovered > self.max_uncovered:
            found.append(
                f"{overlap.uncovered:.1%} of the target policy's probability is on actions that the log could not "
                f"have taken, above {self.max_uncovered:.1%}"
            )
        if self._off(overlap) and abs(overlap.mean_weight - 1) > self.max_weight_gap:
            found.append(
                f"the mean weight is {overlap.mean_weight:.4g}, {overlap.mean_weight_z:.1f} standard errors from 1: "
                "action probabilities are wrong, or actions of the target policy never came"
            )
        if overlap.unusable > self.max_unusable:
            found.append(
                f"{overlap.unusable:.1%} of the decisions have no action probability, above {self.max_unusable:.1%}"
            )
        return tuple(found)

    def warnings(self, overlap: Overlap) -> tuple[str, ...]:
        """Say what to mind where there is a verdict.

        Parameters
        ----------
        overlap : Overlap

        Returns
        -------
        tuple of str
        """
        found = []
        if overlap.effective_sample_size < _FEW:
            found.append(
                f"{overlap.n} decisions count only like {overlap.effective_sample_size:.1f}: "
                "the interval is not to be trusted"
            )
        if overlap.largest_share > _HEAVY and overlap.n > 1:
            found.append(f"one decision has {overlap.largest_share:.0%} of all weight ({overlap.max_weight:.4g})")
        if self._off(overlap):
            found.append(f"the mean weight is {overlap.mean_weight:.4g}, where 1 is expected")
        if overlap.uncovered > 0:
            found.append(
                f"{overlap.uncovered:.2%} of the target policy's probability is on actions that the log could not "
                "have taken"
            )
        if overlap.unusable > 0:
            found.append(f"{overlap.unusable:.2%} of the decisions have no action probability and are left out")
        return tuple(found)

    def _off(self, overlap: Overlap) -> bool:
        return overlap.mean_weight_z > self.max_weight_z
