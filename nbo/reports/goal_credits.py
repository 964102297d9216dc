"""Credits of interactions to goals, and their sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from nbo.checks import check_columns
from nbo.reports.answers import UNKNOWN
from nbo.value.cents import money

__all__ = ["UNATTRIBUTED", "GoalReport"]

#: What no interaction came before is credited to.
UNATTRIBUTED: Final = "no interaction"


@dataclass(frozen=True)
class GoalReport:
    """What each interaction has contributed to each goal.

    Parameters
    ----------
    credits : DataFrame
        One row per interaction and goal to which it contributed: the interaction's id, customer_id, goal, credit
        (money to the cent, or counts to the hundredth), and what else is known of the interaction.
    totals : DataFrame
        One row per goal: goal, results (rows), total, credited, unattributed (to results that no interaction came
        before), weight.
    key : str
        Column of the interaction's id.
    method : str
        How credit was shared out.
    """

    credits: pd.DataFrame
    totals: pd.DataFrame
    key: str
    method: str

    @property
    def rewards(self) -> pd.DataFrame:
        """One row per interaction: its id, and reward, the sum of weight x credit over the goals."""
        weight = self.credits["goal"].map(self.totals.set_index("goal")["weight"]).to_numpy(dtype=float)
        parts = self.credits[[self.key]].assign(reward=self.credits["credit"].to_numpy() * weight)
        return parts.groupby(self.key, sort=True)["reward"].sum().reset_index()

    def by(self, column: str) -> pd.DataFrame:
        """Add up credits by a column of the interactions, such as segment, channel or action type.

        Parameters
        ----------
        column : str

        Returns
        -------
        DataFrame
            One row per goal and value, and one per goal with "no interaction": goal, the column, interactions, credit
            and share (of the goal's total). Credits of a goal add up to its total.

        Raises
        ------
        InputError
            If the interactions have no such column.
        """
        check_columns(self.credits, [column], "credits")
        named = self.credits[column].astype(object).where(self.credits[column].notna(), UNKNOWN).astype("str")
        rows = pd.DataFrame({"goal": self.credits["goal"], column: named})
        rows["cents"] = np.rint(self.credits["credit"] * 100).astype("int64")
        found = rows.groupby(["goal", column], as_index=False).agg(
            interactions=("cents", "size"), cents=("cents", "sum")
        )
        left = self.totals[["goal"]].assign(**{column: UNATTRIBUTED}, interactions=0)
        left["cents"] = np.rint(self.totals["unattributed"] * 100).astype("int64")
        both = pd.concat([found, left], ignore_index=True).sort_values("goal", kind="stable", ignore_index=True)
        both["credit"] = money(both.pop("cents").to_numpy())
        total = both["goal"].map(self.totals.set_index("goal")["total"])
        return both.assign(share=both["credit"] / total.where(total != 0))

    def _repr_html_(self) -> str:
        return f"<p>Credits by {self.method}</p>{self.totals.to_html(index=False, na_rep='')}"
