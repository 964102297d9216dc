"""Columns with which a score may only rise, or only fall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbo.errors import InputError
from nbo.models.encoding import FrameEncoder

__all__ = ["monotone_directions"]


def monotone_directions(monotone: Any, encoder: FrameEncoder) -> tuple[int, ...]:
    """Give the direction of each column of the matrix.

    Parameters
    ----------
    monotone : mapping of str to {-1, 1}, or None
        By name of the column: 1 where the score may only rise with it, -1 where it may only fall.
    encoder : FrameEncoder
        Fitted.

    Returns
    -------
    tuple of {-1, 0, 1}
        In the order of the matrix; 0 is not bound.

    Raises
    ------
    InputError
        If it is no mapping, names a column that is not there or is no number, or a direction is
        neither 1 nor -1.

    Examples
    --------
    >>> import pandas as pd
    >>> encoder = FrameEncoder().fit(pd.DataFrame({"plan": ["a", "b"], "age": [30, 40], "tenure": [1, 2]}))
    >>> monotone_directions({"tenure": -1}, encoder)
    (0, 0, -1)
    """
    if monotone is None:
        return (0,) * len(encoder.names_)
    if not isinstance(monotone, Mapping):
        raise InputError(f"monotone must be a mapping of column names to 1 or -1; got {monotone!r}.")
    for name, direction in monotone.items():
        if name not in encoder.names_:
            near = ", ".join(map(repr, encoder.names_[:10]))
            raise InputError(f"monotone names the column {name!r}, which X has not. It has: {near}.")
        if encoder.kinds_[name] == "category":
            raise InputError(f"monotone names the column {name!r}, whose categories have no order; make it a number.")
        if isinstance(direction, bool) or direction not in (-1, 1):
            raise InputError(f"monotone must give 1 (rises) or -1 (falls); column {name!r} has {direction!r}.")
    return tuple(int(monotone.get(name, 0)) for name in encoder.names_)
