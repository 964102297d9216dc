"""Households and accounts: customers whom links connect."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.features.attribute_rows import AttributeRows
from nbo.features.known_customers import known_customers
from nbo.features.past import Past
from nbo.numbers import check_number
from nbo.segments.links.edges import Edges, components, referral_edges, relationship_edges, shared_edges
from nbo.segments.links.roles import CHILD, member_roles
from nbo.tables import CustomerTables

__all__ = ["households"]


def households(
    tables: CustomerTables,
    as_of: Any,
    *,
    by: Sequence[str | Sequence[str]] = (c.HOUSEHOLD_ID, "relationships"),
    kinds: Collection[str] = ("family",),
    most: int | None = None,
) -> pd.DataFrame:
    """Find who belongs together, from all that links customers as of a moment.

    Customers are linked by a value that the newest rows of both state, by a relationship that holds,
    or by a referral. Who is linked, directly or through others, is one household. A later link joins
    households; one that has ended (another value, or a relationship of weight 0) parts them.

    Parameters
    ----------
    tables : CustomerTables
        With customers.
    as_of : Timestamp or str
        UTC. Only rows with a time before it that were known before it count.
    by : sequence of str or of sequence of str, default=("household_id", "relationships")
        What links customers: a column of `customers`, such as household_id, account_id, address or phone; several
        columns that must all agree, such as ("postcode", "street"); "relationships" or "referrals". Values are
        equal only if they are the same to the letter; a missing or blank one links nobody.
    kinds : collection of str, default=("family",)
        Kinds of relationships that link; one whose kind is not stated links nobody.
    most : int, optional
        Values that more customers share link nobody, such as the phone of a call center.

    Returns
    -------
    DataFrame
        One row for each known customer, in the order of the ids: customer_id; household_id, the smallest id of
        the members, which the order of rows never changes; role; size and children, the number of
        members and of those below 18 years. Roles: head is the oldest adult (then who signed up first, then the
        smallest id), partner the adult next to the head in age, at most 16 years apart, child who is below 18,
        member everybody else. With account_id in `by`, contacts of accounts have the `buying_role` that
        their rows state, or are members.

    Raises
    ------
    InputError
        If there is no table of customers, it lacks a column, `by` or `kinds` is a single text, or `most` is below 1.

    Examples
    --------
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob", "cy", "di"], "phone": ["1", "1", None, None]})
    >>> edges = pd.DataFrame({"customer_id": ["cy"], "related_id": ["bob"], "kind": ["family"]})
    >>> found = households(CustomerTables(customers=customers, relationships=edges), "2026-06-30",
    ...                    by=["phone", "relationships"])
    >>> found["household_id"].tolist(), found["size"].tolist()
    (['ann', 'ann', 'ann', 'di'], [3, 3, 3, 1])
    """
    for name, given in (("by", by), ("kinds", kinds)):
        if isinstance(given, str):
            raise InputError(f"{name} must be a sequence, such as [{given!r}]; got {given!r}.")
    if most is not None:
        check_number(most, "most", "1 or more", lambda number: number >= 1, whole=True)
    past = Past(tables, known_customers(tables, as_of))
    rows = AttributeRows(past.table("customers"), past.rows_as_of("customers"), past.as_of)
    group = components([_edges(past, rows, link, kinds, most) for link in by], len(past))
    ids = past.questions[c.CUSTOMER_ID]
    order = _id_order(ids)
    rank = np.argsort(order, kind="stable")
    roles = member_roles(rows, group, rank, c.ACCOUNT_ID in by)
    n_groups = int(group.max(initial=-1)) + 1
    children = np.bincount(group[roles == CHILD], minlength=n_groups)
    smallest = np.full(n_groups, len(ids))
    np.minimum.at(smallest, group, rank)
    found = pd.DataFrame(
        {
            c.CUSTOMER_ID: ids.array,
            c.HOUSEHOLD_ID: ids.array.take(order[smallest[group]]) if len(ids) else ids.array,
            "role": pd.array(roles, dtype="str"),
            "size": np.bincount(group, minlength=n_groups)[group],
            "children": children[group],
        }
    )
    return found.iloc[order].reset_index(drop=True)


def _edges(
    past: Past, rows: AttributeRows, link: str | Sequence[str], kinds: Collection[str], most: int | None
) -> Edges:
    if link == "relationships":
        return relationship_edges(past, kinds)
    if link == "referrals":
        return referral_edges(past)
    names = [link] if isinstance(link, str) else list(link)
    check_columns(rows.table, names, "customers")
    return shared_edges(rows, names, most)


def _id_order(ids: pd.Series) -> np.ndarray:
    """Sort ids: numbers by size, all else as texts."""
    if pd.api.types.is_numeric_dtype(ids.dtype):
        return np.argsort(ids.to_numpy(), kind="stable")
    return np.argsort(ids.astype(str).to_numpy(dtype=object), kind="stable")
