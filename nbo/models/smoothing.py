"""Exponential smoothing of many series at once, with forecasts from every origin in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

__all__ = ["FEWEST_WITHOUT_SEASON", "smoothed_paths"]

# Periods that the first level and trend are taken from where there is no season.
FEWEST_WITHOUT_SEASON = 4
_LEVEL = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
_TREND = tuple(product((0.05, 0.2), (0.85, 0.97)))
_SEASON = (0.0, 0.1, 0.3)
_MOST_NUMBERS = 4_000_000


@dataclass
class _State:
    """State of each setting (g) and series (k): level and trend (g, k), season (m, g, k)."""

    level: np.ndarray
    trend: np.ndarray
    season: np.ndarray


def smoothed_paths(y: np.ndarray, season: int, origins: np.ndarray, horizon: int, trend: bool) -> np.ndarray:
    """Forecast by exponential smoothing from each of some origins.

    The model has additive errors, a level, a damped trend if asked for, and an additive season if `season` is
    above 1 [1]_. At each origin each series takes those weights, of a fixed grid, that had the least squared error
    one step ahead until then. So a forecast knows nothing that came after its origin.

    Parameters
    ----------
    y : ndarray of shape (periods, k)
        Series.
    season : int
        Periods of a season; 1 for none.
    origins : ndarray of int, shape (o,)
        Each is the number of periods known; rising, at least two seasons, or 4 without one.
    horizon : int
        Steps ahead.
    trend : bool
        Whether there is a damped trend.

    Returns
    -------
    ndarray of shape (o, horizon, k)
        Forecasts.

    References
    ----------
    .. [1] Hyndman, R. J., Koehler, A. B., Ord, J. K. and Snyder, R. D. (2008). Forecasting with exponential
       smoothing: the state space approach. Springer. Chapter 2.

    Examples
    --------
    >>> flat = np.full((6, 1), 5.0)
    >>> smoothed_paths(flat, 1, np.array([4, 6]), 2, trend=True)[:, :, 0]
    array([[5., 5.],
           [5., 5.]])
    """
    grid = _settings(season, trend)
    width = max(1, _MOST_NUMBERS // (grid.shape[1] * (season + 3)))
    parts = [
        _filter(y[:, start : start + width], season, origins, horizon, grid) for start in range(0, y.shape[1], width)
    ]
    return np.concatenate(parts, axis=2) if parts else np.empty((len(origins), horizon, 0))


def _settings(season: int, trend: bool) -> np.ndarray:
    """Give weights of level, trend and season, and the damping: an array of shape (4, g, 1)."""
    trends = _TREND if trend else ((0.0, 0.0),)
    seasons = _SEASON if season > 1 else (0.0,)
    rows = [(a, a * b, (1 - a) * g, phi) for a, (b, phi), g in product(_LEVEL, trends, seasons)]
    return np.array(rows).T[:, :, None]


def _start(y: np.ndarray, season: int, grid: np.ndarray) -> _State:
    """Take the first level, trend and season from the first two seasons."""
    g, k, trending = grid.shape[1], y.shape[1], grid[3] > 0
    if season == 1:
        slope = (y[FEWEST_WITHOUT_SEASON - 1] - y[0]) / (FEWEST_WITHOUT_SEASON - 1)
        shape, first = np.zeros((1, k)), y[0] - slope
    else:
        mean = y[:season].mean(axis=0)
        slope = (y[season : 2 * season].mean(axis=0) - mean) / season
        line = mean + slope * (np.arange(2 * season)[:, None] - (season - 1) / 2)
        shape = (y[: 2 * season] - line).reshape(2, season, k).mean(axis=0)
        first = line[0] - slope
    # Without a trend the level starts where the first period is.
    level = np.where(trending, first, first + slope)
    return _State(level, np.where(trending, slope, 0.0) * np.ones((g, 1)), np.repeat(shape[:, None], g, axis=1))


def _filter(y: np.ndarray, season: int, origins: np.ndarray, horizon: int, grid: np.ndarray) -> np.ndarray:
    alpha, beta, gamma, phi = grid
    state = _start(y, season, grid)
    loss = np.zeros((grid.shape[1], y.shape[1]))
    paths = np.empty((len(origins), horizon, y.shape[1]))
    place = {int(origin): i for i, origin in enumerate(origins)}
    for t in range(int(origins[-1])):
        state.trend *= phi
        state.level += state.trend
        error = y[t] - state.level - state.season[t % season]
        loss += error**2
        state.level += alpha * error
        state.trend += beta * error
        if season > 1:
            state.season[t % season] += gamma * error
        if t + 1 in place:
            paths[place[t + 1]] = _ahead(state, loss.argmin(axis=0), phi[:, 0], t + 1, horizon)
    return paths


def _ahead(state: _State, best: np.ndarray, phi: np.ndarray, origin: int, horizon: int) -> np.ndarray:
    """Forecast from one origin, with the best setting of each series: shape (horizon, k)."""
    columns = np.arange(len(best))
    damping = np.cumsum(phi[best] ** np.arange(1, horizon + 1)[:, None], axis=0)
    seasonal = state.season[(origin + np.arange(horizon)) % len(state.season)][:, best, columns]
    return state.level[best, columns] + damping * state.trend[best, columns] + seasonal
