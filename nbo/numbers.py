"""One number that a caller gave, such as a setting."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

from nbo.errors import InputError

__all__ = ["check_number"]


def check_number(value: Any, what: str, allowed: str, fine: Callable[[Any], bool], *, whole: bool = False) -> Any:
    """Refuse what is no number, or not one that is allowed.

    Parameters
    ----------
    value : object
    what : str
        The argument, for messages.
    allowed : str
        What it must be, to follow "must be".
    fine : callable
        Tells whether a number is allowed.
    whole : bool, default=False
        Whether it must be an integer.

    Returns
    -------
    object
        The value.

    Raises
    ------
    InputError
        If it is not allowed.

    Examples
    --------
    >>> check_number("many", "batch", "1 or more", lambda batch: batch >= 1)
    Traceback (most recent call last):
    nbo.errors.InputError: batch must be 1 or more; got 'many'.
    """
    number = isinstance(value, Integral if whole else Real | Decimal) and not isinstance(value, bool)
    if not number or not fine(value):
        raise InputError(f"{what} must be {allowed}; got {value!r}.")
    return value
