"""A forecast of demand, and how good it would have been."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

__all__ = ["DemandForecast"]


@dataclass(frozen=True)
class DemandForecast:
    """How much of each product will be sold in the next periods.

    Parameters
    ----------
    by : str
        Column of the products.
    measure : {"quantity", "amount"}
    forecast : DataFrame
        For each product and period: the product, step, start, expected, low and high.
    total : DataFrame
        step, start, expected (the sum of the products), low and high.
    history : DataFrame
        A row for each period that is over, a column for each product.
    errors : DataFrame
        From past origins, for each product and step: n, mae (mean absolute error of the method that had been the
        best so far), naive_mae, ratio (of both; below 1 is better than naive), mase and naive (which one).
    methods : Series
        The method of each product.
    coverage : float
        Share of the last periods, of as many as are forecast, that the intervals from before them held; NaN where there
        are too few.
    level : float
        Of the intervals.
    """

    by: str
    measure: str
    forecast: pd.DataFrame = field(repr=False, compare=False)
    total: pd.DataFrame = field(repr=False, compare=False)
    history: pd.DataFrame = field(repr=False, compare=False)
    errors: pd.DataFrame = field(repr=False, compare=False)
    methods: pd.Series = field(repr=False, compare=False)
    coverage: float
    level: float

    def accuracy(self) -> pd.DataFrame:
        """Sum up how far the forecasts from past origins missed, over all products.

        Returns
        -------
        DataFrame
            For each step and for all: n, mae, naive_mae and ratio. Errors add up over the products, so those that
            sell much count much.
        """
        total = self.errors.assign(
            missed=self.errors["mae"] * self.errors["n"], naive_missed=self.errors["naive_mae"] * self.errors["n"]
        )
        found = []
        for step, own in [("all", total), *((str(step), own) for step, own in total.groupby("step"))]:
            n, missed, naive = own["n"].sum(), own["missed"].sum(), own["naive_missed"].sum()
            mean = (missed / n, naive / n) if n else (float("nan"), float("nan"))
            found.append((step, int(n), *mean, missed / naive if naive else float("nan")))
        return pd.DataFrame(found, columns=["step", "n", "mae", "naive_mae", "ratio"])

    def _repr_html_(self) -> str:
        tables = [self.total, self.accuracy()]
        return "".join(
            table.to_html(index=False, border=0, float_format="{:,.4g}".format, na_rep="") for table in tables
        )
