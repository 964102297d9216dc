"""What was sold, and what will be, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from nbo.checks import check_one_of
from nbo.prospects import DemandForecast, SalesForecast
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_forecast"]

# Periods of the past that are shown.
_SHOWN = 104


def plot_forecast(forecast: SalesForecast | DemandForecast, ax: Axes | None = None, product: str | None = None) -> Axes:
    """Plot sales of the past, and the forecast with its interval.

    Of a sales forecast, the part that the pipeline will bring is drawn as bars below it.

    Parameters
    ----------
    forecast : SalesForecast or DemandForecast
    ax : Axes, optional
        Where to draw; a new figure by default.
    product : str, optional
        Of a forecast of demand, the product; by default the sum of all.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no such product.

    Examples
    --------
    >>> from nbo.prospects import demand_forecast
    >>> days = pd.date_range("2026-01-05", "2026-03-29")
    >>> sales = pd.DataFrame({"event_time": days, "product_id": "tea", "quantity": 2})
    >>> plot_forecast(demand_forecast(sales, "2026-03-30", horizon=2)).get_ylabel()
    'Pieces'
    """
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    past, ahead, unit = _series(forecast, product)
    past = past.tail(_SHOWN)
    ax = calm(new_axes(ax))
    ax.plot(past.index, past, color=FAINT, linewidth=2, label="actual")
    ax.fill_between(ahead["start"], ahead["low"], ahead["high"], color=COLORS[0], alpha=0.2, linewidth=0)
    label = f"forecast, {100 * forecast.level:g} % interval"
    ax.plot(ahead["start"], ahead["expected"], "o--", color=COLORS[0], linewidth=2, markersize=5, label=label)
    if isinstance(forecast, SalesForecast):
        width = (ahead["end"] - ahead["start"]) * 0.6
        ax.bar(ahead["start"], ahead["pipeline"], width=width, color=COLORS[1], alpha=0.55, label="from the pipeline")
    dates = AutoDateLocator(minticks=3, maxticks=7)
    ax.xaxis.set_major_locator(dates)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(dates))
    if (past >= 0).all():
        ax.set_ylim(bottom=0)
    ax.set_xlabel("Start of the period")
    ax.set_ylabel(unit)
    ax.legend(frameon=False)
    return ax


def _series(forecast: SalesForecast | DemandForecast, product: str | None) -> tuple[pd.Series, pd.DataFrame, str]:
    """Give the past by start of period, the periods ahead, and what is counted."""
    if isinstance(forecast, SalesForecast):
        return forecast.history.set_index("start")["amount"], forecast.periods, "Sales (money)"
    unit = "Pieces" if forecast.measure == "quantity" else "Sales (money)"
    if product is None:
        return forecast.history.sum(axis=1), forecast.total, unit
    check_one_of(product, list(forecast.history.columns), "product")
    return forecast.history[product], forecast.forecast[forecast.forecast[forecast.by] == product], unit
