"""What changes would do to the profit of customers."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["WhatIf"]


@dataclass(frozen=True, eq=False)
class WhatIf:
    """What changes would do to the profit of customers, each by itself.

    Parameters
    ----------
    lines : DataFrame
        ``change``, ``line``, ``before``, ``after`` and ``difference`` (money, to the cent) of the customers whom the
        change is for; the last line is the profit.
    effects : DataFrame
        A row for each change: ``change``, ``n`` (customers), ``before`` and ``after`` (profit), ``gain`` with ``low``
        and ``high``, ``gain_per_customer``, ``unprofitable_before`` and ``unprofitable_after`` (customers), ``staying``
        (customers more who are expected to stay) and ``keeps`` (whether it may be recommended: no more leave).
    groups : DataFrame
        The same for the unprofitable customers of each group and each change, with ``group``.
    recommended : DataFrame
        A row for each group: ``group``, ``n`` (unprofitable customers), ``before`` (their profit), ``change`` (the one
        of the highest gain that keeps customers, or "as it is"), ``gain``, ``low``, ``high``, ``after``, ``sure``
        (whether the interval lies above 0) and ``unprofitable_after``.
    level : float
        Of the intervals.
    """

    lines: pd.DataFrame
    effects: pd.DataFrame
    groups: pd.DataFrame
    recommended: pd.DataFrame
    level: float

    def _repr_html_(self) -> str:
        tables = {"Changes": self.effects, "Recommended for unprofitable customers": self.recommended}
        shown = (
            f"<p>{title}</p>{table.to_html(index=False, border=0, float_format='{:,.2f}'.format, na_rep='')}"
            for title, table in tables.items()
        )
        return "".join(shown)
