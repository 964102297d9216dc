"""The probabilities of what could have been chosen, as text for the ledger."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from nbo.policies.groups import equal_rows

__all__ = ["candidate_texts"]


def candidate_texts(offers: Sequence[str], stated: np.ndarray, eligible: np.ndarray) -> np.ndarray:
    """Write the probabilities of the eligible offers of each row as JSON.

    Parameters
    ----------
    offers : sequence of str
        k actions.
    stated : ndarray of shape (n, k)
        Probabilities.
    eligible : ndarray of bool, shape (n, k)

    Returns
    -------
    ndarray of str, shape (n,)
        One text for equal rows, made once.

    Examples
    --------
    >>> stated, eligible = np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([[True, True], [True, False]])
    >>> candidate_texts(["x", "y"], stated, eligible).tolist()
    ['{"x": 0.5, "y": 0.5}', '{"x": 1.0}']
    """
    k = len(offers)
    rows = np.column_stack([stated, eligible])
    group, first = equal_rows(rows)
    made = [json.dumps({o: float(row[i]) for i, o in enumerate(offers) if row[k + i]}) for row in rows[first]]
    return np.array(made, dtype=object)[group] if len(group) else np.empty(0, dtype=object)
