"""Which returns more under a budget: fewer customers of one group, or more of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo.arbitration.allocation.allocate import allocate
from nbo.arbitration.allocation.allocation import Allocation
from nbo.arbitration.allocation.couple import couple, names_of
from nbo.arbitration.allocation.limit import Limit
from nbo.arbitration.allocation.sample_prices import dual_of
from nbo.arbitration.allocation.scores import Scores, take_scores
from nbo.checks import check_matrix, check_one_of, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.progress import track

__all__ = ["compare_mixes"]


def compare_mixes(
    priority: Any,
    limits: Sequence[Limit],
    budget_limit: str,
    groups: Any,
    mixes: Mapping[str, Mapping[Any, float]],
    slots: int = 1,
    *,
    variance: Any = None,
    level: float = 0.95,
    offer_ids: Sequence[Any] | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Compare ways to divide a budget between groups of customers.

    Each mix gives every group its share of the budget, and within it offers go where they are worth most. The value
    is that of the best allocation; its interval says how it would differ with other customers, as many of each group
    and of the same kind. At the prices found, the value is a sum over customers of what each gains above the prices,
    plus what the limits are worth. As these are the best prices, their own error does not count to first order [1]_,
    and the variance is that of the sum. Mixes are compared customer by customer, so what they share cancels.

    Parameters
    ----------
    priority : ndarray or DataFrame of shape (n, k)
        As of :func:`allocate`.
    limits : sequence of Limit
    budget_limit : str
        Name of the limit whose `at_most` is divided.
    groups : array-like of shape (n,)
        Group of each customer, such as "high value" and "mid value".
    mixes : mapping of str to (mapping of group to float)
        Name of each mix, and the share of the budget that each group has in it, in [0, 1], together 1 at most. A group
        that is not named has none. The first mix is the one that the others are compared with.
    slots : int, default=1
    variance : array-like of shape (n, k), optional
        Variance of what each pair will really return, such as value**2 * p * (1 - p), where the interval shall be for
        the return itself and not for its expectation only.
    level : float, default=0.95
        How often an interval shall hold the true value, in (0, 1).
    offer_ids : sequence, optional
    progress : bool, optional
        As of :func:`allocate`.

    Returns
    -------
    DataFrame
        A row for each mix: `mix`, `value`, `low`, `high`, `bound`, `used` (of the budget), `served` (customers),
        `value_per_unit` (of the budget used), `difference` (of the value to that of the first mix), `difference_low`,
        `difference_high`, and `served_<group>`.

    Raises
    ------
    InputError
        If there is no such budget, a share is not in [0, 1], shares of a mix are above 1 together, or a mix names an
        unknown group; or as of :func:`allocate`.

    References
    ----------
    .. [1] Shapiro, A. (1991). Asymptotic analysis of stochastic programs. Annals of Operations Research 30, 169-186.

    Examples
    --------
    Ten customers worth 9 for a cost of 3 each, and a hundred worth 2 for a cost of 1; a budget of 30.

    >>> import numpy as np
    >>> groups = np.repeat(["high", "mid"], [10, 100])
    >>> high = groups == "high"
    >>> priority, cost = np.where(high, 9.0, 2.0)[:, None], np.where(high, 3.0, 1.0)[:, None]
    >>> found = compare_mixes(priority, [Limit(at_most=30, cost=cost, name="budget")], "budget", groups,
    ...                       {"fewer, high": {"high": 1}, "more, mid": {"mid": 1}})
    >>> found[["mix", "value", "served"]].values.tolist()
    [['fewer, high', 90.0, 10], ['more, mid', 60.0, 30]]
    """
    names_of(limits)
    limits = list(limits)
    scores = take_scores(priority, offer_ids)
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    place, labels = _checked(limits, budget_limit, groups, mixes, scores.shape[0])
    known = None if variance is None else check_matrix(variance, scores.shape, "variance")
    runs = []
    for name in track(list(mixes), "mixes", progress=progress):
        parts = _divided(limits, place, labels, mixes[name])
        found = allocate(scores.values, parts, slots, offer_ids=scores.offer_ids, progress=False)
        runs.append(_Run(name, found, *_gains(found, scores, parts, slots, known)))
    z = float(special.ndtri(0.5 + level / 2))
    return pd.DataFrame([_row(run, runs[0], labels, limits[place], scores, z) for run in runs])


