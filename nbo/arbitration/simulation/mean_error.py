"""How far a mean over customers may be from that of all such customers."""

from __future__ import annotations

import numpy as np

__all__ = ["mean_error"]


def mean_error(values: np.ndarray) -> float:
    """Give the standard error of a mean over customers; NaN for fewer than two.

    Parameters
    ----------
    values : ndarray of shape (n,)

    Returns
    -------
    float

    Examples
    --------
    >>> mean_error(np.array([1.0, 3.0]))
    1.0
    """
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
