"""The eligible offers of logged decisions, read from the column `candidates`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_keys, check_rows
from nbo.stated_offers import STATED_OFFERS, stated_offers

__all__ = ["eligible_offers", "logging_probabilities"]


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
        0 for an offer that was not eligible or never drawn, NaN for one whose probability is
        not known.

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
    return _by_row(texts, lambda given: [_probability(given, offer) for offer in offers], [np.nan] * len(offers))


def eligible_offers(texts: pd.Series, offers: list[str]) -> np.ndarray:
    """Read which offers were eligible; also one that was never drawn, of probability 0, was.

    Parameters
    ----------
    texts, offers
        As for :func:`logging_probabilities`.

    Returns
    -------
    ndarray of bool, shape (n, k)

    Raises
    ------
    InputError
        If a text is neither.

    Examples
    --------
    >>> eligible_offers(pd.Series(['{"card": 1.0, "loan": 0.0}', '["loan"]']), ["card", "loan"])
    array([[ True,  True],
           [False,  True]])
    """
    return _by_row(texts, lambda given: [offer in given for offer in offers], [True] * len(offers))


def _by_row(texts: pd.Series, read: Callable[[dict[str, Any]], list[Any]], missing: list[Any]) -> np.ndarray:
    """Read each distinct text once, and give every row what its text says."""
    check_keys(texts.dropna(), f"feedback.{c.CANDIDATES}")
    code, distinct = pd.factorize(texts, use_na_sentinel=True)
    given = [stated_offers(str(text)) for text in distinct]
    wrong = np.array([one is None for one in given] + [False])
    check_rows(wrong[code], texts, f"feedback.{c.CANDIDATES}", STATED_OFFERS)
    # Code -1, a missing text, takes the last row.
    return np.array([*(read(one) for one in given if one is not None), missing])[code]


def _probability(given: dict[str, Any], offer: str) -> float:
    stated = given.get(offer, 0.0)
    return np.nan if stated is None else float(stated)
