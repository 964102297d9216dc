"""Which place each member has in its household or account."""

from __future__ import annotations

import numpy as np

from nbo import columns as c
from nbo.features.attribute_rows import AttributeRows, plain_words
from nbo.features.builders.ages import ages

__all__ = ["CHILD", "member_roles"]

CHILD, _HEAD, _MEMBER, _PARTNER = "child", "head", "member", "partner"
_ADULT = 18.0
# Partners are no further apart in age; parents and their children are.
_PARTNER_YEARS = 16.0


def member_roles(rows: AttributeRows, group: np.ndarray, rank: np.ndarray, accounts: bool) -> np.ndarray:
    """Tell the place of each member.

    Parameters
    ----------
    rows : AttributeRows
        Of `customers`, one for each of n members.
    group : ndarray of int, shape (n,)
        Number of each member's group.
    rank : ndarray of int, shape (n,)
        Place of each member by its id, the last word between equals.
    accounts : bool
        Whether contacts of business accounts have the roles in buying that their rows state.

    Returns
    -------
    ndarray of object, shape (n,)
    """
    role = np.full(len(rows), _MEMBER, dtype=object)
    if accounts and c.ACCOUNT_ID in rows:
        family = rows.codes(c.ACCOUNT_ID) < 0
        if c.BUYING_ROLE in rows:
            named = [plain_words(text) for text in rows.table.codes(c.BUYING_ROLE).texts]
            role[~family] = np.array([*named, _MEMBER], dtype=object)[rows.codes(c.BUYING_ROLE)[~family]]
    else:
        family = np.ones(len(rows), dtype=bool)
    some = np.flatnonzero(family)
    since = rows.days_since(c.SIGNED_UP_AT) if c.SIGNED_UP_AT in rows else np.full(len(rows), np.nan)
    role[some] = _family(group[some], ages(rows)[some], since[some], rank[some])
    return role


def _family(group: np.ndarray, age: np.ndarray, since: np.ndarray, rank: np.ndarray) -> np.ndarray:
    child = age < _ADULT
    role = np.where(child, CHILD, _MEMBER).astype(object)
    # The oldest adult, then who signed up first, then the smallest id; lexsort's last key counts most.
    order = np.lexsort((rank, -np.nan_to_num(since, nan=-1.0), -np.nan_to_num(age, nan=-1.0), child, group))
    first = np.append(True, np.diff(group[order]) != 0)[: len(order)]
    head = order[first]
    role[head] = _HEAD
    age_of_head = np.full(int(group.max(initial=-1)) + 1, np.nan)
    age_of_head[group[head]] = age[head]
    apart = np.abs(age - age_of_head[group])
    may = np.flatnonzero((role == _MEMBER) & (apart <= _PARTNER_YEARS))
    order = may[np.lexsort((rank[may], apart[may], group[may]))]
    role[order[np.append(True, np.diff(group[order]) != 0)[: len(order)]]] = _PARTNER
    return role