@dataclass(frozen=True)
class _Run:
    """A mix, its allocation, and each customer's gain above the prices, with the variance of the return."""

    name: str
    found: Allocation
    gains: np.ndarray
    noise: np.ndarray


def _checked(
    limits: list[Limit], budget_limit: str, groups: Any, mixes: Mapping[str, Mapping[Any, float]], n: int
) -> tuple[int, np.ndarray]:
    names = names_of(limits)
    place = names.index(check_one_of(budget_limit, names, "budget_limit"))
    if limits[place].at_most is None or limits[place].rows is not None:
        raise InputError(f"budget_limit must be a maximum for all customers; got {limits[place]}.")
    labels = np.asarray(groups)
    if labels.shape != (n,):
        raise InputError(f"groups must name the group of each of {n} customers; got the shape {labels.shape}.")
    if not mixes:
        raise InputError("mixes must name at least one; got none.")
    there = set(labels.tolist())
    for name, mix in mixes.items():
        shares = np.array(list(mix.values()), dtype=float)
        what = f"shares of the mix {name!r}"
        check_rows(~((shares >= 0) & (shares <= 1)), shares, what, "in [0, 1]")
        check_number(float(shares.sum()), what + " together", "at most 1", lambda total: total <= 1 + 1e-9)
        for group in mix:
            check_one_of(group, sorted(there, key=str), f"a group of the mix {name!r}")
    return place, labels


def _divided(limits: list[Limit], place: int, labels: np.ndarray, mix: Mapping[Any, float]) -> list[Limit]:
    """Put a budget for each group in the place of the budget for all."""
    whole, parts = limits[place], []
    for group in pd.unique(labels).tolist():
        amount = (whole.at_most or 0.0) * float(mix.get(group, 0.0))
        parts.append(
            replace(whole, at_most=amount, at_least=None, rows=labels == group, name=f"{whole.name} of {group}")
        )
    return [*limits[:place], *parts, *limits[place + 1 :]]


def _gains(
    found: Allocation, scores: Scores, limits: list[Limit], slots: int, variance: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Give each customer's gain above the prices, and the variance of what the customer returns."""
    n, k = scores.shape
    dual = dual_of(scores, couple(limits, scores.offer_ids, n), np.arange(n), min(slots, k))
    noise = np.zeros(n)
    if variance is not None:
        row, slot = np.nonzero(found.assignment >= 0)
        np.add.at(noise, row, variance[row, found.assignment[row, slot]])
    return dual.look(np.asarray(found.prices)).best.surplus, noise


def _row(run: _Run, first: _Run, labels: np.ndarray, budget: Limit, scores: Scores, z: float) -> dict[str, Any]:
    value, served = run.found.value, np.any(run.found.assignment >= 0, axis=1)
    row, slot = np.nonzero(run.found.assignment >= 0)
    used = couple([replace(budget, name="budget")], scores.offer_ids, len(labels)).used(
        row, run.found.assignment[row, slot]
    )
    width = z * _error(run.gains, run.noise, labels)
    difference = value - first.found.value
    apart = 0.0 if run is first else z * _error(run.gains - first.gains, run.noise + first.noise, labels)
    return {
        "mix": run.name,
        "value": value,
        "low": value - width,
        "high": value + width,
        "bound": run.found.bound,
        "used": float(used[0]),
        "served": int(served.sum()),
        "value_per_unit": value / used[0] if used[0] else np.nan,
        "difference": difference,
        "difference_low": difference - apart,
        "difference_high": difference + apart,
        **{f"served_{group}": int(np.sum(served & (labels == group))) for group in pd.unique(labels).tolist()},
    }


def _error(gains: np.ndarray, noise: np.ndarray, labels: np.ndarray) -> float:
    """Give the standard error of a sum over customers, as many of each group."""
    each = pd.Series(gains).groupby(labels)
    return float(np.sqrt((each.count() * each.var().fillna(0.0)).sum() + noise.sum()))
