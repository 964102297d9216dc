"""What an experiment shows so far, for whoever looks every day and stops when it tells enough."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.experiments.arm_names import CONTROL
from nbo.experiments.experiment_rows import experiment_rows, metric_values
from nbo.experiments.normal_mixture import NormalMixture
from nbo.experiments.running_difference import RunningDifference
from nbo.numbers import check_number
from nbo.times import check_times

__all__ = ["always_valid"]


def always_valid(
    frame: Any,
    metric: str = c.REWARD,
    baseline: str = CONTROL,
    *,
    order: str | None = None,
    planned: float = 10_000,
    every: int = 1,
    arm: str = "arm",
    unit: str = c.CUSTOMER_ID,
    level: float = 0.95,
) -> pd.DataFrame:
    """Bound what an arm changes after every customer, with intervals that hold at all times together.

    An ordinary interval holds at one moment that was chosen beforehand. Whoever looks every day, and stops when
    it says what was hoped for, is wrong far more often. Here the probability that any of the intervals misses
    is 1 - level at most, see :class:`~nbo.experiments.NormalMixture`, as soon as the central limit theorem can
    be relied on. Before, there is none: as long as one customer could move the difference by half a standard
    error or more, if it were in the smaller arm. The variance of an arm is taken to be at least that of all
    customers together, as in a small arm the rare large values may not have come yet.

    Parameters
    ----------
    frame : DataFrame
        One row for each customer, with its arm and the metric, once that is known for good.
    metric : str, default="reward"
        Column of numbers: 0 or 1, or money.
    baseline : str, default="control"
        Arm to compare with.
    order : str, optional
        Column of times at which the metric was known. By default rows are in order.
    planned : float, default=10000
        Customers in both arms at which intervals shall be narrowest, chosen without looking.
    every : int, default=1
        Look after each so many customers, and after the last.
    arm, unit : str
        Columns of the arm, and of the customer if it is there.
    level : float, default=0.95
        Of all intervals of an arm together, in (0, 1).

    Returns
    -------
    DataFrame
        A row for each other arm and look: `arm`, `customers` (in both arms so far), the column `order` if it was named,
        `n`, `mean`, `baseline_n`, `baseline_mean`, `difference`, `low` and `high` (a low above high says that
        the difference has changed on the way), `p_value` (the smallest so far), and `log_e_value`, the
        evidence now, for :func:`nbo.e_bh.e_bh`.

    Raises
    ------
    InputError
        If a column is missing, a customer is in two rows or arms, a metric is not known, an arm is missing, or a
        setting is out of its range.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": ["agent", "control"] * 2000, "reward": [1.0, 1.0, 1.0, 0.0] * 1000})
    >>> found = always_valid(frame, planned=4000, every=1000)
    >>> found[["customers", "difference", "low", "high"]].round(2).values.tolist()[-1]
    [4000.0, 0.5, 0.46, 0.54]
    """
    check_number(every, "every", "1 or more", lambda step: step >= 1, whole=True)
    mixture = NormalMixture(planned, level)
    rows = experiment_rows(frame, [metric, *([] if order is None else [order])], arm, unit, baseline)
    values = metric_values(rows, metric)
    moments = None if order is None else check_times(rows[order], f"frame.{order}").to_numpy()
    place = np.arange(len(rows)) if moments is None else moments.argsort(kind="stable")
    codes, names = pd.factorize(rows[arm].iloc[place], sort=True)
    parts, base = [], list(names).index(baseline)
    for code, name in enumerate(names):
        if code == base:
            continue
        chosen = np.flatnonzero((codes == code) | (codes == base))
        looks = np.arange(every, len(chosen) + every, every).clip(max=len(chosen)) - 1
        running = RunningDifference.of(values[place[chosen]], codes[chosen] == code, looks)
        table = pd.DataFrame({"arm": name, "customers": looks + 1, **_columns(running, mixture, looks + 1)})
        if order is not None and moments is not None:
            table.insert(2, order, moments[place[chosen[looks]]])
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def _columns(running: RunningDifference, mixture: NormalMixture, customers: np.ndarray) -> dict[str, np.ndarray]:
    told = running.told
    error = np.where(told, running.error, np.inf)
    half = mixture.reach(customers) * error
    evidence = np.where(told, mixture.log_e_values(running.difference / error, customers), -np.inf)
    return {
        "n": running.n,
        "mean": running.mean,
        "baseline_n": running.base_n,
        "baseline_mean": running.base_mean,
        "difference": running.difference,
        "low": np.maximum.accumulate(np.where(told, running.difference - half, -np.inf)),
        "high": np.minimum.accumulate(np.where(told, running.difference + half, np.inf)),
        "p_value": np.minimum.accumulate(np.exp(np.minimum(-evidence, 0.0))),
        "log_e_value": evidence,
    }
