"""What a rule owes: for each customer, offer and way whether it is refused, why, and until when."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from sklearn.base import BaseEstimator

if TYPE_CHECKING:
    from nbo.arbitration.candidates import Candidates

__all__ = ["Rule"]


class Rule(BaseEstimator, ABC):
    """Base of rules: what must not be offered to whom in which way.

    A rule sees all triples of a customer, an offer and a way (channel, creative, placement, time slot) at once
    and only ever takes away or weighs. Its keyword arguments are stored as given and are text, numbers, lists or
    mappings of these, so that a rule is stored with the model as data.

    Attributes
    ----------
    stage : str
        Where its refusals stand in the funnel, one of :data:`STAGES`.
    """

    #: The stages of the funnel, in the order in which they refuse.
    STAGES: ClassVar[tuple[str, ...]] = (
        "consent",
        "eligibility",
        "applicability",
        "suitability",
        "contact policy",
        "service",
        "arbitration",
        "capacity",
    )
    stage: str = "eligibility"

    @abstractmethod
    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:
        """Tell what is refused, by reason.

        Parameters
        ----------
        candidates : Candidates
            All triples (n customers, k offers, m ways).

        Returns
        -------
        dict of str to ndarray of bool
            Reason code -> True where a triple is refused for it; each mask broadcasts to
            (n, k, m).
        """

    def surplus(self, candidates: Candidates, priority: np.ndarray) -> dict[str, np.ndarray]:
        """Tell what is refused because others of the same run come first, such as another member of the household.

        Parameters
        ----------
        candidates : Candidates
            What all rules have left.
        priority : ndarray of shape (n, k)
            What each offer is worth, money; -inf where no way of it is left.

        Returns
        -------
        dict of str to ndarray of bool
            As :meth:`refused`; nothing by default.
        """
        return {}

    @property
    def competes(self) -> bool:
        """Whether customers of a run compete by this rule, so that it needs all of them together."""
        return type(self).surplus is not Rule.surplus

    def weights(self, candidates: Candidates) -> dict[str, np.ndarray]:
        """Tell by how much the context makes an offer more or less fitting, by reason.

        Parameters
        ----------
        candidates : Candidates

        Returns
        -------
        dict of str to ndarray of float
            Reason -> factor, 0 or more, of the priority; each broadcasts to (n, k, m). 1 says nothing. The
            factors of all rules are multiplied. Nothing by default.
        """
        return {}

    def levers(self, candidates: Candidates) -> dict[str, np.ndarray]:
        """Tell what the business adds to an offer or takes off by hand, by reason.

        Parameters
        ----------
        candidates : Candidates

        Returns
        -------
        dict of str to ndarray of float
            Reason -> factor of the priority, 0 or more; each broadcasts to (n, k). The factors of all rules are
            multiplied. Nothing by default.
        """
        return {}

    def portions(self, candidates: Candidates) -> np.ndarray | None:
        """Tell which share of an offer's products is left to sell, such as what a customer does not own.

        Parameters
        ----------
        candidates : Candidates

        Returns
        -------
        ndarray of float, shape (n, k), or None
            In [0, 1]; the smallest of all rules counts. None says nothing, which is the default.
        """
        return None

    def resumes(self, candidates: Candidates) -> dict[str, np.ndarray]:
        """Tell when a refusal ends, where that is known.

        Parameters
        ----------
        candidates : Candidates

        Returns
        -------
        dict of str to ndarray of datetime64[us]
            Reason -> first moment at which it does not refuse any more, NaT where not known; each broadcasts to
            (n, k, m). Nothing by default.
        """
        return {}

    def room(self, candidates: Candidates) -> np.ndarray | None:
        """Tell how many offers of one slate may be made at most.

        Parameters
        ----------
        candidates : Candidates

        Returns
        -------
        ndarray of shape (n,), or None
            1 or more; the smallest of all rules counts. None says nothing, which is the default.
        """
        return None

    def stage_of(self, reason: str) -> str:
        """Tell in which stage a reason refuses; by default the rule's own."""
        return self.stage
