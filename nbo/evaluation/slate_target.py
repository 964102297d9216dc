"""What a policy would have shown at each position of logged slates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_rows
from nbo.evaluation.candidates import eligible_offers
from nbo.evaluation.slates import column_of, slate_order
from nbo.policies import Policy
from nbo.policies.slate_items import next_item

__all__ = ["slate_target"]


def slate_target(policy: Policy, feedback: pd.DataFrame) -> np.ndarray:
    """State a policy's probabilities at each position, given what the log shows above.

    As :func:`nbo.policies.draw_slates` draws: each offer at most once.

    Parameters
    ----------
    policy : Policy
    feedback : DataFrame of n rows
        As for :func:`nbo.evaluate_slates`, with `offer_id`, and what the policy reads. The column `candidates`
        tells what was eligible for the slate; without it all offers were.

    Returns
    -------
    ndarray of shape (n, k)
        Rows sum to 1.

    Raises
    ------
    InputError
        If an offer is unknown, comes twice in a slate or was not eligible.
    """
    offers = list(policy.offers)
    column = column_of(feedback, offers)
    _, order, first = slate_order(feedback)
    left = np.ones((len(feedback), len(offers)), dtype=bool)
    if c.CANDIDATES in feedback:
        left = eligible_offers(feedback[c.CANDIDATES], offers)
    stated = policy.probabilities(feedback, left)
    tops = np.flatnonzero(first)
    shown = np.zeros(left.shape, dtype=int)
    shown[np.arange(len(order)), column[order]] = 1
    # How often an offer was shown in the slate before this row.
    before = np.vstack([np.zeros((1, len(offers)), dtype=int), shown.cumsum(axis=0)[:-1]])
    above = before - np.repeat(before[tops], np.diff(np.append(tops, len(order))), axis=0)
    left[order] &= above == 0
    possible = left[np.arange(len(left)), column]
    check_rows(~possible, feedback[c.OFFER_ID], f"feedback.{c.OFFER_ID}", "eligible, and once in a slate")
    return next_item(policy, feedback, stated, left)
