"""All that customers brought in and cost in a span: who, in which period, how many cents in which line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.windows import known_before
from nbo.tables import CustomerTables
from nbo.value.cents import sums
from nbo.value.cost_entries import acquisition_entries, case_entries, contact_entries, given_entries
from nbo.value.entries import LINES, MEMOS, Entries, with_results
from nbo.value.sales_entries import sales_entries
from nbo.value.span import Span

__all__ = ["Postings", "all_entries", "customers_of", "notes_of", "spending_entries", "tallied"]


@dataclass(frozen=True, eq=False)
class Postings:
    """Cents by line, each row in one group.

    Parameters
    ----------
    groups : ndarray of int, shape (m,)
        Below 0 for a row that belongs to none.
    cents : dict of str to ndarray of int64, shape (m,)
        By line.
    """

    groups: np.ndarray
    cents: dict[str, np.ndarray]


def all_entries(tables: CustomerTables, span: Span, costs: Any = None) -> list[Entries]:
    """Find all that customers brought in and cost in a span; each row of a table is in one of them.

    Parameters
    ----------
    tables : CustomerTables
    span : Span
    costs : DataFrame, optional

    Returns
    -------
    list of Entries
        Of transactions, cases, decisions, customers and the costs given.
    """
    return [sales_entries(tables, span), *spending_entries(tables, span, costs)]


def spending_entries(tables: CustomerTables, span: Span, costs: Any = None) -> list[Entries]:
    """Find all that customers cost in a span beside the goods; each row of a table is in one of them.

    Parameters
    ----------
    tables : CustomerTables
    span : Span
    costs : DataFrame, optional

    Returns
    -------
    list of Entries
        Of cases, decisions, customers and the costs given.
    """
    found = [make(tables, span) for make in (case_entries, contact_entries, acquisition_entries)]
    return [*found, given_entries(costs, span)]


def customers_of(tables: CustomerTables, span: Span, found: list[Entries]) -> pd.Index:
    """List the customers, in the order of their ids.

    Parameters
    ----------
    tables : CustomerTables
    span : Span
    found : list of Entries

    Returns
    -------
    Index
        All of the table of customers who were known before `as_of`; without such a table, those who have entries. Ids
        of several kinds are in the order of their texts.
    """
    if tables.has("customers"):
        table = tables.get("customers")
        keys = [table[c.CUSTOMER_ID][known_before(table, span.as_of, "customers")]]
    else:
        with_keys = [entries for entries in found if c.CUSTOMER_ID in entries.table and len(entries.rows)]
        keys = [_plain(entries.table[c.CUSTOMER_ID].iloc[entries.rows]) for entries in with_keys]
    known = [pd.Index(_plain(part.dropna()).unique()) for part in keys]
    joined = known[0].append(known[1:]).unique() if known else pd.Index([], dtype="str")
    return _sorted(joined).rename(c.CUSTOMER_ID)


def tallied(parts: list[Postings], n: int) -> pd.DataFrame:
    """Add up the lines of each group, exactly, and what is left.

    Parameters
    ----------
    parts : list of Postings
    n : int
        Number of groups.

    Returns
    -------
    DataFrame of n rows
        Cents as int64: the lines, the memos, `margin` and `profit`.
    """
    totals = {line: np.zeros(n, dtype=np.int64) for line in (*LINES, *MEMOS)}
    for part in parts:
        for line, cents in part.cents.items():
            totals[line] += sums(part.groups, cents, n)
    return with_results(pd.DataFrame(totals))


def notes_of(found: list[Entries]) -> pd.DataFrame:
    """Tell what is not known, and in how many rows.

    Parameters
    ----------
    found : list of Entries

    Returns
    -------
    DataFrame
        table, what, n_rows; only what there is.
    """
    rows = [(e.table.name, what, n) for e in found for what, n in e.notes.items() if n]
    notes = pd.DataFrame(rows, columns=["table", "what", "n_rows"])
    return notes.astype({"table": "str", "what": "str", "n_rows": "int64"})


def _sorted(keys: pd.Index) -> pd.Index:
    """Put ids in order; those of several kinds in that of their texts."""
    mixed = keys.inferred_type in ("mixed", "mixed-integer")
    return keys.sort_values(key=(lambda ids: ids.astype("str")) if mixed else None)


def _plain(keys: pd.Series) -> pd.Series:
    """Take categories by what they are, for their own order may be any."""
    return keys.astype(keys.cat.categories.dtype) if isinstance(keys.dtype, pd.CategoricalDtype) else keys
