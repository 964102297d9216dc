"""Answers as the search for audiences counts them: the first of each customer to each offer."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_probabilities
from nbo.errors import InputError
from nbo.rng import uniform_by_key
from nbo.times import check_times

__all__ = ["checked_answers"]

# An answer to an offer of probability below 1 / _HEAVIEST weighs like one of that probability.
_HEAVIEST: Final = 100.0
_SALT: Final = "audiences"


def checked_answers(feedback: Any, X: pd.DataFrame, held_out: float, start: int) -> pd.DataFrame:
    """Take feedback in the order of time, with what the search reads.

    Parameters
    ----------
    feedback : DataFrame of shape (n, any)
        offer_id and reward; customer_id, decision_id, decided_at and action_probability where
        they are there.
    X : DataFrame of shape (n, any)
        Features of the same rows.
    held_out : float
        Share of the customers who are only measured.
    start : int
        Rows seen before, which number rows without any id.

    Returns
    -------
    DataFrame
        Columns offer_id, reward, weight, decided_at (microseconds; the lowest integer where
        there is none), key (the customer's uniform number), held and row (position in
        `feedback`). Without decisions that make no offer or wait for their answer. A
        customer's second answer to an offer is left out.

    Raises
    ------
    InputError
        If a column is missing or holds what is not allowed, or X has another number of rows.
    """
    feedback = check_frame(feedback, "feedback")
    check_columns(feedback, [c.OFFER_ID, c.REWARD], "feedback")
    if len(X) != len(feedback):
        raise InputError(f"X must have one row for each of the {len(feedback)} rows of feedback; got {len(X)}.")
    check_keys(feedback[c.OFFER_ID], "feedback.offer_id")
    waiting = feedback[c.REWARD].isna()
    waiting &= (feedback[c.OUTCOME] == c.PENDING) if c.OUTCOME in feedback else False
    check_probabilities(feedback[c.REWARD].mask(waiting, 0.0), "feedback.reward")
    # 53 bits tell customers apart: of 100,000 two share a number once in two million histories.
    key = uniform_by_key(_keys(feedback, start), _SALT)
    offer = feedback[c.OFFER_ID].astype(str)
    rows = pd.DataFrame(
        {
            c.OFFER_ID: offer.to_numpy(dtype=object),
            c.REWARD: feedback[c.REWARD].to_numpy(dtype=float),
            "weight": _weights(feedback, offer),
            c.DECIDED_AT: _times(feedback),
            "key": key,
            "held": key < held_out,
            "row": np.arange(len(feedback)),
        }
    )
    rows = rows[(rows[c.OFFER_ID] != c.NO_OFFER) & ~waiting.to_numpy()]
    # By key, decisions of one moment come in an order that has nothing to do with features.
    return rows.sort_values([c.DECIDED_AT, "key"], kind="stable").drop_duplicates(["key", c.OFFER_ID])


def _keys(feedback: pd.DataFrame, start: int) -> np.ndarray:
    for name in (c.CUSTOMER_ID, c.DECISION_ID):
        if name in feedback:
            check_columns(feedback, [name], "feedback")
            check_keys(feedback[name], f"feedback.{name}")
            return feedback[name].astype(str).to_numpy(dtype=object)
    return np.arange(start, start + len(feedback)).astype(str).astype(object)


def _times(feedback: pd.DataFrame) -> np.ndarray:
    if c.DECIDED_AT not in feedback:
        return np.full(len(feedback), np.iinfo(np.int64).min)
    times = check_times(feedback[c.DECIDED_AT], "feedback.decided_at")
    return times.to_numpy(dtype="datetime64[us]").astype(np.int64)


def _weights(feedback: pd.DataFrame, offer: pd.Series) -> np.ndarray:
    share = offer.map(offer.value_counts(normalize=True)).to_numpy(dtype=float)
    stated = share
    if c.ACTION_PROBABILITY in feedback:
        given = check_numbers(feedback[c.ACTION_PROBABILITY], "feedback.action_probability")
        stated = check_probabilities(np.where(np.isnan(given), share, given), "feedback.action_probability", zero=False)
    return np.minimum(1 / stated, _HEAVIEST)
