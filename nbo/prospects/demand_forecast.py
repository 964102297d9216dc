"""How much of each product will be sold in each of the next periods."""

from __future__ import annotations

from functools import partial
from operator import le
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.models import SeasonalForecast
from nbo.numbers import check_number
from nbo.prospects.calendar_periods import CalendarPeriods
from nbo.prospects.demand_result import DemandForecast
from nbo.prospects.moments import micro
from nbo.prospects.sales_rows import COUNTS, group_of, period_sums, sales_rows
from nbo.tables import CustomerTables
from nbo.times import check_time

__all__ = ["demand_forecast"]

# Money in whole cents, pieces (or kilograms) in millionths, so that sums lose nothing.
_UNITS = {c.AMOUNT: 0.01, c.QUANTITY: 1e-6}


def demand_forecast(
    transactions: Any,
    as_of: Any,
    *,
    by: str = c.PRODUCT_ID,
    freq: str = "W",
    horizon: int = 8,
    measure: str = c.QUANTITY,
    start: Any = None,
    level: float = 0.9,
) -> DemandForecast:
    """Forecast the sales of each product and period, with intervals and a test against a naive forecast.

    The sales known at `as_of` are summed by product and period; returns are taken off, and a period without sales is
    a 0, also before the first sale of a product. :class:`~nbo.models.SeasonalForecast` then lets simple methods compete
    for each product, from one past origin after the other.

    Parameters
    ----------
    transactions : DataFrame or CustomerTables
        event_time, `by` and `measure`; known_at, kind and status if they are there.
    as_of : Timestamp or str
        The start of a period, UTC.
    by : str, default="product_id"
        Column of products, categories, stores ...
    freq : {"W", "M", "Q"}, default="W"
        Weeks from Monday on, calendar months, or quarters.
    horizon : int, default=8
        Periods ahead.
    measure : {"quantity", "amount"}, default="quantity"
        Pieces, or money.
    start : Timestamp or str, optional
        Sales before it do not count. By default all count, from the period of the first one on.
    level : float, default=0.9
        How often each interval shall hold what comes, in (0, 1).

    Returns
    -------
    DemandForecast

    Raises
    ------
    InputError
        If a column is missing or holds what is not allowed, `as_of` does not start a period, no sale was known
        then, or a setting is out of its range.

    Examples
    --------
    >>> days = pd.date_range("2026-01-05", "2026-03-29")
    >>> sales = pd.DataFrame({"event_time": days, "product_id": "tea", "quantity": 2})
    >>> found = demand_forecast(sales, "2026-03-30", horizon=2)
    >>> found.forecast[["product_id", "start", "expected"]].astype(str).values.tolist()
    [['tea', '2026-03-30', '14.0'], ['tea', '2026-04-06', '14.0']]
    """
    check_one_of(measure, list(_UNITS), "measure")
    check_number(horizon, "horizon", "1 or more", partial(le, 1), whole=True)
    periods = CalendarPeriods(freq)
    now = periods.first_of(as_of)
    y = _sums(transactions, now, periods, by, measure, start)
    floor = 0.0 if (y.to_numpy() >= 0).all() else None
    engine = SeasonalForecast(periods.season, horizon, level=level, floor=floor).fit(y)
    whole = SeasonalForecast(periods.season, horizon, level=level, floor=floor).fit(y.sum(axis=1).to_numpy())
    starts = periods.start(now + np.arange(horizon))
    forecast = engine.predict(horizon).to_frame().rename(columns={"series": by, "forecast": "expected"})
    forecast.insert(2, "start", starts[forecast["step"] - 1])
    return DemandForecast(
        by=by,
        measure=measure,
        forecast=forecast,
        total=_total(forecast, whole, starts, floor),
        history=y.set_axis(periods.start(y.index), axis=0).rename_axis("start"),
        errors=_errors(engine, y, by),
        methods=pd.Series(engine.methods_, index=y.columns, name="method"),
        coverage=_coverage(y, periods, horizon, level, floor),
        level=level,
    )


def _sums(given: Any, now: int, periods: CalendarPeriods, by: str, measure: str, start: Any) -> pd.DataFrame:
    """Sum up what was known: a row for each period that is over, a column for each product."""
    frame = given.get("transactions") if isinstance(given, CustomerTables) else given
    sales = sales_rows(frame, "transactions", measure, by)
    as_of = periods.start([now])[0]
    seen = (sales[COUNTS] < micro(as_of)).to_numpy()
    if start is not None:
        seen = seen & (sales[c.EVENT_TIME] >= check_time(start, "start")).to_numpy()
    sales = sales[seen]
    if not len(sales):
        raise InputError(f"transactions must hold a sale that was known before {as_of}; there is none.")
    number = periods.number(sales[c.EVENT_TIME])
    codes, names = pd.factorize(group_of(sales, by), sort=True)
    first = int(number.min())
    values = period_sums(number - first, codes, sales[measure], now - first, len(names), _UNITS[measure])
    return pd.DataFrame(values, index=first + np.arange(now - first), columns=pd.Index(names, name=by))


def _total(
    forecast: pd.DataFrame, whole: SeasonalForecast, starts: pd.DatetimeIndex, floor: float | None
) -> pd.DataFrame:
    """Sum up the products; how far the sum may be off, the misses of the whole tell."""
    ahead = whole.predict(len(starts))
    half = ahead.high - ahead.point
    expected = forecast.groupby("step")["expected"].sum().to_numpy()
    least = -np.inf if floor is None else floor
    columns = {"expected": expected, "low": np.maximum(expected - half, least), "high": expected + half}
    return pd.DataFrame({"step": np.arange(1, len(starts) + 1), "start": starts, **columns})


def _errors(engine: SeasonalForecast, y: pd.DataFrame, by: str) -> pd.DataFrame:
    """Put the misses of the method chosen at each past origin beside those of the naive one."""
    rows = engine.rolling_origin()
    naive = engine.rolling_.methods[0]
    keys = ["series", "step"]
    chosen = rows[rows["method"] == "chosen"].drop(columns="method")
    plain = rows.loc[rows["method"] == naive, [*keys, "mae"]].rename(columns={"mae": "naive_mae"})
    found = chosen.merge(plain, on=keys, how="left").assign(naive=naive)
    columns = ["series", "step", "n", "mae", "naive_mae", "ratio", "mase", "naive"]
    return found[columns].rename(columns={"series": by})


def _coverage(y: pd.DataFrame, periods: CalendarPeriods, horizon: int, level: float, floor: float | None) -> float:
    """Give the share of the last periods that the intervals of a forecast from before them hold."""
    if len(y) <= horizon + 1:
        return float("nan")
    past, came = y.iloc[:-horizon], y.iloc[-horizon:].to_numpy()
    ahead = SeasonalForecast(periods.season, horizon, level=level, floor=floor).fit(past).predict(horizon)
    return float(((ahead.low <= came) & (came <= ahead.high)).mean())
