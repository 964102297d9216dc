"""The best service for those who contribute most, as far as the staff goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.segments.fill_levels import fill_levels
from nbo.segments.service_assignment import ServiceAssignment
from nbo.segments.service_plan import ServicePlan

__all__ = ["assign_service"]

_CONTRIBUTION: Final = "contribution"
_USAGE: Final = [
    *("pool", "capacity", "used", "used_share", "n"),
    *("left_out", "first_left_out", "first_left_out_contribution"),
]


def assign_service(
    customers: pd.DataFrame, plan: ServicePlan, capacity: Mapping[str, float] | None = None
) -> ServiceAssignment:
    """Give each customer the best level of service for which there is staff.

    Customers choose in the order of their contribution, the highest first, those of equal contribution in the order
    of their ids as texts: each has the best level of the plan that is for their type and tier and whose pool still has
    the minutes; who finds none left goes to the next level. So no pool ever works more than its
    capacity, and nobody has a better level than someone of the same type with a higher contribution.

    Parameters
    ----------
    customers : DataFrame of shape (n, any)
        customer_id, once each, and `contribution` in money, of whatever time. Optional: customer_type and `segment`,
        the tier, as of :class:`~nbo.segments.ValueTierSegmenter`, best tiers first in contribution.
    plan : ServicePlan
        Its tiers count where `customers` has a segment.
    capacity : mapping of str to float, optional
        Minutes per month of each pool. A pool that is not named has no limit.

    Returns
    -------
    ServiceAssignment

    Raises
    ------
    InputError
        If a column is missing, a customer comes twice, a contribution is missing, a tier is not in the plan, a
        customer of a better tier contributes less than one of a worse tier (of the same type), a type has no level,
        or a capacity is negative or of no pool.

    Examples
    --------
    >>> plan = ServicePlan(pd.DataFrame({
    ...     "level": ["representative", "online"], "owner": ["named representative", "self-service"],
    ...     "pool": ["reps", None], "minutes": [60, 0]}))
    >>> people = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "contribution": [50.0, 900.0, 700.0]})
    >>> service = assign_service(people, plan, {"reps": 120})
    >>> service.assignment["level"].tolist()
    ['online', 'representative', 'representative']
    >>> service.usage[["pool", "used", "first_left_out"]].to_numpy().tolist()
    [['reps', 120.0, 'ann']]
    """
    frame = _checked(check_frame(customers, "customers").reset_index(drop=True))
    limits = _capacities(plan, capacity)
    tier = _tier_rank(frame, plan)
    order = _order(frame, tier)
    _check_tiers(frame, tier, order)
    kind, allowed = _kinds(frame, plan, tier)
    pool = np.array([plan.pools.index(name) if name else -1 for name in plan.levels["pool"]], dtype=np.int64)
    level = np.empty(len(frame), dtype=np.int64)
    level[order] = fill_levels(
        kind[order], allowed, plan.levels["minutes"].to_numpy(), pool, np.array(list(limits.values()))
    )
    best = allowed.argmax(axis=1)[kind]
    entitlements = _entitlements(plan, level)
    left_out = _left_out(allowed, pool, len(limits))[kind, level]
    return ServiceAssignment(
        _assignment(frame, plan, level, best, order),
        entitlements,
        _usage(entitlements, limits, left_out[order], frame.iloc[order]),
    )


def _checked(customers: pd.DataFrame) -> pd.DataFrame:
    """Take the columns that count, with an empty text where there is no tier or type."""
    check_columns(customers, [c.CUSTOMER_ID, _CONTRIBUTION], "customers")
    keys = customers[c.CUSTOMER_ID]
    check_keys(keys, "customers.customer_id")
    check_rows(keys.duplicated().to_numpy(), keys, "customers.customer_id", "there once")
    contribution = check_numbers(customers[_CONTRIBUTION], "customers.contribution")
    check_rows(~np.isfinite(contribution), contribution, "customers.contribution", "a finite number in every row")
    texts = {
        name: customers[name].astype("str").fillna("") if name in customers else pd.Series("", customers.index, "str")
        for name in (c.SEGMENT, c.CUSTOMER_TYPE)
    }
    return pd.DataFrame({c.CUSTOMER_ID: keys, **texts, _CONTRIBUTION: contribution})


def _capacities(plan: ServicePlan, capacity: Mapping[str, float] | None) -> dict[str, float]:
    given = dict(capacity or {})
    unknown = [name for name in given if name not in plan.pools]
    if unknown:
        raise InputError(f"capacity must be of pools of the plan, {plan.pools}; got {unknown[0]!r}.")
    for name, minutes in given.items():
        check_number(minutes, f"capacity of {name!r}", "0 or more", lambda number: number >= 0)
    return {name: float(given.get(name, np.inf)) for name in plan.pools}


def _tier_rank(frame: pd.DataFrame, plan: ServicePlan) -> np.ndarray:
    """Give each customer the number of the tier, 0 for the best; all alike where tiers do not count."""
    if not plan.tiers or (frame[c.SEGMENT] == "").all():
        return np.zeros(len(frame), dtype=np.int64)
    rank = pd.Index(plan.tiers).get_indexer(pd.Index(frame[c.SEGMENT]))
    check_rows(
        rank < 0,
        frame[c.SEGMENT],
        "customers.segment",
        f"one of {plan.tiers}",
        "Add a level for that tier to the plan.",
    )
    return rank


def _kinds(frame: pd.DataFrame, plan: ServicePlan, tier: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the kinds of customers that may have the same levels, and say which."""
    types, names = pd.factorize(frame[c.CUSTOMER_TYPE])
    code, pairs = pd.factorize(types * (len(plan.tiers) + 1) + tier)
    tiered = bool(tier.any() or (frame[c.SEGMENT] != "").any())
    allowed = np.zeros((max(len(pairs), 1), len(plan.levels)), dtype=bool)
    for number, pair in enumerate(pairs):
        kind, rank = divmod(int(pair), len(plan.tiers) + 1)
        own = plan.levels_of(names[kind], plan.tiers[rank] if tiered and plan.tiers else "")
        if not own:
            raise InputError(f"plan must have a level for every customer; type {names[kind]!r} has none.")
        allowed[number] = plan.levels["level"].isin(own)
    return code, allowed


