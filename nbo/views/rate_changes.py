"""Which acceptance rates have changed since an earlier moment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.newcombe import newcombe_interval

__all__ = ["rate_changes"]

_KEYS = [c.SEGMENT, c.OFFER_ID]
_NEEDED = ("rate", "n", "accepted")


def rate_changes(before: Any, after: Any, level: float = 0.95) -> pd.DataFrame:
    r"""Compare two tables of acceptance rates, and tell which changes are more than chance.

    The answers that have come in between are set against those before. With rates :math:`p_0,
    p_1` and their Wilson intervals :math:`[l_0, u_0], [l_1, u_1]`, the interval of
    :math:`p_1 - p_0` is Newcombe's [1]_, from
    :math:`d - \sqrt{(p_1 - l_1)^2 + (u_0 - p_0)^2}` to
    :math:`d + \sqrt{(u_1 - p_1)^2 + (p_0 - l_0)^2}`. A change is significant if 0 is outside
    the interval at a level corrected for the number of pairs (Bonferroni).

    Parameters
    ----------
    before, after : DataFrame
        segment, offer_id, rate, n and accepted, as a policy's ``acceptance_rates()`` gives them
        at two moments; one row per segment and offer. `after` counts the answers of `before` too.
    level : float, default=0.95
        How often the interval of one change shall hold the truth, in (0, 1).

    Returns
    -------
    DataFrame
        One row per pair of `after`, the largest change first: segment, offer_id, rate_before,
        rate_after, change (of these rates), n_before, n_new, accepted_new, low and high (of the
        rate among new answers minus that of those before; NaN without answers on both sides),
        and significant.

    Raises
    ------
    InputError
        If a column is missing, a pair stands twice, `after` counts fewer answers than `before`, or
        the level is not in (0, 1).

    References
    ----------
    .. [1] Newcombe, R. G. (1998). Interval estimation for the difference between independent
       proportions: comparison of eleven methods. Statistics in Medicine 17, 873-890. Method 10.

    Examples
    --------
    >>> before = pd.DataFrame({"segment": "a", "offer_id": "card", "rate": [0.1], "n": 200, "accepted": 20.0})
    >>> after = pd.DataFrame({"segment": "a", "offer_id": "card", "rate": [0.2], "n": 400, "accepted": 80.0})
    >>> rate_changes(before, after)[["change", "n_new", "low", "high", "significant"]].round(2).values.tolist()
    [[0.1, 200, 0.12, 0.28, True]]
    """
    old, new = (_checked(frame, name) for frame, name in ((before, "before"), (after, "after")))
    table = new.merge(old, on=_KEYS, how="left", suffixes=("_after", "_before"))
    table = table.fillna({"n_before": 0, "accepted_before": 0.0})
    fewer = int((table["n_after"] < table["n_before"]).sum())
    if fewer:
        raise InputError(
            f"after must count all answers of before; {fewer} of {len(table)} pairs count fewer. Were they swapped?"
        )
    fresh, won = table["n_after"] - table["n_before"], table["accepted_after"] - table["accepted_before"]
    counts = (won.to_numpy(), fresh.to_numpy(), table["accepted_before"].to_numpy(), table["n_before"].to_numpy())
    low, high = newcombe_interval(*counts, level)
    # Checked once more at the level that all pairs together ask for.
    sure_low, sure_high = newcombe_interval(*counts, 1 - (1 - level) / max(len(table), 1))
    result = table[[*_KEYS, "rate_before", "rate_after"]].assign(
        change=table["rate_after"] - table["rate_before"],
        n_before=table["n_before"].astype("int64"),
        n_new=fresh.astype("int64"),
        accepted_new=won,
        low=low,
        high=high,
        significant=(sure_low > 0) | (sure_high < 0),
    )
    order = np.argsort(-result["change"].abs().fillna(-1.0).to_numpy(), kind="stable")
    return result.iloc[order].reset_index(drop=True)


def _checked(frame: Any, name: str) -> pd.DataFrame:
    rows = check_frame(frame, name)
    check_columns(rows, [*_KEYS, *_NEEDED], name)
    if rows.duplicated(_KEYS).any():
        raise InputError(f"{name} must have one row per segment and offer; a pair stands twice.")
    return rows[[*_KEYS, *_NEEDED]]
