"""A program in a few numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.reports.answers import MICRO, read_answers
from nbo.reports.tally import design_effects, tally
from nbo.wilson import wilson_interval

__all__ = ["overview"]


def overview(decided: pd.DataFrame, level: float) -> pd.DataFrame:
    """Sum up decisions in a few numbers.

    Parameters
    ----------
    decided : DataFrame
        Decisions; without an answer yet the reward is missing.
    level : float
        Of the interval of the rate, in (0, 1).

    Returns
    -------
    DataFrame
        One row per measure: measure, value, low and high (missing where it is a plain count).
    """
    none = (decided[c.OFFER_ID] == c.NO_OFFER).to_numpy(dtype=bool)
    answered = decided[c.REWARD].notna().to_numpy()
    offered = read_answers(decided[answered & ~none], [])
    gain = read_answers(decided[answered], [])
    counts = {
        "decisions": len(decided),
        "customers": decided[c.CUSTOMER_ID].nunique(),
        "offers made": int((~none).sum()),
        "decisions to make no offer": int(none.sum()),
        "offers answered": len(offered),
        "answers still open": int((~answered).sum()),
        "accepted": int(offered["accepted"].sum()),
    }
    rows = [(name, float(value), np.nan, np.nan) for name, value in counts.items()]
    if len(offered):
        rows.append(("acceptance rate", *_rate(offered, level)))
    if "gain" in gain:
        total = gain["gain"].sum() / MICRO
        rows.append(("value", total, np.nan, np.nan))
        if len(gain):
            rows.append(("value per decision", total / len(gain), np.nan, np.nan))
    return pd.DataFrame(rows, columns=["measure", "value", "low", "high"])


def _rate(offered: pd.DataFrame, level: float) -> tuple[float, float, float]:
    counted = tally(offered.assign(of="all"), ["of"])
    effect = design_effects(counted, counted["of"])
    n, accepted = counted["n"].to_numpy(), counted["accepted"].to_numpy()
    low, high = wilson_interval(accepted / effect, n / effect, level)
    return float(accepted[0] / n[0]), float(low[0]), float(high[0])
