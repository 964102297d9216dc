"""Whether a challenger is fit to decide, whatever the comparison says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.health import check_health
from nbo.next_best_offer import NextBestOffer
from nbo.registry.comparison import features_at
from nbo.tables import CustomerTables

__all__ = ["ALARM", "challenger_health", "own_check", "worst_state"]

ALARM = "alarm"
_STATES = ("ok", "warning", ALARM)


def challenger_health(
    challenger: NextBestOffer,
    champion: NextBestOffer | None,
    rows: pd.DataFrame | None = None,
    tables: CustomerTables | None = None,
    as_of: pd.Timestamp | None = None,
    limits: Mapping[str, tuple[float, float]] | None = None,
    checked: Sequence[Mapping[str, Any]] = (),
) -> pd.DataFrame:
    """Check a challenger that could be loaded.

    Parameters
    ----------
    challenger : NextBestOffer
    champion : NextBestOffer, optional
        Whose catalog the challenger is to cover.
    rows : DataFrame of shape (n, any), optional
        All decisions whose answers are known, for response rates; with `tables` also for the calibration of the
        challenger's own propensities on those made after its training.
    tables : CustomerTables, optional
        For the drift of features and predictions since its training.
    as_of : Timestamp, optional
        The moment of the look. Without it there is no more than the check of the catalog.
    limits : mapping of str to (float, float), optional
        Check -> (warning, alarm), as for :func:`nbo.health.check_health`.
    checked : sequence of mapping, optional
        What was checked before, as of :func:`own_check`.

    Returns
    -------
    DataFrame
        check, subject, value, limit, state ("ok", "warning" or "alarm") and message.
    """
    checks = pd.DataFrame([*checked, own_check("loads", "its files", "all files are as they were logged")])
    if champion is not None:
        checks = pd.concat([checks, _offers(challenger, champion)], ignore_index=True)
    if as_of is None:
        return checks
    # Rewards of other kinds are no acceptances.
    told = rows is not None and len(rows) > 0 and c.REWARD in rows and rows[c.REWARD].isin([0, 1]).all()
    answers = _asked(challenger, rows, tables) if rows is not None and told else None
    report = check_health(challenger, tables=tables, feedback=answers, as_of=as_of, limits=limits)
    return pd.concat([checks, report.checks], ignore_index=True)


def own_check(check: str, subject: str, message: str, value: float = 0.0, state: str = "ok") -> dict[str, Any]:
    """State a check of the registry in the form of the others.

    Parameters
    ----------
    check, subject, message : str
    value : float, default=0.0
    state : {"ok", "warning", "alarm"}, default="ok"

    Returns
    -------
    dict
    """
    return {"check": check, "subject": subject, "value": value, "limit": 0.0, "state": state, "message": message}


def worst_state(checks: pd.DataFrame | None) -> str:
    """Give the worst state of some checks.

    Parameters
    ----------
    checks : DataFrame, optional

    Returns
    -------
    str
        "ok", "warning", "alarm", or "not checked" where there are none.
    """
    return "not checked" if checks is None else max(checks["state"], key=_STATES.index, default="ok")


def _offers(challenger: NextBestOffer, champion: NextBestOffer) -> pd.DataFrame:
    known = set(challenger.catalog.offer_ids)
    missing = [offer for offer in champion.catalog.offer_ids if offer not in known]
    message = "it makes all offers of the champion"
    if missing:
        message = f"it does not make {len(missing)} of the champion's offers, first {missing[0]}"
    return pd.DataFrame(
        [own_check("offers", "its catalog", message, float(len(missing)), "warning" if missing else "ok")]
    )


def _asked(challenger: NextBestOffer, rows: pd.DataFrame, tables: CustomerTables | None) -> pd.DataFrame:
    """Put the challenger's propensities in the place of those of the model that decided."""
    made = rows[rows[c.OFFER_ID].isin(challenger.catalog.offer_ids)].reset_index(drop=True)
    if c.SEGMENT_SCHEME in made and made[c.SEGMENT_SCHEME].nunique(dropna=False) > 1:
        # A name means other customers in each scheme.
        made = made.drop(columns=c.SEGMENT, errors="ignore")
    later = (made[c.DECIDED_AT] >= challenger.as_of_).to_numpy()
    if tables is None or not later.any():
        return made.drop(columns=c.PROPENSITY, errors="ignore")
    first = {offer.offer_id: next(iter(offer.channels), None) for offer in challenger.catalog}
    channel = made[c.OFFER_ID].map(first)
    if c.CHANNEL in made:
        channel = made[c.CHANNEL].fillna(channel)
    beside = {c.OFFER_ID: made.loc[later, c.OFFER_ID].to_numpy(), c.CHANNEL: channel[later].to_numpy()}
    offered = features_at(challenger, made[later], tables).assign(**beside)
    propensity = np.full(len(made), np.nan)
    propensity[later] = challenger.propensity.predict_proba(offered)[:, 1]
    return made.assign(**{c.PROPENSITY: propensity})
