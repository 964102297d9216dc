"""The eligible offers of logged decisions, read from the column `candidates`."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from nbo.checks import check_rows

__all__ = ["CANDIDATES", "logging_probabilities"]

CANDIDATES = "candidates"


def logging_probabilities(texts: pd.Series, offers: list[str]) -> np.ndarray:
    """Read with which probability each offer could have been made.

    Parameters
    ----------
    texts : Series of str, shape (n,)
        JSON: the eligible offers with their probabilities, ``{"card": 0.8, "loan": 0.2}``, or
        a list of them where the probabilities are not known. Missing: all were eligible.
    offers : list of str
        Columns wanted; other offers in the texts are left out.

    Returns
    -------
    ndarray of shape (n, k)
        0 for an offer that was not eligible, NaN for one that was, with a probability that is not
        known.

    Raises
    ------
    InputError
        If a text is neither.

    Examples
    --------
    >>> logging_probabilities(pd.Series(['{"card": 0.8, "loan": 0.2}', '["loan"]', None]), ["card", "loan"])
    array([[0.8, 0.2],
           [0. , nan],
           [nan, nan]])
    """
    code, distinct = pd.factorize(texts, use_na_sentinel=True)
    rows = [_read(text, offers) for text in distinct]
    wrong = np.array([row is None for row in rows] + [False])
    check_rows(wrong[code], texts, f"feedback.{CANDIDATES}", 'JSON such as {"card": 0.8, "loan": 0.2}')
    unknown = np.full(len(offers), np.nan)
    # Code -1, a missing text, takes the last row.
    return np.array([*(row for row in rows if row is not None), unknown])[code]


def _read(text: object, offers: list[str]) -> np.ndarray | None:
    try:
        given = json.loads(str(text))
    except json.JSONDecodeError:
        return None
    if isinstance(given, list):
        given = dict.fromkeys(given)
    if not isinstance(given, dict) or any(not isinstance(p, int | float | None) for p in given.values()):
        return None
    return np.array([np.nan if given.get(offer, 0) is None else given.get(offer, 0.0) for offer in offers])
