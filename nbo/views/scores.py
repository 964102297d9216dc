"""What a model says of one customer: scores, the offers to make, openings to sell more."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.tables import Spine
from nbo.views.cut import Cut
from nbo.views.field import Field
from nbo.views.formats import plain
from nbo.views.near_tables import NearTables
from nbo.views.own_rows import OwnRows

__all__ = ["about_customer", "openings", "scored", "top_offers"]

# Scores may say whether an offer may be made now.
_ELIGIBLE = "eligible"
_COLUMNS = (c.OFFER_ID, c.NAME, c.CHANNEL, c.PROPENSITY, c.VALUE, c.PRIORITY, c.REASON, "reasons")


def scored(model: Any, near: dict[str, Cut] | None, spine: Spine, reasons: int = 0) -> dict[str, list[Any]]:
    """Score one customer.

    Parameters
    ----------
    model : object with ``score(tables, spine)``
    near : dict of str to Cut, or None
        What was known of the customer, its household and its relations; None for a model that reads no tables.
    spine : Spine
        One row.
    reasons : int, default=0
        How many reasons of each propensity the model shall tell.

    Returns
    -------
    dict of str to list
        Column -> a value per offer, best first, without the action of no offer. Offers that may not be
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
    tables = None if near is None else NearTables(near)
    scores = check_frame(model.score(tables, spine, **given), "the model's scores")
    check_columns(scores, [c.OFFER_ID], "the model's scores")
    order = _best_first(scores)
    return {str(name): values.array.take(order).tolist() for name, values in scores.items()}


def _best_first(scores: pd.DataFrame) -> np.ndarray:
    """Give the places of the offers by priority, then propensity; equal ones by their ids."""
    ids = scores[c.OFFER_ID]
    money = [
        -scores[name].to_numpy(dtype=float, na_value=np.nan) for name in (c.PROPENSITY, c.PRIORITY) if name in scores
    ]
    order = np.lexsort((pd.factorize(ids, sort=True)[0], *money))
    return order[(ids != c.NO_OFFER).to_numpy(dtype=bool)[order]]


def about_customer(scores: dict[str, list[Any]] | None, column: str, as_of: pd.Timestamp) -> Field:
    """Take what the scores say of the customer as a whole.

    Parameters
    ----------
    scores : dict of str to list, or None
    column : str
        Such as churn_probability; the same in all rows.
    as_of : Timestamp

    Returns
    -------
    Field
        None if the scores lack it.
    """
    if scores is None or not scores[c.OFFER_ID] or column not in scores:
        return Field(None, "model", as_of)
    return Field(plain(scores[column][0]), "model", _time(scores, as_of))


def top_offers(scores: dict[str, list[Any]] | None, catalog: OwnRows, as_of: pd.Timestamp, n_offers: int = 3) -> Field:
    """Give the best offers with what speaks for them.

    Parameters
    ----------
    scores : dict of str to list, or None
        Best first.
    catalog : OwnRows
    as_of : Timestamp
    n_offers : int, default=3

    Returns
    -------
    Field
        List of dicts with offer_id, name, channel, propensity, value, priority and reason, as
        far as known; only offers that may be made; None without a model.
    """
    if scores is None or not scores[c.OFFER_ID]:
        return Field(None, "model", as_of)
    names, allowed, found = _of_offers(catalog, c.NAME), _allowed(scores), []
    ranked = c.PRIORITY if c.PRIORITY in scores else c.PROPENSITY
    columns = [column for column in _COLUMNS if column in scores]
    for place, at in enumerate(allowed[:n_offers], start=1):
        known = {column: there for column in columns if (there := plain(scores[column][at])) is not None}
        if "reasons" in known:
            known["reasons"] = json.loads(known["reasons"])
        reason = f"number {place} of {len(allowed)} offers by {ranked}"
        offer = {c.REASON: reason, c.NAME: names.get(scores[c.OFFER_ID][at]), **known}
        found.append({key: offer[key] for key in _COLUMNS if offer.get(key) is not None})
    return Field(found, "model", _time(scores, as_of))


def openings(
    scores: dict[str, list[Any]] | None, catalog: OwnRows, held: list[Any], as_of: pd.Timestamp
) -> dict[str, Field]:
    """Name the best offer of a category that the customer has not, and of one that it has.

    Parameters
    ----------
    scores : dict of str to list, or None
        Best first.
    catalog : OwnRows
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
    if scores is None or not scores[c.OFFER_ID]:
        return {"cross_sell": nothing, "up_sell": nothing}
    categories, has = _of_offers(catalog, c.CATEGORY), set(held)
    offers = [scores[c.OFFER_ID][at] for at in _allowed(scores)]
    of_held = [offer for offer in offers if categories.get(offer) in has]
    other = [offer for offer in offers if categories.get(offer) is not None and categories[offer] not in has]
    return {
        name: Field(plain(best[0]), "model", _time(scores, as_of)) if best else nothing
        for name, best in {"cross_sell": other, "up_sell": of_held}.items()
    }


def _time(scores: dict[str, list[Any]], as_of: pd.Timestamp) -> pd.Timestamp:
    """Say of when scores are: those that are stored are older than the card."""
    return pd.Timestamp(scores[c.AS_OF][0]) if scores.get(c.AS_OF) else as_of


def _allowed(scores: dict[str, list[Any]]) -> list[int]:
    """Give the places of the offers that may be made."""
    offers = scores[c.OFFER_ID]
    return [at for at in range(len(offers)) if _ELIGIBLE not in scores or bool(scores[_ELIGIBLE][at])]


def _of_offers(catalog: OwnRows, column: str) -> dict[Any, Any]:
    """Say what a column of the catalog holds for each offer; of an offer that stands twice, the first."""
    every = np.arange(len(catalog))[::-1]
    return dict(zip(catalog.cells(c.OFFER_ID, every), catalog.cells(column, every), strict=True))
