"""Whose action each decision was: marketing's, sales', support's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.reports.action_types import ACTION_TYPES, action_types
from nbo.reports.answers import UNKNOWN
from nbo.tables import Catalog

__all__ = ["DEPARTMENT", "DEPARTMENTS", "departments"]

#: Column of the department, in decisions and in a frame of offers.
DEPARTMENT: Final = "department"
#: Action type -> the department whose business it is.
DEPARTMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "advertisement": "marketing",
        "marketing offer": "marketing",
        "loyalty promotion": "marketing",
        "sales proposal": "sales",
        "cross-sell offer": "sales",
        "service response": "support",
    }
)


def departments(
    feedback: Any,
    catalog: Any = None,
    words: Mapping[str, str] = DEPARTMENTS,
    types: Mapping[str, str] = ACTION_TYPES,
) -> pd.Series:
    """Tell of each decision which department's action it was.

    What the decision says itself counts, then the catalog's column `department` (an extra one of the frame), then the
    action type that :func:`nbo.reports.action_types` gives.

    Parameters
    ----------
    feedback : DataFrame of n rows
        offer_id; department or action_type where they are known.
    catalog : Catalog or DataFrame, optional
        The offers.
    words : mapping of str to str, optional
        Action type -> department.
    types : mapping of str to str, optional
        Kind or category of an offer -> action type.

    Returns
    -------
    Series of str, length n
        "not known" where nothing tells it, and where no offer was made.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> from nbo.tables import Offer
    >>> catalog = Catalog([Offer("card", kind="discount"), Offer("visit", kind="service")])
    >>> departments(pd.DataFrame({"offer_id": ["card", "visit", "no_offer"]}), catalog).tolist()
    ['marketing', 'support', 'not known']
    """
    rows = check_frame(feedback, "feedback")
    found = action_types(rows, catalog, types).map(dict(words)).astype(object)
    offers = None if catalog is None or isinstance(catalog, Catalog) else check_frame(catalog, "catalog")
    if offers is not None and DEPARTMENT in offers:
        check_columns(offers, [c.OFFER_ID], "catalog")
        told = offers.dropna(subset=DEPARTMENT).drop_duplicates(c.OFFER_ID, keep="last")
        of_offer = rows[c.OFFER_ID].astype(object).map(told.set_index(c.OFFER_ID)[DEPARTMENT].astype(object))
        found = of_offer.where(of_offer.notna(), found)
    if DEPARTMENT in rows:
        found = rows[DEPARTMENT].astype(object).where(rows[DEPARTMENT].notna(), found)
    return found.fillna(UNKNOWN).astype("str").rename(DEPARTMENT)
