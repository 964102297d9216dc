"""Segments that follow change, and keep their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from sklearn.base import clone

from nbo import columns as c
from nbo.checks import check_frame, check_rows
from nbo.errors import InputError
from nbo.segments.base import Segmenter
from nbo.segments.match_labels import match_labels
from nbo.segments.resegmentation import Resegmentation
from nbo.times import check_time

__all__ = ["resegment"]


def resegment(
    segmenter: Segmenter, frames: Mapping[Any, Any], *, match: bool = True, least: float = 0.1
) -> Resegmentation:
    """Fit a segmenter anew at several moments, and let segments that go on keep their names.

    Each fit sees the features of its moment alone. Its segments get the names of those of the moment
    before that they continue, by the customers who are in both. A name never comes back for other customers.

    Parameters
    ----------
    segmenter : Segmenter
        Taken as a copy for each moment.
    frames : mapping of moment to DataFrame
        Features as of each moment, such as ``{as_of: features.build(tables, Spine.at(as_of, ids)).set_axis(ids)}``.
        The index names the customers, each once.
    match : bool, default=True
        Whether to match segments by their customers, for names that are learnt, such as those of clusters. Names
        whose meaning is fixed, such as "champions" or "family", stay as they are: say False.
    least : float, default=0.1
        Smallest overlap with the earlier segment, as of :func:`~nbo.segments.match_labels`.

    Returns
    -------
    Resegmentation

    Raises
    ------
    InputError
        If there are no frames, a frame is empty, a customer stands twice in one, or a key is no moment or stands
        for the same one as another.
    TypeError
        If `segmenter` is none.

    Examples
    --------
    >>> from nbo.segments import HouseholdSegmenter
    >>> X = pd.DataFrame({"size": [1, 2, 2, 1]}, index=["ann", "bob", "cy", "di"])
    >>> found = resegment(HouseholdSegmenter("size"), {"2026-01-01": X, "2026-02-01": X.replace(2, 1)}, match=False)
    >>> found.continuity["continuity"].tolist()
    [0.5]
    """
    if not isinstance(segmenter, Segmenter):
        raise TypeError(f"segmenter must be a Segmenter; got {type(segmenter).__name__}.")
    if not isinstance(frames, Mapping):
        raise InputError(f"frames must be a mapping of moments to frames; got a {type(frames).__name__}.")
    moments = [(check_time(key, "a key of frames"), key) for key in frames]
    if len({moment for moment, _ in moments}) < len(moments):
        raise InputError(f"frames must have each moment once; got {', '.join(str(moment) for moment, _ in moments)}.")
    moments.sort(key=lambda pair: pair[0])
    if not moments:
        raise InputError("frames must have the features of one moment or more; got none.")
    segmenters, matches, labels = [], [], []
    taken: set[str] = set()
    before = pd.Series(dtype="str")
    for moment, key in moments:
        X = check_frame(frames[key], f"frames[{key!r}]")
        check_rows(X.index.duplicated(), X.index, f"the index of frames[{key!r}]", "of customers, each once")
        if not len(X):
            raise InputError(f"frames[{key!r}] must hold a customer or more; leave out a moment without any.")
        fitted = clone(segmenter).fit(X)
        new = pd.Series(fitted.predict(X), index=X.index, dtype="str")
        found = match_labels(before if match else new, new, least=least, taken=taken)
        before = new.map(found.names).astype("str")
        taken |= set(found.names.values())
        segmenters.append(fitted)
        matches.append(found)
        labels.append(pd.DataFrame({c.AS_OF: moment, c.CUSTOMER_ID: X.index, c.SEGMENT: before.array}))
    return Resegmentation(pd.concat(labels, ignore_index=True), tuple(segmenters), tuple(matches))
