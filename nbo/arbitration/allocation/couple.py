"""Limits as given, checked and brought together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from nbo.arbitration.allocation.coupling import Coupling, MatrixCost
from nbo.arbitration.allocation.limit import Limit
from nbo.checks import check_rows
from nbo.errors import InputError

__all__ = ["couple", "names_of", "positions_of"]


def couple(limits: Sequence[Limit], offer_ids: Sequence[Any], n: int) -> Coupling:
    """Bring the limits together.

    Parameters
    ----------
    limits : sequence of Limit
    offer_ids : sequence
        Name of each of the k columns.
    n : int
        Customers.

    Returns
    -------
    Coupling

    Raises
    ------
    InputError
        If a limit names unknown offers or customers, a cost is not a finite number of 0 or more or of another shape,
        or two limits share a name.
    """
    names, k = names_of(limits), len(offer_ids)
    rows = [_rows(limit.rows, name, n) for limit, name in zip(limits, names, strict=True)]
    groups, members = _groups(rows, n)
    columns, matrices = [], []
    scale = np.ones(len(limits))
    for place, (limit, name) in enumerate(zip(limits, names, strict=True)):
        offers = np.zeros(k, dtype=bool)
        offers[positions_of(limit.offers, offer_ids, name)] = True
        weight = _weight(limit, members[place], members.shape[1])
        cost = _cost(limit.cost, name, n, k)
        if cost.ndim == 2:
            scale[place] = float(cost.mean()) or 1.0 if cost.size else 1.0
            matrices.append(MatrixCost(place, cost, offers, weight, float(cost.max(initial=0.0))))
            columns.append(sparse.csr_array((members.shape[1] * k, 1)))
        else:
            counted = sparse.csr_array(weight[:, None]) @ sparse.csr_array((cost * offers)[None, :])
            scale[place] = float(np.abs(counted.data).mean()) if counted.nnz else 1.0
            columns.append(sparse.csr_array(counted.reshape((members.shape[1] * k, 1))))
    table = sparse.hstack(columns, format="csr") if columns else sparse.csr_array((members.shape[1] * k, 0))
    nothing = sparse.csr_array((1, len(limits)))
    low, high = _bounds(limits)
    whole = sparse.csr_array(sparse.vstack([table, nothing], format="csr"))
    return Coupling(names, low, high, k, groups, whole, matrices, scale)


def names_of(limits: Sequence[Limit]) -> list[str]:
    """Name each limit, by its place where it has no name.

    Parameters
    ----------
    limits : sequence of Limit

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If one is no limit, or two share a name.
    """
    if isinstance(limits, Limit):
        raise InputError(f"limits must be a list of Limit; got {limits}. Write [{limits}].")
    for limit in limits:
        if not isinstance(limit, Limit):
            raise InputError(f"limits must be a list of Limit; got {type(limit).__name__}: {limit!r}.")
    names = [f"limit {place}" if limit.name is None else limit.name for place, limit in enumerate(limits, 1)]
    double = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if double:
        raise InputError(f"limits must differ in name; {', '.join(map(repr, double))} comes more than once.")
    return names


def positions_of(offers: Sequence[Any] | None, offer_ids: Sequence[Any], name: str) -> np.ndarray:
    """Find the columns of offers, by position or by id.

    Parameters
    ----------
    offers : sequence of int or str, or None
        None for all.
    offer_ids : sequence
        Name of each column.
    name : str
        Of the limit, for messages.

    Returns
    -------
    ndarray of int

    Raises
    ------
    InputError
        If an offer is unknown, or there is none.
    """
    if offers is None:
        return np.arange(len(offer_ids))
    if isinstance(offers, str | int | np.integer):
        raise InputError(f"offers of {name!r} must be a list; got {offers!r}. Write [{offers!r}].")
    known = {offer: place for place, offer in enumerate(offer_ids)}
    found = []
    for offer in offers:
        place = known.get(offer)
        if place is None and isinstance(offer, int | np.integer) and 0 <= offer < len(offer_ids):
            place = int(offer)
        if place is None:
            some = ", ".join(map(repr, list(offer_ids)[:20]))
            raise InputError(f"offers of {name!r} must be known; got {offer!r}. There are: {some}.")
        found.append(place)
    if not found:
        raise InputError(f"offers of {name!r} must name at least one; got none. Give None for all.")
    return np.array(found, dtype=np.intp)


def _rows(rows: Any, name: str, n: int) -> np.ndarray | None:
    """Give the positions of the customers that count, or None for all."""
    if rows is None:
        return None
    given = np.asarray(rows)
    if given.dtype == bool and given.shape == (n,):
        return np.flatnonzero(given)
    if given.ndim == 1 and (given.dtype.kind in "iu" or not given.size):
        check_rows((given < 0) | (given >= n), given, f"rows of {name!r}", f"positions from 0 to {n - 1}")
        return np.unique(given.astype(np.intp))
    raise InputError(
        f"rows of {name!r} must be a mask of shape ({n},) or positions; got {given.dtype} of shape {given.shape}."
    )


def _groups(rows: list[np.ndarray | None], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Put customers who count in the same limits together; say of each limit and group whether it counts."""
    groups = np.zeros(n, dtype=np.intp)
    patterns: list[tuple[int, ...]] = [()]
    for place, counted in enumerate(rows):
        if counted is None:
            continue
        present = np.flatnonzero(np.bincount(groups[counted], minlength=len(patterns)))
        moved = np.zeros(len(patterns), dtype=np.intp)
        moved[present] = len(patterns) + np.arange(len(present))
        groups[counted] = moved[groups[counted]]
        patterns += [(*patterns[old], place) for old in present]
    there = np.flatnonzero(np.bincount(groups, minlength=len(patterns))) if n else np.array([0])
    number = np.zeros(len(patterns), dtype=np.intp)
    number[there] = np.arange(len(there))
    members = np.zeros((len(rows), len(there)), dtype=bool)
    for group, pattern in enumerate(there):
        members[list(patterns[pattern]), group] = True
    members[[place for place, counted in enumerate(rows) if counted is None]] = True
    return number[groups], members


