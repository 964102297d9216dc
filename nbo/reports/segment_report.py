"""What each offer has brought in each segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_rows
from nbo.errors import InputError
from nbo.wilson import wilson_interval

__all__ = ["segment_report"]

_ALL = "all"
_UNKNOWN = "not known"


def segment_report(feedback: Any, by: str | Sequence[str] = c.SEGMENT, level: float = 0.95) -> pd.DataFrame:
    """Report what each offer has brought in each segment, and in all.

    Decisions to make no offer are rows like others, under the offer "no_offer".

    Parameters
    ----------
    feedback : DataFrame
        Resolved decisions as :meth:`nbo.Ledger.feedback` gives them: offer_id, reward (1
        accepted, 0 not), the columns of `by`, and value and cost if there.
    by : str or sequence of str, default="segment"
        Columns to report by. A missing value counts as "not known".
    level : float, default=0.95
        Of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        One row per segment and offer that occur, and one per offer with the segment "all":
        the columns of `by` as text, offer_id, n (decisions), accepted, rate, low and high
        (Wilson interval), value_per_decision (mean of reward x value - cost, in money; only if
        feedback has the value) and p_adjusted: how likely a difference to the other segments'
        rate for the same offer at least as large would be if there were none (Fisher's exact
        test, adjusted for the number of rows after Benjamini and Hochberg [1]_), missing where
        there is no other segment.

    Raises
    ------
    InputError
        If a column is missing, a reward is neither 0 nor 1, a segment is named "all", or the
        level is not in (0, 1).

    References
    ----------
    .. [1] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal
       of the Royal Statistical Society B 57(1), 289-300.

    Examples
    --------
    >>> rows = {"segment": ["new", "new", "old", "old"], "offer_id": "card", "reward": [1, 0, 0, 0], "value": 40.0}
    >>> segment_report(pd.DataFrame(rows))[["segment", "n", "accepted", "rate", "value_per_decision"]]
      segment  n  accepted  rate  value_per_decision
    0     new  2         1  0.50                20.0
    1     old  2         0  0.00                 0.0
    2     all  4         1  0.25                10.0
    """
    keys = [by] if isinstance(by, str) else list(by)
    rows = _checked(feedback, keys)
    total = rows.assign(**dict.fromkeys(keys, _ALL))
    counted = pd.concat([_counted(part, [*keys, c.OFFER_ID]) for part in (rows, total)], ignore_index=True)
    low, high = wilson_interval(counted["accepted"].to_numpy(), counted["n"].to_numpy(), level)
    report = counted.assign(rate=counted["accepted"] / counted["n"], low=low, high=high)
    if "gain" in report:
        report = report.assign(value_per_decision=report["gain"] / report["n"]).drop(columns="gain")
    return report.assign(p_adjusted=_p_adjusted(report, (report[keys[0]] == _ALL).to_numpy()))


def _checked(feedback: Any, keys: list[str]) -> pd.DataFrame:
    frame = check_frame(feedback, "feedback")
    if not keys or c.OFFER_ID in keys:
        raise InputError(f"by must name one or more columns other than 'offer_id'; got {keys!r}.")
    check_columns(frame, [*keys, c.OFFER_ID, c.REWARD], "feedback")
    check_rows(~frame[c.REWARD].isin([0, 1]).to_numpy(), frame[c.REWARD], "feedback.reward", "0 or 1")
    named = {key: frame[key].astype(object).where(frame[key].notna(), _UNKNOWN).astype("str") for key in keys}
    for key in keys:
        check_rows((named[key] == _ALL).to_numpy(), named[key], f"feedback.{key}", "another word than 'all'")
    rows = frame[[c.OFFER_ID]].assign(**named, accepted=frame[c.REWARD].astype("int64"))
    if c.VALUE in frame:
        cost = frame[c.COST].fillna(0.0) if c.COST in frame else 0.0
        accepted, value = frame[c.REWARD] == 1, frame[c.VALUE]
        check_rows((accepted & value.isna()).to_numpy(), value, "feedback.value", "there where an offer was accepted")
        rows = rows.assign(gain=value.where(accepted, 0.0) - cost)
    return rows


def _counted(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    sums = {name: (name, "sum") for name in ("accepted", "gain") if name in rows}
    return rows.groupby(keys, as_index=False, sort=True).agg(n=("accepted", "size"), **sums)


def _p_adjusted(report: pd.DataFrame, is_total: np.ndarray) -> np.ndarray:
    """Fisher's exact test of each row against the other segments of its offer, adjusted over all rows."""
    totals = report[is_total].set_index(c.OFFER_ID)
    accepted, n = report["accepted"].to_numpy(), report["n"].to_numpy()
    others = report[c.OFFER_ID].map(totals["accepted"]).to_numpy() - accepted
    n_others = report[c.OFFER_ID].map(totals["n"]).to_numpy() - n
    tested = np.flatnonzero(n_others > 0)
    tables = np.stack([accepted, n - accepted, others, n_others - others], axis=1).reshape(-1, 2, 2)
    p_values = [stats.fisher_exact(tables[row]).pvalue for row in tested]
    adjusted = np.full(len(report), np.nan)
    adjusted[tested] = stats.false_discovery_control(p_values) if p_values else []
    return adjusted
