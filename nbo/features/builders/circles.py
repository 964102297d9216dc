"""Whose rows count for a question besides the customer's own: contacts of an account, a household, neighbors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.past import Past
from nbo.features.slices import set_out
from nbo.features.windows import rows_as_of

__all__ = ["Circles", "circles_sharing"]


@dataclass(frozen=True)
class Circles:
    """Which customers belong together, as of the moment of each question.

    Questions may share a circle, as all contacts of an account do at one moment.

    Parameters
    ----------
    of : ndarray of int, shape (n,)
        The circle of each question, a number in [0, k); -1 where it has none.
    owner : ndarray of int, shape (p,)
        A circle, for each of its members.
    members : Series of length p
        Customer ids. Who asks is a member only if it stands here too.
    """

    of: np.ndarray
    owner: np.ndarray
    members: pd.Series

    @property
    def n_circles(self) -> int:
        """How many circles there may be: one more than the largest number."""
        return int(max(self.of.max(initial=-1), self.owner.max(initial=-1))) + 1

    def per_question(self, of_circles: np.ndarray, without: float) -> np.ndarray:
        """Give each question what its circle has.

        Parameters
        ----------
        of_circles : ndarray of shape (n_circles,)
        without : float
            For questions without a circle.

        Returns
        -------
        ndarray of shape (n,)
        """
        return np.append(of_circles, np.array([without], dtype=of_circles.dtype))[self.of]


def circles_sharing(past: Past, key: str) -> tuple[Circles, np.ndarray]:
    """Find the customers that share a key, such as their account or household, with who asks.

    Both are as of the moment of the question: a customer belongs to the account that its row of
    `customers` states then, and to no other. Who has moved on has left the old one with all
    of its past, and has brought it along to the new one.

    Parameters
    ----------
    past : Past
    key : str
        Column of `customers`, such as account_id.

    Returns
    -------
    circles : Circles
        Who asks is a member too. Questions without the key have no circle.
    rows : ndarray of int, shape (p,)
        The row of `customers` that held for each member at the moment.
    """
    table = past.table("customers")
    if not len(table) or key not in table:
        nobody = np.empty(0, dtype=np.int64)
        return Circles(np.full(len(past), -1), nobody, pd.Series(dtype="str")), nobody
    keys, customers = table.codes(key), table.codes(c.CUSTOMER_ID)
    n_keys = len(keys.values)
    own = np.append(keys.codes, -1)[past.rows_as_of("customers")].astype(np.int64)
    of, asked_key, asked_at = _asked(own, past.as_of, n_keys)
    # Whoever ever had the key might have it at the moment.
    pairs = np.unique(customers.codes.astype(np.int64) * (n_keys + 1) + keys.codes + 1)
    candidate, had = pairs // (n_keys + 1), pairs % (n_keys + 1) - 1
    order = np.argsort(had, kind="stable")
    bounds = np.searchsorted(had[order], np.arange(n_keys + 1))
    owner, position = set_out(bounds[asked_key], bounds[asked_key + 1])
    members = pd.Series(customers.values.array.take(candidate[order][position]))
    rows = rows_as_of(table, pd.DataFrame({c.CUSTOMER_ID: members, c.AS_OF: asked_at[owner].view("datetime64[us]")}))
    inside = np.append(keys.codes, -1)[rows] == asked_key[owner]
    return Circles(of, owner[inside], members[inside].reset_index(drop=True)), rows[inside]


def _asked(own: np.ndarray, as_of: np.ndarray, n_keys: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give a number to each different (key, moment), and tell its key and moment."""
    moments, moment = np.unique(as_of, return_inverse=True)
    different, number = np.unique(np.where(own < 0, -1, own + moment * n_keys), return_inverse=True)
    if len(different) and different[0] == -1:
        different, number = different[1:], number - 1
    return number, different % n_keys, moments[different // n_keys]
