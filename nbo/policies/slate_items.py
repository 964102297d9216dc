"""The probabilities of the next item of a slate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.policies.base import Policy

__all__ = ["next_item"]


def next_item(policy: Policy, context: pd.DataFrame, stated: np.ndarray, left: np.ndarray) -> np.ndarray:
    """State the probabilities of the next item, given what is left.

    Parameters
    ----------
    policy : Policy
        Asked again where what is left has probability 0.
    context : DataFrame of n rows
        What `policy` reads.
    stated : ndarray of shape (n, k)
        Probabilities of the first item.
    left : ndarray of bool, shape (n, k)
        Eligible offers that are not in the slate yet; at least one in each row.

    Returns
    -------
    ndarray of shape (n, k)
        Rows sum to 1; exactly 0 for what is not left.

    Examples
    --------
    >>> from nbo.policies import Uniform
    >>> stated, left = np.array([[0.5, 0.3, 0.2]]), np.array([[False, True, True]])
    >>> next_item(Uniform(["x", "y", "z"]), pd.DataFrame(index=[0]), stated, left)
    array([[0. , 0.6, 0.4]])
    """
    mass = np.where(left, stated, 0.0)
    total = mass.sum(axis=1, keepdims=True)
    result = np.divide(mass, total, out=np.zeros(mass.shape), where=total > 0)
    empty = (total == 0)[:, 0]
    if empty.any():
        result[empty] = policy.probabilities(context.loc[empty], left[empty])
    return result
