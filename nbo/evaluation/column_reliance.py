"""How much of a model's ranking is due to each column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from nbo.errors import InputError
from nbo.evaluation.rows import judges_labels

__all__ = ["column_reliance"]

_MOST_TESTED = 20_000


def column_reliance(
    model: Any, X: pd.DataFrame, target: np.ndarray, held_out: np.ndarray, rng: np.random.Generator
) -> tuple[list[float], float]:
    """Measure what the AUC loses when a column is shuffled among rows held out.

    Parameters
    ----------
    model : estimator
        A classifier; cloned.
    X : DataFrame of n rows
    target : ndarray of shape (n,)
        0 and 1.
    held_out : ndarray of bool, shape (n,)
        Rows to test on; of more than 20,000 so many are drawn.
    rng : numpy.random.Generator

    Returns
    -------
    lost : list of float
        For each column.
    auc : float
        Of the model on the rows held out, before anything is shuffled.

    Raises
    ------
    InputError
        If a side has one label only, or the model cannot be fitted.
    TypeError
        If it is not a classifier with `predict_proba`.
    """
    if not judges_labels(model):
        raise TypeError(f"model must be a classifier; got {type(model).__name__}.")
    test = rng.permutation(np.flatnonzero(held_out))[:_MOST_TESTED]
    for where, rows in (("training", ~held_out), ("test", test)):
        if len(np.unique(target[rows])) < 2:
            raise InputError(f"the {where} rows of the model must have both labels.")
    try:
        fitted = clone(model).fit(X[~held_out], target[~held_out].astype(int))
        tested = X.iloc[test].reset_index(drop=True)
        auc = roc_auc_score(target[test], fitted.predict_proba(tested)[:, 1])
        lost = []
        for name in X.columns:
            shuffled = tested[name].iloc[rng.permutation(len(test))].reset_index(drop=True)
            p = fitted.predict_proba(tested.assign(**{name: shuffled}))[:, 1]
            lost.append(float(auc - roc_auc_score(target[test], p)))
    except (ValueError, KeyError) as error:
        raise InputError(f"the model could not be fitted and asked on the columns of X: {error}") from error
    return lost, float(auc)
