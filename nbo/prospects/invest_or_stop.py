"""Which leads and opportunities deserve more money, and which not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_probabilities, check_rows
from nbo.numbers import check_number
from nbo.prospects.investment import Investment
from nbo.prospects.probability_interval import probability_interval

__all__ = ["invest_or_stop"]

_KEYS = (c.OPPORTUNITY_ID, c.CUSTOMER_ID, c.ACCOUNT_ID)
_SURE = "pays, at the low end of the interval too"
_PAYS = "pays as expected, not at the low end of the interval"
_BUDGET = "pays, but the budget goes to better ones"
_MAY = "does not pay as expected, but may"
_NOT = "does not pay, at the high end of the interval either"
# Without an interval.
_PAYS_ALONE = "pays as expected; how sure that is is not known"
_NOT_ALONE = "does not pay as expected; how sure that is is not known"
_DECISIONS = {
    _SURE: "invest",
    _PAYS: "invest",
    _PAYS_ALONE: "invest",
    _BUDGET: "wait",
    _MAY: "wait",
    _NOT: "stop",
    _NOT_ALONE: "stop",
}


def invest_or_stop(
    scores: Any,
    value: str | float = c.VALUE,
    cost: str | float = c.COST,
    *,
    budget: float | None = None,
    level: float = 0.9,
    propensity: str = c.PROPENSITY,
    without: str | None = None,
    later: Any = None,
    won: str | None = None,
) -> Investment:
    """Tell which leads or opportunities to invest in, which can wait and which to stop.

    Spending `cost` raises the probability to win from `without` (0 if not given: nothing comes by itself) to
    `propensity`. So it gains that difference times the value, and leaves the gain minus the cost as profit. Money goes
    down the rank of gain per cost, as long as profit is expected and the budget lasts; what no longer fits is passed
    over for the next that does. Taking the best gain per cost first gives the highest profit of a budget, but for
    the last bit of it [1]_.

    Parameters
    ----------
    scores : DataFrame of n rows
        One row for each lead or opportunity, with its probability to be won.
    value : str or float, default="value"
        Money that a win brings, before the cost of winning: a column, or one amount for all.
    cost : str or float, default="cost"
        Money that it takes from here on: a column, or one amount. What was spent before does not count.
    budget : float, optional
        Most money to spend. By default as much as pays.
    level : float, default=0.9
        Of the interval of each probability, from `later`; in (0, 1).
    propensity : str, default="propensity"
        Column of the probability to be won if the money is spent.
    without : str, optional
        Column of the probability to be won if not.
    later : DataFrame, optional
        Rows that the model was not trained on, with the columns `propensity` and ``won`` (1 or 0): they tell how far
        probabilities may be off, see :func:`probability_interval`. By default the columns ``low`` and ``high`` of
        `scores` tell, or, where they are not there, the probabilities are taken as they are, and the reasons say so.
    won : str, optional
        For a look back: column of what came of each row, 1 or 0. The curve then also has what was realized.

    Returns
    -------
    Investment

    Raises
    ------
    InputError
        If a column is missing, a probability is not in [0, 1], a value or cost is missing or below 0, or a setting is
        out of its range.

    References
    ----------
    .. [1] Dantzig, G. B. (1957). Discrete-variable extremum problems. Operations Research 5(2), 266-277.

    Examples
    --------
    >>> scores = pd.DataFrame({"propensity": [0.5, 0.4, 0.1], "amount": [100.0, 500.0, 200.0]})
    >>> found = invest_or_stop(scores, "amount", 30.0, budget=40.0)
    >>> found.rows[["profit", "rank", "decision"]].values.tolist()
    [[20.0, 2, 'wait'], [170.0, 1, 'invest'], [-10.0, 3, 'stop']]
    >>> found.curve["profit"].tolist(), found.peak
    ([0.0, 170.0, 190.0, 180.0], 2)
    """
    frame = check_frame(scores, "scores").reset_index(drop=True)
    if budget is not None:
        check_number(budget, "budget", "0 or more", lambda money: money >= 0)
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    check_columns(frame, [name for name in (propensity, without, won) if name is not None], "scores")
    p = check_probabilities(frame[propensity], f"scores.{propensity}")
    by_itself = np.zeros(len(p)) if without is None else check_probabilities(frame[without], f"scores.{without}")
    low, high = _bounds(frame, p, propensity, later, level)
    rows = frame.assign(**{c.VALUE: _money(frame, value, c.VALUE), c.COST: _money(frame, cost, c.COST)})
    rows = _with_profit(rows, p - by_itself, low - by_itself, high - by_itself)
    rows = _with_decisions(rows, budget)
    curve = _curve(rows, won)
    chosen = rows["decision"] == "invest"
    return Investment(
        rows=rows,
        curve=curve,
        summary=_summary(rows),
        peak=int(curve["profit"].argmax()),
        budget=budget,
        spent=math.fsum(rows[c.COST][chosen]),
        profit=math.fsum(rows["profit"][chosen]),
        level=level,
    )


def _money(frame: pd.DataFrame, given: str | float, what: str) -> np.ndarray:
    if not isinstance(given, str):
        return np.full(len(frame), float(check_number(given, what, "0 or more", lambda money: 0 <= money < np.inf)))
    check_columns(frame, [given], "scores")
    money = check_numbers(frame[given], f"scores.{given}")
    check_rows(~((money >= 0) & np.isfinite(money)), money, f"scores.{given}", "money, 0 or more, in every row")
    return money


def _bounds(
    frame: pd.DataFrame, p: np.ndarray, propensity: str, later: Any, level: float
) -> tuple[np.ndarray, np.ndarray]:
    if later is not None:
        rows = check_frame(later, "later")
        check_columns(rows, [propensity, c.WON], "later")
        return probability_interval(rows[c.WON], rows[propensity], p, level)
    if not {"low", "high"} <= set(frame.columns):
        return p, p
    low, high = (check_probabilities(frame[name], f"scores.{name}") for name in ("low", "high"))
    check_rows(low > high, low, "scores.low", "at most scores.high")
    return low, high


def _with_profit(rows: pd.DataFrame, more: np.ndarray, low: np.ndarray, high: np.ndarray) -> pd.DataFrame:
    value, cost = rows[c.VALUE].to_numpy(), rows[c.COST].to_numpy()
    gain = more * value
    with np.errstate(divide="ignore", invalid="ignore"):
        # What costs nothing is worth it if it gains anything.
        per_cost = [np.where(cost > 0, each / cost, np.where(each > 0, np.inf, 0.0)) for each in (more, gain)]
    return rows.assign(
        p_gain=more,
        gain=gain,
        profit=gain - cost,
        low=low * value - cost,
        high=high * value - cost,
        p_gain_per_cost=per_cost[0],
        gain_per_cost=per_cost[1],
    )


def _with_decisions(rows: pd.DataFrame, budget: float | None) -> pd.DataFrame:
    key = next((name for name in _KEYS if name in rows.columns), None)
    codes = np.arange(len(rows)) if key is None else pd.factorize(rows[key], sort=True)[0]
    order = np.lexsort((codes, -rows["profit"], -rows["gain_per_cost"]))
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order] = np.arange(1, len(rows) + 1)
    pays = (rows["profit"] > 0).to_numpy()
    taken = pays if budget is None else _within(rows[c.COST].to_numpy(), order[pays[order]], budget)
    sure, may = (rows["low"] > 0).to_numpy(), (rows["high"] > 0).to_numpy()
    alone = (rows["low"] == rows["high"]).to_numpy()
    conditions = [taken & alone, taken & sure, taken, pays, alone, may]
    reasons = [_PAYS_ALONE, _SURE, _PAYS, _BUDGET, _NOT_ALONE, _MAY, _NOT]
    # By number, for a million texts take long to compare.
    place = np.select(conditions, range(6), 6)
    decisions = [_DECISIONS[reason] for reason in reasons]
    decision, reason = (pd.Index(texts, dtype="str").take(place) for texts in (decisions, reasons))
    return rows.assign(rank=rank, decision=decision, reason=reason)


def _within(cost: np.ndarray, order: np.ndarray, budget: float) -> np.ndarray:
    """Mark what the budget pays for, down the order; what no longer fits is passed over."""
    taken, left = np.zeros(len(cost), dtype=bool), budget
    while len(order):
        spent = np.cumsum(cost[order])
        # Up to a millionth of a cent is rounding.
        n = int(np.searchsorted(spent, left + 1e-8, side="right"))
        taken[order[:n]] = True
        left -= spent[n - 1] if n else 0.0
        order = order[n + 1 :]
        order = order[cost[order] <= left + 1e-8]
    return taken


def _curve(rows: pd.DataFrame, won: str | None) -> pd.DataFrame:
    order = np.argsort(rows["rank"].to_numpy())
    curve = pd.DataFrame({"n": np.arange(len(rows) + 1), "share": np.arange(len(rows) + 1) / max(len(rows), 1)})
    for name in (c.COST, "gain", "profit", "low", "high"):
        curve[name] = np.append(0.0, rows[name].to_numpy()[order].cumsum())
    if won is not None:
        came = check_probabilities(rows[won], f"scores.{won}") * rows[c.VALUE].to_numpy() - rows[c.COST].to_numpy()
        curve["realized"] = np.append(0.0, came[order].cumsum())
    return curve


def _summary(rows: pd.DataFrame) -> pd.DataFrame:
    found = []
    for reason, decision in _DECISIONS.items():
        own = rows[rows["reason"] == reason]
        if len(own):
            found.append((decision, reason, len(own), *(math.fsum(own[name]) for name in (c.COST, "gain", "profit"))))
    return pd.DataFrame(found, columns=["decision", "reason", "n", c.COST, "gain", "profit"])
