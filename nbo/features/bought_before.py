"""Which later sales are of something new to the customer, or dearer than what it had."""

from __future__ import annotations

import numpy as np

from nbo import columns as c
from nbo.features.history import History
from nbo.features.slices import slice_pairs

__all__ = ["sold_beyond"]

# Cells of spine rows and values held at once.
_CELLS = 1 << 22


def sold_beyond(before: History, after: History, column: str, dearer: bool) -> np.ndarray:
    """Tell whose later sales go beyond the earlier ones.

    Parameters
    ----------
    before, after : History of n spine rows
        Sales of the same table. Those without a value of the column do not count.
    column : str
        Of categories.
    dearer : bool
        Whether to look for a higher amount than ever before for the same value, or else for a value that was
        never bought before. A sale without an amount is not dearer than any.

    Returns
    -------
    ndarray of int64, shape (n,)
        1 where there is such a sale, else 0.
    """
    k, found = after.table.codes(column).n_values + 1, np.zeros(len(after), dtype=np.int64)
    (code, price), (later_code, later_price) = (_coded(history, column, k, dearer) for history in (before, after))
    size = max(1, _CELLS // k)
    for start in range(0, len(after), size):
        some = slice(start, start + size)
        highest = np.full(len(before.first[some]) * k, -np.inf)
        for owner, position in slice_pairs(before.first[some], before.end[some]):
            np.maximum.at(highest, owner * k + code[position], price[position])
        for owner, position in slice_pairs(after.first[some], after.end[some]):
            had = highest[owner * k + later_code[position]]
            beyond = (later_price[position] > had) & (had > -np.inf) if dearer else had == -np.inf
            # The last number stands for a missing value.
            found[start + owner[beyond & (later_code[position] < k - 1)]] = 1
    return found


def _coded(history: History, column: str, k: int, dearer: bool) -> tuple[np.ndarray, np.ndarray]:
    """Give the value of each sale as a number in [0, k), and what was paid."""
    code = history.codes(column).astype(np.int64) % k
    if not dearer:
        return code, np.zeros(len(code))
    return code, np.nan_to_num(history.table.numbers(c.AMOUNT)[history.rows], nan=-np.inf)
