"""How good alerts were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo.checks import check_one_of

__all__ = ["AlertQuality"]


@dataclass(frozen=True, repr=False, eq=False)
class AlertQuality:
    """How many alerts were right, how many who left were alerted, and how early.

    Parameters
    ----------
    frame : DataFrame
        Rows "precision" (share of the alerts whose customer left within the horizon), "recall" (share of those who
        left that had an alert within the horizon before), "lead_days" (median days from the first such alert to
        leaving), "base_rate" (share of all customers there at the times of the alerts who left within the horizon:
        the precision of alerts at random) and "lift" (precision over base rate), with ``value``, ``low``, ``high`` and
        ``n`` (alerts, leavers, leavers with an alert, alerts and alerts).
    lead_days : ndarray of shape (k,)
        Of each leaver with an alert, rising.
    horizon : Timedelta
    level : float
        Of the intervals.
    """

    frame: pd.DataFrame
    lead_days: np.ndarray
    horizon: pd.Timedelta
    level: float

    def __repr__(self) -> str:
        return f"AlertQuality({self._told()})"

    def _repr_html_(self) -> str:
        table = self.frame.to_html(index=False, border=0, na_rep="", float_format="{:.3g}".format)
        return f"<p>{self._told()}</p>{table}"

    def value(self, measure: str) -> float:
        """Give the value of a measure, such as "precision"."""
        check_one_of(measure, self.frame["measure"].tolist(), "measure")
        return float(self.frame.loc[self.frame["measure"] == measure, "value"].iloc[0])

    def _told(self) -> str:
        n = self.frame.set_index("measure")["n"]
        days = self.horizon / pd.Timedelta("1D")
        return (
            f"precision {self._text('precision', '.1%')} of {n['precision']:,} alerts, recall "
            f"{self._text('recall', '.1%')} of {n['recall']:,} who left, within {days:g} days; median lead "
            f"{self._text('lead_days', '.0f')} days"
        )

    def _text(self, measure: str, form: str) -> str:
        value = self.value(measure)
        return "unknown" if np.isnan(value) else format(value, form)
