"""Who rises and who falls between tiers, and what of it was caused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_keys, check_rows
from nbo.errors import InputError
from nbo.experiments.analyze_experiment import analyze_experiment
from nbo.experiments.arm_names import HOLDOUT
from nbo.experiments.experiment_rows import experiment_rows
from nbo.experiments.migration import TierMigration

__all__ = ["tier_migration"]


def tier_migration(
    frame: Any,
    tiers: Sequence[str],
    before: str = "tier_before",
    after: str = "tier_after",
    baseline: str = HOLDOUT,
    *,
    arm: str = "arm",
    unit: str = c.CUSTOMER_ID,
    level: float = 0.95,
    adjust: str | None = "bh",
) -> TierMigration:
    """Count moves between tiers in each arm, and test what a program changed.

    Customers rise and fall by themselves: who had a good year has a worse one. Only the difference to a
    baseline that was left out by chance shows what copying a technique to more customers has done.

    Parameters
    ----------
    frame : DataFrame
        One row for each customer: the arm, the tier before the program and that after it.
    tiers : sequence of str
        All tiers, the lowest first.
    before, after : str
        Columns of the tiers. Who left is in a tier, too: name one for it, the lowest.
    baseline : str, default="holdout"
        Arm that was left out.
    arm, unit : str
        Columns of the arm, and of the customer if it is there.
    level : float, default=0.95
        How often an interval shall hold the true difference, in (0, 1).
    adjust : {"bh", "by"} or None, default="bh"
        See :func:`~nbo.experiments.adjusted_p_values`.

    Returns
    -------
    TierMigration

    Raises
    ------
    InputError
        If a column is missing, a tier is not among the tiers, a customer is in several rows or arms, or an arm
        has fewer than two customers.

    Examples
    --------
    >>> rows = {"arm": ["program", "holdout"] * 100, "tier_before": "silver"}
    >>> frame = pd.DataFrame(rows).assign(tier_after=(["gold"] * 3 + ["silver"] * 5) * 25)
    >>> found = tier_migration(frame, ["silver", "gold"])
    >>> found.matrix("program").values.tolist()
    [[0.5, 0.5], [nan, nan]]
    >>> found.effects.query("metric == 'rose' and segment == 'all'")["difference"].round(2).tolist()
    [0.25]
    """
    names = list(tiers)
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(f"tiers must be two or more that differ; got {names}.")
    rows = experiment_rows(frame, [before, after], arm, unit, baseline)
    place = {}
    for column in (before, after):
        check_keys(rows[column], f"frame.{column}")
        known = rows[column].isin(names).to_numpy()
        check_rows(~known, rows[column], f"frame.{column}", f"one of {', '.join(map(repr, names))}")
        place[column] = pd.Categorical(rows[column], names).codes
    moved = place[after].astype(int) - place[before]
    taken = rows[[arm]].assign(
        before=rows[before], rose=(moved > 0).astype(float), fell=(moved < 0).astype(float), steps=moved.astype(float)
    )
    effects = analyze_experiment(
        taken, ["rose", "fell", "steps"], baseline, by="before", arm=arm, unit=unit, level=level, adjust=adjust
    )
    return TierMigration(names, _counts(rows[arm], place[before], place[after], names), effects)


def _counts(arms: pd.Series, before: np.ndarray, after: np.ndarray, tiers: list[str]) -> pd.DataFrame:
    """Count all pairs of tiers, those that nobody went from one to the other too."""
    table = []
    for name in sorted(set(arms)):
        own = (arms == name).to_numpy()
        n = np.bincount(before[own] * len(tiers) + after[own], minlength=len(tiers) ** 2)
        for position, count in enumerate(n):
            start, end = divmod(position, len(tiers))
            table.append((name, tiers[start], tiers[end], int(count)))
    counts = pd.DataFrame(table, columns=["arm", "before", "after", "n"])
    total = counts.groupby(["arm", "before"])["n"].transform("sum")
    return counts.assign(share=counts["n"] / total.where(total > 0))
