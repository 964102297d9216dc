"""Find audiences in a history of answers, in one call."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_frame
from nbo.numbers import check_number
from nbo.segments.audiences.answers import checked_answers
from nbo.segments.audiences.audiences import Audiences
from nbo.segments.audiences.finder import AudienceFinder
from nbo.times import check_times

__all__ = ["find_audiences"]


def find_audiences(
    X: pd.DataFrame,
    feedback: pd.DataFrame,
    offers: Sequence[str] | None = None,
    alpha: float = 0.05,
    min_customers: int = 200,
    min_accepted: int = 20,
    max_depth: int = 2,
    cuts: int = 3,
    held_out: float = 0.3,
    looks: int = 10,
) -> Audiences:
    """Find who accepts an offer more often than everybody, in a history of answers.

    The history goes through an :class:`AudienceFinder` as it came, in parts, so that `found_at` says when an
    audience could have been known.

    Parameters
    ----------
    X : DataFrame of shape (n, any)
        Features of the customers as they were when decided, row by row as in `feedback`.
    feedback : DataFrame of shape (n, any)
        `offer_id` and `reward`; `action_probability`, `decided_at` and `customer_id` where they
        are there, as ``ledger.feedback()`` and a policy's log have them.
    offers : list of str, optional
        Offers to look at; all by default.
    alpha : float, default=0.05
        Rate of false discoveries, in (0, 1).
    min_customers : int, default=200
        Fewest answers of an audience.
    min_accepted : int, default=20
        Fewest acceptances of an audience.
    max_depth : {1, 2}, default=2
        Most conditions of a rule.
    cuts : int, default=3
        Cuts of a number, at even quantiles.
    held_out : float, default=0.3
        Share of the customers on whom lifts are measured, in (0, 1).
    looks : int, default=10
        Parts of the history.

    Returns
    -------
    Audiences

    Raises
    ------
    InputError
        If a column or a value is missing or not allowed, or X has other rows than `feedback`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": rng.integers(18, 80, 12_000), "city": rng.choice(["A", "B", "C"], 12_000)})
    >>> young = (X["age"] <= 33).to_numpy()
    >>> feedback = pd.DataFrame({"offer_id": "card", "reward": rng.random(12_000) < np.where(young, 0.12, 0.04)})
    >>> audiences = find_audiences(X, feedback)
    >>> audiences.frame["rule"].tolist(), audiences.frame["found_after"].tolist()
    (['age <= 33'], [2400])
    >>> customers = pd.DataFrame({"age": [25, 70], "city": "A"}, index=["ann", "bob"])
    >>> audiences.like_customers("card", customers).index.tolist()
    ['ann']
    """
    finder = AudienceFinder(offers, alpha, min_customers, min_accepted, max_depth, cuts, held_out)
    check_number(looks, "looks", "1 or more", lambda number: number >= 1, whole=True)
    X, feedback = check_frame(X, "X"), check_frame(feedback, "feedback")
    if not len(X):
        return finder.update(X, feedback).audiences()
    # All at once, so that an error counts the rows of the whole.
    checked_answers(feedback, X, held_out, 0)
    finder.prepare(X)
    order = np.arange(len(X))
    if c.DECIDED_AT in feedback:
        order = np.argsort(check_times(feedback[c.DECIDED_AT], "feedback.decided_at").to_numpy(), kind="stable")
    for part in np.array_split(order, min(looks, len(order))):
        finder.update(X.iloc[part], feedback.iloc[part])
    return finder.audiences()
