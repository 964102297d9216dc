"""What each offer has brought in each segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.experiments import adjusted_p_values
from nbo.numbers import check_number
from nbo.reports.answers import ALL, MICRO, read_answers
from nbo.reports.compared import difference_p_values
from nbo.reports.tally import design_effects, tally
from nbo.wilson import wilson_interval

__all__ = ["segment_report"]

# Acceptances and refusals that must be expected before a normal distribution says much of a rate.
_EXPECTED = 5


def segment_report(
    feedback: Any,
    by: str | Sequence[str] = c.SEGMENT,
    level: float = 0.95,
    *,
    of: str = c.OFFER_ID,
    least: int = 30,
    unit: str = c.CUSTOMER_ID,
) -> pd.DataFrame:
    """Report what each offer, action type, channel or message has brought in each segment, and in all.

    Decisions to make no offer are rows like others, under the offer "no_offer". Where customers answered several
    times, intervals are wider and p-values larger by the design effect [2]_.

    Parameters
    ----------
    feedback : DataFrame
        Resolved decisions as :meth:`nbo.Ledger.feedback` gives them: the columns `of` and `by`, reward (1
        accepted, 0 not), and value, cost and the customer if there.
    by : str or sequence of str, default="segment"
        Columns to report by. A missing value counts as "not known".
    level : float, default=0.95
        Of the intervals, in (0, 1).
    of : str, default="offer_id"
        Column of what is reported, such as channel, creative, or the action_type that
        :func:`nbo.reports.action_types` gives.
    least : int, default=30
        Decisions below which there is not enough evidence, 1 or more.
    unit : str, default="customer_id"
        Column of who answered; without it each row counts as of its own.

    Returns
    -------
    DataFrame
        One row per segment and offer that occur, and one per offer with the segment "all":

        - the columns of `by` as text, offer_id (or what `of` names), n (decisions), accepted, rate, low and high
          (Wilson interval);
        - value_per_decision (mean of reward x value - cost, in money) and value (their sum, to the millionth), only
          if feedback has the value;
        - p_adjusted: how likely a difference to the other segments' rate for the same offer at least as large would
          be if there were none (Fisher's exact test, adjusted for the number of rows after Benjamini and
          Hochberg [1]_), missing where there is no other segment;
        - rate_elsewhere: the rate for the same offer in the other segments;
        - enough: whether there are `least` decisions, and five acceptances and five refusals are expected of them
          at the offer's rate in all segments, each divided by the design effect; and likewise in the other segments;
        - flag: "above" or "below" the other segments where there is enough evidence and p_adjusted is below
          1 - level; "too few" without; else "unclear". Empty for "all". Of the rows flagged, a share of at most
          1 - level is expected to be chance; where no segment differs, that often any row is flagged at all.

    Raises
    ------
    InputError
        If a column is missing, a reward is neither 0 nor 1, a segment is named "all", or the
        level is not in (0, 1).

    References
    ----------
    .. [1] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal
       of the Royal Statistical Society B 57(1), 289-300.
    .. [2] Rao, J. N. K. and Scott, A. J. (1992). A simple method for the analysis of clustered
       binary data. Biometrics 48(2), 577-585.

    Examples
    --------
    >>> rows = {"segment": ["new", "new", "old", "old"], "offer_id": "card", "reward": [1, 0, 0, 0], "value": 40.0}
    >>> segment_report(pd.DataFrame(rows))[["segment", "n", "accepted", "rate", "value_per_decision"]]
      segment  n  accepted  rate  value_per_decision
    0     new  2         1  0.50                20.0
    1     old  2         0  0.00                 0.0
    2     all  4         1  0.25                10.0
    """
    check_number(least, "least", "1 or more", lambda number: number >= 1, whole=True)
    keys = [by] if isinstance(by, str) else list(by)
    if not keys or of in keys:
        raise InputError(f"by must name one or more columns other than {of!r}; got {keys!r}.")
    rows = read_answers(feedback, [*keys, of], unit)
    counted = _counted(rows, keys, of)
    effect = design_effects(counted, counted[of])
    n, accepted = counted["n"].to_numpy(), counted["accepted"].to_numpy()
    low, high = wilson_interval(accepted / effect, n / effect, level)
    report = counted[[*keys, of, "n", "accepted"]].assign(rate=accepted / n, low=low, high=high)
    if "gain" in counted:
        value = counted["gain"] / MICRO
        report = report.assign(value_per_decision=value / n, value=value)
    return _flagged(report, effect, keys, of, least, level)


def _counted(rows: pd.DataFrame, keys: list[str], of: str) -> pd.DataFrame:
    """Count each group, and each `of` over all groups."""
    totals = tally(rows, [of]).assign(**dict.fromkeys(keys, ALL))
    return pd.concat([tally(rows, [*keys, of]), totals], ignore_index=True)


def _flagged(
    report: pd.DataFrame, effect: np.ndarray, keys: list[str], of: str, least: int, level: float
) -> pd.DataFrame:
    """Compare each row with the other segments of the same `of`."""
    is_total = (report[keys[0]] == ALL).to_numpy()
    place = pd.Series(np.flatnonzero(is_total), index=report.loc[is_total, of])
    total = place.reindex(report[of]).to_numpy(dtype=np.int64)
    n, accepted = report["n"].to_numpy(), report["accepted"].to_numpy()
    others, n_others = accepted[total] - accepted, n[total] - n
    tested = np.flatnonzero(n_others > 0)
    p_values, elsewhere = np.full(len(report), np.nan), np.full(len(report), np.nan)
    p_values[tested] = difference_p_values(
        (accepted[tested], n[tested]), (others[tested], n_others[tested]), (effect[tested], effect[total][tested])
    )
    elsewhere[tested] = others[tested] / n_others[tested]
    pooled = accepted[total] / np.maximum(n[total], 1)
    elsewhere_too = (n_others == 0) | _enough(n_others, pooled, effect[total], least)
    enough = _enough(n, pooled, effect, least) & elsewhere_too
    adjusted = adjusted_p_values(p_values)
    sure = enough & (adjusted < 1 - level)
    cases = [is_total, ~enough, ~sure, report["rate"] > elsewhere]
    words = np.select(cases, ["", "too few", "unclear", "above"], "below")
    return report.assign(
        p_adjusted=adjusted, rate_elsewhere=elsewhere, enough=enough, flag=pd.Series(words, dtype="str")
    )


def _enough(n: np.ndarray, rate: np.ndarray, effect: np.ndarray, least: int) -> np.ndarray:
    expected = n / effect * np.minimum(rate, 1 - rate)
    return np.asarray((n / effect >= least) & (expected >= _EXPECTED))
