"""Whether predicted effects spread as much as the true ones."""

from __future__ import annotations

import numpy as np

__all__ = ["calibration_slope"]


def calibration_slope(
    uplift: np.ndarray, scores: np.ndarray, weight: np.ndarray | None = None
) -> tuple[float | None, float | None]:
    """Regress the scores of the effect on the predicted uplift [1]_.

    Parameters
    ----------
    uplift, scores : ndarray of float, shape (n,)
        Predicted uplift, and doubly robust score of the effect, both made without the row.
    weight : ndarray of float, shape (n,), optional

    Returns
    -------
    slope, standard_error : float or None
        1 is right; below 1 the predictions spread too much, at 0 they say nothing. None where all predictions are the
        same.

    References
    ----------
    .. [1] Chernozhukov, V., Demirer, M., Duflo, E. and Fernandez-Val, I. (2018). Generic machine learning inference
       on heterogeneous treatment effects in randomized experiments. NBER working paper 24678.

    Examples
    --------
    >>> calibration_slope(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.5, 2.0]))
    (0.5, 0.0)
    """
    weight = np.ones(len(uplift)) if weight is None else weight
    from_mean = uplift - np.average(uplift, weights=weight)
    squares = float(weight @ from_mean**2)
    if squares <= 1e-12 * float(weight @ uplift**2):
        return None, None
    slope = float(weight @ (from_mean * scores) / squares)
    left = scores - np.average(scores, weights=weight) - slope * from_mean
    # Robust to scores whose spread differs from row to row, as those of rare arms do.
    return slope, float(np.sqrt(((weight * from_mean * left) ** 2).sum()) / squares)
