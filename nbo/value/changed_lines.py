"""The lines of customers' profit, before a change and after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.value.aligned import aligned_numbers
from nbo.value.cents import whole_cents
from nbo.value.change import Change, drawn_effect

__all__ = ["COSTS", "CustomerLines", "changed", "gains"]

# Those that go along with revenue come first; the acquisition is paid, whoever stays.
_WITH_REVENUE: Final = ("returns", "goods")
_PAID: Final = "acquisition_cost"
COSTS: Final = (*_WITH_REVENUE, "cost_to_serve", "contact_cost", _PAID, "other_cost")


@dataclass(frozen=True)
class CustomerLines:
    """Lines of n customers, in money.

    Parameters
    ----------
    revenue : ndarray of shape (n,)
    costs : dict of str to ndarray of shape (n,)
        By line, all of `COSTS`.
    leaving : ndarray of shape (n,)
        Probability of leaving before the money comes.
    """

    revenue: np.ndarray
    costs: dict[str, np.ndarray]
    leaving: np.ndarray

    @property
    def moving(self) -> np.ndarray:
        """Revenue less what goes along with it, shape (n,)."""
        return self.revenue - sum(self.costs[line] for line in _WITH_REVENUE)

    @property
    def standing(self) -> np.ndarray:
        """Running costs that do not go along with revenue, shape (n,)."""
        return sum((self.costs[line] for line in COSTS if line not in (*_WITH_REVENUE, _PAID)), np.zeros(1))

    def part(self, rows: np.ndarray) -> CustomerLines:
        """Take some of the customers."""
        costs = {line: cost[rows] for line, cost in self.costs.items()}
        return CustomerLines(self.revenue[rows], costs, self.leaving[rows])

    def staying(self, churn: float = 0.0) -> np.ndarray:
        """Probability of staying, with a relative effect on that of leaving; shape (n,)."""
        return 1 - self.leaving * (1 + churn)

    def cents(self, revenue: float = 0.0, churn: float = 0.0) -> dict[str, np.ndarray]:
        """Give the expected lines in whole cents, with relative effects, and the profit that follows from them."""
        stay = self.staying(churn)
        share = dict.fromkeys(COSTS, stay) | dict.fromkeys(_WITH_REVENUE, stay * (1 + revenue)) | {_PAID: 1.0}
        kept = {"revenue": self.revenue * stay * (1 + revenue)}
        kept |= {line: cost * share[line] for line, cost in self.costs.items()}
        found = {line: whole_cents(values, line) for line, values in kept.items()}
        return {**found, "profit": found["revenue"] - sum(found[line] for line in COSTS)}


def changed(
    lines: CustomerLines, change: Change, customers: pd.DataFrame, contact_costs: Mapping[str, float]
) -> CustomerLines:
    """Give the lines as a change would make them, before its effects on revenue and on leaving.

    Parameters
    ----------
    lines : CustomerLines of n customers
    change : Change
    customers : DataFrame of n rows
        With ``contacts_<channel>`` where contacts are moved.
    contact_costs : mapping of str to float
        Cost of a contact by channel.

    Returns
    -------
    CustomerLines

    Raises
    ------
    InputError
        If the change names a line, channel or column that there is not, more contacts are moved than there are, or a
        customer would leave with a probability above 1.
    """
    unknown = sorted(set(change.cost_factors) - set(COSTS))
    if unknown:
        raise InputError(f"{change.name}: cost_factors must name lines of {', '.join(COSTS)}; got {unknown[0]!r}.")
    if (lines.leaving * (1 + change.churn) > 1).any():
        raise InputError(f"{change.name}: churn_effect, {change.churn:g}, makes a probability of leaving exceed 1.")
    costs = {line: lines.costs[line] * change.cost_factors.get(line, 1.0) for line in COSTS}
    costs["other_cost"] = costs["other_cost"] + change.added_cost
    costs["cost_to_serve"] = costs["cost_to_serve"] + _moved(change, customers, contact_costs)
    return CustomerLines(lines.revenue, costs, lines.leaving)


def _moved(change: Change, customers: pd.DataFrame, contact_costs: Mapping[str, float]) -> np.ndarray:
    """Give what contacts cost more in their new channels, shape (n,)."""
    more, taken = np.zeros(len(customers)), dict.fromkeys({source for source, _ in change.moved_contacts}, 0.0)
    for (source, target), share in change.moved_contacts.items():
        taken[source] += share
        if taken[source] > 1 + 1e-12:
            raise InputError(f"{change.name}: at most all contacts of {source!r} can be moved; got {taken[source]:g}.")
        for channel in (source, target):
            if channel not in contact_costs:
                known = ", ".join(map(repr, contact_costs)) or "none"
                raise InputError(f"{change.name}: contact_costs must have {channel!r}; it has {known}.")
        column = f"contacts_{source}"
        check_columns(customers, [column], "customers")
        count = aligned_numbers(customers[column], len(customers), f"customers.{column}", "customers", least=0)
        more += share * count * (contact_costs[target] - contact_costs[source])
    return more


def gains(
    before: CustomerLines, after: CustomerLines, change: Change, groups: np.ndarray, k: int, level: float, z: np.ndarray
) -> np.ndarray:
    """Draw what each group gains, with what is not known of the effects.

    Parameters
    ----------
    before, after : CustomerLines of n customers
        As they are, and as :func:`changed` gives them.
    change : Change
    groups : ndarray of int, shape (n,)
    k : int
        Number of groups.
    level : float
        Of the effects' intervals.
    z : ndarray of shape (2, draws)
        Standard normal numbers, of both effects.

    Returns
    -------
    ndarray of shape (k, draws)
        Money.
    """
    revenue, churn = (
        drawn_effect(size, level, z[i]) for i, size in enumerate((change.revenue_effect, change.churn_effect))
    )
    # Nobody leaves with more than certainty.
    churn = np.minimum(churn, 1 / max(float(after.leaving.max(initial=0.0)), 1e-12) - 1)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(groups, values, k)[:, None]

    now = (before.moving - before.standing) * before.staying() + after.costs[_PAID] - before.costs[_PAID]
    running = total(after.moving) * (1 + revenue) - total(after.standing)
    lost = total(after.leaving * after.moving) * (1 + revenue) - total(after.leaving * after.standing)
    return running - lost * (1 + churn) - total(now)
