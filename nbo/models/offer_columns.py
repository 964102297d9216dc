"""The catalog as columns of a model, and what each offer adds to the score."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.models.calibration import sigmoid
from nbo.tables import Catalog

__all__ = ["OFFER_COLUMNS", "join_offers", "offer_attributes", "offer_offsets"]

_FIELDS = (c.VALUE, c.COST, c.CATEGORY, c.KIND)
OFFER_COLUMNS = tuple(f"offer__{field}" for field in _FIELDS)
_STEPS = 30


def offer_attributes(catalog: Catalog) -> dict[str, list[Any]]:
    """List the attributes of each offer that a model sees.

    Parameters
    ----------
    catalog : Catalog

    Returns
    -------
    dict of offer id to [value, cost, category, kind]

    Examples
    --------
    >>> from nbo.tables import Offer
    >>> offer_attributes(Catalog([Offer("card", value=40.0, category="credit")]))
    {'card': [40.0, 0.0, 'credit', None]}
    """
    return {offer.offer_id: [getattr(offer, field) for field in _FIELDS] for offer in catalog}


def join_offers(frame: pd.DataFrame, attributes: dict[str, list[Any]]) -> pd.DataFrame:
    """Add the attributes of each row's offer as columns.

    Parameters
    ----------
    frame : DataFrame
        With `offer_id`; it is not changed.
    attributes : dict
        From :func:`offer_attributes`. Offers that are not in it get missing values.

    Returns
    -------
    DataFrame
        With ``offer__value``, ``offer__cost``, ``offer__category`` and ``offer__kind``.
    """
    codes, uniques = pd.factorize(frame[c.OFFER_ID])
    nothing: list[Any] = [None] * len(_FIELDS)
    known = [attributes.get(str(offer_id), nothing) for offer_id in uniques]
    columns = {}
    for position, name in enumerate(OFFER_COLUMNS):
        values = [row[position] for row in known]
        numeric = position < _FIELDS.index(c.CATEGORY)
        columns[name] = np.array([*values, None], dtype=float if numeric else object)[codes]
    return frame.assign(**columns)


def offer_offsets(
    logit: np.ndarray, target: np.ndarray, codes: np.ndarray, n_offers: int, weight: np.ndarray | None = None
) -> np.ndarray:
    """Learn how far each offer's acceptance lies off the pooled calibration.

    An offset is the mode of a normal prior around zero and the offer's rows, in log-odds. The
    variance of the prior is the one that the offers' own one-step estimates show beyond their
    sampling error (method of moments [1]_): offers with few rows stay near the pooled
    calibration, and all do when the offers don't differ.

    Parameters
    ----------
    logit : ndarray of shape (n,)
        Calibrated log-odds.
    target : ndarray of shape (n,)
        0 or 1.
    codes : ndarray of float, shape (n,)
        Which offer; NaN is none of them.
    n_offers : int
        How many offers there are codes for.
    weight : ndarray of shape (n,), optional
        Weight of each row.

    Returns
    -------
    ndarray of shape (n_offers,)
        Log-odds.

    References
    ----------
    .. [1] DerSimonian, R. and Laird, N. (1986). Meta-analysis in clinical trials. Controlled
       Clinical Trials 7.

    Examples
    --------
    >>> offer_offsets(np.zeros(4), np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0]), 2)
    array([0., 0.])
    """
    known = ~np.isnan(codes)
    offer, logit, target = codes[known].astype(int), logit[known], target[known]
    weight = np.ones(len(offer)) if weight is None else weight[known] / weight[known].mean()

    def slope_and_information(offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        p = sigmoid(logit + offsets[offer])
        return (
            np.bincount(offer, weight * (target - p), minlength=n_offers),
            np.bincount(offer, weight * p * (1 - p), minlength=n_offers),
        )

    offsets = np.zeros(n_offers)
    slope, information = slope_and_information(offsets)
    seen = information > 0
    # sum(I d^2) of the one-step estimates d = S / I has the mean (offers + variance x sum(I)).
    excess = (slope[seen] ** 2 / information[seen]).sum() - seen.sum()
    variance = excess / information.sum() if excess > 0 else 0.0
    if variance <= 0:
        return offsets
    for _ in range(_STEPS):
        step = (slope - offsets / variance) / (information + 1 / variance)
        offsets = offsets + np.clip(step, -1.0, 1.0)
        slope, information = slope_and_information(offsets)
    return offsets
