"""How many customers bought how often, expected and actual."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_frame
from nbo.models.btyd.purchase_draws import DrawnPurchases
from nbo.numbers import check_number
from nbo.rng import generator

__all__ = ["purchase_frequencies"]


def purchase_frequencies(
    model: DrawnPurchases, X: Any, most: int = 7, repeats: int = 20, rng: int | np.random.Generator | None = 0
) -> pd.DataFrame:
    """Compare how many customers a model expects to buy so often with how many do.

    The expected numbers are means over customers drawn from the model, who are observed as long as the given
    ones.

    Parameters
    ----------
    model : BGNBD, MBGNBD, ParetoNBD or BGBB
        Fitted.
    X : DataFrame of shape (n, ...)
        Histories, as for the fit.
    most : int, default=7
        Customers with so many purchases or more are counted together.
    repeats : int, default=20
        How often customers are drawn.
    rng : int, Generator or None, default=0
        Seed.

    Returns
    -------
    DataFrame of most + 1 rows
        ``frequency`` (text, the last such as "7+"), ``actual`` and ``expected`` customers.

    Raises
    ------
    InputError
        If a row can't be a history, or an argument is not allowed.

    Examples
    --------
    >>> from nbo.models import BGNBD
    >>> X = pd.DataFrame({"frequency": [0, 2, 1, 0, 5, 3], "recency": [0, 30, 2, 0, 36, 12], "T": [39] * 6})
    >>> table = purchase_frequencies(BGNBD(penalty=1.0).fit(X), X, most=2)
    >>> table["frequency"].tolist(), table["actual"].tolist(), round(table["expected"].sum().item(), 6)
    (['0', '1', '2+'], [2, 1, 3], 6.0)
    """
    check_number(most, "most", "a whole number, at least 1", lambda value: value >= 1, whole=True)
    check_number(repeats, "repeats", "a whole number, at least 1", lambda value: value >= 1, whole=True)
    frame, generate = check_frame(X, "X"), generator(rng)
    rows = model._histories(frame)
    actual = np.bincount(np.minimum(rows["frequency"][rows.inverse], most).astype(np.int64), minlength=most + 1)
    expected = np.zeros(most + 1)
    lengths = rows[model._end][rows.inverse]
    for _ in range(repeats):
        drawn = model.simulate(len(frame), lengths, generate, frame if model._covariates() else None)
        expected += np.bincount(np.minimum(drawn["frequency"], most), minlength=most + 1) / repeats
    names = [*map(str, range(most)), f"{most}+"]
    return pd.DataFrame({"frequency": names, "actual": actual, "expected": expected})
