"""The rows of one table that bring in money or cost it, in cents by line."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.tables import TableColumns

__all__ = ["COSTS", "LINES", "MEMOS", "Entries", "with_results"]

# What is taken off the revenue, line by line, to come to the profit.
COSTS = ("returns", "goods", "cost_to_serve", "contact_cost", "acquisition_cost", "other_cost")
LINES = ("revenue", *COSTS)
# Beside the sum: a discount is in the lower revenue already.
MEMOS = ("discount",)


@dataclass(frozen=True, eq=False)
class Entries:
    """The rows of one table that bring in money or cost it, in cents by line.

    Parameters
    ----------
    table : TableColumns
    rows : ndarray of int, shape (m,)
        Which rows of it count.
    times : ndarray of int64, shape (m,)
        When, in microseconds of UTC.
    cents : dict of str to ndarray of int64, shape (m,)
        By line, as in `LINES` and `MEMOS`.
    channel : str
        Column that holds the channel.
    notes : dict of str to int
        What is not known, in words -> in how many rows.
    """

    table: TableColumns
    rows: np.ndarray
    times: np.ndarray
    cents: dict[str, np.ndarray]
    channel: str = c.CHANNEL
    notes: dict[str, int] = field(default_factory=dict)

    def owners(self, customers: pd.Index) -> np.ndarray:
        """Find the customer of each row; -1 where missing or not among them.

        Parameters
        ----------
        customers : Index

        Returns
        -------
        ndarray of int, shape (m,)
        """
        if c.CUSTOMER_ID not in self.table:
            return np.full(len(self.rows), -1)
        return self.table.found_among(c.CUSTOMER_ID, customers)[self.rows]

    def texts(self, column: str) -> np.ndarray:
        """Give a category of each row as a text, None where missing.

        Parameters
        ----------
        column : str
            Rows of a table that lacks it have none.

        Returns
        -------
        ndarray of object, shape (m,)
        """
        if column not in self.table:
            return np.full(len(self.rows), None, dtype=object)
        codes = self.table.codes(column)
        return np.array([*codes.texts, None], dtype=object)[codes.codes[self.rows]]


def with_results(cents: pd.DataFrame) -> pd.DataFrame:
    """Add what is left: the margin after returns and goods, and the profit after all costs.

    Parameters
    ----------
    cents : DataFrame
        A column for each line.

    Returns
    -------
    DataFrame
        With `margin` and `profit` behind the others.

    Examples
    --------
    >>> lines = dict.fromkeys(LINES, [0]) | {"revenue": [100], "goods": [60], "contact_cost": [5]}
    >>> with_results(pd.DataFrame(lines))[["margin", "profit"]].values.tolist()
    [[40, 35]]
    """
    margin = cents["revenue"] - cents["returns"] - cents["goods"]
    spent = sum(cents[line] for line in COSTS if line not in ("returns", "goods"))
    return cents.assign(margin=margin, profit=margin - spent)
