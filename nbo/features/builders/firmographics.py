"""What is known of the business that a contact belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.attribute_rows import AttributeRows, plain_words
from nbo.features.feature import Feature
from nbo.tables import TableColumns

__all__ = ["company_band", "decides", "firm_features", "revenue_per_employee"]

_BANDS: Final = ("micro", "small", "medium", "large")
_FROM: Final = (10.0, 50.0, 250.0)


def firm_features(table: TableColumns, roles: Sequence[str]) -> list[Feature]:
    """Plan what follows from size, revenue and role.

    Parameters
    ----------
    table : TableColumns
        The customers.
    roles : sequence of str
        Who decides what is bought.

    Returns
    -------
    list of Feature
    """
    features = []
    if c.COMPANY_SIZE in table:
        meaning = "Size of the business by employees: micro (below 10), small (below 50), medium (below 250) or large."
        features.append(_firm("company_band", c.COMPANY_SIZE, "company_band", meaning, kind="category"))
    if c.COMPANY_SIZE in table and c.REVENUE in table:
        meaning = "Yearly revenue of the business over its employees, as known at as_of."
        features.append(_firm("revenue_per_employee", c.REVENUE, "revenue_per_employee", meaning, unit="money"))
    if c.BUYING_ROLE in table:
        meaning = f"1 if the contact's role in buying is {' or '.join(map(plain_words, roles))}, else 0."
        features.append(_firm("is_decision_maker", c.BUYING_ROLE, "decides", meaning, kind="flag"))
    return features


def _firm(name: str, column: str, aggregate: str, meaning: str, **said: Any) -> Feature:
    return Feature(f"customers__{name}", "customers", column, aggregate, meaning=meaning, **said)


def company_band(rows: AttributeRows) -> pd.api.extensions.ExtensionArray:
    """Tell the size of businesses: micro, small, medium or large; missing where not known."""
    size = rows.numbers(c.COMPANY_SIZE)
    band = np.where(np.isnan(size), -1, np.digitize(size, _FROM))
    return pd.array(list(_BANDS), dtype="str").take(band, allow_fill=True)


def revenue_per_employee(rows: AttributeRows) -> np.ndarray:
    """Divide revenue by employees; NaN without any."""
    size = rows.numbers(c.COMPANY_SIZE)
    return np.divide(rows.numbers(c.REVENUE), size, out=np.full(len(size), np.nan), where=size > 0)


def decides(rows: AttributeRows, roles: Sequence[str]) -> np.ndarray:
    """Tell who decides what is bought: 1, 0, or NaN where the role is not known.

    Parameters
    ----------
    rows : AttributeRows
        The rows of `customers` that held, n of them.
    roles : sequence of str
        Roles that decide; capitals, underscores and hyphens make no difference.

    Returns
    -------
    ndarray of shape (n,)

    Examples
    --------
    >>> contacts = pd.DataFrame({"buying_role": ["Decision_Maker", "user", None]})
    >>> rows = AttributeRows(TableColumns.of(contacts, "customers"), np.arange(3), np.zeros(3, dtype=np.int64))
    >>> decides(rows, ["decision maker"]).tolist()
    [1.0, 0.0, nan]
    """
    deciding = {plain_words(role) for role in roles}
    texts = rows.table.codes(c.BUYING_ROLE).texts
    return rows.of_codes(c.BUYING_ROLE, [plain_words(text) in deciding for text in texts])
