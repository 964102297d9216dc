"""What models are trained and judged on: features, labels or amounts, customers and moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_classifier, is_regressor

from nbo.checks import check_frame
from nbo.errors import InputError
from nbo.models.targets import take_amounts, take_labels, take_weights

__all__ = ["Rows", "judges_labels", "labeled_rows", "take_rows"]


@dataclass(frozen=True)
class Rows:
    """What models are trained and tested on.

    Parameters
    ----------
    X : DataFrame of n rows
    target : ndarray of shape (n,)
        Labels 0 and 1, or amounts.
    weight : ndarray of shape (n,), optional
    customer : ndarray of int, shape (n,)
        Codes 0 .. m-1.
    time : Series of datetime64, length n, optional
    of_classes : bool
        Whether the target is a label.
    """

    X: pd.DataFrame
    target: np.ndarray
    weight: np.ndarray | None
    customer: np.ndarray
    time: pd.Series | None
    of_classes: bool


def judges_labels(model: Any) -> bool:
    """Tell whether a model predicts labels or amounts.

    Parameters
    ----------
    model : estimator

    Returns
    -------
    bool

    Raises
    ------
    TypeError
        If it is neither a classifier with `predict_proba` nor a regressor.
    """
    if isinstance(model, type) or not hasattr(model, "fit") or not (is_classifier(model) or is_regressor(model)):
        shown = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        raise TypeError(f"model must be a classifier or a regressor; got {shown}.")
    if is_classifier(model) and not hasattr(model, "predict_proba"):
        raise TypeError(f"model must have predict_proba; {type(model).__name__} has not.")
    return bool(is_classifier(model))


def labeled_rows(X: pd.DataFrame, y: Any) -> np.ndarray:
    """Find the rows of X that `y` is of.

    Parameters
    ----------
    X : DataFrame of n rows
    y : array-like of shape (m,)
        A Series shorter than X names the rows by its index.

    Returns
    -------
    ndarray of int, shape (m,)
        Row numbers.

    Raises
    ------
    InputError
        If `y` is shorter and its index is not of rows of X.
    """
    if not isinstance(y, pd.Series) or len(y) >= len(X):
        return np.arange(len(X))
    rows = X.index.get_indexer(y.index) if X.index.is_unique else np.full(len(y), -1)
    if (rows < 0).any():
        raise InputError(
            f"y has {len(y)} rows for {len(X)} of X, and its index does not say which: "
            "it must hold labels of rows of X."
        )
    return rows


def take_rows(
    X: Any, y: Any, customer: Any, time: pd.Series | None, sample_weight: Any, of_classes: bool
) -> tuple[Rows, np.ndarray]:
    """Put together what belongs to the same rows.

    Parameters
    ----------
    X : frame of n rows
    y : array-like of shape (n,) or Series of shape (m,)
        Where it is shorter, its index names the rows.
    customer : array-like of shape (n,), optional
        Each row is a customer of its own by default.
    time : Series of datetime64, length n, optional
    sample_weight : array-like of shape (n,), optional
    of_classes : bool
        Whether `y` holds labels.

    Returns
    -------
    rows : Rows
        Those with a label or an amount.
    kept : ndarray of int
        Their numbers in X.

    Raises
    ------
    InputError
        If lengths differ or are 0, or a label or weight is not allowed.
    """
    frame = check_frame(X, "X")
    if not len(frame):
        raise InputError("X must have at least one row; got none.")
    weight = take_weights(sample_weight, len(frame))
    keys = np.arange(len(frame)) if customer is None else np.asarray(customer)
    for what, values in (("time", time), ("groups", keys)):
        if values is not None and np.shape(values) != (len(frame),):
            raise InputError(f"{what} must have {len(frame)} rows, as X; got the shape {np.shape(values)}.")
    kept = labeled_rows(frame, y)
    target = take_labels(y, len(kept))[0] if of_classes else take_amounts(y, len(kept))
    rows = Rows(
        frame if len(kept) == len(frame) else frame.iloc[kept],
        target,
        None if weight is None else weight[kept],
        pd.factorize(keys[kept], use_na_sentinel=False)[0],
        None if time is None else time.iloc[kept],
        of_classes,
    )
    return rows, kept
