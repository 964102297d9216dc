"""One random number for each row of a context."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_keys
from nbo.errors import InputError
from nbo.rng import generator, uniform_by_key

__all__ = ["row_uniforms"]


def row_uniforms(context: pd.DataFrame, rng: int | str | np.random.Generator) -> np.ndarray:
    """Draw one uniform number for each row, by customer where that can be.

    Parameters
    ----------
    context : DataFrame of shape (n, any)
    rng : int, str or numpy.random.Generator
        A number or a text keys the draws by the column `customer_id`, if that is there: they do
        not depend on other rows. A customer's second row has a key of its own.

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1).

    Raises
    ------
    InputError
        If `rng` is a text and there is no `customer_id`, or a `customer_id` is missing.

    Examples
    --------
    >>> both = row_uniforms(pd.DataFrame({"customer_id": ["ann", "bob"]}), rng="run 1")
    >>> bool(row_uniforms(pd.DataFrame({"customer_id": ["bob"]}), rng="run 1")[0] == both[1])
    True
    """
    keyed = isinstance(rng, str | int | np.integer) and c.CUSTOMER_ID in context
    if not keyed:
        if isinstance(rng, str):
            raise InputError(f"a text as rng needs the column {c.CUSTOMER_ID!r} in context; or give a number.")
        return generator(rng).random(len(context))
    check_columns(context, [c.CUSTOMER_ID], "context")
    check_keys(context[c.CUSTOMER_ID], f"context.{c.CUSTOMER_ID}")
    ids = context[c.CUSTOMER_ID].reset_index(drop=True)
    times_seen = ids.groupby(ids, dropna=False, observed=True).cumcount().to_numpy()
    uniform = np.empty(len(ids))
    for count in np.unique(times_seen):
        rows = times_seen == count
        salt = f"{rng}" if count == 0 else f"{rng}/{count}"
        uniform[rows] = uniform_by_key(ids[rows].reset_index(drop=True), salt=salt)
    return uniform
