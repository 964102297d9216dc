"""When a feature crosses a limit, and may cross it again."""

from __future__ import annotations

import operator
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_numbers, check_rows

__all__ = ["crossings"]

_MET: Final[dict[str, Any]] = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}


def crossings(rows: pd.DataFrame, feature: tuple[Any, ...], rearm: float | None) -> pd.DataFrame:
    """Find when a feature begins to meet a condition, again only after it was beyond the re-arm level.

    Parameters
    ----------
    rows : DataFrame
        customer_id, as_of and the feature; a missing value changes nothing.
    feature : tuple of (str, str, float)
    rearm : float or None
        The condition ends beyond it; None where it ends as soon as it is not met.

    Returns
    -------
    DataFrame
        customer_id, fired_at, words and order.

    Raises
    ------
    InputError
        If a customer has two values at one moment, or one is no number.

    Examples
    --------
    >>> rows = pd.DataFrame({"customer_id": "ann", "as_of": pd.date_range("2026-01-01", periods=4), "p": [0, 5, 4, 5]})
    >>> len(crossings(rows, ("p", ">=", 5), None)), len(crossings(rows, ("p", ">=", 5), 3))
    (2, 1)
    """
    name, sign, limit = feature
    values = check_numbers(rows[name], f"source.{name}")
    rows = rows.assign(**{name: values})[~np.isnan(values)].drop_duplicates([c.CUSTOMER_ID, c.AS_OF, name])
    rows = rows.sort_values([c.CUSTOMER_ID, c.AS_OF], kind="stable", ignore_index=True)
    twice = rows.duplicated([c.CUSTOMER_ID, c.AS_OF]).to_numpy()
    check_rows(twice, rows[c.CUSTOMER_ID], "source", "one value of each customer and moment")
    met = _MET[sign](rows[name].to_numpy(), limit)
    ended = ~met if rearm is None else ~met & ~_MET[sign](rows[name].to_numpy(), rearm)
    # Between the two levels the condition stays as it was.
    state = pd.Series(np.where(met, 1.0, np.where(ended, 0.0, np.nan)))
    codes = pd.factorize(rows[c.CUSTOMER_ID])[0]
    state = state.groupby(codes).ffill().fillna(0.0)
    before = state.groupby(codes).shift(fill_value=0.0)
    fires = ((state == 1) & (before == 0)).to_numpy()
    words = [f"{value:g}" for value in rows.loc[fires, name]]
    found = {c.CUSTOMER_ID: rows.loc[fires, c.CUSTOMER_ID], "fired_at": rows.loc[fires, c.AS_OF]}
    return pd.DataFrame({**found, "words": words, "order": np.flatnonzero(fires)}).reset_index(drop=True)
