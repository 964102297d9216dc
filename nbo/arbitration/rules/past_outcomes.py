"""Which outcomes of other offers a rule asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from nbo.errors import InputError

__all__ = ["MADE", "check_outcomes"]

#: Stands for any contact, whatever its answer, in a list of outcomes.
MADE: Final = "made"


def check_outcomes(given: Any, allowed: Sequence[str], what: str) -> list[str | None]:
    """Take outcomes of other offers as the log of contacts names them.

    Parameters
    ----------
    given : object
    allowed : sequence of str
    what : str
        Name for messages.

    Returns
    -------
    list of str or None
        None for :data:`MADE`.

    Raises
    ------
    InputError
        If it is no list of some that are allowed.
    """
    if not isinstance(given, list | tuple) or not given or any(outcome not in allowed for outcome in given):
        raise InputError(f"{what} must be a list of some of {', '.join(map(repr, allowed))}; got {given!r}.")
    return [None if outcome == MADE else outcome for outcome in given]
