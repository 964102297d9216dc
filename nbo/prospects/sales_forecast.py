"""What will be sold: the pipeline by its chances, and business that is not in it yet."""

from __future__ import annotations

from functools import partial
from operator import le
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.prospects.calendar_periods import CalendarPeriods
from nbo.prospects.forecast_errors import error_table, stretch
from nbo.prospects.opportunity_model import OpportunityModel
from nbo.prospects.sales_origin import FittedPipeline, Forecaster, Outlook
from nbo.prospects.sales_result import SalesForecast
from nbo.prospects.win_sums import win_sums
from nbo.rng import generator

__all__ = ["sales_forecast"]


def sales_forecast(
    opportunities: Any,
    as_of: Any,
    history: Any = None,
    horizon: int = 3,
    model: OpportunityModel | None = None,
    *,
    freq: str = "M",
    by: str | None = None,
    level: float = 0.9,
    origins: int = 12,
    refit: int = 3,
    n_draws: int = 1000,
    rng: int | np.random.Generator | None = 0,
) -> SalesForecast:
    """Forecast the sales of the next periods, with intervals and a test against a naive forecast.

    Two parts add up. The pipeline: for each opportunity open at `as_of`, the probability to be won in each period
    times its amount. New business: what will be sold that the pipeline does not hold yet; for each step ahead, the
    past tells how much of a period's sales had not been in the pipeline so many periods before, and
    :class:`~nbo.models.SeasonalForecast` goes on from there, with the season.

    For the interval, wins are drawn as a sum of independent ones, times good and bad luck that all have in common, as
    far as past pipelines came out together, and new business around its forecast. Reality has more in it than that, so
    the same is done from `origins` past origins, with
    what was known there, and the interval is stretched by the quantile of how far the past missed, over half the
    width it had [1]_.

    Parameters
    ----------
    opportunities : DataFrame
        History of stages, with amount, closed_at and won; see :func:`opportunity_rows`. An opportunity without an
        amount counts with the mean of those won.
    as_of : Timestamp or str
        The start of a period, UTC.
    history : DataFrame, optional
        All sales, those without an opportunity too: event_time, amount, and known_at, kind, status and `by`
        if they are there. By default the opportunities that were won.
    horizon : int, default=3
        Periods ahead.
    model : OpportunityModel, optional
        Its settings are taken, and it is fitted on what was known at each origin; its horizon must reach over all
        periods ahead. By default one with periods of half a month, or of a week.
    freq : {"M", "W", "Q"}, default="M"
        Calendar months, weeks from Monday on, or quarters.
    by : str, optional
        Column of the owner, or a segment: the forecast is split by it, and the parts sum to the whole.
    level : float, default=0.9
        How often the interval shall hold what comes, in (0, 1).
    origins : int, default=12
        Past origins to test the forecast from; 0 for none, then nothing is stretched.
    refit : int, default=3
        At every so many origins the model is fitted anew; at those between, the last one is used.
    n_draws : int, default=1000
        Draws of the pipeline.
    rng : int, Generator or None, default=0
        For the draws.

    Returns
    -------
    SalesForecast

    Raises
    ------
    InputError
        If a column is missing or holds what is not allowed, `as_of` does not start a period, nothing is known
        of any opportunity that was closed, or a setting is out of its range.

    References
    ----------
    .. [1] Lei, J., G'Sell, M., Rinaldo, A., Tibshirani, R. J. and Wasserman, L. (2018). Distribution-free predictive
       inference for regression. Journal of the American Statistical Association 113(523).

    Examples
    --------
    >>> start = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(700), unit="D")
    >>> wins = np.arange(700) % 3 == 0
    >>> history = pd.DataFrame({"opportunity_id": np.arange(700), "stage": "offer", "entered_at": start,
    ...     "amount": 100.0, "closed_at": start + pd.Timedelta("40D"), "won": wins.astype(int)})
    >>> model = OpportunityModel("70D", n_estimators=5)
    >>> found = sales_forecast(history, "2025-10-01", horizon=2, origins=2, model=model)
    >>> found.periods["expected"].round(-2).tolist()
    [1100.0, 1000.0]
    """
    frame = check_frame(opportunities, "opportunities")
    check_columns(frame, [c.AMOUNT, c.CLOSED_AT, *([by] if by else [])], "opportunities")
    for name, value, least in (("horizon", horizon, 1), ("origins", origins, 0), ("refit", refit, 1)):
        check_number(value, name, f"{least} or more", partial(le, least), whole=True)
    check_number(n_draws, "n_draws", "100 or more", partial(le, 100), whole=True)
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    periods = CalendarPeriods(freq)
    now = periods.first_of(as_of)
    forecaster = Forecaster.of(frame, history, now, horizon, model, periods, by, level)
    fitted = forecaster.fitted(now)
    if fitted is None:
        raise InputError(f"opportunities must hold some that was closed, and known so, before {as_of}; there is none.")
    past = _past_outlooks(forecaster, now, origins, refit)
    outlook = forecaster.outlook(now, fitted)
    totals = forecaster.totals(now)
    errors = error_table(past, totals, periods, level)
    factor = stretch(errors, level, horizon)
    draws = factor * _draws(outlook, n_draws, generator(rng))
    return _result(outlook, errors, factor, draws, totals, periods, by, level)


