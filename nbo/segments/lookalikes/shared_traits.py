"""Which traits of members a customer has."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c

__all__ = ["shared_traits"]


def shared_traits(X: pd.DataFrame, traits: pd.DataFrame) -> np.ndarray:
    """Name the traits of members that each customer has.

    Parameters
    ----------
    X : DataFrame of shape (n, any)
    traits : DataFrame
        feature, category, here (among members), others and effect.

    Returns
    -------
    ndarray of object, shape (n,)
        Texts such as "visits higher; town is Bern": numbers are higher if they are nearer to those of members than
        to those of others.
    """
    told = np.full(len(X), "", dtype=object)
    for trait in traits.to_dict("records"):
        values, up = X[trait["feature"]], trait["effect"] > 0
        if isinstance(trait[c.CATEGORY], str):
            has = (values.astype(object).astype(str) == trait[c.CATEGORY]).to_numpy() & up
            words = f"{trait['feature']} is {trait[c.CATEGORY]}"
        else:
            numbers, middle = values.to_numpy(dtype=float, na_value=np.nan), (trait["here"] + trait["others"]) / 2
            has = numbers > middle if up else numbers < middle
            words = f"{trait['feature']} {'higher' if up else 'lower'}"
        told[has] = [f"{said}; {words}" if said else words for said in told[has]]
    return told
