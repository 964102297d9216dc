"""How long a test takes to see enough customers."""

from __future__ import annotations

import math

from nbo.numbers import check_number

__all__ = ["duration_days"]


def duration_days(n: float, per_day: float, *, whole_weeks: bool = True, outcome_days: float = 0) -> int:
    """Give the days from the first customer to the last one's outcome.

    Parameters
    ----------
    n : float
        Customers to be assigned in all arms together.
    per_day : float
        Customers who come in a day, above 0.
    whole_weeks : bool, default=True
        Round the days of coming up to whole weeks, so that each day of the week counts alike.
    outcome_days : float, default=0
        Days until an outcome is known.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If a number is not allowed.

    Examples
    --------
    >>> duration_days(7682, per_day=1000), duration_days(7682, per_day=1000, outcome_days=30)
    (14, 44)
    """
    check_number(n, "n", "0 or more, finite", lambda number: 0 <= number < math.inf)
    check_number(per_day, "per_day", "above 0", lambda number: number > 0)
    check_number(outcome_days, "outcome_days", "0 or more, finite", lambda days: 0 <= days < math.inf)
    days = max(math.ceil(n / per_day * (1 - 1e-12)), 1)
    coming = 7 * math.ceil(days / 7) if whole_weeks else days
    return coming + math.ceil(outcome_days)
