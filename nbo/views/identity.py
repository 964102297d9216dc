"""Who the customer is: the first block of a snapshot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.windows import rows_as_of
from nbo.tables import Spine
from nbo.views.cut import Cut
from nbo.views.field import HIDDEN, Field
from nbo.views.formats import plain

__all__ = ["identity"]

_PLACE = ("city", "region", "country")
_TOLD = (
    *_PLACE, c.VALID_FROM, c.SIGNED_UP_AT, c.NAME, c.GENDER, c.BIRTH_DATE, c.AGE, c.POSTCODE, c.CUSTOMER_TYPE,
)  # fmt: skip


def identity(customers: Cut | None, spine: Spine, hidden: set[str]) -> dict[str, Field]:
    """Say who the customer is, by the attributes that held at the moment.

    Parameters
    ----------
    customers : Cut or None
        What was known of the customer; None where there is no such table.
    spine : Spine
        One row: the customer and the moment.
    hidden : set of str
        Columns that must not show in a field made of several.

    Returns
    -------
    dict of str to Field
        customer_id, name, gender, birth_date, age (whole years), location, postcode,
        customer_type, signed_up_at, tenure_days (whole days) and consents (channel -> True,
        False or None).
    """
    as_of = spine.frame[c.AS_OF].iloc[0]
    row = _row(customers, spine)
    since, signed_up = row.get(c.VALID_FROM), _before(row.get(c.SIGNED_UP_AT), as_of)
    place = [HIDDEN if part in hidden else str(row[part]) for part in _PLACE if row.get(part) is not None]
    values = {
        c.CUSTOMER_ID: plain(spine.frame[c.CUSTOMER_ID].iloc[0]),
        c.NAME: row.get(c.NAME),
        c.GENDER: row.get(c.GENDER),
        c.BIRTH_DATE: _before(row.get(c.BIRTH_DATE), as_of),
        c.AGE: _age(row, as_of),
        "location": ", ".join(place) or None,
        c.POSTCODE: row.get(c.POSTCODE),
        c.CUSTOMER_TYPE: row.get(c.CUSTOMER_TYPE),
        c.SIGNED_UP_AT: signed_up,
        "tenure_days": None if signed_up is None else (as_of - signed_up).days,
        "consents": {name.removeprefix(c.CONSENT_PREFIX): row[name] for name in row if _is_consent(name)},
    }
    return {name: Field(value, "customers", since) for name, value in values.items()}


def _row(customers: Cut | None, spine: Spine) -> dict[str, Any]:
    """Give what is told of the row that held at the moment; all of them are known."""
    if customers is None or not len(customers):
        return {}
    place = rows_as_of(customers.columns(), spine.frame) if len(customers) > 1 else np.zeros(1, dtype=np.int64)
    told = [name for name in customers.names if name in _TOLD or _is_consent(name)]
    return {name: plain(customers.some(name, place)[0]) for name in told}


def _is_consent(name: str) -> bool:
    return name.startswith(c.CONSENT_PREFIX)


def _before(moment: Any, as_of: pd.Timestamp) -> pd.Timestamp | None:
    return moment if moment is not None and moment < as_of else None


def _age(row: dict[str, Any], as_of: pd.Timestamp) -> Any:
    born = _before(row.get(c.BIRTH_DATE), as_of)
    if born is None:
        return row.get(c.AGE)
    return as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))
