"""What one check has found, and how findings are judged together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd

from nbo.e_bh import e_bh
from nbo.health.limits import HealthLimit

__all__ = ["CHECK_COLUMNS", "Finding", "judged"]

CHECK_COLUMNS = ["check", "subject", "value", "limit", "state", "message"]
_STATES = ("ok", "warning", "alarm")


@dataclass(frozen=True)
class Finding:
    """What one check has found.

    Parameters
    ----------
    check : str
        One of the table of limits.
    subject : str
        Of what: a feature, an offer ...
    value : float
        Missing where there is too little to tell.
    message : str
        In words.
    p_value : float
        How often chance alone would show as much; missing where chance has no part in it.
    log_e : float
        Evidence of a sequence of looks; missing for all others.
    rings : bool, default=True
        Whether it may be an alarm; if not, it is a warning at most.
    """

    check: str
    subject: str
    value: float
    message: str
    p_value: float = nan
    log_e: float = nan
    rings: bool = True


def judged(findings: Sequence[Finding], limits: Mapping[str, HealthLimit]) -> pd.DataFrame:
    """Judge all findings of a look together.

    A value is an alarm if it is beyond its limit and more than chance: its p-value is at most the rate of false
    alarms over the number of p-values of the look, or e-BH claims it among all that have an e-value.

    Parameters
    ----------
    findings : sequence of Finding
    limits : mapping of str to HealthLimit

    Returns
    -------
    DataFrame
        check, subject, value, limit (that of an alarm), state and message; alarms first, then warnings.
    """
    p_values = np.array([finding.p_value for finding in findings])
    log_e = np.array([finding.log_e for finding in findings])
    tests, bets = np.flatnonzero(~np.isnan(p_values)), np.flatnonzero(~np.isnan(log_e))
    level = np.zeros(len(findings), dtype=int)
    for grade, name in enumerate(_STATES[1:], start=1):
        proven = np.ones(len(findings), dtype=bool)
        proven[tests] = p_values[tests] * max(len(tests), 1) <= getattr(limits["false_alarms_a_look"], name)
        proven[bets] = e_bh(log_e[bets], getattr(limits["false_alarms_ever"], name))
        for place, finding in enumerate(findings):
            limit = limits[finding.check]
            allowed = name != "alarm" or finding.rings
            if allowed and proven[place] and limit.beyond(finding.value, getattr(limit, name)):
                level[place] = grade
    rows = [
        (f.check, f.subject, f.value, limits[f.check].alarm, _STATES[grade], f.message)
        for f, grade in zip(findings, level, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=CHECK_COLUMNS).astype({"value": float, "limit": float})
    return frame.iloc[np.argsort(-level, kind="stable")].reset_index(drop=True)
