"""Which segments matter today, and which tomorrow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.models import SeasonalForecast
from nbo.numbers import check_number
from nbo.value.cents import money
from nbo.value.segment_forecast_result import SegmentForecast
from nbo.value.segment_series import SegmentSeries

__all__ = ["segment_value_forecast"]


def segment_value_forecast(
    values: Any,
    *,
    horizon: int = 6,
    season: int = 12,
    every: str | None = None,
    total: str = "total",
    method: str = "auto",
    level: float = 0.95,
) -> SegmentForecast:
    """Forecast the value of segments and of all together, so that they add up.

    Each segment and the total are forecast on their own by :class:`nbo.models.SeasonalForecast`. What the total differs
    from the sum of its segments is then shared out among them all in proportion to the variance of their errors:
    weighted least squares reconciliation [1]_. The intervals move along and keep their width.

    Parameters
    ----------
    values : DataFrame
        ``segment``, ``period`` (times or whole numbers, equally spaced) and ``value`` (money). Rows of one segment and
        period add up; a segment without a row in a period is worth 0 there. Whole numbers of which fewer than half have
        a row, such as months as 202512 and 202601, are refused. The last period must be over.
    horizon : int, default=6
        Periods to forecast.
    season : int, default=12
        Periods of a season; 1 for none.
    every : str, optional
        Step of periods that are times, such as "MS", "W" or "7D"; by default it is found.
    total : str, default="total"
        Name of all segments together; no segment's name.
    method : str, default="auto"
        As for :class:`nbo.models.SeasonalForecast`.
    level : float, default=0.95
        Of the intervals, in (0, 1).

    Returns
    -------
    SegmentForecast

    Raises
    ------
    InputError
        If a column is missing, a value is no finite number, periods are not equally spaced or fewer than the horizon,
        a segment is named as the total, or a setting is not allowed.

    References
    ----------
    .. [1] Wickramasuriya, S. L., Athanasopoulos, G. and Hyndman, R. J. (2019). Optimal forecast reconciliation for
       hierarchical and grouped time series through trace minimization. Journal of the American Statistical
       Association 114.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"segment": np.repeat(["old", "new"], 12), "period": np.tile(np.arange(12), 2), "value": 10.0}
    ... )
    >>> rows.loc[rows["segment"] == "new", "value"] = np.arange(12.0)
    >>> found = segment_value_forecast(rows, horizon=3, season=1)
    >>> found.outlook[["segment", "now", "later", "rank_now", "rank_later"]]
      segment   now  later  rank_now  rank_later
    0     new  30.0   39.0         1           1
    1     old  30.0   30.0         1           2
    """
    series = SegmentSeries(values, every)
    if total in list(series.segments):
        raise InputError(f"total must be no segment's name; {total!r} is one. Give another name.")
    check_number(horizon, "horizon", "1 or more", lambda value: value >= 1, whole=True)
    if len(series.periods) < horizon:
        raise InputError(f"horizon must be at most the periods there are, {len(series.periods)}; got {horizon}.")
    cents = np.column_stack([series.cents, series.cents.sum(axis=1)])
    names = [*series.segments, total]
    model = SeasonalForecast(season=season, horizon=horizon, method=method, level=level)
    model.fit(pd.DataFrame(money(cents), columns=pd.Index(names, dtype=object)))
    steps, together = model.predict(), model.predict_sum()
    point = _whole(_reconciled(steps.point, steps.high - steps.point))
    moved = money(point) - steps.point
    forecast = _by_segment(names, series.later(horizon), point, steps.low + moved, steps.high + moved)
    later = point.sum(axis=0)
    moved = money(later) - together.point[0]
    outlook = _outlook(names, cents[-horizon:].sum(axis=0), later, together.low[0] + moved, together.high[0] + moved)
    errors = model.rolling_origin().rename(columns={"series": "segment"})
    outlook = outlook.assign(method=model.methods_).join(_past_errors(errors), on="segment")
    history = pd.DataFrame(
        {
            "segment": pd.Index(names, dtype=object).repeat(len(cents)),
            "period": np.tile(series.periods, len(names)),
            "value": money(cents).T.ravel(),
        }
    )
    parts = outlook[:-1].sort_values("later", ascending=False, kind="stable", ignore_index=True)
    return SegmentForecast(parts, outlook.iloc[-1].to_dict(), history, forecast, errors, level)


def _reconciled(point: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Make the columns but the last one add up to the last one, each row by itself; shape (h, k + 1)."""
    known = np.isfinite(half).all(axis=1, keepdims=True)
    variance = np.where(known, half**2, 1.0)
    # Where nothing was ever missed, all give way alike.
    variance = np.where(variance.sum(axis=1, keepdims=True) > 0, variance, 1.0)
    gap = point[:, -1:] - point[:, :-1].sum(axis=1, keepdims=True)
    share = variance / variance.sum(axis=1, keepdims=True)
    return np.column_stack([point[:, :-1] + share[:, :-1] * gap, point[:, -1:] - share[:, -1:] * gap])


def _whole(point: np.ndarray) -> np.ndarray:
    """Round the segments to whole cents, and make the total their sum."""
    parts = np.rint(100 * point[:, :-1]).astype(np.int64)
    return np.column_stack([parts, parts.sum(axis=1)])


def _by_segment(names: list, periods: pd.Index, point: np.ndarray, low: np.ndarray, high: np.ndarray) -> pd.DataFrame:
    steps = len(periods)
    return pd.DataFrame(
        {
            "segment": pd.Index(names, dtype=object).repeat(steps),
            "period": np.tile(periods, len(names)),
            "step": np.tile(np.arange(1, steps + 1), len(names)),
            "forecast": money(point).T.ravel(),
            "low": low.T.ravel(),
            "high": high.T.ravel(),
        }
    )


def _outlook(names: list, now: np.ndarray, later: np.ndarray, low: np.ndarray, high: np.ndarray) -> pd.DataFrame:
    """Set the last periods against the next ones; the total stands last."""
    table = pd.DataFrame({"segment": pd.Index(names, dtype=object), "now": money(now), "later": money(later)})
    table = table.assign(low=low, high=high, change=money(later - now))
    for when, cents in (("now", now), ("later", later)):
        table[f"share_{when}"] = cents / cents[-1] if cents[-1] > 0 else np.nan
        ranks = pd.Series(cents[:-1]).rank(ascending=False, method="min").astype(int)
        table[f"rank_{when}"] = [*ranks, 0]
    return table


def _past_errors(errors: pd.DataFrame) -> pd.DataFrame:
    """Give the errors of the chosen method over all steps, by segment."""
    chosen = errors[errors["method"] == "chosen"]
    return chosen.groupby("segment", sort=False)[["mase", "ratio"]].mean()
