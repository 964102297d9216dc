"""What kind of interaction each decision was."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.reports.answers import UNKNOWN
from nbo.tables import Catalog

__all__ = ["ACTION_TYPE", "ACTION_TYPES", "NO_ACTION", "action_types"]

#: Column of the type, in decisions and in a catalog.
ACTION_TYPE: Final = "action_type"
#: The type of decisions to make no offer.
NO_ACTION: Final = "no action"
#: Kind of an offer, or its category -> action type. Words that are not here stay as they are.
ACTION_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "advertisement": "advertisement",
        "banner": "advertisement",
        "content": "advertisement",
        "discount": "marketing offer",
        "trial": "marketing offer",
        "subscription": "sales proposal",
        "upgrade": "sales proposal",
        "bundle": "cross-sell offer",
        "cross-sell": "cross-sell offer",
        "loyalty": "loyalty promotion",
        "retention": "loyalty promotion",
        "service": "service response",
    }
)


def action_types(feedback: Any, catalog: Any = None, words: Mapping[str, str] = ACTION_TYPES) -> pd.Series:
    """Tell of each decision whether it was an advertisement, a marketing offer, a sales proposal ...

    What the decision says itself counts, then what the catalog says of the offer: its `action_type` (an extra
    column of the frame), its kind, its category.

    Parameters
    ----------
    feedback : DataFrame of n rows
        offer_id, and action_type where it is known.
    catalog : Catalog or DataFrame, optional
        The offers.
    words : mapping of str to str, optional
        Kind or category -> action type; others stay as they are.

    Returns
    -------
    Series of str, length n
        "no action" where no offer was made, "not known" where nothing tells it.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> from nbo.tables import Offer
    >>> catalog = Catalog([Offer("card", kind="discount"), Offer("visit", kind="house call")])
    >>> rows = pd.DataFrame({"offer_id": ["card", "visit", "no_offer", "gone"]})
    >>> action_types(rows, catalog).tolist()
    ['marketing offer', 'house call', 'no action', 'not known']
    """
    rows = check_frame(feedback, "feedback")
    check_columns(rows, [c.OFFER_ID], "feedback")
    known = _of_offers(catalog, words)
    found = rows[c.OFFER_ID].astype(object).map({**known, c.NO_OFFER: NO_ACTION})
    if ACTION_TYPE in rows:
        found = rows[ACTION_TYPE].astype(object).where(rows[ACTION_TYPE].notna(), found)
    return found.fillna(UNKNOWN).astype("str").rename(ACTION_TYPE)


def _of_offers(catalog: Any, words: Mapping[str, str]) -> dict[str, str]:
    if catalog is None:
        return {}
    offers = catalog.to_frame() if isinstance(catalog, Catalog) else check_frame(catalog, "catalog")
    check_columns(offers, [c.OFFER_ID], "catalog")
    told = pd.Series(None, index=offers.index, dtype=object)
    for name in (c.CATEGORY, c.KIND, ACTION_TYPE):
        if name in offers:
            given = offers[name].astype(object)
            told = given.where(offers[name].notna(), told)
    pairs = zip(offers[c.OFFER_ID], told, strict=True)
    return {str(offer): str(words.get(str(kind), kind)) for offer, kind in pairs if pd.notna(kind)}
