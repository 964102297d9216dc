"""What a policy is asked with: context and eligible actions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.checks import check_columns, check_rows
from nbo.errors import InputError
from nbo.policies import Policy

__all__ = ["check_run", "policy_actions", "policy_context"]


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
    ids = candidates.spine.frame[c.CUSTOMER_ID]
    check_rows(ids.duplicated().to_numpy(), ids, "spine.customer_id", "there once: a run decides once per customer")
    unknown = [offer for offer in candidates.catalog.offer_ids if offer not in list(policy.offers)]
    if unknown:
        raise InputError(
            f"the policy does not know {len(unknown)} of {len(candidates.catalog)} offers of the catalog, "
            f"first {unknown[0]!r}. Make it with offers=catalog.offer_ids."
        )


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
        If a feature that it names is missing.
    """
    context = candidates.spine.frame.assign(**{c.SEGMENT: pd.Series(segments, dtype="str")})
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
