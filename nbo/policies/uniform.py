"""Every eligible offer with the same probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nbo.policies.base import Policy

__all__ = ["Uniform"]


class Uniform(Policy):
    """Make every eligible offer with the same probability.

    It explores and never exploits: the policy of a control group, and the log from which all
    other policies can be evaluated.

    Parameters
    ----------
    offers : list of str
        The actions.
    random_state : int, default=0
        Seed of :meth:`draw` where it is given none.

    Examples
    --------
    >>> policy = Uniform(["card", "loan", "no_offer"])
    >>> policy.probabilities(pd.DataFrame(index=[0]), np.array([[True, False, True]]))
    array([[0.5, 0. , 0.5]])
    """

    def __init__(self, offers: Sequence[str], random_state: int = 0) -> None:
        super().__init__()
        self.offers = offers
        self.random_state = random_state

    def _probabilities(self, context: pd.DataFrame, eligible: np.ndarray) -> np.ndarray:
        return eligible / eligible.sum(axis=1, keepdims=True)
