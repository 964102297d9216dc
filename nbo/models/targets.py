"""What a model learns: labels, amounts and weights, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from nbo.checks import check_numbers, check_rows
from nbo.errors import InputError

__all__ = ["take_amounts", "take_labels", "take_weights"]


def take_labels(y: Any, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Take labels as 0 and 1.

    Parameters
    ----------
    y : array-like of shape (n,)
        Two kinds of labels, or only one of True, False, 0 and 1.
    n_rows : int
        Rows of X.

    Returns
    -------
    target : ndarray of float, shape (n,)
        1 for the second class.
    classes : ndarray of shape (2,)
        Both labels, sorted.

    Raises
    ------
    InputError
        If there are no rows, a label is missing, there are more than two labels, or there is one that
        tells nothing of the other.

    Examples
    --------
    >>> take_labels(["no", "yes", "no"], 3)
    (array([0., 1., 0.]), array(['no', 'yes'], dtype='<U3'))
    """
    labels = _take(y, n_rows, labels=True)
    if not n_rows:
        raise InputError("y must have at least one row; got none.")
    if labels.dtype.kind in "fc":
        check_rows(~np.isfinite(labels), labels, "y", "finite")
    try:
        check_classification_targets(labels)
    except ValueError as error:
        raise InputError(f"y must hold labels of two classes: {error}") from error
    classes = np.unique(labels)
    if len(classes) > 2:
        raise InputError(
            f"Only binary classification is supported. The type of the target is {type_of_target(labels)}. "
            f"y has {len(classes)} labels, first: {', '.join(repr(v) for v in classes[:3].tolist())}."
        )
    if len(classes) == 1:
        if classes[0] not in (0, 1):
            raise InputError(
                f"y holds only the label {classes[0].item() if hasattr(classes[0], 'item') else classes[0]!r}, "
                "so the other class is unknown. Give 0 and 1, or False and True."
            )
        classes = np.array([0, 1]).astype(classes.dtype)
    return (labels == classes[1]).astype(float), classes


def take_amounts(y: Any, n_rows: int) -> np.ndarray:
    """Take amounts as floats.

    Parameters
    ----------
    y : array-like of shape (n,)
        Money; finite.
    n_rows : int
        Rows of X.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    InputError
        If one is missing, infinite or not a number.
    """
    amounts = check_numbers(_take(y, n_rows, labels=False), "y")
    check_rows(~np.isfinite(amounts), amounts, "y", "finite")
    return amounts


def take_weights(sample_weight: Any, n_rows: int) -> np.ndarray | None:
    """Take weights as floats.

    Parameters
    ----------
    sample_weight : array-like of shape (n,) or None
        Each 0 or more.
    n_rows : int
        Rows of X.

    Returns
    -------
    ndarray of float, shape (n,), or None

    Raises
    ------
    InputError
        If one is missing, infinite or negative, or all are zero.
    """
    if sample_weight is None:
        return None
    given = np.asarray(sample_weight)
    weight = check_numbers(np.atleast_1d(given), "sample_weight") if given.ndim < 2 else given
    if given.ndim == 0:
        weight = np.full(n_rows, weight[0])
    if weight.shape != (n_rows,):
        raise InputError(f"sample_weight must have the shape ({n_rows},), one for each row; got {weight.shape}.")
    check_rows(~(np.isfinite(weight) & (weight >= 0)), weight, "sample_weight", "finite and 0 or more")
    if not weight.any():
        raise InputError(f"sample_weight must be above zero in some row; all {n_rows} are zero.")
    return weight


def _take(y: Any, n_rows: int, labels: bool) -> np.ndarray:
    if y is None:
        raise InputError("the model requires y to be passed, but the target y is None.")
    values = y.to_numpy() if hasattr(y, "to_numpy") else np.asarray(y)
    if isinstance(y, pd.DataFrame) and y.shape[1] > 1 or values.ndim > 2:
        raise InputError(f"y must have one column; got the shape {values.shape}.")
    try:
        values = column_or_1d(values, warn=True)
    except ValueError as error:
        raise InputError(f"y must have one column: {error}") from error
    if len(values) != n_rows:
        raise InputError(f"X and y must have as many rows; got {n_rows} and {len(values)}.")
    missing = np.asarray(pd.isna(values), dtype=bool)
    check_rows(missing, values, "y", "there in every row")
    if values.dtype.kind == "f":
        check_rows(np.isinf(values), values, "y", "finite")
    if values.dtype == object and labels:
        kinds = {type(value) for value in values}
        if kinds <= {bool, np.bool_}:
            return values.astype(bool)
        if kinds <= {int, float, bool, np.bool_}:
            return values.astype(float)
    return values