def _weight(limit: Limit, member: np.ndarray, n_groups: int) -> np.ndarray:
    weight = member.astype(float) if limit.rows is not None else np.ones(n_groups)
    return weight if limit.share is None else weight - limit.share


def _bounds(limits: Sequence[Limit]) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.full(len(limits), -np.inf), np.full(len(limits), np.inf)
    for place, limit in enumerate(limits):
        if limit.at_least is not None and limit.at_least > 0:
            low[place] = limit.at_least
        if limit.at_most is not None:
            high[place] = limit.at_most
        if limit.at_least_share is not None:
            low[place] = 0.0
        if limit.at_most_share is not None:
            high[place] = 0.0
    return low, high


def _cost(cost: Any, name: str, n: int, k: int) -> np.ndarray:
    if cost is None:
        return np.ones(k)
    given = np.asarray(cost)
    if given.dtype.kind not in "iubf" or given.shape not in ((k,), (n, k)):
        raise InputError(
            f"cost of {name!r} must be numbers of shape ({k},) or ({n}, {k}); got {given.dtype} of shape {given.shape}."
        )
    if given.size and not (given.min() >= 0 and given.max() < np.inf):
        what, way_out = f"cost of {name!r}", "Give 0 where an offer is not allowed."
        each = given.reshape(-1, k) if given.ndim == 2 else given[:, None]
        wrong = np.any(~((each >= 0) & (each < np.inf)), axis=1)
        check_rows(wrong, each.tolist(), what, "finite and 0 or more", way_out)
    return given if given.ndim == 2 and given.dtype in (np.float32, np.float64) else given.astype(float)
