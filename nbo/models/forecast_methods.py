"""The ways to forecast a series that compete with each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from nbo.models.smoothing import FEWEST_WITHOUT_SEASON, smoothed_paths

__all__ = ["forecast_paths", "methods_for"]

Paths = Callable[[np.ndarray, int, np.ndarray, int], np.ndarray]


def methods_for(periods: int, season: int, spare: int = 4) -> list[str]:
    """Name the methods that so many periods allow.

    Parameters
    ----------
    periods : int
        Length of the series.
    season : int
        Periods of a season; 1 for none.
    spare : int, default=4
        Periods that stay to compare the methods on.

    Returns
    -------
    list of str
        Never empty. The seasonal naive forecast comes first where it is one of them, else the naive one.

    Examples
    --------
    >>> methods_for(7, season=4)
    ['naive', 'drift']
    """
    fewest = {
        "seasonal_naive": season if season > 1 else np.inf,
        "naive": 1,
        "drift": 2,
        "level": FEWEST_WITHOUT_SEASON,
        "damped_trend": FEWEST_WITHOUT_SEASON,
        "seasonal_level": 2 * season if season > 1 else np.inf,
        "seasonal_trend": 2 * season if season > 1 else np.inf,
    }
    return [name for name, needed in fewest.items() if needed <= max(1, periods - spare)]


def forecast_paths(method: str, y: np.ndarray, season: int, origins: np.ndarray, horizon: int) -> np.ndarray:
    """Forecast all series by one method, from each of some origins.

    Parameters
    ----------
    method : str
        Of :func:`methods_for`.
    y : ndarray of shape (periods, k)
        Series.
    season : int
        Periods of a season.
    origins : ndarray of int, shape (o,)
        Each is the number of periods known; rising.
    horizon : int
        Steps ahead.

    Returns
    -------
    ndarray of shape (o, horizon, k)
        A forecast knows only the periods before its origin.

    Examples
    --------
    >>> forecast_paths("drift", np.array([[1.0], [2.0], [5.0]]), 1, np.array([3]), 2)[0, :, 0]
    array([7., 9.])
    """
    return _METHODS[method](y, season, origins, horizon)


def _naive(y: np.ndarray, season: int, origins: np.ndarray, horizon: int) -> np.ndarray:
    return np.repeat(y[origins - 1][:, None], horizon, axis=1)


def _seasonal_naive(y: np.ndarray, season: int, origins: np.ndarray, horizon: int) -> np.ndarray:
    steps = np.arange(horizon) % season
    return y[origins[:, None] - season + steps]


def _drift(y: np.ndarray, season: int, origins: np.ndarray, horizon: int) -> np.ndarray:
    last = y[origins - 1]
    slope = (last - y[0]) / (origins - 1)[:, None]
    return last[:, None] + np.arange(1, horizon + 1)[:, None] * slope[:, None]


def _smoothed(
    y: np.ndarray, season: int, origins: np.ndarray, horizon: int, *, seasonal: bool, trend: bool
) -> np.ndarray:
    return smoothed_paths(y, season if seasonal else 1, origins, horizon, trend)


_METHODS: dict[str, Paths] = {
    "seasonal_naive": _seasonal_naive,
    "naive": _naive,
    "drift": _drift,
    "level": partial(_smoothed, seasonal=False, trend=False),
    "damped_trend": partial(_smoothed, seasonal=False, trend=True),
    "seasonal_level": partial(_smoothed, seasonal=True, trend=False),
    "seasonal_trend": partial(_smoothed, seasonal=True, trend=True),
}
