"""What the customers of each segment are worth, and whether they are worth what it cost to win them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.rng import generator
from nbo.segments.labels.same_order import check_same_order
from nbo.times import check_duration
from nbo.value.aligned import aligned_groups, aligned_numbers
from nbo.value.cents import money, sums, whole_cents
from nbo.value.segment_bounds import CustomerWorth, per_cost, segment_bounds

__all__ = ["segment_value"]


def segment_value(
    clv: Any,
    segments: Any,
    *,
    sd: Any = None,
    current: Any = None,
    acquisition_cost: Any = None,
    horizon: Any = None,
    level: float = 0.95,
    rng: int | np.random.Generator | None = 0,
) -> pd.DataFrame:
    """Sum customer lifetime values by segment, and set them against what the customers are worth now and have cost.

    Each customer's value is rounded to whole cents, so the segments add up to all customers to the cent.

    The intervals of a segment are about one of three things, and the column `interval` names it:

    - "sd", with the standard deviation of each customer's value: what these customers will bring. Customers vary
      independently of each other, so the squares of the deviations add up. (Intervals of single customers do not: many
      bring nothing and a few bring much.)
    - "draws", with several draws of each customer's value: the quantiles of the sums of each draw, so that
      whatever the customers of a draw share, such as the parameters of a model, counts too.
    - "bootstrap" else: what other customers like these would be worth. Customers are drawn again.

    None of them knows whether the model's level is right: see ``CLVModel.level_ratios_``, and validate the model on a
    later period. Rows go by place. The sums do not depend on their order; a bootstrap interval does, by its chance.

    Parameters
    ----------
    clv : array-like of shape (n,) or (n, draws)
        Expected margin to come of each customer, money; or draws of it.
    segments : array-like of shape (n,)
        Segment of each customer, none missing.
    sd : array-like of shape (n,), optional
        Standard deviation of what each customer may bring, money, such as :func:`predicted_value` gives it.
    current : array-like of shape (n,), optional
        Value so far, such as the profit of the last year, money.
    acquisition_cost : array-like of shape (n,), optional
        What it cost to win each customer, money, 0 or more; missing where it is not known.
    horizon : str or timedelta, optional
        How far `clv` looks ahead, for the payback.
    level : float, default=0.95
        In (0, 1).
    rng : int, numpy.random.Generator or None, default=0
        For the bootstrap.

    Returns
    -------
    DataFrame
        A row for each segment, the most valuable first: ``segment``, ``n``, ``clv`` (sum) with ``clv_low`` and
        ``clv_high``, ``clv_mean``, ``clv_share`` (of all; NaN where
        that is not above 0), ``interval``; with `current` also ``current`` (sum) and
        ``potential`` (clv minus current); with `acquisition_cost` also ``cost_known`` (customers), ``acquisition_cost``
        (sum), ``clv_per_cost`` (of the customers whose cost is known) with ``ratio_low`` and ``ratio_high``; with
        `horizon` as well ``payback_days``, until the value equals the cost if it comes evenly, infinite where
        it does not within the horizon. A bootstrap interval of one customer is NaN.

    Raises
    ------
    InputError
        If a value is missing or not finite, lengths differ, Series name the same customers in different orders, a cost
        or a deviation is below 0, or an argument is not allowed.

    Examples
    --------
    >>> worth = segment_value([100.0, 50.0, 20.0], ["a", "a", "b"], acquisition_cost=[20.0, 30.0, 40.0], horizon="1D")
    >>> worth[["segment", "clv", "acquisition_cost", "clv_per_cost", "payback_days"]]
      segment    clv  acquisition_cost  clv_per_cost  payback_days
    0       a  150.0              50.0           3.0      0.333333
    1       b   20.0              40.0           0.5           inf
    """
    check_number(level, "level", "in (0, 1)", lambda value: 0 < value < 1)
    given = {"segments": segments, "sd": sd, "current": current, "acquisition_cost": acquisition_cost}
    for name, values in given.items() if isinstance(clv, pd.Series | pd.DataFrame) else ():
        check_same_order(values, clv.index, name, "clv")
    draws = _draws(clv)
    n = len(draws)
    codes, names = aligned_groups(segments, n, "segments", "clv")
    k = len(names)
    paid = np.full(n, np.nan) if acquisition_cost is None else acquisition_cost
    cost = aligned_numbers(paid, n, "acquisition_cost", "clv", missing=True, least=0)
    spread = None if sd is None else aligned_numbers(sd, n, "sd", "clv", least=0)
    worth = CustomerWorth(draws, cost, codes, k, spread)
    cents, size = whole_cents(worth.mean, "clv"), np.bincount(codes, minlength=k)
    total = sums(codes, cents, k)
    bounds, ratios, kind = segment_bounds(worth, level, generator(rng))
    table = pd.DataFrame({"segment": names, "n": size, "clv": money(total)})
    table["clv_low"], table["clv_high"] = bounds
    table["clv_mean"] = money(total) / size
    table["clv_share"] = total / total.sum() if total.sum() > 0 else np.nan
    table["interval"] = kind
    if current is not None:
        now = sums(codes, whole_cents(aligned_numbers(current, n, "current", "clv"), "current"), k)
        table["current"], table["potential"] = money(now), money(total - now)
    if acquisition_cost is not None:
        _add_costs(table, cents, cost, codes, horizon)
        table["ratio_low"], table["ratio_high"] = ratios
    return table.sort_values("clv", ascending=False, kind="stable", ignore_index=True)


def _draws(clv: Any) -> np.ndarray:
    if np.ndim(clv) == 1:
        return aligned_numbers(clv, len(clv), "clv", "clv")[:, None]
    try:
        draws = np.asarray(clv, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError("clv must hold numbers, in one column or one for each draw.") from error
    if draws.ndim != 2 or not draws.shape[1]:
        raise InputError(f"clv must have the shape (n,) or (n, draws); got {draws.shape}.")
    check_rows(~np.isfinite(draws).all(axis=1), draws.tolist(), "clv", "finite in every draw")
    return draws


def _add_costs(table: pd.DataFrame, cents: np.ndarray, cost: np.ndarray, codes: np.ndarray, horizon: Any) -> None:
    known, k = ~np.isnan(cost), len(table)
    spent = sums(codes, whole_cents(cost, "acquisition_cost"), k)
    gained = sums(codes, np.where(known, cents, 0), k)
    table["cost_known"] = np.bincount(codes, known, k).astype(np.int64)
    table["acquisition_cost"] = money(spent)
    table["clv_per_cost"] = per_cost(gained.astype(float), spent.astype(float))
    if horizon is not None:
        days = check_duration(horizon, "horizon") / pd.Timedelta("1D")
        share = np.divide(spent, gained, out=np.full(k, np.inf), where=gained > 0)
        table["payback_days"] = np.where(share <= 1, share * days, np.inf)
