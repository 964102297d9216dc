"""What can be done to keep a customer, and which of it is best."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.alerting import alert_columns as a
from nbo.alerting.matching import rows_of
from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_rows
from nbo.errors import InputError

__all__ = ["best_actions", "read_actions"]

_EFFECTS = (a.CHURN_REDUCTION, a.RELATIVE_REDUCTION)
# Of a price; a net gain no larger than this is the error of floating point.
_ROUNDING: Final = 1e-9


def read_actions(actions: Any) -> pd.DataFrame:
    """Take actions with their effects and costs.

    Parameters
    ----------
    actions : DataFrame
        See :func:`nbo.alerts`.

    Returns
    -------
    DataFrame
        action, cost, churn_reduction and relative_reduction (one of them missing), cause (empty for any),
        campaign, and customer_id if it was there.

    Raises
    ------
    InputError
        If a column is missing, an effect or cost is not allowed, or an action stands twice for one customer or cause.
    """
    rows = check_frame(actions, "actions").reset_index(drop=True)
    check_columns(rows, [a.ACTION, c.COST], "actions")
    if not set(_EFFECTS) & set(rows.columns):
        raise InputError(
            f"actions must have a column {_EFFECTS[0]!r} or {_EFFECTS[1]!r}, what each does against leaving."
        )
    check_keys(rows[a.ACTION], "actions.action")
    cost = check_numbers(rows[c.COST], "actions.cost")
    check_rows(~(cost >= 0), cost, "actions.cost", "0 or more")
    columns: dict[str, Any] = {a.ACTION: rows[a.ACTION].astype("str"), c.COST: cost}
    for name in _EFFECTS:
        effect = check_numbers(rows[name], f"actions.{name}") if name in rows else np.full(len(rows), np.nan)
        check_rows((effect < -1) | (effect > 1), effect, f"actions.{name}", "in [-1, 1]")
        columns[name] = effect
    known = np.column_stack([~np.isnan(columns[name]) for name in _EFFECTS]).sum(axis=1)
    check_rows(known != 1, known, "effects of an action", f"one of {' and '.join(_EFFECTS)} in each row")
    columns[a.CAUSE] = _texts(rows, a.CAUSE, pd.Series("", index=rows.index))
    columns[a.CAMPAIGN] = _texts(rows, a.CAMPAIGN, columns[a.ACTION])
    keys = [a.ACTION, a.CAUSE]
    if c.CUSTOMER_ID in rows:
        check_keys(rows[c.CUSTOMER_ID], "actions.customer_id")
        columns[c.CUSTOMER_ID], keys = rows[c.CUSTOMER_ID], [c.CUSTOMER_ID, *keys]
    found = pd.DataFrame(columns)
    check_rows(found.duplicated(keys).to_numpy(), found[a.ACTION], "actions", f"there once for each {', '.join(keys)}")
    return found


def _texts(rows: pd.DataFrame, name: str, default: pd.Series) -> pd.Series:
    return rows[name].astype("str").where(rows[name].notna(), default) if name in rows else default


def best_actions(
    risk: pd.DataFrame, causes: np.ndarray, actions: pd.DataFrame, cost: float, share: float = 1.0
) -> pd.DataFrame:
    """Choose for each customer what gains most over doing nothing, after its cost.

    Parameters
    ----------
    risk : DataFrame of n rows
        customer_id, churn_probability and value_at_stake.
    causes : ndarray of object (str), shape (n,)
        Causes that hold for each customer, each between two bars, such as ``|silence|payment|``.
    actions : DataFrame
        As :func:`read_actions` gives them.
    cost : float
        Of handling an alert, whatever is done.
    share : float, default=1.0
        For `worth`, in (0, 1].

    Returns
    -------
    DataFrame of n rows
        action, campaign, action_gain (loss avoided, money), action_cost, net_gain, and `worth`: whether any action
        avoids something, and at least this share of what it costs. Where no action may be taken, the action is
        empty, the net gain is -inf, and it is not known whether any would be worth it: NaN.
    """
    n = len(risk)
    p, value = risk[c.CHURN_PROBABILITY].to_numpy(), risk[a.VALUE_AT_STAKE].to_numpy()
    best = {name: np.full(n, "", dtype=object) for name in (a.ACTION, a.CAMPAIGN)}
    gain, spent, net, worth = np.zeros(n), np.zeros(n), np.full(n, -np.inf), np.full(n, np.nan)
    for action, rows in actions.groupby([a.ACTION, a.CAUSE], sort=True):
        terms, there = _terms(rows, risk, causes, str(action[1]))
        reduction = np.where(np.isnan(terms[0]), terms[1] * p, np.minimum(terms[0], p))
        saved, price = reduction * value, terms[2] + cost
        told = there & ~np.isnan(saved)
        here = told & (value > 0)
        left = saved - price
        # What remains of a break-even is rounding, and no reason to act.
        left = np.where(np.abs(left) <= _ROUNDING * price, 0.0, left)
        better = here & (left > net)
        gain, spent, net = (np.where(better, new, old) for new, old in ((saved, gain), (price, spent), (left, net)))
        for name in best:
            best[name][better] = rows[name].to_numpy(dtype=object)[terms[3][better].astype(int)]
        worth = np.where(told, np.fmax(worth, (saved > 0) & (saved >= share * price)), worth)
    return pd.DataFrame(
        {**best, a.ACTION_GAIN: gain, a.ACTION_COST: spent, a.NET_GAIN: net, "worth": worth}, index=risk.index
    )


def _terms(rows: pd.DataFrame, risk: pd.DataFrame, causes: np.ndarray, cause: str) -> tuple[np.ndarray, np.ndarray]:
    """Give effects, cost and row of one action for each customer, and who may get it."""
    n = len(risk)
    place = np.zeros(n, dtype=int)
    if c.CUSTOMER_ID in rows:
        place = rows_of(risk[c.CUSTOMER_ID], rows[c.CUSTOMER_ID], "actions.customer_id")
    there = place >= 0
    if cause:
        codes, different = pd.factorize(causes)
        there = there & np.array([f"|{cause}|" in held for held in different], dtype=bool)[codes]
    numbers = rows[[*_EFFECTS, c.COST]].to_numpy(dtype=float)[place]
    return np.vstack([numbers.T, place]), there