def _check_tiers(frame: pd.DataFrame, tier: np.ndarray, order: np.ndarray) -> None:
    """Refuse tiers that contradict the contributions: the better tier must contribute more."""
    wrong = np.zeros(len(frame), dtype=bool)
    for rows in frame.iloc[order].groupby(c.CUSTOMER_TYPE, sort=False).indices.values():
        own = order[rows]
        wrong[own] = tier[own] < np.maximum.accumulate(tier[own])
    allowed = "worse for whom contributes less, within a type"
    way_out = "Make the tiers of the same contribution."
    check_rows(wrong, frame[c.CUSTOMER_ID], "customers.segment", allowed, way_out)


def _order(frame: pd.DataFrame, tier: np.ndarray) -> np.ndarray:
    """Order customers by contribution, the highest first; equal ones by tier, then by id as text."""
    ids = pd.factorize(frame[c.CUSTOMER_ID].astype("str"), sort=True)[0]
    return np.lexsort([ids, tier, -frame[_CONTRIBUTION].to_numpy()])


def _left_out(allowed: np.ndarray, pool: np.ndarray, n_pools: int) -> np.ndarray:
    """Tell for each kind and level which pools had no time for a customer of that kind who ended there."""
    asked = allowed[:, :, None] & (pool[:, None] == np.arange(n_pools))
    before = np.cumsum(asked, axis=1) - asked > 0
    return before & (pool[:, None] != np.arange(n_pools))


def _assignment(
    frame: pd.DataFrame, plan: ServicePlan, level: np.ndarray, best: np.ndarray, order: np.ndarray
) -> pd.DataFrame:
    names = plan.levels["level"].array
    rank = np.empty(len(frame), dtype=np.int64)
    rank[order] = np.arange(1, len(frame) + 1)
    return frame.assign(
        rank=rank,
        level=names.take(level),
        best_level=names.take(best),
        moved_down=level != best,
        special_care=plan.levels["special_care"].to_numpy()[level],
    )


def _entitlements(plan: ServicePlan, level: np.ndarray) -> pd.DataFrame:
    n = np.bincount(level, minlength=len(plan.levels))
    return plan.levels.assign(n=n, staff_minutes=n * plan.levels["minutes"])


def _usage(
    entitlements: pd.DataFrame, limits: dict[str, float], left_out: np.ndarray, ranked: pd.DataFrame
) -> pd.DataFrame:
    """Sum what each pool does; `left_out` (n, n_pools) and `ranked` are in the order of contribution."""
    rows = []
    for number, (pool, capacity) in enumerate(limits.items()):
        own = entitlements[entitlements["pool"] == pool]
        # A sum of floats may be a trifle above a capacity that is just used up.
        used, out = min(float(sum(own["staff_minutes"])), capacity), np.flatnonzero(left_out[:, number])
        first = ranked.iloc[out[:1]]
        rows.append(
            {
                "pool": pool,
                "capacity": capacity,
                "used": used,
                "used_share": used / capacity if capacity > 0 else np.nan,
                "n": int(own["n"].sum()),
                "left_out": len(out),
                "first_left_out": first[c.CUSTOMER_ID].iloc[0] if len(first) else None,
                "first_left_out_contribution": first[_CONTRIBUTION].iloc[0] if len(first) else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=_USAGE)
