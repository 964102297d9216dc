"""What a rule owes: for each customer, offer and channel whether it is refused, and why."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator

if TYPE_CHECKING:
    from nbo.arbitration.candidates import Candidates

__all__ = ["Rule"]


class Rule(BaseEstimator, ABC):
    """Base of rules: what must not be offered to whom through which channel.

    A rule sees all triples at once and only ever takes away. Its keyword arguments are stored as
    given and are text, numbers or lists, so that a rule is stored with the model as data.
    """

    @abstractmethod
    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:
        """Tell what is refused, by reason.

        Parameters
        ----------
        candidates : Candidates
            All triples (n customers, k offers, m channels).

        Returns
        -------
        dict of str to ndarray of bool
            Reason code -> True where a triple is refused for it; each mask broadcasts to
            (n, k, m).
        """
