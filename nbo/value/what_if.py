"""The profit of customers who are moved to another tier, channel or service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_frame, check_probabilities
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.rng import generator
from nbo.segments.labels.same_order import check_same_order
from nbo.value.aligned import aligned_groups, aligned_numbers
from nbo.value.cents import money, sums
from nbo.value.change import Change
from nbo.value.changed_lines import COSTS, CustomerLines, changed, gains
from nbo.value.what_if_result import WhatIf

__all__ = ["what_if"]

AS_IT_IS = "as it is"
_DRAWS = 4000


def what_if(
    customers: Any,
    changes: Sequence[Change],
    *,
    by: str | None = None,
    contact_costs: Mapping[str, float] | None = None,
    level: float = 0.95,
    rng: int | np.random.Generator | None = 0,
) -> WhatIf:
    """Compare customers' profit before and after each of several changes, line by line.

    Each change is looked at by itself, against leaving all as it is. Revenue, returns and goods move with the effect on
    revenue; costs with their factors; all but the cost of acquisition, which is paid, with the probability of staying.
    The interval of a gain carries the intervals of the two effects, taken as independent; what customers do beyond
    that is not in it.

    For the unprofitable customers of each group the change of the highest gain is recommended that makes nobody
    leave: gains by driving customers away are shown, and never recommended.

    Parameters
    ----------
    customers : DataFrame of n rows
        ``revenue`` and, where there are any, ``returns``, ``goods``, ``cost_to_serve``, ``contact_cost``,
        ``acquisition_cost`` and ``other_cost``, money, as ``Profitability.customers`` has them; ``segment`` where
        changes are for segments; ``churn_probability`` (0 by default); ``contacts_<channel>`` where contacts are moved.
    changes : sequence of Change
        Each with a name of its own.
    by : str, optional
        Column of the groups to recommend changes for; by default all customers are one.
    contact_costs : mapping of str to float, optional
        Cost of a service contact by channel, money; it is part of the line cost_to_serve.
    level : float, default=0.95
        Of the effects' intervals, and of the gains'.
    rng : int, numpy.random.Generator or None, default=0
        For draws of the effects.

    Returns
    -------
    WhatIf

    Raises
    ------
    InputError
        If a column is missing or holds no finite number, there is no change or two have a name, a change is for
        nobody that there is, or an argument is not allowed.

    Examples
    --------
    >>> customers = pd.DataFrame({"revenue": [100.0, 20.0], "goods": [50.0, 10.0], "cost_to_serve": [20.0, 30.0]})
    >>> found = what_if(customers, [Change("basic service", cost_factors={"cost_to_serve": 0.5})])
    >>> found.recommended[["n", "before", "change", "gain", "after"]]
       n  before         change  gain  after
    0  1   -20.0  basic service  15.0   -5.0
    """
    frame = check_frame(customers, "customers")
    rows = frame.reset_index(drop=True)
    check_number(level, "level", "in (0, 1)", lambda value: 0 < value < 1)
    if isinstance(changes, Change) or not all(isinstance(change, Change) for change in changes):
        raise InputError(f"changes must be a list of Change; got {changes!r}.")
    names = [change.name for change in changes]
    for change in changes:
        check_same_order(change.who, frame.index, "who", "customers")
    if not names or len(set(names)) < len(names):
        raise InputError(f"changes must be one or more, each with a name of its own; got {names!r}.")
    lines = _lines(rows)
    keys = pd.Series("all", index=rows.index) if by is None else _column(rows, by)
    codes, groups = aligned_groups(keys, len(rows), f"customers.{by}", "customers")
    z = generator(rng).standard_normal((2, _DRAWS))
    now = lines.cents()
    loss = now["profit"] < 0
    tables: list[list[pd.DataFrame]] = [[], [], []]
    for change in changes:
        who = _who(change, rows)
        own, at = lines.part(who), codes[who]
        new = changed(own, change, rows[who], contact_costs or {})
        before = {line: cents[who] for line, cents in now.items()}
        trial = _Trial(change, own, new, before, new.cents(change.revenue, change.churn))
        tables[0].append(trial.by_line())
        tables[1].append(trial.gain(np.ones(len(at), dtype=bool), np.zeros_like(at), 1, level, z))
        tables[2].append(trial.gain(loss[who], at, len(groups), level, z).assign(group=np.asarray(groups)))
    by_line, effects, by_group = (pd.concat(table, ignore_index=True) for table in tables)
    by_group = by_group[by_group["n"] > 0].reset_index(drop=True)
    losing = _losing(now["profit"], loss, codes, groups)
    return WhatIf(by_line, effects, by_group, _recommended(losing, by_group), level)


def _lines(rows: pd.DataFrame) -> CustomerLines:
    check_columns(rows, ["revenue"], "customers")
    n = len(rows)
    found = {
        line: aligned_numbers(rows[line], n, f"customers.{line}", "customers") if line in rows else np.zeros(n)
        for line in ("revenue", *COSTS)
    }
    leaving = rows["churn_probability"] if "churn_probability" in rows else np.zeros(n)
    return CustomerLines(found.pop("revenue"), found, check_probabilities(leaving, "customers.churn_probability"))


def _column(rows: pd.DataFrame, name: str) -> pd.Series:
    check_columns(rows, [name], "customers")
    return rows[name]


def _who(change: Change, rows: pd.DataFrame) -> np.ndarray:
    """Mark whom a change is for."""
    if change.who is None:
        return np.ones(len(rows), dtype=bool)
    mask = np.asarray(change.who)
    if mask.dtype == bool and mask.shape == (len(rows),):
        return mask
    named = [change.who] if mask.ndim == 0 else list(change.who)
    if mask.dtype == bool or not named:
        raise InputError(f"{change.name}: who must be segments, or True or False for each of {len(rows)} customers.")
    segment = _column(rows, "segment")
    for name in named:
        if not (segment == name).any():
            raise InputError(f"{change.name}: no customer is in the segment {name!r}.")
    return segment.isin(named).to_numpy()


@dataclass(frozen=True)
class _Trial:
    """A change and the lines of those whom it is for, in money and in expected cents, before and after it."""

    change: Change
    before: CustomerLines
    after: CustomerLines
    now: dict[str, np.ndarray]
    then: dict[str, np.ndarray]

    def by_line(self) -> pd.DataFrame:
        """Sum up each line."""
        before, after = (np.array([cents[line].sum() for line in self.now]) for cents in (self.now, self.then))
        table = pd.DataFrame({"change": self.change.name, "line": list(self.now)})
        return table.assign(before=money(before), after=money(after), difference=money(after - before))

    def gain(self, who: np.ndarray, codes: np.ndarray, k: int, level: float, z: np.ndarray) -> pd.DataFrame:
        """Tell what some of them gain, by group."""
        at, drawn = codes[who], gains(self.before.part(who), self.after.part(who), self.change, codes[who], k, level, z)
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
        now, then = self.now["profit"][who], self.then["profit"][who]
        before, after = sums(at, now, k), sums(at, then, k)
        n, gain = np.bincount(at, minlength=k), money(after - before)
        stay = (self.after.staying(self.change.churn) - self.before.staying())[who]
        return pd.DataFrame(
            {
                "change": self.change.name,
                "n": n,
                "before": money(before),
                "after": money(after),
                "gain": gain,
                # The gain is of whole cents, the bounds are not.
                "low": np.minimum(low, gain),
                "high": np.maximum(high, gain),
                "gain_per_customer": gain / np.where(n > 0, n, np.nan),
                "unprofitable_before": np.bincount(at, now < 0, k).astype(np.int64),
                "unprofitable_after": np.bincount(at, then < 0, k).astype(np.int64),
                "staying": np.bincount(at, stay, k),
                "keeps": self.change.churn <= 0,
            }
        )


def _losing(profit: np.ndarray, loss: np.ndarray, codes: np.ndarray, groups: pd.Index) -> pd.DataFrame:
    """Count the unprofitable customers of each group."""
    k = len(groups)
    before = money(sums(codes[loss], profit[loss], k))
    table = pd.DataFrame({"group": np.asarray(groups), "n": np.bincount(codes[loss], minlength=k), "before": before})
    return table[table["n"] > 0].reset_index(drop=True)


def _recommended(losing: pd.DataFrame, by_group: pd.DataFrame) -> pd.DataFrame:
    """Take the change of the highest gain that keeps customers; those whom it is not for stay as they are."""
    fine = by_group[by_group["keeps"] & (by_group["gain"] > 0)]
    best = fine.sort_values("gain", ascending=False, kind="stable").drop_duplicates("group")
    columns = ["group", "change", "gain", "low", "high", "unprofitable_before", "unprofitable_after"]
    table = losing.merge(best[columns], on="group", how="left")
    table["change"] = table["change"].fillna(AS_IT_IS)
    for name in columns[2:]:
        table[name] = table[name].fillna(0)
    left = (table["n"] - table.pop("unprofitable_before") + table["unprofitable_after"]).astype(np.int64)
    after = money(np.rint(100 * table["before"]) + np.rint(100 * table["gain"]))
    return table.assign(after=after, sure=table["low"] > 0, unprofitable_after=left)
