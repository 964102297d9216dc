"""Which variant of a message, product or offer is best, segment by segment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_keys
from nbo.experiments.adjusted_p_values import adjusted_p_values
from nbo.experiments.always_valid import always_valid
from nbo.experiments.analyze_experiment import analyze_experiment
from nbo.experiments.experiment_rows import experiment_rows, metric_values
from nbo.numbers import check_number

__all__ = ["best_variants"]

_NUMBERS = ["n", "mean", "runner_up", "difference", "low", "high", "p_value"]


def best_variants(
    frame: Any,
    metric: str = c.REWARD,
    by: str | None = c.SEGMENT,
    *,
    any_time: bool = False,
    order: str | None = None,
    planned: float = 10_000,
    arm: str = "arm",
    unit: str = c.CUSTOMER_ID,
    level: float = 0.95,
    adjust: str = "bh",
) -> pd.DataFrame:
    """Name the winner in each segment where one is shown to be better than all others.

    The variant with the highest mean is compared with each other one. That it is the best is doubted by the
    largest of these p-values times the number of others: if another one is at least as good, one of the
    comparisons with that one must have gone wrong. The p-values of the segments are adjusted, so that of the
    winners named, at most a share 1 - level is none in expectation.

    Parameters
    ----------
    frame : DataFrame
        One row for each customer: its variant, drawn by chance, and the metric.
    metric : str, default="reward"
        Column of numbers, the more the better.
    by : str or None, default="segment"
        Column of segments, known before the experiment. None takes all customers together.
    any_time : bool, default=False
        Whether the table is looked at again and again, until there are winners: then p-values and intervals are
        those of :func:`~nbo.experiments.always_valid`.
    order : str, optional
        Column of times at which the metric was known, for `any_time`. By default rows are in order.
    planned : float, default=10000
        For `any_time`, customers of two variants in a segment at which intervals shall be narrowest.
    arm, unit : str
        Columns of the variant, and of the customer if it is there.
    level : float, default=0.95
        In (0, 1).
    adjust : {"bh", "by"}, default="bh"
        See :func:`~nbo.experiments.adjusted_p_values`.

    Returns
    -------
    DataFrame
        A row for each segment: `segment`, `winner` (missing where none is shown), `best` (the highest mean),
        `n` and `mean` of it, `runner_up` (the one that may most easily be as good), `difference`, `low` and
        `high` to that, `p_value` and `p_adjusted`; missing where a variant has fewer than two customers.

    Raises
    ------
    InputError
        If a column is missing, a customer is in several rows or variants, or a metric or segment is not known.

    Examples
    --------
    >>> rows = {"arm": ["story", "price"] * 500, "segment": ["old"] * 600 + ["new"] * 400}
    >>> frame = pd.DataFrame(rows).assign(reward=[1.0, 0.0] * 300 + [0.0, 0.0, 1.0, 1.0] * 100)
    >>> best_variants(frame)[["segment", "winner"]].fillna("none").values.tolist()
    [['new', 'none'], ['old', 'story']]
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    columns = [metric, *(name for name in (by, order) if name is not None)]
    rows = experiment_rows(frame, columns, arm, unit)
    rows = rows.assign(**{metric: metric_values(rows, metric)})
    if by is not None:
        check_keys(rows[by], f"frame.{by}")

    def against(part: pd.DataFrame, best: str) -> pd.DataFrame:
        if not any_time:
            return analyze_experiment(part, [metric], best, arm=arm, unit=unit, level=level, adjust=None)
        looks = always_valid(part, metric, best, order=order, planned=planned, arm=arm, unit=unit, level=level)
        return looks.drop_duplicates("arm", keep="last")

    variants = sorted(set(rows[arm]))
    parts = [("all", rows)] if by is None else list(rows.groupby(by, sort=True))
    table = [{"segment": segment, **_winner(part, variants, part[arm], metric, against)} for segment, part in parts]
    found = pd.DataFrame(table, columns=["segment", "best", *_NUMBERS])
    found["p_adjusted"] = adjusted_p_values(found["p_value"].to_numpy(dtype=float), adjust)
    found.insert(1, "winner", found["best"].where(found["p_adjusted"] < 1 - level))
    return found


def _winner(
    part: pd.DataFrame,
    variants: list[str],
    arms: pd.Series,
    metric: str,
    against: Callable[[pd.DataFrame, str], pd.DataFrame],
) -> dict[str, Any]:
    """Compare the variant with the highest mean with the others."""
    own = [part.loc[(arms == name).to_numpy(), metric].to_numpy() for name in variants]
    if min(map(len, own)) < 2:
        return {}
    # Of equal means the first by name.
    best = int(np.argmax([values.mean() for values in own]))
    row = {"best": variants[best], "n": len(own[best]), "mean": float(own[best].mean())}
    if len(variants) < 2:
        return row
    others = against(part, variants[best])
    # Where nothing varies, nothing is shown.
    p_values = others["p_value"].fillna(1.0).to_numpy()
    nearest = others.iloc[int(np.argmax(p_values))]
    turned = {"difference": -nearest["difference"], "low": -nearest["high"], "high": -nearest["low"]}
    return {
        **row,
        "runner_up": nearest["arm"],
        **turned,
        "p_value": min(float(p_values.max()) * len(others), 1.0),
    }
