"""What is known of the segments of a survey before anybody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_rows

__all__ = ["survey_segments"]

_RULES = {
    "size": ("whole numbers above 0", lambda x: (x >= 1) & (x % 1 == 0)),
    "rate": ("in [0, 1]", lambda x: (x >= 0) & (x <= 1)),
    "sd": ("finite, 0 or more", lambda x: (x >= 0) & np.isfinite(x)),
    "margin": ("finite, above 0", lambda x: (x > 0) & np.isfinite(x)),
    "response_rate": ("in (0, 1]", lambda x: (x > 0) & (x <= 1)),
    "cost": ("finite, 0 or more", lambda x: (x >= 0) & np.isfinite(x)),
}


def survey_segments(segments: Any, defaults: Mapping[str, float | None]) -> pd.DataFrame:
    """Take the segments of a survey, with what is not told of each of them.

    Parameters
    ----------
    segments : DataFrame of shape (m, any)
        Columns `segment` and `size`, the customers in it; and where they differ by segment `rate` or `sd`, `margin`,
        `response_rate` and `cost`.
    defaults : mapping of str to (float or None)
        For columns that are not there; None leaves one out.

    Returns
    -------
    DataFrame of shape (m, any)
        `segment`, `size`, the other columns that are known, and `sd`: of one answer between the customers of a
        segment; for rates from the rate, with m - 1 in the denominator.

    Raises
    ------
    InputError
        If a column is missing, a number is not allowed, or a segment stands twice.

    Examples
    --------
    >>> frame = pd.DataFrame({"segment": ["gold"], "size": [101]})
    >>> survey_segments(frame, {"rate": 0.5})[["size", "rate", "sd"]].round(4).values.tolist()
    [[101.0, 0.5, 0.5025]]
    """
    frame = check_frame(segments, "segments").reset_index(drop=True)
    check_columns(frame, [c.SEGMENT, "size"], "segments")
    check_keys(frame[c.SEGMENT], f"segments.{c.SEGMENT}")
    twice = frame[c.SEGMENT].duplicated().to_numpy()
    check_rows(twice, frame[c.SEGMENT], f"segments.{c.SEGMENT}", "different in each row")
    known = frame[[c.SEGMENT]].copy()
    for name, (allowed, fine) in _RULES.items():
        if name in frame or defaults.get(name) is not None:
            given = frame[name] if name in frame else np.full(len(frame), defaults[name])
            values = check_numbers(given, f"segments.{name}")
            check_rows(~fine(values), values, f"segments.{name}", allowed)
            known[name] = values
    known["size"] = known["size"].astype(np.int64)
    if "sd" not in known:
        rate, size = known["rate"], known["size"]
        known["sd"] = np.sqrt(rate * (1 - rate) * size / np.maximum(size - 1, 1))
    return known
