"""What a segmenter owes: one text a customer, the same for the same features."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from nbo import columns as c
from nbo.segments import Segmenter
from nbo.testing.owed import owed, same, unchanged

__all__ = ["check_segmenter"]


def check_segmenter(
    segmenter: Segmenter,
    X: pd.DataFrame,
    accepted: Any = None,
    offer_id: Any = None,
    action_probability: Any = None,
) -> None:
    """Check all that a segmenter owes.

    Each row gets one text that `describe` knows, whatever other rows, their order and the order
    of columns. The same seed gives the same segments, a second fit forgets the first, and the
    state goes through JSON without changing a label.

    Parameters
    ----------
    segmenter : Segmenter
        Taken as a copy.
    X : DataFrame of shape (n, p)
        Features.
    accepted : array-like of shape (n,), optional
        Reward of each decision, in [0, 1].
    offer_id : array-like of shape (n,), optional
        Offer made.
    action_probability : array-like of shape (n,), optional
        Probability with which the offer was drawn, in (0, 1].

    Raises
    ------
    AssertionError
        Says what the segmenter owes, and what was seen.

    Examples
    --------
    >>> from nbo.segments import RFMSegmenter
    >>> X = pd.DataFrame({"days": [1.0, 90, None], "sales": [9, 2, 0], "money": [90.0, 5, 0]})
    >>> check_segmenter(RFMSegmenter("days", "sales", "money"), X)
    """
    name, fitted = type(segmenter).__name__, clone(segmenter)
    answers = (accepted, offer_id, action_probability)
    params = segmenter.get_params(deep=False)
    owed(fitted.get_params(deep=False) == params, f"{name} must store its arguments as they are given")
    with unchanged(name, X=X):
        owed(fitted.fit(X, *answers) is fitted, f"{name}.fit must return the segmenter itself")
        labels = fitted.predict(X)
    _check_labels(fitted, labels, X)
    same(clone(segmenter).fit(X, *answers).predict(X), labels, f"{name} must find the same segments with the same seed")
    same(fitted.fit(X, *answers).predict(X), labels, f"{name} must forget an earlier fit")
    _check_rows(fitted, labels, X)
    back = type(fitted).from_dict(json.loads(json.dumps(fitted.to_dict(), allow_nan=False)))
    same(back.predict(X), labels, f"{name} gives other labels after a way through JSON")
    same(back.describe(), fitted.describe(), f"{name} describes other segments after a way through JSON")


def _check_labels(segmenter: Segmenter, labels: np.ndarray, X: pd.DataFrame) -> None:
    name, described = type(segmenter).__name__, segmenter.describe()
    owed(labels.shape == (len(X),), f"{name} must give one label per row; gave the shape {labels.shape} for {len(X)}")
    strange = [label for label in labels.tolist() if not isinstance(label, str) or not label]
    owed(not strange, f"{name}'s labels must be texts, not empty; one is {strange[:1]}")
    known = described[c.SEGMENT].tolist()
    owed(len(set(known)) == len(known), f"{name}.describe must have one row per segment; it has {known}")
    unknown = sorted(set(labels.tolist()) - set(known))
    owed(not unknown, f"{name}.describe must know every label; it does not know {unknown}")


def _check_rows(segmenter: Segmenter, labels: np.ndarray, X: pd.DataFrame) -> None:
    name, order = type(segmenter).__name__, np.random.default_rng(0).permutation(len(X))
    same(
        segmenter.predict(X.iloc[order]).tolist(), labels[order].tolist(), f"{name} must not depend on the rows' order"
    )
    same(segmenter.predict(X.iloc[:1]).tolist(), labels[:1].tolist(), f"{name} must label a row alone as among others")
    moved = segmenter.predict(X[X.columns[::-1]].assign(unheard_of=1.0))
    same(moved, labels, f"{name} must take columns by name, in any order, and ignore others")
    owed(segmenter.predict(X.iloc[:0]).shape == (0,), f"{name} must take a frame without rows")
