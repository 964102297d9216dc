"""The audiences as a table: how much more they accept, how sure that is, and whether it lasts."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import special

from nbo import columns as c
from nbo.segments.audiences.lift import Lift, measure_lift
from nbo.segments.audiences.trial import Trial

__all__ = ["TYPES", "audience_row", "period_rows"]

# Columns of the table of audiences, and of that by period.
TYPES: Final[dict[str, dict[str, str]]] = {
    "frame": {
        c.OFFER_ID: "str",
        "rule": "str",
        "share": "float64",
        "n": "int64",
        "accepted": "float64",
        "rate": "float64",
        "rate_outside": "float64",
        "lift": "float64",
        "low": "float64",
        "high": "float64",
        "expected_rate": "float64",
        "expected_low": "float64",
        "expected_high": "float64",
        "e_value": "float64",
        "found_at": "datetime64[us]",
        "found_after": "int64",
        "periods": "int64",
        "periods_held": "int64",
        "stable": "bool",
    },
    "periods": {
        c.OFFER_ID: "str",
        "rule": "str",
        "period": "int64",
        "start": "datetime64[us]",
        "end": "datetime64[us]",
        "n": "int64",
        "accepted": "float64",
        "rate": "float64",
        "rate_outside": "float64",
        "lift": "float64",
        "low": "float64",
        "high": "float64",
    },
}
_PERIODS: Final = 4
# An audience that held in this share of the periods is stable.
_MOSTLY: Final = 0.75
# The belief that an audience accepts like everybody counts as many answers.
_SHRINK: Final = 25.0


def audience_row(offer: str, trial: Trial, candidate: int, found: tuple[int, int]) -> dict[str, Any]:
    """Tell of one audience what the answers say.

    Parameters
    ----------
    offer : str
    trial : Trial
        The answers to the offer.
    candidate : int
    found : (int, int)
        When it was first found: microseconds, and number of decisions seen by then.

    Returns
    -------
    dict
        With the columns of ``TYPES["frame"]``.
    """
    rows, inside = trial.rows, trial.inside(candidate)
    reward, weight, held = (rows[name].to_numpy() for name in (c.REWARD, "weight", "held"))
    lift = measure_lift(inside[held], reward[held], weight[held])
    periods = period_rows(offer, trial, candidate)
    lasted = int(np.sum([period["lift"] > 1 for period in periods]))
    return {
        c.OFFER_ID: offer,
        "rule": trial.candidates.subgroup(candidate).text,
        "share": float(weight[inside].sum() / weight.sum()),
        "n": int(inside.sum()),
        "accepted": float(reward[inside].sum()),
        "rate": lift.rate,
        "rate_outside": lift.rate_outside,
        "lift": lift.lift,
        "low": lift.low,
        "high": lift.high,
        **_expected(lift, float((weight * reward).sum() / weight.sum())),
        "e_value": float(np.exp(min(trial.log_evidence()[candidate], 700.0))),
        "found_at": _moment(found[0]),
        "found_after": found[1],
        "periods": len(periods),
        "periods_held": lasted,
        "stable": lasted >= _MOSTLY * len(periods),
    }


def period_rows(offer: str, trial: Trial, candidate: int) -> list[dict[str, Any]]:
    """Tell of one audience what the answers say in each of four periods with as many answers.

    Parameters
    ----------
    offer : str
    trial : Trial
    candidate : int

    Returns
    -------
    list of dict
        With the columns of ``TYPES["periods"]``.
    """
    rows, inside = trial.rows, trial.inside(candidate)
    order = np.argsort(rows[c.DECIDED_AT].to_numpy(), kind="stable")
    reward, weight, times = (rows[name].to_numpy() for name in (c.REWARD, "weight", c.DECIDED_AT))
    table = []
    for number, part in enumerate(np.array_split(order, _PERIODS)):
        lift = measure_lift(inside[part], reward[part], weight[part])
        table.append(
            {
                c.OFFER_ID: offer,
                "rule": trial.candidates.subgroup(candidate).text,
                "period": number + 1,
                "start": _moment(times[part].min()),
                "end": _moment(times[part].max()),
                "n": int(inside[part].sum()),
                "accepted": float(reward[part][inside[part]].sum()),
                **{name: getattr(lift, name) for name in ("rate", "rate_outside", "lift", "low", "high")},
            }
        )
    return table


def _expected(lift: Lift, everybody: float) -> dict[str, float]:
    """Draw the measured rate towards that of everybody, the more the fewer answers tell of it."""
    accepted = lift.n * (0.0 if np.isnan(lift.rate) else lift.rate) + _SHRINK * everybody
    refused = lift.n + _SHRINK - accepted
    return {
        "expected_rate": accepted / (accepted + refused),
        "expected_low": float(special.betaincinv(accepted, refused, 0.025)),
        "expected_high": float(special.betainccinv(accepted, refused, 0.025)),
    }


def _moment(microseconds: int) -> pd.Timestamp:
    lowest = np.iinfo(np.int64).min
    return pd.NaT if microseconds == lowest else pd.Timestamp(microseconds, unit="us")  # type: ignore[return-value]
