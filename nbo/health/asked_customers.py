"""Some of the customers known at a moment, and what the model is asked about them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features import known_customers
from nbo.rng import uniform_by_key
from nbo.tables import CustomerTables, Spine

__all__ = ["features_at", "propensities"]


def features_at(model: Any, tables: CustomerTables, as_of: pd.Timestamp, most: int) -> pd.DataFrame:
    """Build the features of customers as of a moment.

    Parameters
    ----------
    model : NextBestOffer
        Fitted.
    tables : CustomerTables
    as_of : Timestamp
    most : int
        Of more customers, as many are drawn by their ids: always the same ones.

    Returns
    -------
    DataFrame
    """
    spine = known_customers(tables, as_of)
    if len(spine) > most:
        draws = uniform_by_key(spine.frame[c.CUSTOMER_ID], "health")
        spine = Spine.of(spine.frame.iloc[np.sort(np.argsort(draws, kind="stable")[:most])])
    X: pd.DataFrame = model.features.build(tables, spine)
    return X


def propensities(model: Any, X: pd.DataFrame, most: int) -> pd.DataFrame:
    """Predict for each offer who accepts it.

    Parameters
    ----------
    model : NextBestOffer
        Fitted.
    X : DataFrame of shape (n, p)
    most : int
        Only rows evenly spread over all, if there are more.

    Returns
    -------
    DataFrame of shape (at most `most`, k)
        A column for each offer of the catalog.
    """
    rows = np.unique(np.linspace(0, len(X) - 1, min(len(X), most)).astype(int))
    part = X.iloc[rows].reset_index(drop=True)
    names = model.catalog.offer_ids
    if not len(part):
        return pd.DataFrame(columns=names, dtype=float)
    return pd.DataFrame(model.propensity.score_offers(part, model.catalog), columns=names)
