"""Moves between tiers, arm by arm."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from nbo.checks import check_one_of

__all__ = ["TierMigration"]


@dataclass(frozen=True)
class TierMigration:
    """Moves between tiers in each arm, and what a program changed of them.

    Parameters
    ----------
    tiers : list of str
        The lowest first.
    moves : DataFrame
        A row for each arm and pair of tiers: `arm`, `before`, `after`, `n` (customers) and `share` of those who
        were in the tier before; NaN where nobody was.
    effects : DataFrame
        As :func:`~nbo.experiments.analyze_experiment` gives it, for the metrics `rose` and `fell` (share of
        customers) and `steps` (tiers risen on average), by the tier before as the segment.
    """

    tiers: list[str]
    moves: pd.DataFrame
    effects: pd.DataFrame

    def matrix(self, arm: str) -> pd.DataFrame:
        """Give the shares that went from each tier to each other one.

        Parameters
        ----------
        arm : str

        Returns
        -------
        DataFrame of shape (k, k)
            Rows are tiers before, columns tiers after; rows sum to 1, or are NaN where nobody was.

        Raises
        ------
        InputError
            If there is no such arm.
        """
        check_one_of(arm, sorted(set(self.moves["arm"])), "arm")
        own = self.moves[self.moves["arm"] == arm]
        return own.pivot(index="before", columns="after", values="share").loc[self.tiers, self.tiers]

    def _repr_html_(self) -> str:
        arms = sorted(set(self.moves["arm"]))
        tables = [
            f"<p>{arm}</p>{self.matrix(arm).to_html(float_format='{:.1%}'.format, border=0, na_rep='')}" for arm in arms
        ]
        shown = self.effects[["metric", "segment", "arm", "difference", "low", "high", "p_adjusted"]]
        return "".join(tables) + shown.to_html(index=False, float_format="{:.4g}".format, border=0, na_rep="")
