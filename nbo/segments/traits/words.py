"""Traits in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbo import columns as c
from nbo.segments.number_words import number_words

__all__ = ["trait_words"]


def trait_words(trait: Mapping[Any, Any]) -> str:
    """Tell a difference of a segment from the others.

    Parameters
    ----------
    trait : mapping
        feature, category, measure, here, others and effect.

    Returns
    -------
    str

    Examples
    --------
    >>> trait_words({"feature": "city", "category": "Bern", "measure": "share", "here": 0.5, "others": 0.125})
    'city is Bern: 50 %, others 12 %'
    """
    if trait["measure"] == "share":
        shares = f"{100 * trait['here']:.0f} %, others {100 * trait['others']:.0f} %"
        return f"{trait['feature']} is {trait[c.CATEGORY]}: {shares}"
    more = "higher" if trait["effect"] > 0 else "lower"
    kind = "typically" if trait["measure"] == "median" else "on average"
    here, others = (number_words(trait[side], 4, 0) for side in ("here", "others"))
    return f"{trait['feature']} is {more}: {kind} {here}, others {others}"
