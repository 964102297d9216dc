"""A sales forecast, what it is made of, and how good it would have been."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

__all__ = ["SalesForecast"]


@dataclass(frozen=True)
class SalesForecast:
    """What will be sold in the next periods.

    Money adds up to the cent: by opportunity, by group and by period.

    Parameters
    ----------
    as_of : Timestamp
    periods : DataFrame
        For each period: step, start, end, pipeline (what its chances are worth), new_business (not in the pipeline
        yet), expected (both), low, high, naive (sales of the same period a year ago, or of the last one), and stretch
        (by how much the interval is wider than chance alone makes it).
    groups : DataFrame
        The group, start, pipeline, new_business and expected.
    opportunities : DataFrame
        For each open opportunity: its id, stage, group, amount, propensity (to be won within all periods ahead) and
        expected.
    history : DataFrame
        start and amount of each period that is over.
    errors : DataFrame
        From past origins: origin, step, start, actual, forecast, naive, low, high.
    expected, low, high : float
        Of all periods together.
    level : float
        Of the intervals.
    """

    as_of: pd.Timestamp
    periods: pd.DataFrame = field(repr=False, compare=False)
    groups: pd.DataFrame = field(repr=False, compare=False)
    opportunities: pd.DataFrame = field(repr=False, compare=False)
    history: pd.DataFrame = field(repr=False, compare=False)
    errors: pd.DataFrame = field(repr=False, compare=False)
    expected: float
    low: float
    high: float
    level: float

    def accuracy(self) -> pd.DataFrame:
        """Sum up how far the forecasts from past origins missed.

        Returns
        -------
        DataFrame
            For each step and for all: n, mae (mean absolute error), naive_mae, ratio (of both; below 1 is better than
            naive), bias (mean of forecast minus actual) and coverage (share of periods within their interval).
        """
        rows = self.errors
        parts = [("all", rows), *((str(step), own) for step, own in rows.groupby("step"))]
        found = []
        for step, own in parts:
            missed = (own["forecast"] - own["actual"]).abs().mean()
            naive = (own["naive"] - own["actual"]).abs().mean()
            held = own["actual"].between(own["low"], own["high"]).mean()
            bias = (own["forecast"] - own["actual"]).mean()
            found.append((step, len(own), missed, naive, missed / naive if naive else float("nan"), bias, held))
        return pd.DataFrame(found, columns=["step", "n", "mae", "naive_mae", "ratio", "bias", "coverage"])

    def _repr_html_(self) -> str:
        head = f"Expected sales: {self.expected:,.2f} [{self.low:,.2f}, {self.high:,.2f}] at {100 * self.level:g} %."
        tables = self.periods.to_html(index=False, border=0, float_format="{:,.2f}".format)
        if len(self.errors):
            tables += self.accuracy().to_html(index=False, border=0, float_format="{:,.4g}".format, na_rep="")
        return f"<p>{head}</p>{tables}"
