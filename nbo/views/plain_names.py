"""Names that a plot shows as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["plain_names"]


def plain_names(names: Iterable[Any]) -> list[str]:
    r"""Give names as texts that matplotlib does not take for formulas.

    Between two dollars it would set "$100 to $200" as mathematics.

    Parameters
    ----------
    names : iterable

    Returns
    -------
    list of str

    Examples
    --------
    >>> plain_names(["$100 to $200", 7])
    ['\\$100 to \\$200', '7']
    """
    return [str(name).replace("$", r"\$") for name in names]
