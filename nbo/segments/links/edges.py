"""Pairs of customers that something links, as of a moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.attribute_rows import AttributeRows
from nbo.features.builders.neighbors import Neighbors
from nbo.features.past import Past
from nbo.segments.labels.by_customer import check_same_ids

__all__ = ["components", "referral_edges", "relationship_edges", "shared_edges"]

# The two ends of each link, as places of the customers among the questions.
Edges = tuple[np.ndarray, np.ndarray]


def shared_edges(rows: AttributeRows, names: Sequence[str], most: int | None) -> Edges:
    """Link all customers whose rows state the same values.

    Parameters
    ----------
    rows : AttributeRows
        Of `customers`, one for each of n customers.
    names : sequence of str
        Columns that must all agree; who lacks one of them, or has a blank text, is linked to nobody.
    most : int or None
        Values of more customers link nobody.

    Returns
    -------
    tuple of (ndarray of int, ndarray of int)
        Each customer and the first one with the same values.
    """
    group, there = np.zeros(len(rows), dtype=np.int64), np.ones(len(rows), dtype=bool)
    for name in names:
        codes = rows.codes(name).astype(np.int64)
        texts = rows.table.codes(name).values.astype("str")
        # The last place is for code -1, a missing value.
        blank = np.append((texts.str.strip() == "").to_numpy(dtype=bool), True)
        there &= ~blank[codes]
        group = np.unique(group * (len(blank) + 1) + codes + 1, return_inverse=True)[1].reshape(-1)
    who = np.flatnonzero(there)
    _, first, group, size = np.unique(group[who], return_index=True, return_inverse=True, return_counts=True)
    linked = np.ones(len(who), dtype=bool) if most is None else size[group] <= most
    return who[linked], who[first[group]][linked]


def relationship_edges(past: Past, kinds: Collection[str]) -> Edges:
    """Link the ends of the relationships of some kinds that hold.

    Parameters
    ----------
    past : Past
        Of n customers at one moment.
    kinds : collection of str

    Returns
    -------
    tuple of (ndarray of int, ndarray of int)
    """
    found = Neighbors.of(past, both_ends=True)
    wanted = np.array([kind in kinds for kind in found.kinds] + [False])[found.kind]
    other = pd.Index(past.questions[c.CUSTOMER_ID]).get_indexer(pd.Index(found.customers))[found.neighbor]
    wanted &= other >= 0
    return found.question[wanted], other[wanted]


def referral_edges(past: Past) -> Edges:
    """Link who referred somebody to whom was referred.

    Parameters
    ----------
    past : Past
        Of n customers at one moment.

    Returns
    -------
    tuple of (ndarray of int, ndarray of int)
    """
    table, ids = past.table("referrals"), pd.Index(past.questions[c.CUSTOMER_ID])
    if not len(table):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    known = past.known("referrals")
    for name in (c.CUSTOMER_ID, c.REFERRED_ID):
        check_same_ids(pd.Index(table[name]).dropna(), ids, (f"referrals.{name}", "customers.customer_id"))
    ends = [ids.get_indexer(pd.Index(table[name][known])) for name in (c.CUSTOMER_ID, c.REFERRED_ID)]
    both = (ends[0] >= 0) & (ends[1] >= 0)
    return ends[0][both], ends[1][both]


def components(edges: Sequence[Edges], n: int) -> np.ndarray:
    """Find the groups of customers that links connect, directly or through others.

    Parameters
    ----------
    edges : sequence of (ndarray of int, ndarray of int)
    n : int
        Number of customers.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    start, end = (np.concatenate([pair[side] for pair in edges]) if edges else np.empty(0, int) for side in (0, 1))
    graph = coo_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1]) if n else np.empty(0, dtype=np.int64)
