"""What tells members from others, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from nbo.segments.lookalikes.auc_interval import auc_interval
from nbo.segments.lookalikes.bagged_trees import BaggedTrees
from nbo.segments.lookalikes.membership import Membership

__all__ = ["MemberModel"]

# With fewer members, or others, nothing is learnt.
_FEWEST: Final = 10
# Above every score.
_NOBODY: Final = 2.0
_UNKNOWN: Final = (float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class MemberModel:
    """What tells members from others, and how sure that is.

    Parameters
    ----------
    trees : BaggedTrees
    membership : Membership
    auc : tuple of float
        Chance that a known member has a higher held-out score than another, with its interval; NaN if few are known.
    limits : tuple of float
        Lowest raw scores of "member_like" and of "alike".
    """

    trees: BaggedTrees
    membership: Membership
    auc: tuple[float, float, float]
    limits: tuple[float, float]

    @classmethod
    def fit(
        cls,
        matrix: np.ndarray,
        member: np.ndarray,
        weight: float,
        known: float,
        *,
        complete: bool,
        n_trees: int,
        most: int,
        level: float,
        seed: int,
    ) -> Self:
        """Learn from known members and others.

        Parameters
        ----------
        matrix : ndarray of float32, shape (n, p)
        member : ndarray of bool, shape (n,)
        weight : float
            How many customers each of the others stands for, over how many each member does.
        known : float
            Share of all customers that are known members.
        complete, n_trees, most, level, seed
            As of :class:`~nbo.segments.LookalikeSegmenter`.

        Returns
        -------
        MemberModel
            Without a signal, one for which everybody has the score `known`.
        """
        flat = BaggedTrees((), ()), Membership((0.0,), (known,), 1.0, known, 1.0, known)
        if min(member.sum(), (~member).sum()) < _FEWEST:
            return cls(*flat, _UNKNOWN, (_NOBODY, _NOBODY))
        trees, held_out, half = BaggedTrees.fit(matrix, member, n_trees, most, seed)
        auc = auc_interval(held_out, member, half, level)
        if auc[1] <= 0.5:
            return cls(*flat, auc, (_NOBODY, _NOBODY))
        membership = Membership.of(held_out, member, weight, complete, known, level)
        mean = np.average(held_out, weights=np.where(member, 1.0, weight))
        middle, fifth = np.quantile(held_out[member], [0.5, 0.2])
        return cls(trees, membership, auc, (float(middle), float(min(max(fifth, mean), middle))))

    @property
    def signal(self) -> bool:
        """Whether members are told from others by more than chance."""
        return bool(self.auc[1] > 0.5)

    def to_dict(self) -> dict[str, Any]:
        """Give JSON values.

        Returns
        -------
        dict
        """
        return {
            "trees": self.trees.to_dict(),
            "membership": self.membership.to_dict(),
            "auc": [None if np.isnan(part) else float(part) for part in self.auc],
            "limits": list(self.limits),
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Rebuild from :meth:`to_dict`.

        Parameters
        ----------
        state : dict

        Returns
        -------
        MemberModel
        """
        auc = [float("nan") if part is None else part for part in state["auc"]]
        parts = BaggedTrees.from_dict(state["trees"]), Membership.from_dict(state["membership"])
        return cls(*parts, (auc[0], auc[1], auc[2]), (state["limits"][0], state["limits"][1]))
