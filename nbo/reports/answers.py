"""Answered decisions, read once for all counts: groups as codes, money as whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows

__all__ = ["ALL", "MICRO", "UNKNOWN", "grouped", "read_answers"]

#: Of the rows that count all groups, and of what is missing.
ALL: Final = "all"
UNKNOWN: Final = "not known"
#: Money is added up in millionths, as whole numbers: sums are exact whatever the order of rows.
MICRO: Final = 1_000_000


def read_answers(feedback: Any, keys: Sequence[str], unit: str = c.CUSTOMER_ID) -> pd.DataFrame:
    """Read answered decisions.

    Parameters
    ----------
    feedback : DataFrame of n rows
        `reward` (1 accepted, 0 not), the keys, and `value` and `cost` if there.
    keys : sequence of str
        Columns to group by; a missing value is a group of its own, "not known".
    unit : str, default="customer_id"
        Whose rows belong together, if there.

    Returns
    -------
    DataFrame of n rows
        The keys as categories of text; accepted, 0 or 1; gain (reward x value - cost in millionths, as whole
        numbers) where feedback has the value; unit, as codes, where feedback has it.

    Raises
    ------
    InputError
        If a column is missing, a reward is neither 0 nor 1, a group is named "all", or a value is
        missing where an offer was accepted.
    """
    frame = check_frame(feedback, "feedback")
    check_columns(frame, [*keys, c.REWARD], "feedback")
    reward = frame[c.REWARD]
    check_rows(~reward.isin([0, 1]).to_numpy(), reward, "feedback.reward", "0 or 1")
    named = {key: grouped(frame[key], f"feedback.{key}") for key in keys}
    rows = pd.DataFrame(named, index=pd.RangeIndex(len(frame))).assign(accepted=(reward == 1).to_numpy(dtype="int64"))
    if c.VALUE in frame:
        rows["gain"] = _gain(frame, (reward == 1).to_numpy(dtype=bool))
    if unit in frame:
        rows["unit"] = pd.factorize(frame[unit], use_na_sentinel=False)[0]
    return rows


def grouped(values: pd.Series, what: str) -> pd.Categorical:
    """Turn a column into groups named by text.

    Parameters
    ----------
    values : Series of n rows
    what : str
        Name for messages.

    Returns
    -------
    Categorical of n rows
        Its categories are in order; a missing value is "not known".

    Raises
    ------
    InputError
        If a group is named "all".

    Examples
    --------
    >>> list(grouped(pd.Series(["b", None, "a"]), "segment"))
    ['b', 'not known', 'a']
    """
    codes, found = pd.factorize(values, use_na_sentinel=False)
    texts = [UNKNOWN if pd.isna(name) else str(name) for name in found]
    names = sorted(set(texts))
    place = {name: at for at, name in enumerate(names)}
    if ALL in place:
        check_rows(codes == texts.index(ALL), values, what, "another word than 'all'")
    return pd.Categorical.from_codes(
        np.array([place[text] for text in texts], dtype=np.int64)[codes], pd.Index(names, dtype="str")
    )


def _gain(frame: pd.DataFrame, accepted: np.ndarray) -> np.ndarray:
    value = check_numbers(frame[c.VALUE], "feedback.value")
    wrong = accepted & ~np.isfinite(value)
    check_rows(wrong, frame[c.VALUE], "feedback.value", "there where an offer was accepted")
    cost = np.nan_to_num(check_numbers(frame[c.COST], "feedback.cost")) if c.COST in frame else 0.0
    return np.rint((np.where(accepted, value, 0.0) - cost) * MICRO).astype("int64")
