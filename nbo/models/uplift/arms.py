"""Who was treated with what: the labels of the arms, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_rows
from nbo.errors import InputError

__all__ = ["codes_of_arms", "take_arms"]

# What stands for "not treated" where the caller does not say.
_CONTROLS = (0, "0", c.NO_OFFER, "control")
_MOST_ARMS = 50


def take_arms(treatment: Any, n_rows: int, control: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """Take the treatment of each row as a code, and the labels that the codes stand for.

    Parameters
    ----------
    treatment : array-like of shape (n,)
        Labels: True and False, numbers or texts.
    n_rows : int
        Rows of X.
    control : label, optional
        The label of who was not treated. By default 0, False, "no_offer" or "control", whichever is there.

    Returns
    -------
    codes : ndarray of int, shape (n,)
        0 for the control, 1 for the first treatment ...
    labels : ndarray of shape (n_arms,)
        The control, then the treatments in the order of their labels.

    Raises
    ------
    InputError
        If a label is missing, nobody was treated, nobody was left untreated, there are more than 50 labels, or
        nothing says which label is the control.

    Examples
    --------
    >>> take_arms(["email", "no_offer", "sms"], 3)
    (array([1, 0, 2]), array(['no_offer', 'email', 'sms'], dtype=object))
    """
    values = _take(treatment, n_rows)
    codes, uniques = pd.factorize(values, sort=True)
    labels = np.asarray(uniques)
    if len(labels) > _MOST_ARMS:
        raise InputError(
            f"treatment must have at most {_MOST_ARMS} labels; it has {len(labels)}, first: {labels.tolist()[0]!r}. "
            "It says which arm each row was in, not how much it got."
        )
    place = _control(labels, control)
    order = [place, *(i for i in range(len(labels)) if i != place)]
    if len(order) < 2:
        raise InputError(
            f"treatment must have two labels or more; all {n_rows} rows (n_samples = {n_rows}) are "
            f"{labels.tolist()[0]!r}. The effect is a difference: rows that were treated and rows that were not are "
            "needed."
        )
    return np.argsort(order)[codes], labels[order]


def codes_of_arms(treatment: Any, n_rows: int, labels: np.ndarray) -> np.ndarray:
    """Take labels as codes of arms that are known already.

    Parameters
    ----------
    treatment : array-like of shape (n,)
        Labels.
    n_rows : int
        Rows that there must be.
    labels : ndarray of shape (n_arms,)
        The control, then the treatments.

    Returns
    -------
    ndarray of int, shape (n,)

    Raises
    ------
    InputError
        If a label is missing or not among them.

    Examples
    --------
    >>> codes_of_arms([1, 0, 1], 3, np.array([0, 1])).tolist()
    [1, 0, 1]
    """
    values = _take(treatment, n_rows)
    codes = np.asarray(pd.Index(labels.tolist(), dtype=object).get_indexer(pd.Index(values.tolist(), dtype=object)))
    check_rows(codes < 0, values, "treatment", f"one of {', '.join(map(repr, labels.tolist()))}")
    return codes


def _take(treatment: Any, n_rows: int) -> np.ndarray:
    if treatment is None:
        raise InputError("treatment is needed: for each row 1 if it was treated, 0 if not, or the label of its arm.")
    values = np.asarray(treatment)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.shape != (n_rows,):
        raise InputError(f"treatment must have the shape ({n_rows},), one label for each row; got {values.shape}.")
    check_rows(np.asarray(pd.isna(values), dtype=bool), values, "treatment", "there in every row")
    if values.dtype.kind in "UO" and len({isinstance(value, str) for value in values}) > 1:
        raise InputError("treatment must hold texts or numbers; it holds both.")
    return values.astype(object) if values.dtype.kind == "U" else values


def _control(labels: np.ndarray, control: Any) -> int:
    known = labels.tolist()
    wanted = _CONTROLS if control is None else (control,)
    for label in wanted:
        if label in known:
            return known.index(label)
    shown = ", ".join(map(repr, known[:5]))
    if control is not None:
        raise InputError(f"control must be among the labels of treatment; got {control!r}, they are {shown}.")
    raise InputError(
        f"nothing says which label of treatment is the control; they are {shown}. Nobody is 0, False, "
        f"{c.NO_OFFER!r} or 'control': name the label of who was not treated as `control`."
    )
