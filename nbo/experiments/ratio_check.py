"""What came of counting the customers of the arms."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

__all__ = ["RatioCheck"]


@dataclass(frozen=True)
class RatioCheck:
    """Whether the arms have the sizes that they should.

    Parameters
    ----------
    table : DataFrame
        A row for each arm: `arm`, `n` (customers) and `expected`.
    chi_square : float
        Pearson's statistic, 0 or more.
    p_value : float
        For one look, in [0, 1].
    p_value_any_time : float
        For all looks together, in (0, 1].
    limit : float
        Below it, a p-value is an alarm.
    """

    table: pd.DataFrame = field(repr=False)
    chi_square: float
    p_value: float
    p_value_any_time: float
    limit: float = 0.001

    @property
    def alarm(self) -> bool:
        """Whether the p-value for one look is below the limit."""
        return self.p_value < self.limit

    @property
    def alarm_any_time(self) -> bool:
        """Whether the p-value for all looks together is below the limit."""
        return self.p_value_any_time < self.limit

    def __str__(self) -> str:
        counts = ", ".join(f"{arm} {n:,} of {expected:,.0f}" for arm, n, expected in self.table.itertuples(index=False))
        return f"{self._verdict} {counts}; p {self.p_value:.2g}, at any time {self.p_value_any_time:.2g}"

    @property
    def _verdict(self) -> str:
        if self.alarm:
            return "Alarm: the arms do not have the sizes that they should."
        return "The arms have the sizes that they should."

    def _repr_html_(self) -> str:
        rows = self.table.to_html(index=False, float_format="{:,.1f}".format, border=0)
        return (
            f"<p><strong>{self._verdict}</strong> p = {self.p_value:.2g}; "
            f"at any time {self.p_value_any_time:.2g}.</p>{rows}"
        )
