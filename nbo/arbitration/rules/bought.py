"""Which products customers have bought and not brought back, as of each row's moment."""

from __future__ import annotations

import numpy as np

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.grouped_times import times_by_group
from nbo.features.history import History
from nbo.features.window import ALL
from nbo.features.windows import rows_before
from nbo.tables import TableColumns

__all__ = ["bought_products"]

# Rows of a run at once, so that the times of all products of a chunk stay small.
_ROWS = 1 << 16


def bought_products(candidates: Candidates, products: list[str], window: str = ALL) -> np.ndarray:
    """Tell which products customers have bought and not brought back, as of each row's moment.

    Parameters
    ----------
    candidates : Candidates
        n rows; the table `transactions` says what was bought.
    products : list of str
        p product ids.
    window : str, default="all"
        Only sales of this length of time before the row's moment, such as "365D".

    Returns
    -------
    ndarray of bool, shape (n, p)
        True where the last sale of the product is after its last return. A return of the same moment comes
        after the sale.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> sales = pd.DataFrame({"customer_id": ["ann", "ann"], "event_time": ["2026-01-01", "2026-02-01"],
    ...                       "product_id": "tv", "amount": 300.0, "kind": ["sale", "return"]})
    >>> spine = Spine.of(pd.DataFrame({"customer_id": "ann", "as_of": pd.to_datetime(["2026-01-15", "2026-02-15"])}))
    >>> candidates = Candidates.of(CustomerTables(transactions=sales), spine, Catalog([Offer("a", products=("tv",))]))
    >>> bought_products(candidates, ["tv"]).tolist()
    [[True], [False]]
    """
    owned = np.zeros((len(candidates.spine), len(products)), dtype=bool)
    found = _history(candidates, products)
    if found is None:
        return owned
    history, place = found
    returns = history.table.codes(c.KIND).having((c.RETURN,))[history.codes(c.KIND)]
    low, high = history.bounds(window)
    sold, back = np.where(returns, -1, place), np.where(returns, place, -1)
    for begin in range(0, len(owned), _ROWS):
        some = slice(begin, begin + _ROWS)
        ends = (low[some], high[some])
        last = times_by_group(*ends, sold, len(products), history.times)
        owned[some] = last > times_by_group(*ends, back, len(products), history.times)
    return owned


def _history(candidates: Candidates, products: list[str]) -> tuple[History, np.ndarray] | None:
    """Give what each row may see of the sales of some products, and which product each is of."""
    tables = candidates.tables
    table = None if tables is None else tables.columns("transactions")
    if table is None or c.PRODUCT_ID not in table or not len(table) or not products:
        return None
    place = {product: at for at, product in enumerate(products)}
    codes = table.codes(c.PRODUCT_ID)
    sells = np.array([*(place.get(text, -1) for text in codes.texts), -1])[codes.codes]
    names = [name for name in (c.CUSTOMER_ID, c.EVENT_TIME, c.KNOWN_AT, c.KIND) if name in table]
    wanted = np.flatnonzero(sells >= 0)
    frame = table.frame(names).iloc[wanted].reset_index(drop=True)
    history = rows_before(TableColumns.of(frame, "transactions"), candidates.spine.frame)
    return history, sells[wanted][history.rows]
