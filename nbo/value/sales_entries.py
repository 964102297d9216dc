"""What sales bring in, what returns give back and what the goods cost."""

from __future__ import annotations

import numpy as np

from nbo import columns as c
from nbo.features.moments import moments
from nbo.features.windows import known_before
from nbo.tables import CustomerTables, TableColumns
from nbo.value.cents import whole_cents
from nbo.value.entries import Entries
from nbo.value.span import Span

__all__ = ["sales_entries"]


def sales_entries(tables: CustomerTables, span: Span) -> Entries:
    """Find what completed sales and returns brought in and cost.

    The goods of a sale cost its amount less its margin; of a return, they come back for the amount less what is
    lost. Where the margin is missing, `cost` says it. Where both are, the goods count as 0 and are noted.

    Parameters
    ----------
    tables : CustomerTables
    span : Span

    Returns
    -------
    Entries
        Lines revenue, returns (above 0), goods (below 0 where they come back) and discount.

    Raises
    ------
    InputError
        If an event has no time, or money is no number or too large.
    """
    table = tables.columns("transactions")
    happened, _ = moments(table)
    within = known_before(table, span.as_of) & span.holds(happened)
    kinds, states = table.codes(c.KIND), table.codes(c.STATUS)
    done = states.having([c.COMPLETED])[states.codes]
    sold, back = (kinds.having([kind])[kinds.codes] for kind in (c.SALE, c.RETURN))
    rows = np.flatnonzero(within & done & (sold | back))
    is_sale = sold[rows]
    amounts, margins, costs, discounts = (
        _cents(table, name, rows) for name in (c.AMOUNT, c.MARGIN, c.COST, c.DISCOUNT)
    )
    sign = np.where(is_sale, 1, -1)
    # Without the amount, what the margin leaves for the goods is not known either.
    by_margin = margins[1] & amounts[1]
    goods = np.where(by_margin, sign * amounts[0] - margins[0], sign * costs[0])
    differ = by_margin & costs[1] & (goods != sign * costs[0])
    notes = {
        "without an amount, which counts as 0": int((~amounts[1]).sum()),
        "with neither margin nor cost, so that the goods count as 0": int((~by_margin & ~costs[1]).sum()),
        "where amount less margin is not the cost; the margin counts": int(differ.sum()),
        "pending, which do not count": int((within & ~done & (sold | back)).sum()),
        "neither sale nor return, which do not count": int((within & ~(sold | back)).sum()),
    }
    lines = {
        "revenue": np.where(is_sale, amounts[0], 0),
        "returns": np.where(is_sale, 0, amounts[0]),
        "goods": goods,
        "discount": np.where(is_sale, discounts[0], 0),
    }
    return Entries(table, rows, happened[rows], lines, notes=notes)


def _cents(table: TableColumns, name: str, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give money in cents, 0 where missing, and whether it is there."""
    if name not in table:
        return np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=bool)
    numbers = table.numbers(name)[rows]
    return whole_cents(numbers, f"{table.name}.{name}"), ~np.isnan(numbers)
