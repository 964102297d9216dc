"""What one or several series will be, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["Forecast"]


@dataclass(frozen=True, eq=False)
class Forecast:
    """Forecasts of k series for the next h periods.

    Parameters
    ----------
    series : list
        Names of the series.
    point : ndarray of shape (h, k), or (h,) of one series given alone
        What is expected.
    low, high : ndarray of the same shape
        Interval around it; NaN where there were too few periods to know one.
    level : float
        Share of the values to come that each interval is made to hold.

    Examples
    --------
    >>> one = np.array([5.0, 6.0])
    >>> Forecast(["total"], one, one - 1, one + 1, 0.9).to_frame()
      series  step  forecast  low  high
    0  total     1       5.0  4.0   6.0
    1  total     2       6.0  5.0   7.0
    """

    series: list
    point: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float

    def to_frame(self) -> pd.DataFrame:
        """Give a row for each series and step.

        Returns
        -------
        DataFrame
            ``series``, ``step`` (1 is the next period), ``forecast``, ``low`` and ``high``.
        """
        steps, k = len(self.point), len(self.series)
        keys = pd.DataFrame({"series": np.repeat(np.arange(k), steps), "step": np.tile(np.arange(1, steps + 1), k)})
        keys["series"] = pd.Index(self.series).take(keys["series"])
        columns = {"forecast": self.point, "low": self.low, "high": self.high}
        return keys.assign(**{name: np.reshape(values, (steps, k)).T.ravel() for name, values in columns.items()})

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, border=0, float_format="{:,.4g}".format, na_rep="")
