"""Whether as many accept as was predicted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo import columns as c
from nbo.checks import check_probabilities
from nbo.health.answered import Answered, Cells
from nbo.health.finding import Finding
from nbo.health.start_weights import since_some_day
from nbo.wilson import wilson_interval

__all__ = ["calibration_findings", "shift_evidence"]

# The odds are that many times what was predicted, under the alternatives that are bet on.
_ODDS = (1 / 2.0, 1 / 1.5, 1 / 1.25, 1.25, 1.5, 2.0)
_GROUPS = 10
# The groups by prediction are those of the first answers, for they must not follow what comes later.
_FIRST = 5_000
_NEAREST = 1e-6


def shift_evidence(
    accepted: np.ndarray, predicted: np.ndarray, cells: Cells, day: np.ndarray, n_days: int
) -> np.ndarray:
    r"""Weigh for each day whether predictions have been too high or too low from it on.

    With predictions :math:`p_i` and answers :math:`y_i` from the day on, it is the likelihood ratio

    .. math:: \frac{1}{6} \sum_{o} \prod_i \frac{o^{y_i}}{1 - p_i + p_i o},

    the average over odds :math:`o` of 1/2, 1/1.5, 1/1.25 and their inverses times the predicted ones. If each
    prediction is right given what came before, its expectation is 1 at any time [1]_.

    Parameters
    ----------
    accepted, predicted : ndarray of shape (n,)
    cells : Cells
    day : ndarray of int, shape (n,)
    n_days : int

    Returns
    -------
    ndarray of shape (n_cells, n_days)
        Natural logarithms.

    References
    ----------
    .. [1] Henzi, A. and Ziegel, J. F. (2022). Valid sequential inference on probability forecast
       performance. Biometrika 109(3), 647-663.
    """
    logs = []
    for odds in _ODDS:
        gain = accepted * np.log(odds) - np.log1p(predicted * (odds - 1))
        daily = cells.by_day(day, n_days, gain)
        logs.append(daily[:, ::-1].cumsum(axis=1)[:, ::-1])
    mixed: np.ndarray = special.logsumexp(logs, axis=0) - np.log(len(_ODDS))
    return mixed


def calibration_findings(answered: Answered) -> tuple[list[Finding], pd.DataFrame]:
    """Compare acceptances after training with the propensities that were logged, in all and by group.

    Parameters
    ----------
    answered : Answered

    Returns
    -------
    findings : list of Finding
    groups : DataFrame
        A row for all, each offer, segment, both, and tenth of predictions that has answers: subject, since (the
        likeliest day of a change, or the first after training), n, accepted, probability (mean prediction), rate,
        low and high (95 %, Wilson), ratio (accepted over predicted, less 1) and log_e.
    """
    rows = answered.rows
    if c.PROPENSITY not in rows:
        return [], pd.DataFrame()
    used = (answered.day >= answered.first) & rows[c.PROPENSITY].notna().to_numpy()
    if not used.any():
        return [], pd.DataFrame()
    predicted = check_probabilities(rows.loc[used, c.PROPENSITY], f"feedback.{c.PROPENSITY}")
    predicted = np.clip(predicted, _NEAREST, 1 - _NEAREST)
    accepted, day = answered.accepted[used], answered.day[used] - answered.first
    n_days = answered.n_days - answered.first
    tables = [_table(cells, accepted, predicted, day, n_days) for cells in [*answered.groups(used), _tenths(predicted)]]
    groups = pd.concat(tables, ignore_index=True)
    groups.insert(1, "since", answered.dates_of(answered.first + groups.pop("start").to_numpy()))
    groups = groups[groups["n"] > 0].reset_index(drop=True)
    return [_finding(row) for row in groups.to_dict("records")], groups


def _tenths(predicted: np.ndarray) -> Cells:
    first = predicted[:_FIRST]
    inner = np.unique(np.quantile(first, np.arange(1, _GROUPS) / _GROUPS))
    # Where many predictions are equal to the least, there is none below it.
    inner = inner[inner > first.min()]
    names = [f"predictions {place + 1} of {len(inner) + 1}" for place in range(len(inner) + 1)]
    return Cells(names, np.searchsorted(inner, predicted, side="right"))


def _table(cells: Cells, accepted: np.ndarray, predicted: np.ndarray, day: np.ndarray, n_days: int) -> pd.DataFrame:
    log_e, start = since_some_day(shift_evidence(accepted, predicted, cells, day, n_days), 0)
    recent = day >= start[cells.codes]
    n, yes, expected = (
        np.bincount(cells.codes[recent], None if weights is None else weights[recent], len(cells.names))
        for weights in (None, accepted, predicted)
    )
    low, high = wilson_interval(yes, n)
    rows = np.maximum(n, 1)
    return pd.DataFrame(
        {
            "subject": cells.names,
            "start": start,
            "n": n,
            "accepted": yes.astype(int),
            "probability": expected / rows,
            "rate": yes / rows,
            "low": low,
            "high": high,
            "ratio": yes / np.maximum(expected, _NEAREST) - 1,
            "log_e": log_e,
        }
    )


def _finding(row: dict[Any, Any]) -> Finding:
    words = (
        f"{row['rate']:.2%} of {row['n']:,} accepted since {row['since']:%Y-%m-%d}, "
        f"{row['probability']:.2%} were predicted ({row['ratio']:+.0%})"
    )
    return Finding("calibration", row["subject"], abs(row["ratio"]), words, log_e=row["log_e"])
