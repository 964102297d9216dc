"""Why the propensity of the offer that was decided is what it is, in words."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nbo import columns as c

if TYPE_CHECKING:
    from nbo.next_best_offer.asked import Asked

__all__ = ["told_reasons"]


def told_reasons(asked: Asked, decisions: pd.DataFrame, k: int) -> pd.Series:
    """Tell what moves the propensity of each decided offer most.

    The trees are walked along each customer's path, which is far faster than TreeSHAP and approximate; see
    :meth:`nbo.PropensityModel.reasons`.

    Parameters
    ----------
    asked : Asked
        Of the customers who were decided.
    decisions : DataFrame of n rows
    k : int
        Most reasons of a decision, 1 or more.

    Returns
    -------
    Series of str, n rows
        A JSON list of sentences; an empty one where no offer is made.
    """
    made = np.flatnonzero((decisions[c.OFFER_ID] != c.NO_OFFER).to_numpy())
    texts = np.full(len(decisions), "[]", dtype=object)
    if len(made):
        at = pd.Index(asked.candidates.spine.frame[c.CUSTOMER_ID]).get_indexer(pd.Index(decisions[c.CUSTOMER_ID]))
        offered = {name: decisions[name].iloc[made].to_numpy() for name in (c.OFFER_ID, c.CHANNEL)}
        X = asked.X.iloc[at[made]].reset_index(drop=True).assign(**offered)
        told = asked.model.propensity.reasons(X, k, asked.model.features, approximate=True)
        bounds = np.searchsorted(told["row"], np.arange(len(made) + 1))
        sentences = told["sentence"].tolist()
        texts[made] = [json.dumps(sentences[low:high]) for low, high in pairwise(bounds)]
    return pd.Series(texts, index=decisions.index, dtype="str")
