"""Stages of life, from age, partner, children and job."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.attribute_rows import AttributeRows, plain_words

__all__ = ["LIFE_STAGES", "life_stage"]

LIFE_STAGES: Final = (
    *("youth", "student", "young single", "young couple", "young adult"),
    *("family", "single", "couple", "midlife", "empty nest", "senior"),
)
_OF_AGE, _MIDLIFE, _NEST_EMPTIES, _SENIOR = 18, 35, 50, 65
_TOGETHER = (
    *("married", "partnered", "partner", "couple", "cohabiting", "living together", "in a relationship"),
    *("civil union", "civil partnership", "domestic partnership", "remarried", "yes"),
)
_NOT_TOLD = ("unknown", "other", "not stated", "")
_HOUSEHOLD_SIZE = "household_size"


def life_stage(rows: AttributeRows, age: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """Tell the stage of life of persons.

    The first that holds: youth (below 18), senior (65 and above), family (has children), student
    (by job), young single, young couple or, where that is not known, young adult (below 35), empty
    nest (50 and above, a couple known to have no children in the household), couple,
    single or, where that is not known, midlife.

    Whether there are children says the column `children`; without it, how many people the extra
    column `household_size` counts beyond the adults. Both may be missing, as may the marital
    status and the job.

    Parameters
    ----------
    rows : AttributeRows
        The rows of `customers` that held, n of them.
    age : ndarray of shape (n,)
        In years; NaN where not known.

    Returns
    -------
    array of str, length n
        One of `LIFE_STAGES`; missing for businesses, and where the age is not known (but for a
        family).

    Examples
    --------
    >>> from nbo.tables import TableColumns
    >>> people = pd.DataFrame({"marital_status": ["single", "married", None], "children": [0, 2, None]})
    >>> rows = AttributeRows(TableColumns.of(people, "customers"), np.arange(3), np.zeros(3, dtype=np.int64))
    >>> life_stage(rows, np.array([25.0, 40.0, 70.0])).tolist()
    ['young single', 'family', 'senior']
    """
    told = ~np.isnan(age)
    together = _is_one_of(rows, c.MARITAL_STATUS, _TOGETHER, not_told=_NOT_TOLD)
    children = _children(rows, together)
    young = age < _MIDLIFE
    rules = {
        "business": _is_one_of(rows, c.CUSTOMER_TYPE, ("business",)) == 1,
        "youth": age < _OF_AGE,
        "senior": age >= _SENIOR,
        "family": children > 0,
        "student": told & (_is_one_of(rows, c.JOB, ("student",)) == 1),
        "young single": young & (together == 0),
        "young couple": young & (together == 1),
        "young adult": young,
        "empty nest": (age >= _NEST_EMPTIES) & (together == 1) & (children == 0),
        "couple": told & (together == 1),
        "single": told & (together == 0),
        "midlife": told,
    }
    stages = pd.array([stage if stage in LIFE_STAGES else None for stage in rules], dtype="str")
    return stages.take(np.select(list(rules.values()), np.arange(len(rules)), default=-1), allow_fill=True)


def _is_one_of(rows: AttributeRows, column: str, words: tuple[str, ...], not_told: tuple[str, ...] = ()) -> np.ndarray:
    """Tell whether a category is one of some words: 1, 0, or NaN where it is missing or not told."""
    if column not in rows:
        return np.full(len(rows), np.nan)
    texts = [plain_words(text) for text in rows.table.codes(column).texts]
    return rows.of_codes(column, [np.nan if text in not_told else text in words for text in texts])


def _children(rows: AttributeRows, together: np.ndarray) -> np.ndarray:
    if c.CHILDREN in rows:
        return rows.numbers(c.CHILDREN)
    if _HOUSEHOLD_SIZE in rows:
        return rows.numbers(_HOUSEHOLD_SIZE) - 1 - together
    return np.full(len(rows), np.nan)
