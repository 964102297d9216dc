"""Arrays of features, and what is given in their place."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_array

from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Spine

__all__ = ["take_array"]


def take_array(X: Any) -> np.ndarray:
    """Take features without names as an array of two dimensions.

    Parameters
    ----------
    X : array-like of shape (n, p)

    Returns
    -------
    ndarray of shape (n, p)
        Its values are not checked.

    Raises
    ------
    InputError
        If it has no rows, no columns or another number of dimensions.
    TypeError
        If it is a sparse matrix, or tables, a spine or a catalog.

    Examples
    --------
    >>> take_array([[1, 2], [3, 4]]).shape
    (2, 2)
    >>> take_array(CustomerTables())
    Traceback (most recent call last):
    TypeError: X must hold features, one row for each label; got CustomerTables. Build them first, such as with
    X = FeatureSet.default().build(tables, spine), and pass X and y.
    """
    if isinstance(X, CustomerTables | Spine | Catalog):
        raise TypeError(
            f"X must hold features, one row for each label; got {type(X).__name__}. Build them first, such as with "
            f"X = FeatureSet.default().build(tables, spine), and pass X and y."
        )
    try:
        return check_array(X, dtype=None, ensure_all_finite=False)
    except ValueError as error:
        raise InputError(str(error)) from error
