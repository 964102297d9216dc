"""Whether a campaign pays, told as soon as that can be said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_numbers, check_one_of, check_rows
from nbo.errors import InputError
from nbo.experiments.always_valid import always_valid
from nbo.experiments.arm_names import HOLDOUT
from nbo.experiments.experiment_rows import experiment_rows, metric_values
from nbo.experiments.verdict import CampaignVerdict
from nbo.numbers import check_number

__all__ = ["campaign_verdict"]

_CONTINUE, _STOP, _SCALE = "continue", "stop: does not pay", "scale"
_NET = "net"


def campaign_verdict(
    frame: Any,
    value: str = c.VALUE,
    cost: str | float = c.COST,
    *,
    campaign: str | None = None,
    baseline: str = HOLDOUT,
    margin: float = 0.0,
    within: int | None = None,
    order: str | None = None,
    planned: float = 10_000,
    every: int = 1,
    arm: str = "arm",
    unit: str = c.CUSTOMER_ID,
    level: float = 0.95,
) -> CampaignVerdict:
    """Tell whether a campaign is to go on, to be stopped or to be scaled, for whoever looks after each customer.

    The net gain is what a customer in the campaign brought minus what the contact cost, minus what a customer
    of the baseline brought, who was not contacted. Its intervals hold at all times together, see
    :func:`~nbo.experiments.always_valid`. The first interval that lies below the margin stops the campaign, the
    first above it scales it; both are wrong with probability 1 - level at most, together. A campaign that
    changes nothing loses what it costs, and so is stopped in the end. Where that may take too long, `within`
    ends it.

    Parameters
    ----------
    frame : DataFrame
        One row for each customer, with its arm, once what it brought is known.
    value : str, default="value"
        Column of money that a customer brought, before the cost of the contact.
    cost : str or float, default="cost"
        Column of what the contact cost, or one amount for each customer in the campaign. In the baseline it is 0.
    campaign : str, optional
        Arm of the campaign. By default the only one beside the baseline.
    baseline : str, default="holdout"
        Arm of those who were not contacted.
    margin : float, default=0.0
        Least net gain for each customer contacted that is worth going on, in money.
    within : int, optional
        Customers in the campaign after which it is stopped if it is not shown to pay.
    order : str, optional
        Column of times at which the value was known. By default rows are in order.
    planned : float, default=10000
        Customers in both arms at which intervals shall be narrowest, chosen without looking.
    every : int, default=1
        Look after each so many customers, and after the last.
    arm, unit : str
        Columns of the arm, and of the customer if it is there.
    level : float, default=0.95
        In (0, 1).

    Returns
    -------
    CampaignVerdict

    Raises
    ------
    InputError
        If a column or an arm is missing, a customer is in two rows or arms, a number is not known, or a setting
        is out of its range.

    Examples
    --------
    Contacts cost 1, and nobody buys for them.

    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"arm": rng.choice(["campaign", "holdout"], 4000), "value": rng.normal(20, 5, 4000)})
    >>> verdict = campaign_verdict(frame, cost=1.0, planned=2000)
    >>> verdict.verdict, verdict.decided_after < 1000
    ('stop: does not pay', True)
    """
    check_number(margin, "margin", "a finite number", np.isfinite)
    if within is not None:
        check_number(within, "within", "1 or more", lambda sends: sends >= 1, whole=True)
    named = [value, *([cost] if isinstance(cost, str) else []), *([] if order is None else [order])]
    rows = experiment_rows(frame, named, arm, unit, baseline)
    campaign = _campaign(rows[arm], campaign, baseline)
    rows = rows[rows[arm].isin([campaign, baseline]).to_numpy()].reset_index(drop=True)
    sent = (rows[arm] == campaign).to_numpy()
    costs = np.where(sent, _costs(rows, cost), 0.0)
    net = rows.assign(**{_NET: metric_values(rows, value) - costs})
    looks = always_valid(
        net, _NET, baseline, order=order, planned=planned, every=every, arm=arm, unit=unit, level=level
    )
    verdict, after, reason = _verdict(looks, margin, within)
    last = looks.iloc[-1]
    return CampaignVerdict(
        verdict=verdict,
        reason=reason,
        sends=int(last["n"]),
        decided_after=after,
        net_gain=float(last["difference"]),
        low=float(last["low"]),
        high=float(last["high"]),
        cost=float(costs[sent].mean()),
        level=level,
        looks=looks.drop(columns=["arm", "log_e_value"]),
    )


def _campaign(arms: pd.Series, campaign: str | None, baseline: str) -> str:
    others = sorted(set(arms) - {baseline})
    if campaign is not None:
        return str(check_one_of(campaign, others, "campaign"))
    if len(others) > 1:
        raise InputError(f"campaign must be named where there are several arms: {', '.join(map(repr, others))}.")
    return others[0]


def _costs(rows: pd.DataFrame, cost: str | float) -> np.ndarray:
    if isinstance(cost, str):
        # Nothing was spent on those for whom no cost is known, such as the baseline.
        costs = np.nan_to_num(check_numbers(rows[cost], f"frame.{cost}"), nan=0.0)
        check_rows(~(np.isfinite(costs) & (costs >= 0)), costs, f"frame.{cost}", "0 or more")
        return costs
    check_number(cost, "cost", "0 or more", lambda amount: 0 <= amount < np.inf)
    return np.full(len(rows), float(cost))


def _verdict(looks: pd.DataFrame, margin: float, within: int | None) -> tuple[str, int | None, str]:
    """Find the first look at which something can be said."""
    above = (looks["low"] > margin).to_numpy()
    below = (looks["high"] < margin).to_numpy()
    over = np.zeros(len(looks), dtype=bool) if within is None else (looks["n"] >= within).to_numpy()
    said = above | below | over
    if not said.any():
        return _CONTINUE, None, "the interval of the net gain still holds the margin"
    first = int(said.argmax())
    after = int(looks["n"].iloc[first])
    if above[first]:
        return _SCALE, after, "the net gain is above the margin"
    if below[first]:
        return _STOP, after, "the net gain is below the margin"
    return _STOP, after, f"it is not shown to pay within {within:,} customers"
