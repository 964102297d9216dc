"""What a model says of one customer: scores, the offers to make, openings to sell more."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.tables import CustomerTables, Spine
from nbo.views.field import Field
from nbo.views.formats import plain

__all__ = ["about_customer", "openings", "scored", "top_offers"]

# Scores may say whether an offer may be made now.
_ELIGIBLE = "eligible"
_COLUMNS = (c.OFFER_ID, c.NAME, c.CHANNEL, c.PROPENSITY, c.VALUE, c.PRIORITY, c.REASON, "reasons")


def scored(model: Any, near: dict[str, pd.DataFrame] | None, spine: Spine, reasons: int = 0) -> pd.DataFrame:
    """Score one customer.

    Parameters
    ----------
    model : object with ``score(tables, spine)``
    near : dict of str to DataFrame, or None
        What was known of the customer, its household and its relations; None for a model that reads no tables.
    spine : Spine
        One row.
    reasons : int, default=0
        How many reasons of each propensity the model shall tell.

    Returns
    -------
    DataFrame
        One row per offer, best first, without the action of no offer. Offers that may not be
        made are in it.

    Raises
    ------
    TypeError
        If the model has no method `score`.
    InputError
        If what it returns has no column offer_id.
    """
    if not callable(getattr(model, "score", None)):
        raise TypeError(f"model must have a method score(tables, spine), or be None; got {type(model).__name__}.")
    given: dict[str, int] = {"reasons": reasons} if reasons else {}
    tables = None if near is None else CustomerTables(**near)
    scores = check_frame(model.score(tables, spine, **given), "the model's scores")
    check_columns(scores, [c.OFFER_ID], "the model's scores")
    order = [name for name in (c.PRIORITY, c.PROPENSITY) if name in scores]
    ranked = scores.sort_values([*order, c.OFFER_ID], ascending=[False] * len(order) + [True], kind="stable")
    return ranked[ranked[c.OFFER_ID] != c.NO_OFFER].reset_index(drop=True)


def about_customer(scores: pd.DataFrame | None, column: str, as_of: pd.Timestamp) -> Field:
    """Take what the scores say of the customer as a whole.

    Parameters
    ----------
    scores : DataFrame or None
    column : str
        Such as churn_probability; the same in all rows.
    as_of : Timestamp

    Returns
    -------
    Field
        None if the scores lack it.
    """
    if scores is None or scores.empty or column not in scores:
        return Field(None, "model", as_of)
    return Field(plain(scores[column].iloc[0]), "model", _time(scores, as_of))


def top_offers(scores: pd.DataFrame | None, catalog: pd.DataFrame, as_of: pd.Timestamp, n_offers: int = 3) -> Field:
    """Give the best offers with what speaks for them.

    Parameters
    ----------
    scores : DataFrame or None
        Best first.
    catalog : DataFrame
    as_of : Timestamp
    n_offers : int, default=3

    Returns
    -------
    Field
        List of dicts with offer_id, name, channel, propensity, value, priority and reason, as
        far as known; only offers that may be made; None without a model.
    """
    if scores is None or scores.empty:
        return Field(None, "model", as_of)
    names = catalog.drop_duplicates(c.OFFER_ID).set_index(c.OFFER_ID)
    allowed, found = _allowed(scores), []
    for place, row in enumerate(allowed.head(n_offers).to_dict("records"), start=1):
        name = names[c.NAME].get(row[c.OFFER_ID]) if c.NAME in names else None
        ranked = c.PRIORITY if c.PRIORITY in row else c.PROPENSITY
        reason = f"number {place} of {len(allowed)} offers by {ranked}"
        known = {str(key): there for key, entry in row.items() if (there := plain(entry)) is not None}
        if "reasons" in known:
            known["reasons"] = json.loads(known["reasons"])
        offer = {c.REASON: reason, c.NAME: plain(name), **known}
        found.append({key: offer[key] for key in _COLUMNS if offer.get(key) is not None})
    return Field(found, "model", _time(scores, as_of))


def openings(
    scores: pd.DataFrame | None, catalog: pd.DataFrame, held: list[Any], as_of: pd.Timestamp
) -> dict[str, Field]:
    """Name the best offer of a category that the customer has not, and of one that it has.

    Parameters
    ----------
    scores : DataFrame or None
        Best first.
    catalog : DataFrame
        Its category says what an offer is about; offers without one are neither.
    held : list
        Categories that the customer holds.
    as_of : Timestamp

    Returns
    -------
    dict of str to Field
        cross_sell and up_sell: an offer_id, or None.
    """
    nothing = Field(None, "model", as_of)
    if scores is None or scores.empty or c.CATEGORY not in catalog:
        return {"cross_sell": nothing, "up_sell": nothing}
    categories = catalog.drop_duplicates(c.OFFER_ID).set_index(c.OFFER_ID)[c.CATEGORY]
    allowed = _allowed(scores)
    category = allowed[c.OFFER_ID].map(categories)
    of_held = category.isin(held)
    best = {"cross_sell": allowed[~of_held & category.notna()], "up_sell": allowed[of_held]}
    return {
        name: Field(plain(offers[c.OFFER_ID].iloc[0]), "model", _time(scores, as_of)) if len(offers) else nothing
        for name, offers in best.items()
    }


def _time(scores: pd.DataFrame, as_of: pd.Timestamp) -> pd.Timestamp:
    """Say of when scores are: those that are stored are older than the card."""
    return pd.Timestamp(scores[c.AS_OF].iloc[0]) if c.AS_OF in scores and len(scores) else as_of


def _allowed(scores: pd.DataFrame) -> pd.DataFrame:
    return scores[scores[_ELIGIBLE].astype(bool)] if _ELIGIBLE in scores else scores
