"""Who is in a circle: how many, how old, since when, and which place the customer has among them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.attribute_rows import AttributeRows
from nbo.features.builders.ages import ages
from nbo.features.builders.circles import Circles
from nbo.features.past import Past

__all__ = ["Roster"]

_ADULT = 18.0


class Roster:
    """Who is in a circle: how many, how old, since when, and which place the customer has among them.

    Each method gives an array for the n questions; of customers without a circle, counts are 0 and
    all else is missing.

    Parameters
    ----------
    past : Past
        Of n questions.
    circles : Circles
        Who asks is a member.
    rows : ndarray of int
        The row of `customers` that held for each member.
    """

    def __init__(self, past: Past, circles: Circles, rows: np.ndarray) -> None:
        self._past, self._circles = past, circles
        at = np.zeros(circles.n_circles, dtype=np.int64)
        at[circles.of[circles.of >= 0]] = past.as_of[circles.of >= 0]
        self._rows = AttributeRows(past.table("customers"), rows, at[circles.owner])

    def members(self) -> np.ndarray:
        """Count the members."""
        return self._count(np.ones(len(self._circles.owner), dtype=bool))

    def adults(self) -> np.ndarray:
        """Count the members of 18 years or more."""
        return self._count(self._ages >= _ADULT)

    def children(self) -> np.ndarray:
        """Count the members below 18 years."""
        return self._count(self._ages < _ADULT)

    def age_rank(self) -> np.ndarray:
        """Give the customer's place by age: 1 if no member is older."""
        return self._own(1.0 + _greater(self._circles.owner, self._ages))

    def newest_days(self) -> np.ndarray:
        """Give the days from the latest sign-up of a member."""
        return self._extreme(np.fmin)

    def oldest_days(self) -> np.ndarray:
        """Give the days from the earliest sign-up of a member."""
        return self._extreme(np.fmax)

    def role(self) -> pd.api.extensions.ExtensionArray:
        """Tell who is alone, who came first and who later; missing where the sign-up is not known."""
        earlier = self._own(_greater(self._circles.owner, self._days))
        code = np.where(np.isnan(earlier), -1, np.where(earlier > 0, 2, 1))
        return pd.array(["alone", "first", "later"], dtype="str").take(
            np.where(self.members() == 1, 0, code), allow_fill=True
        )

    @cached_property
    def _ages(self) -> np.ndarray:
        return ages(self._rows)

    @cached_property
    def _days(self) -> np.ndarray:
        return self._rows.days_since(c.SIGNED_UP_AT)

    @cached_property
    def _place(self) -> np.ndarray:
        """Where each customer stands among the members; -1 where it does not."""
        asks = self._past.questions[c.CUSTOMER_ID]
        codes, _ = pd.factorize(pd.concat([self._circles.members.astype(object), asks.astype(object)]))
        members, asking = codes[: len(codes) - len(asks)], codes[len(codes) - len(asks) :]
        n = int(codes.max(initial=-1)) + 1
        there = pd.Index(self._circles.owner.astype(np.int64) * n + members)
        return np.where(self._circles.of < 0, -1, there.get_indexer(self._circles.of.astype(np.int64) * n + asking))

    def _count(self, which: np.ndarray) -> np.ndarray:
        counts = np.bincount(self._circles.owner[which], minlength=self._circles.n_circles)
        return self._circles.per_question(counts, 0)

    def _own(self, of_members: np.ndarray) -> np.ndarray:
        return np.append(of_members, np.nan)[self._place]

    def _extreme(self, ufunc: Any) -> np.ndarray:
        found = np.full(self._circles.n_circles, np.nan)
        ufunc.at(found, self._circles.owner, self._days)
        return self._circles.per_question(found, np.nan)


def _greater(owner: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Count, for each value, the greater ones of the same owner; NaN for a missing value, which counts for none."""
    found = np.full(len(values), np.nan)
    there = np.flatnonzero(~np.isnan(values))
    order = there[np.lexsort((values[there], owner[there]))]
    new_owner = np.diff(owner[order]) != 0
    new_value = new_owner | (np.diff(values[order]) != 0)
    found[order] = _run_ends(new_owner, len(order)) - _run_ends(new_value, len(order))
    return found


def _run_ends(new: np.ndarray, n: int) -> np.ndarray:
    """Give, for each of n positions, the last one of its run; `new` marks where the next position starts one."""
    ends = np.append(np.flatnonzero(new), n - 1) if n else np.empty(0, dtype=np.int64)
    return np.repeat(ends, np.diff(ends, prepend=-1))
