"""Whether offers are accepted as often as before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betaln

from nbo.health.answered import Answered
from nbo.health.finding import Finding
from nbo.health.start_weights import since_some_day
from nbo.wilson import wilson_interval

__all__ = ["change_evidence", "response_findings"]

# Before that many acceptances and refusals a rate has no past to change from.
_LEAST_PAST = 10.0


def change_evidence(accepted: np.ndarray, n: np.ndarray) -> np.ndarray:
    r"""Weigh for each day whether a rate has been another one from it on.

    With K of N accepted before the day, and k of n from it on, the evidence is

    .. math:: \frac{B(a + k, b + n - k)}{B(a, b)} \Big/
              \frac{B(1/2 + K + k, 1/2 + N + n - K - k)}{B(1/2 + K, 1/2 + N - K)}.

    Below stands what the past predicts, with all its uncertainty; above a rate that is new, around the old one with
    half its size as standard deviation (of the rarer side). It is the Bayes factor of a change, and an e-value for
    rates from Jeffreys' prior; for any fixed rate it is one but for the little that ten or more acceptances
    leave open [1]_.

    Parameters
    ----------
    accepted, n : ndarray of shape (n_cells, n_days)
        Acceptances, and answers, of each day.

    Returns
    -------
    ndarray of shape (n_cells, n_days)
        Natural logarithms; 0 where the past holds fewer than ten acceptances or refusals.

    References
    ----------
    .. [1] Grünwald, P., de Heide, R. and Koolen, W. (2024). Safe testing. Journal of the Royal
       Statistical Society B 86(5), 1091-1128.
    """
    past_n, past = n.cumsum(axis=1) - n, accepted.cumsum(axis=1) - accepted
    now_n, now = n.sum(axis=1, keepdims=True) - past_n, accepted.sum(axis=1, keepdims=True) - past
    rate = (past + 0.5) / (past_n + 1)
    strength = 4 * np.maximum(rate, 1 - rate) / np.minimum(rate, 1 - rate)
    a, b = strength * rate, strength * (1 - rate)
    new = betaln(a + now, b + now_n - now) - betaln(a, b)
    fails = past_n - past
    old = betaln(0.5 + past + now, 0.5 + fails + now_n - now) - betaln(0.5 + past, 0.5 + fails)
    return np.where(np.minimum(past, fails) >= _LEAST_PAST, new - old, 0.0)


def response_findings(answered: Answered) -> tuple[list[Finding], pd.DataFrame]:
    """Compare the acceptance rate of each offer and segment with its past.

    Parameters
    ----------
    answered : Answered

    Returns
    -------
    findings : list of Finding
    rates : DataFrame
        A row for each cell with answers after training: subject, since (the likeliest day of a change, or the
        first after training), n_before, rate_before, n, rate, low and high (95 %, Wilson), change and log_e.
    """
    tables = []
    for cells in answered.groups() if answered.n_days > answered.first else []:
        n = cells.by_day(answered.day, answered.n_days)
        accepted = cells.by_day(answered.day, answered.n_days, answered.accepted)
        log_e, start = since_some_day(change_evidence(accepted, n), answered.first)
        recent = np.arange(answered.n_days) >= start[:, np.newaxis]
        old = pd.DataFrame({"subject": cells.names, "since": answered.dates_of(start)})
        tables.append(
            old.assign(
                n_before=(n * ~recent).sum(axis=1),
                accepted_before=(accepted * ~recent).sum(axis=1),
                n=(n * recent).sum(axis=1),
                accepted=(accepted * recent).sum(axis=1),
                log_e=log_e,
            )
        )
    if not tables:
        return [], pd.DataFrame()
    table = pd.concat(tables, ignore_index=True)
    rates = _rates(table[table["n"] > 0].reset_index(drop=True))
    told = rates[rates["accepted_before"] >= _LEAST_PAST]
    return [_finding(row) for row in told.to_dict("records")], rates


def _rates(table: pd.DataFrame) -> pd.DataFrame:
    n = table["n"].to_numpy(dtype=float)
    low, high = wilson_interval(table["accepted"].to_numpy(), n)
    table = table.assign(
        rate_before=table["accepted_before"] / table["n_before"].where(table["n_before"] > 0),
        rate=table["accepted"] / table["n"],
        low=low,
        high=high,
    )
    return table.assign(change=table["rate"] / table["rate_before"] - 1)


def _finding(row: dict[Any, Any]) -> Finding:
    words = (
        f"{row['rate']:.2%} of {row['n']:,.0f} accepted since {row['since']:%Y-%m-%d}, "
        f"{row['rate_before']:.2%} of {row['n_before']:,.0f} before ({row['change']:+.0%})"
    )
    return Finding("response_rate", row["subject"], abs(row["change"]), words, log_e=row["log_e"])
