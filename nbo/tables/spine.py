"""The questions: which customer, as of when."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys
from nbo.errors import InputError
from nbo.times import check_time, check_times

__all__ = ["Spine"]


class Spine:
    """Rows of (customer_id, as_of): each asks for a customer as known strictly before a moment.

    Make one with :meth:`at`, :meth:`calendar` or :meth:`of`.

    Parameters
    ----------
    frame : DataFrame
        Columns customer_id and as_of. `as_of` may differ from row to row, and a row may
        stand twice.

    Attributes
    ----------
    frame : DataFrame of shape (n, 2)
        customer_id as given, as_of as datetime64[us] in UTC; index 0 .. n-1.

    Raises
    ------
    InputError
        If a column is missing, an id is missing, or a time is not one.

    Examples
    --------
    >>> Spine.at("2026-06-30", ["ann", "bob"]).frame
      customer_id      as_of
    0         ann 2026-06-30
    1         bob 2026-06-30
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        rows = check_frame(frame, "spine")
        check_columns(rows, [c.CUSTOMER_ID, c.AS_OF], "spine")
        rows = rows[[c.CUSTOMER_ID, c.AS_OF]].reset_index(drop=True)
        check_keys(rows[c.CUSTOMER_ID], "spine.customer_id")
        self.frame = rows.assign(**{c.AS_OF: check_times(rows[c.AS_OF], "spine.as_of")})

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        if not len(self):
            return "Spine(0 rows)"
        moments = self.frame[c.AS_OF]
        return f"Spine({len(self)} rows, as_of {moments.min()} to {moments.max()})"

    def _repr_html_(self) -> str:
        return f"<p>{self!r}</p>{self.frame.head().to_html(index=False)}"

    @classmethod
    def at(cls, as_of: Any, customers: Any) -> Spine:
        """Ask for each customer once, all as of one moment.

        Parameters
        ----------
        as_of : Timestamp or str
            The moment, UTC where no zone is given.
        customers : DataFrame, CustomerTables, Series or sequence
            Customer ids, or what has a column of them; each is taken once, in the order in
            which it first stands.

        Returns
        -------
        Spine
        """
        ids = _customer_ids(customers)
        moment = pd.Series(check_time(as_of), index=ids.index, dtype="datetime64[us]")
        spine = cls.__new__(cls)
        # Ids and moment are checked already.
        spine.frame = pd.DataFrame({c.CUSTOMER_ID: ids, c.AS_OF: moment})
        return spine

    @classmethod
    def calendar(cls, start: Any, end: Any, every: str, customers: Any) -> Spine:
        """Ask for each customer on each day of a calendar.

        Parameters
        ----------
        start, end : Timestamp or str
            First and last moment; the end is included if the calendar meets it.
        every : str
            Step, such as "30D", "W" (Sundays) or "MS" (first of the month).
        customers : DataFrame, CustomerTables, Series or sequence
            As in :meth:`at`.

        Returns
        -------
        Spine
            Ordered by moment, then as the customers came.

        Raises
        ------
        InputError
            If no moment lies between start and end, or `every` is no step.

        Examples
        --------
        >>> len(Spine.calendar("2026-01-01", "2026-03-31", "MS", ["ann", "bob"]))
        6
        """
        try:
            moments = pd.date_range(check_time(start, "start"), check_time(end, "end"), freq=every, unit="us")
        except (ValueError, TypeError, ZeroDivisionError) as error:
            raise InputError(f"every must be a step such as '30D', 'W' or 'MS'; got {every!r}.") from error
        if not len(moments):
            raise InputError(f"no moment of the calendar lies in [{start}, {end}] with every={every!r}.")
        ids = _customer_ids(customers)
        parts = [pd.DataFrame({c.CUSTOMER_ID: ids, c.AS_OF: moment}) for moment in moments]
        return cls(pd.concat(parts, ignore_index=True))

    @classmethod
    def of(cls, frame: Any) -> Spine:
        """Take the rows of a frame that has customer_id and as_of.

        Parameters
        ----------
        frame : DataFrame
            Other columns are left aside.

        Returns
        -------
        Spine
            Same rows, same order.
        """
        return cls(frame)


def _customer_ids(customers: Any) -> pd.Series:
    """Each id once, in order of first appearance."""
    if hasattr(customers, "get") and hasattr(customers, "has"):
        customers = customers.get("customers")
    if (
        isinstance(customers, pd.DataFrame)
        or hasattr(customers, "__arrow_c_stream__")
        and hasattr(customers, "columns")
    ):
        frame = check_frame(customers, "customers")
        check_columns(frame, [c.CUSTOMER_ID], "customers")
        customers = frame[c.CUSTOMER_ID]
    if isinstance(customers, str):
        raise InputError(f"customers must be a sequence of ids, not one text; use [{customers!r}].")
    if isinstance(customers, bytes | Mapping) or not np.iterable(customers) or getattr(customers, "ndim", 1) > 1:
        raise TypeError(f"customers must be a sequence of ids, or a frame with them; got {type(customers).__name__}.")
    ids = pd.Series(list(customers) if isinstance(customers, Set) else customers, name=c.CUSTOMER_ID)
    ids = ids.reset_index(drop=True)
    check_keys(ids, "customers.customer_id")
    return ids if len(ids) < 2 else ids.drop_duplicates().reset_index(drop=True)
