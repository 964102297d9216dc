"""The cause of an alert, what shows it, and why to act, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.alerting import alert_columns as a
from nbo.alerting.cause_model import CauseModel
from nbo.alerting.causes.find import UNKNOWN
from nbo.alerting.causes.signal import Signal

__all__ = ["held_causes", "main_causes", "reasons"]


def held_causes(signals: list[Signal], n: int) -> np.ndarray:
    """Write all causes of each customer, each between two bars, such as ``|silence|payment|``.

    Parameters
    ----------
    signals : list of Signal
    n : int
        Customers.

    Returns
    -------
    ndarray of object (str), shape (n,)
    """
    held = np.full(n, "|", dtype=object)
    for signal in signals:
        held[signal.holds] = held[signal.holds] + f"{signal.name}|"
    return np.where(held == "|", f"|{UNKNOWN}|", held)


def main_causes(signals: list[Signal], n: int, model: CauseModel | None) -> tuple[np.ndarray, np.ndarray]:
    """Say which cause weighs most for each customer, and what shows it.

    Parameters
    ----------
    signals : list of Signal
        Without a model the first one that holds counts.
    n : int
        Customers.
    model : CauseModel or None

    Returns
    -------
    causes : ndarray of object (str), shape (n,)
    evidence : ndarray of object (str), shape (n,)
        With the lift of the cause and its interval where a model tells, and the names of further causes.
    """
    holds = np.column_stack([signal.holds for signal in signals])
    lift = low = high = np.ones(holds.shape)
    if model is not None:
        lift, low, high = model.weigh(signals)
        # What surely goes with staying is no cause.
        holds &= high >= 1
    main = np.where(holds, lift, -1.0).argmax(axis=1)
    causes, evidence = np.full(n, UNKNOWN, dtype=object), np.full(n, "no known cause", dtype=object)
    for row in np.flatnonzero(holds.any(axis=1)):
        place = main[row]
        causes[row] = signals[place].name
        parts = [signals[place].evidence(row)]
        if model is not None:
            found = f"{lift[row, place]:.1f} times as fast as others ({low[row, place]:.1f} to {high[row, place]:.1f})"
            parts.append(f"such customers leave {found}")
        others = [signals[other].name for other in np.flatnonzero(holds[row]) if other != place]
        evidence[row] = "; ".join([*parts, *([f"also {', '.join(others)}"] if others else [])])
    return causes, evidence


def reasons(rows: pd.DataFrame, horizon: pd.Timedelta, guess: float | None = None) -> np.ndarray:
    """Say why to act rather than to wait.

    Parameters
    ----------
    rows : DataFrame of n alerts
    horizon : Timedelta
        Of the churn probability.
    guess : float, optional
        Share of the risk that actions are taken to remove, for nobody knows their effects.

    Returns
    -------
    ndarray of object (str), shape (n,)
    """
    guessed = "" if guess is None else f" Its effect is assumed, not measured: {guess:.0%} of the risk."
    days = horizon / pd.Timedelta("1D")
    columns = [c.CHURN_PROBABILITY, a.VALUE_AT_STAKE, a.EXPECTED_LOSS, a.ACTION, a.ACTION_GAIN, a.ACTION_COST]
    told = [
        f"Doing nothing loses {loss:,.2f} on average: a chance of {p:.1%} to leave within {days:g} days x {value:,.2f} "
        f"at stake. {action} avoids {gain:,.2f} of it for {price:,.2f}: {gain - price:,.2f} better than waiting."
        f"{guessed} Cause: {cause} ({shown})."
        for p, value, loss, action, gain, price, cause, shown in zip(
            *(rows[name].tolist() for name in (*columns, a.CAUSE, a.EVIDENCE)), strict=True
        )
    ]
    return np.array(told, dtype=object)
