"""Ages as of the moment of a question."""

from __future__ import annotations

import numpy as np

from nbo import columns as c
from nbo.features.attribute_rows import AttributeRows

__all__ = ["ages"]

_DAYS_OF_YEAR = 365.2425


def ages(rows: AttributeRows) -> np.ndarray:
    """Give ages in years: from the date of birth, or as stated where that is missing.

    Parameters
    ----------
    rows : AttributeRows
        Of `customers`.

    Returns
    -------
    ndarray of shape (n,)
        NaN where neither is known.
    """
    age = np.full(len(rows), np.nan)
    if c.BIRTH_DATE in rows:
        age = rows.days_since(c.BIRTH_DATE) / _DAYS_OF_YEAR
    if c.AGE in rows:
        age = np.where(np.isnan(age), rows.numbers(c.AGE), age)
    return age
