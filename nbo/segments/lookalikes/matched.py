"""The list of customers who are most alike."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.rng import uniform_by_key
from nbo.segments.lookalikes.shared_traits import shared_traits
from nbo.segments.traits.profile_space import ProfileSpace

__all__ = ["matched_list"]

# Members among whom the nearest is looked for, at most.
_MEMBERS: Final = 5000


def matched_list(
    X: pd.DataFrame,
    raw: np.ndarray,
    probability: np.ndarray,
    names: np.ndarray,
    member: np.ndarray,
    n: int,
    traits: pd.DataFrame,
) -> pd.DataFrame:
    """List those who are most alike and no members, each with the nearest member.

    Parameters
    ----------
    X : DataFrame of shape (m, any)
        Features.
    raw, probability : ndarray of float, shape (m,)
        Scores, as they are and as probabilities.
    names : ndarray of str, shape (m,)
        Segments; who is "other" is not listed.
    member : ndarray of bool, shape (m,)
    n : int
        At most so many.
    traits : DataFrame
        Of members.

    Returns
    -------
    DataFrame
        With the index of `X`: score, segment, nearest, distance and traits.
    """
    may = np.flatnonzero((names != "other") & ~member)
    # Of equals chance by the customer's name decides, whatever the order of rows.
    chosen = may[np.lexsort((uniform_by_key(X.index[may], "lookalikes"), -raw[may]))][:n]
    own = np.flatnonzero(member)
    own = own[np.argsort(uniform_by_key(X.index[own], "members"), kind="stable")][:_MEMBERS]
    found = pd.DataFrame(
        {"score": probability[chosen], c.SEGMENT: pd.array(names[chosen], dtype="str")}, index=X.index[chosen]
    )
    found["nearest"], found["distance"] = None, np.nan
    if len(own) and len(chosen):
        space = ProfileSpace.of(X.iloc[np.concatenate([chosen, own])])
        places = np.arange(len(chosen) + len(own))
        nearest, found["distance"] = space.nearest(places[: len(chosen)], places[len(chosen) :])
        found["nearest"] = X.index[own[nearest - len(chosen)]].to_numpy()
    found["traits"] = pd.array(shared_traits(X.iloc[chosen], traits), dtype="str")
    return found
