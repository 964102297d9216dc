"""Forecasts of one series or thousands, by the method that would have been the best so far."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_one_of, check_rows
from nbo.errors import InputError
from nbo.models.forecast import Forecast
from nbo.models.forecast_methods import forecast_paths, methods_for
from nbo.models.miss_width import miss_width
from nbo.models.rolling_errors import RollingErrors
from nbo.numbers import check_number

__all__ = ["SeasonalForecast"]


class SeasonalForecast:
    """Forecast series of equal periods, with intervals that come from past misses.

    Seven simple methods compete: the last value, the value of a season ago, the line from the first to the
    last value, and exponential smoothing with and without a damped trend and a season [1]_. Each forecasts from every
    origin in the past with what was known there, and each series takes the one that missed least on average over the
    next `horizon` periods. Ties go to the simpler one.

    The half width of an interval is the conformal order statistic of the absolute misses so many steps ahead, each
    by the method that was the best until its origin: so that the choice was uncertain widens the interval. Where
    there are fewer misses than `level` needs (19 for 0.95), it is Student's quantile times their root mean square.
    An interval never narrows with the step; beyond `horizon` it widens with the square root of the steps. Misses of
    neighboring origins go together, so what the intervals hold is not exactly `level`.

    Parameters
    ----------
    season : int, default=12
        Periods of a season: 12 for months, 7 for days of a week; 1 for none.
    horizon : int, default=6
        Steps ahead that the methods compete on.
    method : str, default="auto"
        "auto", or one for all series: "naive", "seasonal_naive", "drift", "level", "damped_trend", "seasonal_level"
        or "seasonal_trend".
    level : float, default=0.95
        Share of the values to come that each interval should hold, in (0, 1).
    floor : float, optional
        Least value that there can be, such as 0 for sales. Forecasts and intervals are cut there.

    Attributes
    ----------
    methods_ : list of str
        The method of each series.

    References
    ----------
    .. [1] Hyndman, R. J. and Athanasopoulos, G. (2021). Forecasting: principles and practice. 3rd edition. OTexts.
       Chapters 5 and 8; 5.10 on rolling origins.

    Examples
    --------
    >>> months = np.arange(48)
    >>> y = 100 + months + 10 * np.sin(2 * np.pi * months / 12)
    >>> model = SeasonalForecast(season=12, horizon=3).fit(y)
    >>> model.methods_
    ['seasonal_trend']
    >>> model.predict(3).point.round()
    array([148., 154., 158.])
    """

    def __init__(
        self, season: int = 12, horizon: int = 6, method: str = "auto", level: float = 0.95, floor: float | None = None
    ) -> None:
        self.season = season
        self.horizon = horizon
        self.method = method
        self.level = level
        self.floor = floor

    def fit(self, y: Any) -> SeasonalForecast:
        """Let the methods compete on the past.

        Parameters
        ----------
        y : array-like or frame of shape (periods,) or (periods, k)
            The series, the oldest period first, none missing. A period without sales is a 0.

        Returns
        -------
        SeasonalForecast
            Itself.

        Raises
        ------
        InputError
            If there is no period, a value is no finite number, a setting is not allowed, or the periods are too few
            for the `method` asked for.
        """
        for name in ("season", "horizon"):
            check_number(getattr(self, name), name, "1 or more", lambda value: value >= 1, whole=True)
        check_number(self.level, "level", "in (0, 1)", lambda level: 0 < level < 1)
        if self.floor is not None:
            check_number(self.floor, "floor", "a finite number", np.isfinite)
        self._take(y)
        allowed = methods_for(len(self.y_), self.season)
        if self.method != "auto":
            allowed = [*allowed[:1], check_one_of(self.method, ["auto", *allowed], f"method of {len(self.y_)} periods")]
        self.rolling_ = RollingErrors.of(self.y_, self.season, self.horizon, list(dict.fromkeys(allowed)))
        best = self.rolling_.best()
        if self.method != "auto":
            best = np.full_like(best, len(self.rolling_.methods) - 1)
        self.methods_ = [self.rolling_.methods[i] for i in best]
        return self

    def predict(self, h: int | None = None) -> Forecast:
        """Forecast the next periods.

        Parameters
        ----------
        h : int, optional
            How many; `horizon` by default.

        Returns
        -------
        Forecast
            Of shape (h,) where one series was given as such, else (h, k).

        Raises
        ------
        InputError
            If it is not fitted, or `h` is below 1.
        """
        self._check_fitted()
        steps = check_number(self.horizon if h is None else h, "h", "1 or more", lambda value: value >= 1, whole=True)
        point = np.empty((steps, self.y_.shape[1]))
        names = np.array(self.methods_)
        for name in dict.fromkeys(self.methods_):
            who = names == name
            point[:, who] = forecast_paths(name, self.y_[:, who], self.season, np.array([len(self.y_)]), steps)[0]
        return self._forecast(point, self._half_widths(steps), 1)

    def predict_sum(self, h: int | None = None) -> Forecast:
        """Forecast the sum of the next periods.

        Its interval comes from the sums of past misses, for what is missed in one period may or may not come
        in the next.

        Parameters
        ----------
        h : int, optional
            How many, at most `horizon`; `horizon` by default.

        Returns
        -------
        Forecast
            With one step. An interval is NaN where there were too few origins with all `h` periods after them.

        Raises
        ------
        InputError
            If it is not fitted, or `h` is not from 1 to `horizon`.
        """
        self._check_fitted()
        allowed = f"from 1 to the horizon, {self.horizon}"
        steps = self.horizon if h is None else h
        check_number(steps, "h", allowed, lambda value: 1 <= value <= self.horizon, whole=True)
        errors = self._misses()
        half = miss_width(errors[: max(len(errors) - steps + 1, 0), :steps].sum(axis=1), self.level)
        total = np.reshape(self.predict(steps).point, (steps, -1)).sum(axis=0, keepdims=True)
        return self._forecast(total, np.full_like(total, np.nan) if half is None else half, steps)

    def rolling_origin(self) -> pd.DataFrame:
        """Give what each method missed by, from every origin in the past.

        Returns
        -------
        DataFrame
            A row for each ``series``, ``method`` and ``step`` ahead: ``n`` (forecasts), ``mae`` (mean absolute error),
            ``mase`` (each error over the mean absolute error of the seasonal naive forecast before the origin, or
            of the naive one one step ahead [1]_; infinite or NaN where the series did not move) and ``ratio`` (of
            `mae` to that of the seasonal naive method, or the naive one where there is no season). The method
            "chosen" is what this class would have used at each origin, by the errors known there.

        Raises
        ------
        InputError
            If it is not fitted.

        References
        ----------
        .. [1] Hyndman, R. J. and Koehler, A. B. (2006). Another look at measures of forecast accuracy.
           International Journal of Forecasting 22(4).
        """
        self._check_fitted()
        return self.rolling_.to_frame(self.series_)

    def _take(self, y: Any) -> None:
        try:
            values = np.asarray(y, dtype=float)
        except (TypeError, ValueError) as error:
            raise InputError(f"y must hold numbers; got {type(y).__name__} of something else.") from error
        self.alone_ = values.ndim == 1
        values = values[:, None] if self.alone_ else values
        if values.ndim != 2 or not values.size:
            raise InputError(f"y must have the shape (periods,) or (periods, k), not empty; got {np.shape(y)}.")
        wrong = ~np.isfinite(values).all(axis=1)
        check_rows(wrong, values.tolist(), "y", "finite numbers", "Fill periods without sales with 0.")
        self.series_ = list(y.columns) if isinstance(y, pd.DataFrame) else list(range(values.shape[1]))
        self.y_ = values

    def _check_fitted(self) -> None:
        if not hasattr(self, "rolling_"):
            raise InputError("SeasonalForecast must be fitted before it forecasts; call fit.")

    def _forecast(self, point: np.ndarray, half: np.ndarray, periods: int) -> Forecast:
        """Cut at the floor of a sum of so many periods."""
        least = -np.inf if self.floor is None else self.floor * periods
        parts = [np.maximum(values, least) for values in (point, point - half, point + half)]
        middle, low, high = (part[:, 0] if self.alone_ else part for part in parts)
        return Forecast(self.series_, middle, low, high, self.level)

    def _misses(self) -> np.ndarray:
        """Give what came minus what was forecast, shape (origins, horizon, k)."""
        return self.rolling_.chosen() if self.method == "auto" else self.rolling_.errors[-1]

    def _half_widths(self, steps: int) -> np.ndarray:
        """Give the half width of each interval, shape (steps, k)."""
        errors = self._misses()
        widths = np.full((max(steps, self.horizon), self.y_.shape[1]), np.nan)
        for step in range(len(widths)):
            width = miss_width(errors[: len(errors) - step, step], self.level) if step < self.horizon else None
            if width is not None:
                widths[step] = width
            elif step:
                widths[step] = widths[step - 1] * np.sqrt((step + 1) / step)
        return np.fmax.accumulate(widths, axis=0)[:steps]
