"""Which products customers had bought, owned, and bought next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.features import labels
from nbo.features.builders.sales import SALES
from nbo.features.builders.transaction import completed_sales
from nbo.features.conditions import rows_where
from nbo.features.history import History
from nbo.features.label_windows import known_until
from nbo.features.past import Past
from nbo.features.slices import slice_pairs
from nbo.features.window import ALL
from nbo.features.windows import rows_after
from nbo.tables import Spine
from nbo.times import check_duration

__all__ = ["PartsBefore", "bought_next", "parts_before"]

_TABLE = "transactions"
# Counts of all time would grow with the length of the history, and a model of them go off with it.
_RECENT = "365D"


@dataclass(frozen=True)
class PartsBefore:
    """What each row's customer had of some products, as known before its moment.

    Parameters
    ----------
    bought : ndarray of int64, shape (n, k)
        Completed sales of the last 365 days.
    owned : ndarray of bool, shape (n, k)
        Whether the last sale, also one that is pending, is after the last return.
    """

    bought: np.ndarray
    owned: np.ndarray


def parts_before(tables: Any, spine: Spine, product: str, parts: list[str]) -> PartsBefore:
    """Count what customers had bought of some products, and tell which they own.

    Parameters
    ----------
    tables : CustomerTables or other tables with `has` and `columns`
    spine : Spine of n rows
    product : str
        Column of transactions.
    parts : list of str
        k products.

    Returns
    -------
    PartsBefore

    Examples
    --------
    >>> from nbo.tables import CustomerTables
    >>> sales = pd.DataFrame({"customer_id": "ann", "event_time": ["2026-01-01", "2026-02-01", "2026-02-02"],
    ...                       "product_id": ["tv", "tv", "cup"], "kind": ["sale", "return", "sale"]})
    >>> before = parts_before(CustomerTables(transactions=sales), Spine.at("2026-03-01", ["ann"]), "product_id",
    ...                       ["cup", "tv"])
    >>> before.bought.tolist(), before.owned.tolist()
    ([[1, 1]], [[True, False]])
    """
    past = Past(tables, spine)
    history = past.history(_TABLE)
    place = _places(history, product, parts)
    history = history.where(place >= 0)
    place, counts = place[place >= 0], rows_where(history, SALES).astype(np.int64)
    is_return = history.table.codes(c.KIND).having((c.RETURN,))[history.codes(c.KIND)]
    n, k = len(past), len(parts)
    bought, last = np.zeros(n * k, np.int64), np.full((2, n * k), np.iinfo(np.int64).min)
    recent, _ = history.bounds(_RECENT)
    for owner, position in slice_pairs(*history.bounds(ALL)):
        cell = owner * k + place[position]
        np.add.at(bought, cell, counts[position] * (position >= recent[owner]))
        for of_kind, latest in zip((False, True), last, strict=True):
            some = is_return[position] == of_kind
            np.maximum.at(latest, cell[some], history.times[position[some]])
    found = {"bought": bought.reshape(n, k), "owned": (last[0] > last[1]).reshape(n, k)}
    return PartsBefore(**past.given(found))


def bought_next(
    tables: Any, spine: Spine, horizon: Any, product: str, parts: list[str], until: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Tell which products customers bought within the horizon, where it is over.

    Parameters
    ----------
    tables : CustomerTables
    spine : Spine of n rows
    horizon : str or timedelta
    product : str
        Column of transactions.
    parts : list of str
        k products.
    until : Timestamp, str or None
        End of the data; by default the latest moment of any event.

    Returns
    -------
    rows : ndarray of int, shape (m,)
        Rows of the spine whose horizon is over.
    bought : ndarray of bool, shape (m, k)
        Whether a completed sale lies in [as_of, as_of + horizon).

    Raises
    ------
    InputError
        If no row's horizon is over.
    """
    rows = labels.churned(tables, spine, horizon, until=until).index.to_numpy()
    if not len(rows):
        raise InputError(f"no row of the spine has its horizon of {horizon} over at the end of the data.")
    table = tables.columns(_TABLE)
    history = rows_after(table, spine.frame.iloc[rows], pd.Timedelta(0), check_duration(horizon, "horizon"))
    place = _places(history, product, parts)
    fine = (completed_sales(table) & known_until(table, until))[history.rows] & (place >= 0)
    history, place = history.where(fine), place[fine]
    found = np.zeros((len(rows), len(parts)), dtype=bool)
    for owner, position in slice_pairs(*history.bounds(ALL)):
        found[owner, place[position]] = True
    return rows, found


def _places(history: History, product: str, parts: list[str]) -> np.ndarray:
    """Give the place of each row's product among some; -1 where it is none of them."""
    place = {part: at for at, part in enumerate(parts)}
    texts = history.table.codes(product).texts
    return np.array([*(place.get(text, -1) for text in texts), -1])[history.codes(product)]
