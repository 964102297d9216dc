"""Whether the arms of an impact experiment are what they are said to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.experiments.arms import Arms
from nbo.experiments.mean_difference import mean_difference
from nbo.times import check_times

__all__ = ["acted_alike", "check_assignment", "expected_shares"]

_ASSIGNED_AT = "assigned_at"
# Fewer decisions than these do not show whether two arms act alike; p-values above the limit say that they do.
_FEWEST = 500
_LIMIT = 0.01


def expected_shares(
    customers: pd.DataFrame, assignment: Arms | Mapping[str, float] | None
) -> Mapping[str, float] | None:
    """Give the share that each arm should have among some customers.

    Parameters
    ----------
    customers : DataFrame
        `segment`, where shares differ by segment.
    assignment : Arms or mapping of str to float, optional

    Returns
    -------
    mapping of str to float, or None
    """
    if not isinstance(assignment, Arms):
        return assignment
    total: dict[str, float] = {}
    for shares, n in _strata(customers, assignment):
        for arm, share in {**shares, assignment.rest: max(1.0 - sum(shares.values()), 0.0)}.items():
            total[arm] = total.get(arm, 0.0) + n * share
    return {arm: share for arm, share in total.items() if share > 0}


def check_assignment(feedback: pd.DataFrame, customers: Any, assignment: Any) -> None:
    """Refuse arms that differ from their hash, and arms that came after the decisions.

    Parameters
    ----------
    feedback : DataFrame
        Decisions: `customer_id`, and `decided_at` if there.
    customers : DataFrame
        `customer_id`, `arm`, and `assigned_at` if there; `segment` where shares differ by segment.
    assignment : Arms or mapping of str to float, optional
        Only arms can be checked.

    Raises
    ------
    InputError
        If an arm is another than assigned, or was assigned after a decision of its customer.
    """
    people = check_frame(customers, "customers").reset_index(drop=True)
    if isinstance(assignment, Arms):
        segments = None
        if assignment.by_segment:
            check_columns(people, [c.SEGMENT], "customers")
            segments = people[c.SEGMENT]
        due = assignment.assign(people[c.CUSTOMER_ID], segments)
        wrong = people["arm"].to_numpy(dtype=object) != due
        way_out = "Arms by household, or balanced ones, cannot be checked: give their shares instead."
        check_rows(wrong, people["arm"], "arm", f"what {assignment.name!r} assigns", way_out)
    if _ASSIGNED_AT in people and c.DECIDED_AT in feedback:
        assigned = check_times(people[_ASSIGNED_AT], f"customers.{_ASSIGNED_AT}")
        decided = check_times(feedback[c.DECIDED_AT], f"feedback.{c.DECIDED_AT}").reset_index(drop=True)
        since = feedback[c.CUSTOMER_ID].reset_index(drop=True).map(pd.Series(assigned.array, people[c.CUSTOMER_ID]))
        check_rows(
            (since > decided).to_numpy(), decided, f"feedback.{c.DECIDED_AT}", "at or after the arm was assigned"
        )


def _strata(customers: pd.DataFrame, assignment: Arms) -> list[tuple[Mapping[str, float], int]]:
    """Give the shares of each part of the customers, and how many they are."""
    if not assignment.by_segment:
        return [(assignment.shares, len(customers))]
    check_columns(customers, [c.SEGMENT], "customers")
    counts = customers[c.SEGMENT].astype(str).value_counts()
    return [(assignment.by_segment.get(str(name), assignment.shares), int(n)) for name, n in counts.items()]


def acted_alike(feedback: pd.DataFrame, arm: str, baseline: str) -> bool:
    """Tell whether two arms made the same decisions as often, as those do that were split afterwards.

    Parameters
    ----------
    feedback : DataFrame
        Decisions: `arm`, and of `offer_id`, `propensity` and `priority` what is there.
    arm, baseline : str

    Returns
    -------
    bool
        False where there are too few decisions to tell, or nothing that tells.
    """
    parts = [feedback[(feedback["arm"] == name).to_numpy()] for name in (arm, baseline)]
    if min(map(len, parts)) < _FEWEST:
        return False
    p_values = []
    if c.OFFER_ID in feedback:
        offers = pd.concat([part[c.OFFER_ID].value_counts() for part in parts], axis=1).fillna(0).to_numpy()
        p_values += [stats.chi2_contingency(offers).pvalue] if len(offers) > 1 else [1.0]
    for name in (c.PROPENSITY, c.PRIORITY):
        if name in feedback:
            known = [check_numbers(part[name], f"feedback.{name}") for part in parts]
            p_values.append(mean_difference(*(values[np.isfinite(values)] for values in known)).p_value)
    told = [p for p in p_values if np.isfinite(p)]
    return bool(told) and min(told) > _LIMIT
