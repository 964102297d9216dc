"""Errors of forecasts from one origin after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo.models.forecast_methods import forecast_paths, methods_for

__all__ = ["CHOSEN", "RollingErrors"]

CHOSEN = "chosen"


@dataclass(frozen=True)
class RollingErrors:
    """What each method would have missed by, had it been used at each origin.

    Parameters
    ----------
    methods : list of str
        Names of the m methods.
    errors : ndarray of shape (m, o, horizon, k)
        What came minus the forecast; NaN after the last period.
    scale : ndarray of shape (o, k)
        Mean absolute error of the (seasonal) naive forecast one step ahead before the origin.
    """

    methods: list[str]
    errors: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, y: np.ndarray, season: int, horizon: int, methods: list[str]) -> RollingErrors:
        """Forecast from every origin that all methods allow.

        Parameters
        ----------
        y : ndarray of shape (periods, k)
            Series.
        season : int
            Periods of a season; 1 for none.
        horizon : int
            Steps ahead.
        methods : list of str
            Of :func:`methods_for`.

        Returns
        -------
        RollingErrors
        """
        first = next(n for n in range(1, len(y) + 1) if set(methods) <= set(methods_for(n, season, spare=0)))
        origins = np.arange(first, len(y))
        target = origins[:, None] + np.arange(horizon)
        actual = np.where((target < len(y))[:, :, None], y[np.minimum(target, len(y) - 1)], np.nan)
        paths = [forecast_paths(name, y, season, origins, horizon) if len(origins) else actual for name in methods]
        lag = season if first > season else 1
        moves = np.abs(y[lag:] - y[:-lag]).cumsum(axis=0)
        known = np.maximum(origins - lag, 1)
        scale = moves[known - 1] / known[:, None] if len(origins) else np.empty((0, y.shape[1]))
        return cls(methods, np.stack([actual - path for path in paths]), scale)

    def best(self) -> np.ndarray:
        """Give the place of the method with the least mean absolute error of each series, shape (k,)."""
        return np.nansum(np.abs(self.errors), axis=(1, 2)).argmin(axis=0)

    def chosen(self) -> np.ndarray:
        """Give the errors of the method that was the best so far at each origin, shape (o, horizon, k)."""
        missed = np.nan_to_num(np.abs(self.errors))
        _, n_origins, horizon, k = missed.shape
        total, found = np.zeros((len(self.methods), k)), np.empty((n_origins, horizon, k))
        for now in range(n_origins):
            # What was forecast `step` periods ago for this period is known now.
            for step in range(1, min(now, horizon) + 1):
                total += missed[:, now - step, step - 1]
            best = total.argmin(axis=0)
            found[now] = self.errors[best, now, :, np.arange(k)].T
        return found

    def to_frame(self, series: list) -> pd.DataFrame:
        """Give the mean errors of each series, method and step.

        Parameters
        ----------
        series : list
            Names of the k series.

        Returns
        -------
        DataFrame
            ``series``, ``method``, ``step``, ``n`` (forecasts), ``mae``, ``mase`` and ``ratio`` (to the first method).
        """
        every = np.concatenate([self.errors, self.chosen()[None]])
        n = np.isfinite(every[0]).sum(axis=0)
        mae = _mean(np.abs(every), n)
        with np.errstate(divide="ignore", invalid="ignore"):
            mase = _mean(np.abs(every) / self.scale[:, None], n)
            ratio = mae / mae[0]
        names = [*self.methods, CHOSEN]
        keys = pd.MultiIndex.from_product([range(len(names)), range(1, every.shape[2] + 1), range(len(series))])
        codes = keys.to_frame(index=False).to_numpy()
        columns = {"n": np.broadcast_to(n, mae.shape), "mae": mae, "mase": mase, "ratio": ratio}
        frame = pd.DataFrame({"order": codes[:, 2], "method": np.array(names)[codes[:, 0]], "step": codes[:, 1]})
        frame = frame.assign(**{name: values.ravel() for name, values in columns.items()})
        frame.insert(0, "series", pd.Index(series).take(frame["order"]))
        frame = frame.sort_values("order", kind="stable").drop(columns="order")
        return frame[frame["n"] > 0].reset_index(drop=True)


def _mean(values: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Give the mean over origins, shape (m + 1, horizon, k); an error of nothing on a flat series is none."""
    total = np.where(np.isnan(values), 0.0, values).sum(axis=1)
    return np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)
