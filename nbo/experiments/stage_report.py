"""What the stages of a rollout have shown so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_rows
from nbo.errors import InputError
from nbo.experiments.arm_names import AGENT, BUSINESS_AS_USUAL

__all__ = ["stage_report"]

_COLUMNS = ["stage", "metric", "difference", "standard_error", "days", "treated"]


def stage_report(
    outcomes: pd.DataFrame,
    metrics: Sequence[str],
    days: Sequence[int],
    treatment: str = AGENT,
    control: str = BUSINESS_AS_USUAL,
) -> pd.DataFrame:
    r"""Compare the treated of a rollout with those who wait, as :func:`~nbo.experiments.decide_stage` asks.

    Within each stage j the means are compared, and the differences are weighed by :math:`1 / (1 / n_{1j} + 1 /
    n_{0j})`. So what changes over time is no effect, although later stages have more treated. Customers are the units
    of the standard error: who is in several stages, or has several outcomes, counts once.

    Parameters
    ----------
    outcomes : DataFrame of shape (n, any)
        A row for each outcome: `customer_id`, `stage` (from 1), `arm` and the metrics. Rows of other arms, and
        those without a metric's value, are left out of it.
    metrics : sequence of str
        Columns of numbers.
    days : sequence of int
        How many days each stage so far has run.
    treatment : str, default="agent"
        Arm of the change.
    control : str, default="business_as_usual"
        Arm of those who wait.

    Returns
    -------
    DataFrame
        A row for each stage and metric: `stage`, `metric`, `difference` (treated minus control) and `standard_error`
        of all stages so far, NaN as long as none has two of each arm; `days` and `treated` (outcomes) of the stage.

    Raises
    ------
    InputError
        If a column or a key is missing, a metric is not a finite number, or a stage has no days.

    Examples
    --------
    >>> outcomes = pd.DataFrame({"customer_id": range(8), "stage": 1, "arm": ["agent", "business_as_usual"] * 4,
    ...                          "margin": [3.0, 1.0, 5.0, 2.0, 4.0, 0.0, 4.0, 1.0]})
    >>> stage_report(outcomes, ["margin"], days=[7]).round(3).values.tolist()
    [[1, 'margin', 3.0, 0.577, 7, 4]]
    """
    frame = check_frame(outcomes, "outcomes").reset_index(drop=True)
    check_columns(frame, [c.CUSTOMER_ID, "stage", "arm", *metrics], "outcomes")
    for key in (c.CUSTOMER_ID, "arm"):
        check_keys(frame[key], f"outcomes.{key}")
    stages = check_numbers(frame["stage"], "outcomes.stage")
    allowed = f"a stage that has days, 1 to {len(days)}"
    check_rows(~np.isin(stages, range(1, len(days) + 1)), stages, "outcomes.stage", allowed)
    if not len(metrics):
        raise InputError("metrics must name at least one column; got none.")
    used = frame["arm"].isin([treatment, control]).to_numpy()
    customers, _ = pd.factorize(frame.loc[used, c.CUSTOMER_ID])
    treated = (frame.loc[used, "arm"] == treatment).to_numpy()
    table: list[tuple[Any, ...]] = []
    for metric in metrics:
        values = check_numbers(frame[metric], f"outcomes.{metric}")
        check_rows(np.isinf(values), values, f"outcomes.{metric}", "finite")
        table += _of_metric(metric, values[used], stages[used], treated, customers, days)
    return pd.DataFrame(table, columns=_COLUMNS).sort_values("stage", kind="stable", ignore_index=True)


def _of_metric(
    metric: str, values: np.ndarray, stages: np.ndarray, treated: np.ndarray, customers: np.ndarray, days: Sequence[int]
) -> list[tuple[Any, ...]]:
    known = ~np.isnan(values)
    values, stages, treated, customers = (x[known] for x in (values, stages, treated, customers))
    # Sums so far: of the weights, of the weighted differences, and of what each customer adds to their error.
    weight, difference, own = 0.0, 0.0, np.zeros(customers.max(initial=-1) + 1)
    rows: list[tuple[Any, ...]] = []
    for stage in range(1, len(days) + 1):
        of = [np.flatnonzero((stages == stage) & (treated == arm)) for arm in (True, False)]
        n = [len(part) for part in of]
        if min(n) >= 2:
            mine = n[0] * n[1] / (n[0] + n[1])
            weight += mine
            for part, sign in zip(of, (1.0, -1.0), strict=True):
                mean = values[part].mean()
                difference += sign * mine * mean
                # n - 1, for the mean is estimated too.
                off = sign * mine * (values[part] - mean) / (len(part) * (len(part) - 1)) ** 0.5
                own += np.bincount(customers[part], off, len(own))
        error = float(np.sqrt((own**2).sum()) / weight) if weight else np.nan
        rows.append((stage, metric, difference / weight if weight else np.nan, error, days[stage - 1], n[0]))
    return rows
