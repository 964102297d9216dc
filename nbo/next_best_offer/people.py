"""What the models say of each customer, whatever is offered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from nbo.next_best_offer.decider import Decider

__all__ = ["People"]


@dataclass(frozen=True)
class People:
    """What the models say of n customers, whatever is offered.

    Parameters
    ----------
    segment : ndarray of str, shape (n,)
    churn_probability : ndarray of shape (n,)
        Missing where there is no churn model.
    clv : ndarray of shape (n,)
        Future margin, money; missing where there is no such model.
    """

    segment: np.ndarray
    churn_probability: np.ndarray
    clv: np.ndarray

    @classmethod
    def of(cls, model: Decider, X: pd.DataFrame) -> People:
        """Ask the models that know customers only.

        Parameters
        ----------
        model : NextBestOffer
        X : DataFrame of shape (n, p)
            Features.

        Returns
        -------
        People
        """
        missing = np.full(len(X), np.nan)
        if not len(X):
            return cls(np.empty(0, dtype=object), missing, missing)
        return cls(
            segment=model.segmenter.predict(X),
            churn_probability=missing if model.churn is None else model.churn.predict_proba(X)[:, 1],
            clv=missing if model.clv is None else model.clv.predict(X),
        )
