"""One answer as a frame of one row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c

__all__ = ["one_row_frame"]


def one_row_frame(row: Mapping[str, Any]) -> pd.DataFrame:
    """Lay one answer out as feedback.

    Parameters
    ----------
    row : mapping
        See :meth:`~nbo.policies.base.Policy.learn_one`.

    Returns
    -------
    DataFrame of one row

    Examples
    --------
    >>> one_row_frame({"decision_id": 1, "reward": None, "decided_at": 1_000_000})["outcome"].item()
    'pending'
    """
    given = dict(row)
    if given.get(c.REWARD, 0) is None:
        given |= {c.OUTCOME: c.PENDING, c.REWARD: np.nan}
    for name in (c.OUTCOME_AT, c.DECIDED_AT):
        if isinstance(given.get(name), int):
            given[name] = pd.Timestamp(given[name], unit="us")
    return pd.DataFrame([given])
