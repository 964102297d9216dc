"""The priorities of all customers, checked, and laid out for passes over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_rows
from nbo.errors import InputError

__all__ = ["Scores", "take_scores"]

# A block of customers with 32-bit numbers should stay in the cache of a core.
_BLOCK = 1 << 17
# Beyond this a 32-bit number overflows soon.
_LARGEST = 1e30


@dataclass(frozen=True)
class Scores:
    """Priorities in blocks of customers, offer by offer.

    Parameters
    ----------
    values : ndarray of shape (n, k)
        As given; NaN or -inf where an offer is not allowed.
    blocks : list of ndarray of float32, shape (k, some)
        The same, -inf where not allowed, customers in order.
    offer_ids : list
        Name of each column.
    index : Index
        Name of each row.
    best : ndarray of shape (k,)
        The largest priority of each offer; -inf where it is allowed to nobody.
    """

    values: np.ndarray
    blocks: list[np.ndarray]
    offer_ids: list[Any]
    index: pd.Index
    best: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Customers and offers."""
        return (int(self.values.shape[0]), int(self.values.shape[1]))

    def of(self, rows: np.ndarray, dtype: Any = np.float64) -> np.ndarray:
        """Give the priorities of some customers.

        Parameters
        ----------
        rows : ndarray of int, shape (some,)
        dtype : type, default=float64

        Returns
        -------
        ndarray of shape (k, some)
        """
        part = np.ascontiguousarray(self.values[rows].T, dtype=dtype)
        return np.fmax(part, dtype(-np.inf), out=part)


def take_scores(priority: Any, offer_ids: Sequence[Any] | None) -> Scores:
    """Check the priorities and lay them out.

    Parameters
    ----------
    priority : ndarray or DataFrame of shape (n, k)
    offer_ids : sequence, optional
        Names of the columns; those of a frame by default, else 0 to k - 1.

    Returns
    -------
    Scores

    Raises
    ------
    InputError
        If it is no matrix of numbers, or one is +inf or above 1e30; if names are doubled or not one for each column.
    """
    if isinstance(priority, pd.DataFrame):
        names: list[Any] = list(priority.columns)
        index: pd.Index = priority.index
        values = _numbers(priority.to_numpy())
    else:
        values = _numbers(np.asarray(priority))
        names, index = [*range(values.shape[1])], pd.RangeIndex(len(values))
    ids = names if offer_ids is None else list(offer_ids)
    if len(ids) != values.shape[1] or len(set(ids)) != len(ids):
        raise InputError(
            f"offer_ids must name each of the {values.shape[1]} columns once; got {len(ids)} names, "
            f"{len(set(ids))} of them different."
        )
    blocks, best = _blocks(values)
    if best.size and not best.max() < _LARGEST:
        worst = np.nanmax(np.where(np.isnan(values), -np.inf, values), axis=1)
        check_rows(~(worst < _LARGEST), worst, "priority", f"below {_LARGEST:g} (NaN or -inf where not allowed)")
    return Scores(values, blocks, ids, index, best)


def _numbers(values: np.ndarray) -> np.ndarray:
    if values.ndim != 2:
        raise InputError(f"priority must have the shape (customers, offers); got {values.shape}.")
    if values.dtype in (np.float32, np.float64):
        return values
    if values.dtype.kind in "iubf":
        return values.astype(np.float64)
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"priority must be numbers; got {values.dtype}: {error}.") from error


def _blocks(values: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    n, k = values.shape
    size = max(_BLOCK // max(k, 1), 512)
    blocks, best = [], np.full(k, -np.inf)
    for start in range(0, n, size):
        block = np.empty((k, min(size, n - start)), dtype=np.float32)
        with np.errstate(over="ignore"):
            block[:] = values[start : start + size].T
        np.fmax(block, np.float32(-np.inf), out=block)
        np.maximum(best, block.max(axis=1, initial=-np.inf), out=best)
        blocks.append(block)
    return blocks, best
