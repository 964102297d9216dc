"""Which acceptance rates of a period differ from those of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.experiments import adjusted_p_values, newcombe_interval
from nbo.numbers import check_number
from nbo.reports.answers import ALL, read_answers
from nbo.reports.compared import difference_p_values
from nbo.reports.tally import design_effects, tally

__all__ = ["period_changes"]


def period_changes(
    before: Any,
    now: Any,
    by: str | Sequence[str] = c.SEGMENT,
    level: float = 0.95,
    *,
    of: str = c.OFFER_ID,
    unit: str = c.CUSTOMER_ID,
) -> pd.DataFrame:
    """Compare the answers of two periods, segment by segment and offer by offer.

    Unlike :func:`nbo.views.rate_changes`, which takes the tables of a policy, it reads the answers themselves, and
    minds that customers answer several times.

    Parameters
    ----------
    before, now : DataFrame
        Resolved decisions of each period, as for :func:`nbo.segment_report`.
    by : str or sequence of str, default="segment"
        Columns to report by.
    level : float, default=0.95
        Of the intervals, in (0, 1).
    of : str, default="offer_id"
        Column of what is reported.
    unit : str, default="customer_id"
        Column of who answered.

    Returns
    -------
    DataFrame
        One row per segment and offer of either period, and one per offer with the segment "all", the surest changes
        first: `by`, `of`, n_before, n_new, accepted_before, accepted_new, rate_before, rate_after, change, low and
        high (Newcombe's interval of the change), p_adjusted (after Benjamini and Hochberg), significant, and
        direction: "up", "down", "unclear", "new" or "ended".

    Raises
    ------
    InputError
        As :func:`nbo.segment_report`.

    Examples
    --------
    >>> rows = pd.DataFrame({"segment": "a", "offer_id": "card", "reward": [1.0] * 20 + [0.0] * 180})
    >>> later = rows.assign(reward=[1.0] * 60 + [0.0] * 140)
    >>> found = period_changes(rows, later)
    >>> found[["segment", "rate_before", "rate_after", "direction"]].values.tolist()
    [['a', 0.1, 0.3, 'up'], ['all', 0.1, 0.3, 'up']]
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    keys = [*([by] if isinstance(by, str) else by), of]
    old, new = (_counted(frame, keys, unit) for frame in (before, now))
    table = new.merge(old, on=keys, how="outer", suffixes=("_new", "_before"), sort=True)
    numbers = [f"{name}_{end}" for name in ("n", "accepted") for end in ("before", "new")]
    table = table.fillna({**dict.fromkeys(numbers, 0), "effect_new": 1.0, "effect_before": 1.0})
    table = table.astype(dict.fromkeys(numbers, "int64"))
    n, n_old = (table[f"n_{end}"].to_numpy() for end in ("new", "before"))
    won, won_old = (table[f"accepted_{end}"].to_numpy() for end in ("new", "before"))
    effect, effect_old = (table[f"effect_{end}"].to_numpy() for end in ("new", "before"))
    low, high = newcombe_interval(won / effect, n / effect, won_old / effect_old, n_old / effect_old, level)
    tested = (n > 0) & (n_old > 0)
    p_values = np.full(len(table), np.nan)
    pairs = ((won, n), (won_old, n_old), (effect, effect_old))
    p_values[tested] = difference_p_values(*((a[tested], b[tested]) for a, b in pairs))
    rates = {"rate_before": won_old / np.where(n_old, n_old, np.nan), "rate_after": won / np.where(n, n, np.nan)}
    found = table[[*keys, *numbers]].assign(**rates)
    found["change"] = found["rate_after"] - found["rate_before"]
    adjusted = adjusted_p_values(p_values)
    sure = adjusted < 1 - level
    cases = [n_old == 0, n == 0, ~sure, (found["change"] > 0).to_numpy()]
    words = np.select(cases, ["new", "ended", "unclear", "up"], "down")
    found = found.assign(
        low=low, high=high, p_adjusted=adjusted, significant=sure, direction=pd.Series(words, dtype="str")
    )
    order = np.lexsort((-found["change"].abs().fillna(0).to_numpy(), found["p_adjusted"].fillna(2.0).to_numpy()))
    return found.iloc[order].reset_index(drop=True)


def _counted(feedback: Any, keys: list[str], unit: str) -> pd.DataFrame:
    rows = read_answers(feedback, keys, unit)
    totals = tally(rows, keys[-1:]).assign(**dict.fromkeys(keys[:-1], ALL))
    counted = pd.concat([tally(rows, keys), totals], ignore_index=True)
    return counted[[*keys, "n", "accepted"]].assign(effect=design_effects(counted, counted[keys[-1]]))
