"""The segment of each customer in each scheme, as of a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_frame, check_rows
from nbo.errors import InputError
from nbo.segments.base import Segmenter
from nbo.tables import Spine

__all__ = ["segment_customers"]


def segment_customers(schemes: Mapping[str, Segmenter], X: pd.DataFrame, spine: Spine) -> pd.DataFrame:
    """Label customers by several schemes at once.

    What is known as of the time of each row is up to `X`: features that are built of the tables for the
    spine hold nothing later, and the segmenters are fitted already, so the same customers get the
    same segments whoever else is asked about.

    Parameters
    ----------
    schemes : mapping of str to Segmenter
        Fitted segmenters by the name of their scheme.
    X : DataFrame of shape (n, any)
        Features of the rows of `spine`, in the same order.
    spine : Spine
        Each customer once at each time.

    Returns
    -------
    DataFrame of shape (n * n_schemes, 5)
        One row per row of the spine and scheme, scheme by scheme: customer_id, as_of, `scheme` (its name), `version`
        (12 hexadecimal digits; the same if and only if the same was learnt) and `segment`.

    Raises
    ------
    InputError
        If the lengths differ, a customer comes twice at a time, or a feature is missing.
    TypeError
        If a scheme is not a segmenter.

    Examples
    --------
    >>> from nbo.segments import RFMSegmenter, ValueTierSegmenter
    >>> X = pd.DataFrame({"profit": [90.0, -5]})
    >>> tiers = ValueTierSegmenter("profit", limits=(50, 10)).fit(X)
    >>> spine = Spine.at("2026-06-30", ["ann", "bob"])
    >>> segment_customers({"value": tiers}, X, spine)[["customer_id", "scheme", "segment"]].to_numpy().tolist()
    [['ann', 'value', 'high'], ['bob', 'value', 'negative']]
    """
    wrong = [name for name, segmenter in schemes.items() if not isinstance(segmenter, Segmenter)]
    if wrong:
        raise TypeError(f"schemes must be segmenters; {wrong[0]!r} is a {type(schemes[wrong[0]]).__name__}.")
    X, rows = check_frame(X, "X"), spine.frame
    if len(X) != len(rows):
        raise InputError(f"X must have one row for each of the {len(rows)} rows of the spine; got {len(X)}.")
    again = rows.duplicated([c.CUSTOMER_ID, c.AS_OF]).to_numpy()
    check_rows(again, rows[c.CUSTOMER_ID], "spine.customer_id", "there once at each time")
    labels = [segmenter.predict(X) for segmenter in schemes.values()]
    n, count = len(rows), len(schemes)
    names = pd.array([str(name) for name in schemes], dtype="str")
    versions = pd.array([segmenter.scheme for segmenter in schemes.values()], dtype="str")
    which = np.repeat(np.arange(count), n)
    every = rows.iloc[np.tile(np.arange(n), count)].reset_index(drop=True)
    segments = pd.array(np.concatenate(labels) if labels else [], dtype="str")
    return every.assign(scheme=names.take(which), version=versions.take(which), **{c.SEGMENT: segments})
