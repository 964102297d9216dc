"""What the arms of an experiment changed: each metric, each segment, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_keys, check_one_of
from nbo.errors import InputError
from nbo.experiments.adjusted_p_values import adjusted_p_values
from nbo.experiments.arm_names import CONTROL
from nbo.experiments.effect import Effect
from nbo.experiments.experiment_rows import experiment_rows
from nbo.experiments.mean_difference import mean_difference
from nbo.experiments.metric import Metric
from nbo.experiments.rate_difference import rate_difference
from nbo.numbers import check_number

__all__ = ["analyze_experiment"]

# Of the row that counts all segments.
_ALL = "all"


def analyze_experiment(
    frame: Any,
    metrics: Sequence[str] | Mapping[str, str | tuple[str, str]] = (c.REWARD,),
    baseline: str = CONTROL,
    *,
    by: str | None = None,
    covariates: Sequence[str] | Mapping[str, Sequence[str]] = (),
    arm: str = "arm",
    unit: str = c.CUSTOMER_ID,
    level: float = 0.95,
    adjust: str | None = "bh",
    look: int | None = None,
) -> pd.DataFrame:
    r"""Report by how much each arm differs from a baseline, in each metric and segment.

    Metrics of 0 and 1 are compared as rates, with Newcombe's interval; others as means, with Welch's. A metric
    may be a ratio of two sums, such as revenue per decision: the delta method, with customers as the units.
    What was known of customers before the experiment may be taken out (CUPED), which narrows the intervals.

    Parameters
    ----------
    frame : DataFrame
        One row for each customer, as :func:`~nbo.experiments.customer_totals` makes it: the arm, the metrics,
        and what else is named. Customers in the arm "outside" do not count.
    metrics : sequence of str or mapping, default=("reward",)
        Columns of numbers; or names with a column each, or with a numerator and a denominator for a ratio.
    baseline : str, default="control"
        Arm to compare with.
    by : str, optional
        Column of segments, each of which is reported too. They must have been known before the experiment.
    covariates : sequence of str or mapping, optional
        Columns known before the experiment, for all metrics or by the name of the metric. They may be missing.
    arm, unit : str
        Columns of the arm, and of the customer if it is there.
    level : float, default=0.95
        How often an interval shall hold the true difference, in (0, 1).
    adjust : {"bh", "by"} or None, default="bh"
        Adjustment of the p-values to their number, see :func:`~nbo.experiments.adjusted_p_values`.
    look : int, optional
        How often the report is looked at with this time, if it is again and again: 1, 2, ... Then intervals and
        p-values hold for all looks together, however these depend on each other: of the error, look k spends
        the share :math:`6 / (\pi k)^2`. Meant for customers who stay, and whose metrics grow; where each counts
        once, :func:`~nbo.experiments.always_valid` is sharper.

    Returns
    -------
    DataFrame
        A row for each metric, segment ("all" first) and other arm: `metric`, `segment`, `arm`, `n`, `mean`,
        `baseline_n`, `baseline_mean`, `difference`, `standard_error`, `low`, `high`, `relative_difference`,
        `relative_low`, `relative_high` (shares of the baseline mean), `p_value`, `p_adjusted`,
        `variance_removed` (share of the variance that covariates explained, beyond what as many useless ones
        would; may be below 0) and `method`. Means are those after covariates. Where an arm has fewer than two
        customers in a segment, or nothing varies, intervals are NaN.

    Raises
    ------
    InputError
        If a column or the baseline is missing, a customer is in several rows or arms, a metric or a segment is not
        known, or an arm has fewer than two customers.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": ["agent"] * 70 + ["control"] * 80,
    ...                       "reward": [1.0] * 56 + [0.0] * 14 + [1.0] * 48 + [0.0] * 32})
    >>> found = analyze_experiment(frame)
    >>> found[["difference", "low", "high", "relative_difference"]].round(3).values.tolist()
    [[0.2, 0.052, 0.334, 0.333]]
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    check_one_of(adjust, ("bh", "by", None), "adjust")
    over = _over_looks(look)
    wanted = _metrics(metrics, covariates)
    columns = [name for metric in wanted for name in metric.columns]
    rows = experiment_rows(frame, [*columns, *([] if by is None else [by])], arm, unit, baseline)
    codes, names = pd.factorize(rows[arm], sort=True)
    table = []
    parts = _parts(rows, by)
    for metric in wanted:
        read = metric.read(rows)
        for segment, part in parts:
            own = codes[part]
            values, removed = read.values(part, own)
            base = values[own == list(names).index(baseline)]
            for code in np.unique(own):
                name = names[code]
                if name == baseline:
                    continue
                effect = _effect(values[own == code], base, read.plain, 1 - (1 - level) / over)
                table.append(_row(metric.name, segment, name, effect, removed, read.method))
    report = pd.DataFrame(table)
    report["p_value"] = (over * report["p_value"]).clip(upper=1.0)
    if adjust is not None:
        report["p_adjusted"] = adjusted_p_values(report["p_value"].to_numpy(), adjust)
    return report


def _metrics(
    metrics: Sequence[str] | Mapping[str, str | tuple[str, str]],
    covariates: Sequence[str] | Mapping[str, Sequence[str]],
) -> list[Metric]:
    if isinstance(metrics, str) or isinstance(covariates, str):
        raise TypeError("metrics and covariates must be lists or mappings of column names; got one text.")
    named = dict(metrics) if isinstance(metrics, Mapping) else {name: name for name in metrics}
    if not named:
        raise InputError("metrics must name at least one column; got none.")
    if isinstance(covariates, Mapping):
        for name in covariates:
            check_one_of(name, sorted(named), "covariates")
        return [Metric.of(name, given, covariates.get(name, ())) for name, given in named.items()]
    return [Metric.of(name, given, covariates) for name, given in named.items()]


def _over_looks(look: int | None) -> float:
    """Give by how much errors are divided at this look, so that those of all looks add up to what is asked."""
    if look is None:
        return 1.0
    check_number(look, "look", "1 or more", lambda number: number >= 1, whole=True)
    return float(np.pi * look) ** 2 / 6


def _parts(rows: pd.DataFrame, by: str | None) -> list[tuple[str, np.ndarray]]:
    """Name the rows that are reported together."""
    everybody = np.arange(len(rows))
    if by is None:
        return [(_ALL, everybody)]
    check_keys(rows[by], f"frame.{by}")
    codes, names = pd.factorize(rows[by], sort=True)
    if _ALL in names:
        raise InputError(f"frame.{by} must not have a segment {_ALL!r}: so the row is called that counts all of them.")
    return [(_ALL, everybody), *((name, np.flatnonzero(codes == code)) for code, name in enumerate(names))]


def _effect(values: np.ndarray, base: np.ndarray, plain: bool, level: float) -> Effect:
    if plain:
        return rate_difference(int(values.sum()), len(values), int(base.sum()), len(base), level)
    return mean_difference(values, base, level)


def _row(metric: str, segment: str, arm: str, effect: Effect, removed: float, method: str) -> dict[str, Any]:
    return {
        "metric": metric,
        "segment": segment,
        "arm": arm,
        "n": effect.n,
        "mean": effect.mean,
        "baseline_n": effect.base_n,
        "baseline_mean": effect.base_mean,
        "difference": effect.difference,
        "standard_error": effect.standard_error,
        "low": effect.low,
        "high": effect.high,
        "relative_difference": effect.relative_difference,
        "relative_low": effect.relative_low,
        "relative_high": effect.relative_high,
        "p_value": effect.p_value,
        "p_adjusted": np.nan,
        "variance_removed": removed,
        "method": method,
    }
