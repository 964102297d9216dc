"""Weights that make a history of chosen offers look as if they had been made at random."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_probabilities
from nbo.errors import InputError

__all__ = ["action_weights"]

logger = logging.getLogger(__name__)

_CAP = 10.0


def action_weights(action_probability: Any, offers: Any, n_rows: int) -> np.ndarray:
    """Weigh each offer by how unlikely it was to be made.

    A policy that makes an offer to those who like it leaves a history in which everybody likes
    it. The share of all rows that the offer has, over the chance with which it was drawn for
    this customer, undoes that [1]_. Weights are capped at ten and then made one on average.

    Parameters
    ----------
    action_probability : array-like of shape (n,)
        The chance with which the row's offer was drawn, from the ledger, in (0, 1].
    offers : array-like of shape (n,) or None
        Which offer; None where there is one only.
    n_rows : int
        Rows of X.

    Returns
    -------
    ndarray of shape (n,)
        Above 0, with the mean 1.

    Raises
    ------
    InputError
        If a probability is missing or not in (0, 1], or there are not as many as rows.

    References
    ----------
    .. [1] Robins, J., Hernan, M. and Brumback, B. (2000). Marginal structural models and
       causal inference in epidemiology. Epidemiology 11.

    Examples
    --------
    >>> action_weights([0.5, 0.5, 0.25], ["card", "card", "card"], 3)
    array([0.75, 0.75, 1.5 ])
    """
    probability = check_probabilities(action_probability, "action_probability", zero=False)
    if len(probability) != n_rows:
        raise InputError(f"action_probability must have {n_rows} rows, as X; got {len(probability)}.")
    codes = np.zeros(n_rows, dtype=int) if offers is None else pd.factorize(pd.Series(offers), use_na_sentinel=False)[0]
    weight = (np.bincount(codes) / n_rows)[codes] / probability
    capped = weight > _CAP
    if capped.any():
        logger.info("%d of %d weights by action probability are capped at %g", capped.sum(), n_rows, _CAP)
    weight = np.minimum(weight, _CAP)
    return weight / weight.mean()
