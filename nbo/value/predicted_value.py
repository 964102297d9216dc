"""What a fitted model says that each customer will be worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.models import CLVModel, GammaGamma
from nbo.models.intervals import DecileIntervals
from nbo.numbers import check_number

__all__ = ["predicted_value"]

_QUANTILES = 100


def predicted_value(
    model: Any,
    X: Any,
    *,
    spend: GammaGamma | None = None,
    horizon: float | None = None,
    margin: float = 1.0,
    discount_rate: float = 0.0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Predict values with their intervals, as :func:`segment_value` takes them.

    Parameters
    ----------
    model : CLVModel, or a model of purchases such as BGNBD, MBGNBD or ParetoNBD
        Fitted. A CLVModel knows its own horizon, margin and discount rate.
    X : DataFrame of n rows
        Features or histories, as the model takes them.
    spend : GammaGamma, optional
        Fitted; for a model of purchases.
    horizon : float, optional
        Of a model of purchases: how far to look ahead, in its unit of time.
    margin : float, default=1.0
        Of a model of purchases: share of the spend that is earned.
    discount_rate : float, default=0.0
        Of a model of purchases: per year.
    level : float, default=0.95
        Of the intervals, in (0, 1).

    Returns
    -------
    DataFrame of n rows
        ``clv``, ``low`` and ``high``, money; without the bounds where a CLVModel has learnt no intervals. A mean
        that lies outside, as of a few who may spend very much, widens the interval to itself. Of a CLVModel with
        intervals also ``sd``, the standard deviation of what the customer may spend around `clv`, from a hundred
        quantiles: the largest hundredth of the amounts counts as its median.

    Raises
    ------
    InputError
        If a model of purchases comes without `spend` or `horizon`, `X` is not as fitted, or an argument is not
        allowed.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"visits": rng.integers(1, 5, 2000)})
    >>> model = CLVModel(n_estimators=20).fit(X, (rng.random(2000) < 0.5) * rng.gamma(2.0, 10.0 * X["visits"]))
    >>> list(predicted_value(model, X).columns)
    ['clv', 'low', 'high', 'sd']
    """
    check_number(level, "level", "in (0, 1)", lambda value: 0 < value < 1)
    if isinstance(model, CLVModel):
        clv = model.predict(X)
        if model.intervals_ is None:
            return pd.DataFrame({"clv": clv})
        return _bounded(clv, model.predict_interval(X, level)).assign(sd=_deviation(clv, model.intervals_))
    if spend is None or horizon is None:
        raise InputError("a model of purchases needs spend, a fitted GammaGamma, and horizon in its unit of time.")
    each = check_number(margin, "margin", "above 0", lambda value: 0 < value < np.inf) * spend.expected_spend(X)
    clv = model.discounted_purchases(X, horizon, discount_rate) * each
    return _bounded(clv, model.predictive_interval(X, horizon, level) * each[:, None])


def _bounded(clv: np.ndarray, bounds: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"clv": clv, "low": np.minimum(bounds[:, 0], clv), "high": np.maximum(bounds[:, 1], clv)})


def _deviation(clv: np.ndarray, intervals: DecileIntervals) -> np.ndarray:
    levels = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    squares = np.zeros(len(clv))
    for level in levels:
        squares += (intervals.quantile(clv, level) - clv) ** 2
    return np.sqrt(squares / _QUANTILES)
