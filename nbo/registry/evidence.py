"""What a verdict rests on, as plain values."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo import columns as c
from nbo.registry.case import Case
from nbo.registry.judgement import Judgement
from nbo.registry.logged import LoggedVersion

if TYPE_CHECKING:
    from nbo.ledger.verification import Verification

__all__ = ["evidence_of"]

_COMPARED = ("difference", "standard_error", "low", "high", "reserve", "n", "no_verdict")


def evidence_of(
    case: Case, judgement: Judgement | None, checks: pd.DataFrame | None, ledger: Verification | None
) -> dict[str, Any]:
    """Put together what a verdict rests on.

    Parameters
    ----------
    case : Case
    judgement : Judgement or None
        None where nothing was compared.
    checks : DataFrame or None
        Of the challenger's health.
    ledger : Verification or None

    Returns
    -------
    dict
        bar; challenger and champion, each with its estimate and overlap; comparison; decisions (how many, from
        when to when); ledger (its head and counts); health.
    """
    found = None if judgement is None else judgement.found
    return {
        "bar": dataclasses.asdict(case.bar),
        "challenger_model": _side(case.rival, found and found.challenger),
        "champion_model": None if case.holder is None else _side(case.holder, found and found.champion),
        "comparison": None if found is None else {name: getattr(found, name) for name in _COMPARED},
        "decisions": None if judgement is None else _decisions(judgement, case.window),
        "ledger": None if ledger is None else dataclasses.asdict(ledger),
        "health_checks": None if checks is None else checks.to_dict("records"),
    }


def _side(version: LoggedVersion, estimate: Any) -> dict[str, Any]:
    return {**dataclasses.asdict(version), "estimate": None if estimate is None else dataclasses.asdict(estimate)}


def _decisions(judgement: Judgement, window: str) -> dict[str, Any]:
    rows, moments = judgement.rows, judgement.rows[c.DECIDED_AT]
    return {
        "compared": len(rows),
        "customers": int(rows[c.CUSTOMER_ID].nunique()),
        "since": judgement.since,
        "first": moments.min(),
        "last": moments.max(),
        "window": window,
    }
