"""Predicted probabilities beside what came of them, checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbo.checks import check_probabilities, check_rows
from nbo.errors import InputError

__all__ = ["checked_predictions"]


def checked_predictions(y: Any, p: Any) -> tuple[np.ndarray, np.ndarray]:
    """Take what happened and what was predicted as floats.

    Parameters
    ----------
    y : array-like of shape (n,)
        0 or 1.
    p : array-like of shape (n,)
        In [0, 1].

    Returns
    -------
    y, p : ndarray of float, shape (n,)

    Raises
    ------
    InputError
        If lengths differ or a value is not allowed.
    """
    happened, predicted = check_probabilities(y, "y"), check_probabilities(p, "p")
    check_rows((happened != 0) & (happened != 1), happened, "y", "0 or 1")
    if len(happened) != len(predicted):
        raise InputError(f"y and p must be of the same length; got {len(happened)} and {len(predicted)}.")
    return happened, predicted
