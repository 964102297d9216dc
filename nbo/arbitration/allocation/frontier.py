"""What a larger or smaller budget is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nbo.arbitration.allocation.allocate import allocate
from nbo.arbitration.allocation.couple import names_of
from nbo.arbitration.allocation.limit import Limit
from nbo.checks import check_numbers, check_one_of, check_rows
from nbo.errors import InputError
from nbo.progress import track

__all__ = ["frontier"]


def frontier(
    priority: Any,
    limits: Sequence[Limit],
    budget_limit: str,
    budgets: Sequence[float],
    slots: int = 1,
    *,
    offer_ids: Sequence[Any] | None = None,
    tolerance: float = 1e-5,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Allocate under one budget after the other.

    Each allocation begins with the prices of the one before.

    Parameters
    ----------
    priority : ndarray or DataFrame of shape (n, k)
        As of :func:`allocate`.
    limits : sequence of Limit
    budget_limit : str
        Name of the limit whose `at_most` varies, such as a budget or a capacity.
    budgets : sequence of float
        Its values, 0 or more; any order.
    slots : int, default=1
    offer_ids : sequence, optional
    tolerance : float, default=1e-5
    progress : bool, optional
        The others as of :func:`allocate`.

    Returns
    -------
    DataFrame
        A row for each budget, in rising order: `budget`, `value`, `bound` (no allocation under this budget is worth
        more), `price` (what one more unit of the budget is worth), `used`, `served` (customers who get something), and
        `share_<offer>`, the share of each offer in what is given.

    Raises
    ------
    InputError
        If no limit has that name, it has no maximum, or a budget is not finite or below 0; or as of :func:`allocate`.

    Examples
    --------
    >>> import numpy as np
    >>> priority = np.array([[10.0], [6.0], [3.0]])
    >>> found = frontier(priority, [Limit(at_most=1, name="letters")], "letters", [1, 2, 3])
    >>> found[["budget", "value"]].values.tolist()
    [[1.0, 10.0], [2.0, 16.0], [3.0, 19.0]]
    """
    names, limits = names_of(limits), list(limits)
    check_one_of(budget_limit, names, "budget_limit")
    place = names.index(budget_limit)
    if limits[place].at_most is None:
        raise InputError(f"budget_limit must have a maximum to vary; {budget_limit!r} has no at_most.")
    amounts = check_numbers(budgets, "budgets")
    check_rows(~((amounts >= 0) & (amounts < np.inf)), amounts, "budgets", "finite and 0 or more")
    rows, start = [], None
    for amount in track(np.sort(amounts).tolist(), "budgets", progress=progress):
        limits[place] = replace(limits[place], at_most=amount)
        found = allocate(priority, limits, slots, offer_ids=offer_ids, tolerance=tolerance, start=start, progress=False)
        start, summary = found.prices, found.summary
        shares = {f"share_{offer}": count / max(summary["given"], 1) for offer, count in summary["by_offer"].items()}
        rows.append(
            {
                "budget": amount,
                "value": found.value,
                "bound": found.bound,
                "price": found.prices[place],
                "used": float(found.used[place]),
                "served": summary["served"],
                **shares,
            }
        )
    return pd.DataFrame(rows)
