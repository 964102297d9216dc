"""Rows of linked customers as one's own."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.builders.circles import Circles
from nbo.features.history import History
from nbo.features.keys import match_keys
from nbo.features.order import counting_order
from nbo.features.past import Past
from nbo.features.slices import set_out
from nbo.features.windows import rows_before
from nbo.tables import Spine, TableColumns
from nbo.tables.codes import Codes

__all__ = ["LinkedPast"]

# Column that says whose rows they are here; `customer_id` still says who did it.
_CIRCLE = "circle"


class LinkedPast(Past):
    """What a spine may see of linked customers: the rows of a whole circle as those of one customer.

    Whatever computes columns for a :class:`~nbo.features.past.Past` computes them for circles:
    windows, filters, late rows and ties are the same, and :meth:`spread` gives the columns back
    to the questions that the circles came from. A question without a circle sees no rows. What a
    circle sees depends on who is in it and on their rows alone. Questions of one circle at one
    moment are computed once, and the rows of circles with the same members are copied once,
    however many moments they are asked for.

    Attribute tables are of no use here, for a circle has no row of its own.

    Parameters
    ----------
    past : Past
    circles : Circles
        One number for each of the questions of `past`.

    Examples
    --------
    >>> from nbo.features.builders.circles import circles_sharing
    >>> from nbo.tables import CustomerTables
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "account_id": ["a", "a", None]})
    >>> sales = pd.DataFrame(
    ...     {"customer_id": ["ann", "bob", "cy"], "event_time": ["2026-06-01", "2026-06-29", "2026-06-29"]}
    ... )
    >>> tables = CustomerTables(customers=customers, transactions=sales)
    >>> past = Past(tables, Spine.at("2026-06-30", ["ann", "bob", "cy"]))
    >>> linked = LinkedPast(past, circles_sharing(past, "account_id")[0])
    >>> low, high = linked.history("transactions").bounds("all")
    >>> linked.spread({"sales_of_the_account": high - low})["sales_of_the_account"].tolist()
    [2, 2, 0]
    """

    def __init__(self, past: Past, circles: Circles) -> None:
        member, self._distinct = pd.factorize(circles.members)
        kind, self._owner, self._member = _same_members(circles.owner, member, circles.n_circles)
        asked = np.append(kind, -1)[circles.of]
        super().__init__(past._tables, Spine(pd.DataFrame({c.CUSTOMER_ID: asked, c.AS_OF: past.questions[c.AS_OF]})))
        self._past = past

    def table(self, name: str) -> TableColumns:
        """Give the rows of a table's linked customers, once for each circle that they are in."""
        if name not in self._columns:
            table = self._past.table(name)
            codes, _ = match_keys(table, pd.DataFrame({c.CUSTOMER_ID: self._distinct}), c.CUSTOMER_ID)
            order, _, bounds = counting_order(codes + 1, len(self._distinct) + 1)
            owner, position = set_out(bounds[self._member + 1], bounds[self._member + 2])
            self._columns[name] = _Copied(table, order[position], self._owner[owner])
        return self._columns[name]

    def history_of(self, table: TableColumns, time: str = "", key: str = c.CUSTOMER_ID) -> History:
        """Give the rows of a table made from those of :meth:`table` that each circle may see."""
        own = key == c.CUSTOMER_ID
        asked = self.questions.rename(columns={c.CUSTOMER_ID: _CIRCLE}) if own else self.questions
        return rows_before(table, asked, time=time, key=_CIRCLE if own else key)


def _same_members(owner: np.ndarray, member: np.ndarray, n_circles: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give one number to circles that have the same members.

    Returns
    -------
    kind : ndarray of int, shape (n_circles,)
        -1 for a circle without members.
    owner, member : ndarray of int
        Each kind with each of its members, once.
    """
    order = np.lexsort((member, owner))
    owner, member = owner[order], member[order]
    first_time = np.ones(len(owner), dtype=bool)
    first_time[1:] = (np.diff(owner) != 0) | (np.diff(member) != 0)
    owner, member = owner[first_time].astype(np.int64), member[first_time].astype(np.int64)
    starts = np.searchsorted(owner, np.arange(n_circles))
    size = np.bincount(owner, minlength=n_circles)
    # Circles of one size, told apart by their first member, then by their second ...
    kind, left, depth, used = size.copy(), np.flatnonzero(size), 0, int(size.max(initial=0)) + 1
    while len(left):
        different, number = np.unique(
            kind[left] * (int(member.max()) + 1) + member[starts[left] + depth], return_inverse=True
        )
        kind[left] = used + number
        used, depth = used + len(different), depth + 1
        left = left[size[left] > depth]
    some = np.flatnonzero(size)
    found, example, kind[some] = np.unique(kind[some], return_index=True, return_inverse=True)
    kind[size == 0] = -1
    circle, position = set_out(starts[some[example]], starts[some[example]] + size[some[example]])
    return kind, circle, member[position]


class _Copied(TableColumns):
    """Rows of a table, some of them more than once, and the circle that each is there for."""

    def __init__(self, table: TableColumns, rows: np.ndarray, circles: np.ndarray) -> None:
        super().__init__(table.name, [*table.columns, _CIRCLE], len(rows), self._taken)
        self._table, self._rows, self._circles = table, rows, circles

    def __getitem__(self, name: str) -> pd.Series:
        return self._taken(name)

    def _taken(self, name: str) -> pd.Series:
        return pd.Series(self._circles if name == _CIRCLE else self._table[name].array.take(self._rows))

    def numbers(self, name: str) -> np.ndarray:
        return np.asarray(self._table.numbers(name)[self._rows])

    def times(self, name: str) -> np.ndarray:
        return np.asarray(self._table.times(name)[self._rows])

    def _coded(self, name: str) -> Codes:
        if name == _CIRCLE:
            return Codes(self._circles, self._numbers_of_circles)
        codes = self._table.codes(name)
        return Codes(codes.codes[self._rows], codes.values)

    @cached_property
    def _numbers_of_circles(self) -> pd.Series:
        return pd.Series(np.arange(int(self._circles.max(initial=-1)) + 1))

    def replaced(self, **columns: Any) -> TableColumns:
        return TableColumns(self.name, list(self.columns), len(self), self._taken).replaced(**columns)
