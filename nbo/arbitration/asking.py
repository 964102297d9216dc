"""What a policy is asked with: context and eligible actions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.checks import check_columns, check_rows
from nbo.errors import InputError
from nbo.policies import Policy

__all__ = ["check_once", "check_rng", "check_run", "policy_actions", "policy_context"]

# Of every decision; a feature of that name could not be kept beside it.
OWN_COLUMNS = frozenset(
    {
        *(c.DECISION_ID, c.RUN_ID, c.OFFER_ID, c.CHANNEL, c.CREATIVE, c.PLACEMENT, c.SLOT, c.ACTION_PROBABILITY),
        *(c.POLICY, c.REASON, c.CANDIDATES, c.DROPPED, c.RNG, c.PROPENSITY, c.UPLIFT, c.CONTEXT_WEIGHT, c.VALUE),
        *(c.LEVER, c.COST, c.PRIORITY, c.PRICE, c.PRICES, c.ARM, c.DECIDED_AT, c.POSITION, c.SLATE_PROBABILITY),
    }
)


def check_run(candidates: Candidates, policy: Policy) -> None:
    """Refuse a run that cannot be decided.

    Parameters
    ----------
    candidates : Candidates
    policy : Policy

    Raises
    ------
    InputError
        If a customer stands twice, or the policy does not know an offer of the catalog.
    """
    check_once(candidates)
    unknown = [offer for offer in candidates.catalog.offer_ids if offer not in list(policy.offers)]
    if unknown:
        raise InputError(
            f"the policy does not know {len(unknown)} of {len(candidates.catalog)} offers of the catalog, "
            f"first {unknown[0]!r}. Make it with offers=catalog.offer_ids."
        )


def check_once(candidates: Candidates) -> None:
    """Refuse a run in which a customer stands twice.

    Parameters
    ----------
    candidates : Candidates

    Raises
    ------
    InputError
        Names the first.
    """
    ids = candidates.spine.frame[c.CUSTOMER_ID]
    check_rows(ids.duplicated().to_numpy(), ids, "spine.customer_id", "there once: a run decides once per customer")


def policy_context(
    candidates: Candidates, segments: np.ndarray, policy: Policy, features: pd.DataFrame | None
) -> pd.DataFrame:
    """Give what the policy reads: who, when, the segment, and the features that it names.

    Parameters
    ----------
    candidates : Candidates
    segments : ndarray of str, shape (n,)
    policy : Policy
    features : DataFrame of n rows, optional

    Returns
    -------
    DataFrame of n rows

    Raises
    ------
    InputError
        If a feature that it names is missing or named like a column of the decision, or the lengths differ.
    """
    n = len(candidates.spine)
    if np.shape(segments) != (n,):
        raise InputError(f"segments must be {n} texts, one a customer; got shape {np.shape(segments)}.")
    if features is not None and len(features) != n:
        raise InputError(f"features must have {n} rows, one a customer; got {len(features)}.")
    context = candidates.spine.frame.assign(**{c.SEGMENT: pd.array(np.asarray(segments, dtype=object), dtype="str")})
    clash = [name for name in policy.context_columns if name in OWN_COLUMNS]
    if clash:
        raise InputError(
            f"{type(policy).__name__} reads {clash[0]!r}, which is a column of every decision. "
            "Give the feature another name."
        )
    names = [name for name in policy.context_columns if name not in context]
    if not names:
        return context
    known = pd.DataFrame(index=context.index) if features is None else features
    check_columns(known, names, f"the frame of features, which {type(policy).__name__} reads,")
    return context.assign(**{name: known[name].array for name in names})


def policy_actions(candidates: Candidates, policy: Policy, must: np.ndarray) -> np.ndarray:
    """Tell what is eligible, in the policy's order; making no offer is, but for those who must get one.

    Parameters
    ----------
    candidates : Candidates
    policy : Policy
    must : ndarray of bool, shape (n,)

    Returns
    -------
    ndarray of bool, shape (n, k)
    """
    position = {offer: i for i, offer in enumerate(candidates.catalog.offer_ids)}
    allowed, n, columns = candidates.eligible, len(candidates.spine), []
    for offer in policy.offers:
        columns.append(allowed[:, position[offer]] if offer in position else (offer == c.NO_OFFER) & ~must)
    return np.column_stack(columns) if n else np.empty((0, len(columns)), dtype=bool)


def check_rng(rng: Any) -> int | str:
    """Refuse what does not name a draw.

    Parameters
    ----------
    rng : int or str

    Returns
    -------
    int or str
        An integer of NumPy as one of Python.

    Raises
    ------
    InputError
        If it is neither a whole number nor a text.
    """
    if isinstance(rng, bool) or not isinstance(rng, int | str | np.integer):
        raise InputError(f"rng must be a whole number or a text, which names the draw; got {rng!r}.")
    return rng if isinstance(rng, str) else int(rng)
