"""Which segments show an effect so far, for whoever looks every day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_keys
from nbo.e_bh import e_bh
from nbo.experiments.always_valid import always_valid
from nbo.experiments.arm_names import CONTROL
from nbo.experiments.experiment_rows import experiment_rows
from nbo.numbers import check_number

__all__ = ["watch_segments"]


def watch_segments(
    frame: Any,
    metric: str = c.REWARD,
    by: str = c.SEGMENT,
    baseline: str = CONTROL,
    *,
    rate: float = 0.05,
    order: str | None = None,
    planned: float = 10_000,
    arm: str = "arm",
    unit: str = c.CUSTOMER_ID,
) -> pd.DataFrame:
    """Claim effects in segments as often as one likes, few of which are false.

    Each segment and arm has its evidence of :func:`~nbo.experiments.always_valid` so far, an e-value. Those
    that :func:`nbo.e_bh.e_bh` chooses of all are claimed. Whoever stops when the claims are as hoped for has,
    in expectation, still at most the share `rate` of false ones among them.

    Parameters
    ----------
    frame : DataFrame
        One row for each customer so far, with its arm, its segment and the metric.
    metric : str, default="reward"
        Column of numbers.
    by : str, default="segment"
        Column of segments, known before the experiment.
    baseline : str, default="control"
        Arm to compare with. Segments in which an arm has fewer than two customers claim nothing.
    rate : float, default=0.05
        Of false discoveries, in (0, 1).
    order : str, optional
        Column of times at which the metric was known. By default rows are in order.
    planned : float, default=10000
        Customers of both arms in a segment at which intervals shall be narrowest, chosen without looking.
    arm, unit : str
        Columns of the arm, and of the customer if it is there.

    Returns
    -------
    DataFrame
        A row for each segment and other arm: `segment`, and the last row of :func:`~nbo.experiments.always_valid` with
        intervals at the level 1 - rate, and `claimed`.

    Raises
    ------
    InputError
        If a column is missing, a customer is in several rows or arms, or a metric or segment is not known.

    Examples
    --------
    >>> rows = {"arm": ["agent", "control"] * 1000, "segment": ["new"] * 1000 + ["old"] * 1000}
    >>> frame = pd.DataFrame(rows).assign(reward=[1.0, 0.0, 1.0, 1.0] * 250 + [1.0, 1.0, 0.0, 0.0] * 250)
    >>> watch_segments(frame, planned=1000)[["segment", "claimed"]].values.tolist()
    [['new', True], ['old', False]]
    """
    check_number(rate, "rate", "in (0, 1)", lambda share: 0 < share < 1)
    columns = [metric, by, *([] if order is None else [order])]
    rows = experiment_rows(frame, columns, arm, unit, baseline)
    check_keys(rows[by], f"frame.{by}")
    others = sorted(set(rows[arm]) - {baseline})
    table = []
    for segment, part in rows.groupby(by, sort=True):
        counts = part[arm].value_counts()
        if len(counts) <= len(others) or counts.min() < 2:
            # It was looked at all the same, and counts among the claims that could be made.
            table.append(pd.DataFrame({"segment": segment, "arm": others, "log_e_value": np.nan}))
            continue
        looks = always_valid(part, metric, baseline, order=order, planned=planned, arm=arm, unit=unit, level=1 - rate)
        last = looks.drop_duplicates("arm", keep="last")
        last.insert(0, "segment", segment)
        table.append(last)
    found = pd.concat(table, ignore_index=True)
    return found.assign(claimed=e_bh(found["log_e_value"].to_numpy(dtype=float), rate))
