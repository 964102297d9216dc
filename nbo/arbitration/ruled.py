"""What the rules left of all triples, with the reason of each refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nbo.arbitration.rule import Rule
from nbo.errors import InputError
from nbo.experiments.arm_names import ELIGIBILITY_ONLY

if TYPE_CHECKING:
    from nbo.arbitration.candidates import Candidates

__all__ = ["Ruled"]

# Stages that do not hold in the arm with eligibility only.
_LEFT_OUT = ("applicability", "suitability")


@dataclass(frozen=True)
class Ruled:
    """What the rules left of all triples.

    Parameters
    ----------
    codes : ndarray of int, shape (n, k, m)
        0 where a triple is allowed, else 1 + the position of its reason.
    reasons, stages : list of str
    """

    codes: np.ndarray
    reasons: list[str]
    stages: list[str]

    @classmethod
    def of(cls, candidates: Candidates, carried: np.ndarray) -> Ruled:
        """Ask all rules.

        Parameters
        ----------
        candidates : Candidates
        carried : ndarray of bool, shape (k, m)
            Whether an offer comes a way at all.

        Returns
        -------
        Ruled
        """
        refusals = [
            (rule.stage_of(reason), reason, mask)
            for rule in candidates.rules
            for reason, mask in rule.refused(candidates).items()
        ]
        if candidates.arms is not None:
            bound = (candidates.arms != ELIGIBILITY_ONLY)[:, None, None]
            refusals = [(stage, why, mask & bound if stage in _LEFT_OUT else mask) for stage, why, mask in refusals]
        unknown = [stage for stage, _, _ in refusals if stage not in Rule.STAGES]
        if unknown:
            raise InputError(f"stage of a rule must be one of {', '.join(Rule.STAGES)}; got {unknown[0]!r}.")
        # Sorting keeps the order of the rules within a stage.
        refusals.sort(key=lambda refusal: Rule.STAGES.index(refusal[0]))
        codes = np.broadcast_to(np.where(carried, 0, 1), candidates.shape).astype(np.int16)
        return cls(codes, ["channel"], [Rule.STAGES[1]])._take(refusals).without(candidates.taken)

    def without(self, refusals: tuple[tuple[str, str, np.ndarray], ...]) -> Ruled:
        """Take more away.

        Parameters
        ----------
        refusals : tuple of (str, str, ndarray of bool)
            Stage, reason, mask.

        Returns
        -------
        Ruled
        """
        return (
            Ruled(self.codes.copy(), list(self.reasons), list(self.stages))._take(list(refusals)) if refusals else self
        )

    def _take(self, refusals: list[tuple[str, str, np.ndarray]]) -> Ruled:
        for stage, reason, mask in refusals:
            self.reasons.append(reason)
            self.stages.append(stage)
            _refuse(self.codes, np.asarray(mask), len(self.reasons))
        return self


def _refuse(codes: np.ndarray, mask: np.ndarray, code: int) -> None:
    """Write a code where the mask refuses what is allowed so far."""
    if mask.ndim == 3 and mask.shape == (len(codes), 1, 1):
        # Whole customers: most often few.
        rows = np.flatnonzero(mask)
        own = codes[rows]
        np.copyto(own, code, where=own == 0)
        codes[rows] = own
    else:
        np.copyto(codes, code, where=np.logical_and(mask, codes == 0))
