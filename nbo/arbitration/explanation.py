"""Why a decision came out as it did, from the decision row and the policy alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.policies import Policy
from nbo.tables import Catalog

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True)
class Explanation:
    """Why one customer got one offer.

    Parameters
    ----------
    decision_id, customer_id, offer_id, segment : str
        Of the decision.
    reason : str
        One sentence.
    offers : DataFrame of k rows
        offer_id, eligible, probability (with which the policy drew it), dropped_for (the reason where it was not
        eligible), rate with low and high (acceptance in the segment, as the policy believes now), n (answers in the
        segment), value, cost, price where any offer was short, chosen. With the tables of the decision also its
        stage, resumes, and each term of its priority, as :func:`~nbo.arbitration.offer_terms` gives them.
    """

    decision_id: str
    customer_id: Any
    offer_id: str
    segment: str
    reason: str
    offers: pd.DataFrame

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(self.reason)}</p>{self.offers.to_html(index=False, float_format='{:.4g}'.format)}"


def explain(decision: Any, policy: Policy, catalog: Catalog, terms: pd.DataFrame | None = None) -> Explanation:
    """Explain one decision without changing anything.

    Parameters
    ----------
    decision : Series, dict or DataFrame of one row
        A row of the decisions frame.
    policy : Policy
        The policy that drew it.
    catalog : Catalog
    terms : DataFrame of k rows, optional
        What :func:`~nbo.arbitration.offer_terms` tells of the customer.

    Returns
    -------
    Explanation

    Raises
    ------
    InputError
        If it is not one decision.

    Examples
    --------
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Offer
    >>> decision = {"decision_id": "d1", "customer_id": "ann", "offer_id": "card", "segment": "young",
    ...             "candidates": '{"card": 0.5, "loan": 0.5}'}
    >>> catalog = Catalog([Offer("card", value=40.0), Offer("loan", value=90.0)])
    >>> explain(decision, Uniform(["card", "loan"]), catalog).reason.split(";")[0]
    'card was drawn with probability 0.500 among 2 eligible offers'
    """
    row = one_decision(decision, [c.SEGMENT, c.CANDIDATES])
    probabilities = json.loads(row[c.CANDIDATES])
    segment, chosen = str(row[c.SEGMENT]), str(row[c.OFFER_ID])
    names = [o for o in policy.offers if o != c.NO_OFFER or o in probabilities]
    # What was offered then and has been withdrawn since is told, too.
    gone = [o for o in [*probabilities, chosen] if o not in names and o != c.NO_OFFER]
    offers = pd.DataFrame({c.OFFER_ID: list(dict.fromkeys([*names, *gone]))})
    offers["eligible"] = offers[c.OFFER_ID].isin(list(probabilities))
    offers["probability"] = offers[c.OFFER_ID].map(probabilities).fillna(0.0)
    dropped = row.get(c.DROPPED)
    reasons = json.loads(dropped) if isinstance(dropped, str) and dropped else {}
    offers["dropped_for"] = pd.Series([reasons.get(offer) for offer in offers[c.OFFER_ID]], dtype="str")
    rates = policy.acceptance_rates()
    here = rates[rates[c.SEGMENT] == segment]
    offers = offers.merge(here[[c.OFFER_ID, "rate", "low", "high", "n"]], on=c.OFFER_ID, how="left")
    known = [o if o in catalog else None for o in offers[c.OFFER_ID]]
    offers[c.VALUE] = [catalog[o].value if o else np.nan for o in known]
    offers[c.COST] = [catalog[o].cost if o else np.nan for o in known]
    offers["chosen"] = offers[c.OFFER_ID] == chosen
    prices = row.get(c.PRICES)
    if isinstance(prices, str) and prices:
        offers[c.PRICE] = offers[c.OFFER_ID].map(json.loads(prices)).fillna(0.0)
    if terms is not None:
        told = terms.drop(columns=c.REASON)
        offers = offers.drop(columns=[c.VALUE, c.COST]).merge(told, on=c.OFFER_ID, how="left")
        later = offers["stage"].isna() & offers["dropped_for"].notna()
        offers.loc[later, "stage"] = offers.loc[later, "dropped_for"].map(_stage_of)
    sentence = _sentence(row, offers, segment, chosen)
    return Explanation(str(row[c.DECISION_ID]), row[c.CUSTOMER_ID], chosen, segment, sentence, offers)


def _stage_of(reason: str) -> str:
    """Name the stage of what the plan of the run refused, for the sake of other customers or by priority."""
    if reason.startswith(("capacity", "a minimum")):
        return "capacity"
    return "arbitration" if reason.startswith(("not among", "worth too little", "arm: ")) else "contact policy"


def one_decision(decision: Any, needed: list[str]) -> dict[str, Any]:
    """Take one decision.

    Parameters
    ----------
    decision : Series, dict or DataFrame of one row
    needed : list of str
        Columns beside the ids.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If it is not one row, or a column is missing.
    """
    if isinstance(decision, str):
        raise InputError(
            f"the row of a decision is needed; got its id {decision!r}. Look it up in the ledger's decisions."
        )
    frame = decision if isinstance(decision, pd.DataFrame) else pd.DataFrame([dict(decision)])
    if len(frame) != 1:
        raise InputError(f"one decision is needed; got {len(frame)} rows. Give `decisions.iloc[i]`.")
    check_columns(frame, [c.DECISION_ID, c.CUSTOMER_ID, c.OFFER_ID, *needed], "decision")
    return {str(name): value for name, value in frame.iloc[0].items()}


def _sentence(row: dict[str, Any], offers: pd.DataFrame, segment: str, chosen: str) -> str:
    if chosen == c.NO_OFFER:
        return f"No offer: {row.get(c.REASON, 'drawn by the policy')}."
    own = offers[offers["chosen"]].iloc[0]
    n_eligible = int(offers["eligible"].sum())
    rate = own["rate"]
    seen = f"{rate:.1%} of segment {segment} accept it" if pd.notna(rate) else "no answers yet in the segment"
    probability = float(row.get(c.ACTION_PROBABILITY, own["probability"]))
    return (
        f"{chosen} was drawn with probability {probability:.3f} among {n_eligible} eligible offers; "
        f"{seen}, and it is worth {own[c.VALUE]:g} if accepted."
    )
