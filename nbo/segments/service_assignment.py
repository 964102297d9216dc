"""Who gets which service, and which staff that takes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["ServiceAssignment"]


@dataclass(frozen=True, eq=False, repr=False)
class ServiceAssignment:
    """The service of each customer, the entitlements of each level and the use of each pool of staff.

    Parameters
    ----------
    assignment : DataFrame
        One row per customer, in the order given: customer_id, segment (the tier; empty without), customer_type
        (empty without), contribution in money, `rank` (1 for the highest contribution), `level`, `best_level` (what
        the customer would have with enough staff), `moved_down` (whether the two differ) and `special_care`.
    entitlements : DataFrame
        One row per level as in the plan, and `n`, its customers, and `staff_minutes` per month.
    usage : DataFrame
        One row per pool: `pool`, `capacity` and `used` in minutes per month, `used_share`, `n` (customers looked
        after), `left_out` (customers for whom it had no time), `first_left_out` (id of the one of highest
        contribution; missing if nobody) and `first_left_out_contribution`: what the next minutes would go to.
    """

    assignment: pd.DataFrame
    entitlements: pd.DataFrame
    usage: pd.DataFrame

    def _repr_html_(self) -> str:
        tables = {
            "Levels": self.entitlements,
            "Staff, minutes per month": self.usage,
        }
        parts = [
            f"<p>{title}</p>{table.to_html(index=False, border=0, na_rep='', float_format='{:,.2f}'.format)}"
            for title, table in tables.items()
        ]
        return f"<p>Service of {len(self.assignment):,} customers</p>{''.join(parts)}"
