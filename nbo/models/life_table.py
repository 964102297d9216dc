"""How many are still there, and how many left, period by period."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.models.periods import Periods
from nbo.models.person_periods import person_periods, take_times_to_event
from nbo.models.targets import take_weights
from nbo.times import check_duration

__all__ = ["life_table"]


def life_table(
    duration: Any, event: Any, period: Any = "30D", horizon: Any = "90D", sample_weight: Any = None
) -> pd.DataFrame:
    """Count who was watched and who churned, period by period.

    It is what a hazard model without features would say, and what its predictions are held
    against: those censored have a part in the periods that they were watched. Where all are
    censored at the end of a period, the survival is that of Kaplan and Meier [1]_.

    Parameters
    ----------
    duration : array-like of timedelta, shape (n,)
        To churn or to the end of watching, 0 or more.
    event : array-like of shape (n,)
        1 (or True) for churn, 0 for censored.
    period : str or timedelta, default="30D"
        Length of a period.
    horizon : str or timedelta, default="90D"
        How far the table goes: to the end of its period.
    sample_weight : array-like of shape (n,), optional
        Weight of each row, 0 or more.

    Returns
    -------
    DataFrame
        Indexed by ``end`` of the period: ``at_risk`` (those watched in it, a part of a period counts
        as such a part), ``churned``, ``hazard`` (churned / at_risk; NaN where nobody was watched) and
        ``survival`` (nobody has churned by the end).

    Raises
    ------
    InputError
        If a duration is no length of time, missing or below 0, or an argument is not allowed.

    References
    ----------
    .. [1] Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete
       observations. Journal of the American Statistical Association 53.

    Examples
    --------
    >>> days = pd.to_timedelta([10, 45, 60, 75], unit="D")
    >>> life_table(days, [True, True, False, False], horizon="60D")
             at_risk  churned    hazard  survival
    end
    30 days      4.0      1.0  0.250000      0.75
    60 days      3.0      1.0  0.333333      0.50
    """
    lasted, happened = take_times_to_event(duration, event, len(duration))
    periods = Periods.of(period, None, check_duration(horizon, "horizon"))
    long = person_periods(lasted, happened, periods)
    given = take_weights(sample_weight, len(lasted))
    weight = np.ones(len(lasted)) if given is None else given
    at_risk = np.bincount(long.period, weight[long.row] * long.exposure, periods.n)
    churned = np.bincount(long.period, weight[long.row] * long.event, periods.n)
    hazard = np.divide(churned, at_risk, out=np.full(periods.n, np.nan), where=at_risk > 0)
    table = {"at_risk": at_risk, "churned": churned, "hazard": hazard, "survival": np.cumprod(1 - hazard)}
    return pd.DataFrame(table, index=pd.Index(periods.ends, name="end"))
