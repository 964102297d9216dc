"""The row that each customer has in a frame."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.tables.key_positions import key_positions

__all__ = ["rows_of"]


def rows_of(customers: pd.Series, keys: pd.Series, what: str) -> np.ndarray:
    """Find the row of a frame that each customer has.

    Parameters
    ----------
    customers : Series of n different keys
    keys : Series of m different keys
        Of the frame.
    what : str
        Name of `keys` for messages.

    Returns
    -------
    ndarray of int, shape (n,)
        Positions in `keys`; -1 where the customer has no row.

    Raises
    ------
    InputError
        If keys are text on one side and numbers on the other.

    Examples
    --------
    >>> rows_of(pd.Series(["ann", "bob"]), pd.Series(["bob", "cy"]), "owners.customer_id").tolist()
    [-1, 0]
    """
    place = key_positions(keys, pd.Index(customers), what)
    rows = np.full(len(customers), -1)
    known = np.flatnonzero(place >= 0)
    rows[place[known]] = known
    return rows