def _past_outlooks(forecaster: Forecaster, now: int, origins: int, refit: int) -> list[Outlook]:
    """Forecast from the last origins of which at least one period is over."""
    found: list[Outlook] = []
    fitted: FittedPipeline | None = None
    for place, origin in enumerate(range(now - origins, now)):
        if fitted is None or place % refit == 0:
            fitted = forecaster.fitted(origin)
        if fitted is not None:
            found.append(forecaster.outlook(origin, fitted))
    return found


def _draws(outlook: Outlook, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the sales of each period around what is expected, shape (n_draws, h)."""
    won = win_sums(outlook.amount, outlook.chance, n_draws, rng)
    # Of one draw, new business is high or low in all periods: its errors go together, as good and bad times do.
    new = outlook.new_spread * rng.normal(size=(n_draws, 1))
    luck = outlook.luck_spread * rng.normal(size=(n_draws, 1))
    return won - outlook.amount @ outlook.chance + luck + new


def _result(
    outlook: Outlook,
    errors: pd.DataFrame,
    factor: np.ndarray,
    draws: np.ndarray,
    totals: pd.Series,
    periods: CalendarPeriods,
    by: str | None,
    level: float,
) -> SalesForecast:
    numbers = outlook.origin + np.arange(outlook.steps)
    frame = pd.DataFrame({"step": np.arange(1, outlook.steps + 1), "start": periods.start(numbers)})
    frame["end"] = periods.start(numbers + 1)
    frame["pipeline"] = outlook.pipeline_cents.sum(axis=1) / 100
    frame["new_business"] = outlook.new_cents.sum(axis=1) / 100
    frame["expected"] = outlook.total_cents / 100
    bounds = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    together = np.quantile(draws.sum(axis=1), [(1 - level) / 2, (1 + level) / 2])
    frame["low"], frame["high"] = (np.maximum(frame["expected"] + each, 0.0) for each in bounds)
    frame = frame.assign(naive=outlook.naive, stretch=factor)
    expected = int(outlook.total_cents.sum()) / 100
    low, high = (max(expected + each, 0.0) for each in together)
    return SalesForecast(
        as_of=periods.start([outlook.origin])[0],
        periods=frame,
        groups=outlook.by_group(by, periods),
        opportunities=outlook.rows,
        history=totals.rename_axis("start").reset_index(name=c.AMOUNT).assign(start=periods.start(totals.index)),
        errors=errors,
        expected=expected,
        low=low,
        high=high,
        level=level,
    )
