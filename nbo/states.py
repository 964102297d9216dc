"""The stored state of a part, checked before anything is made from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from nbo.errors import InputError

__all__ = ["check_parts", "check_state", "plain_value"]


def check_state(state: Any, kind: str, name: str, format_: int, parts: Mapping[str, type]) -> dict[str, Any]:
    """Take the stored state of a part, if it is of that kind, of a known format and complete.

    Parameters
    ----------
    state : object
        What was read.
    kind : str
        The entry that names the class, such as "policy".
    name : str
        The class it must name.
    format_ : int
        The format it must have.
    parts : mapping of str to type
        The other entries it must have, and of which type.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If it is anything else.

    Examples
    --------
    >>> check_state({"policy": "Uniform", "format": 2}, "policy", "Uniform", 1, {})
    Traceback (most recent call last):
    nbo.errors.InputError: state must be of Uniform, format 1; got 'Uniform', format 2.
    """
    given = state if isinstance(state, dict) else {}
    if given.get(kind) != name or given.get("format") != format_:
        got = f"{given.get(kind)!r}, format {given.get('format')!r}" if given else f"a {type(state).__name__}"
        raise InputError(f"state must be of {name}, format {format_}; got {got}.")
    check_parts(given, name, parts)
    return given


def check_parts(given: dict[str, Any], name: str, parts: Mapping[str, type]) -> None:
    """Refuse a state that lacks a part, or has one of another type.

    Parameters
    ----------
    given : dict
    name : str
        Whose state it is.
    parts : mapping of str to type

    Raises
    ------
    InputError
        Names the first such part.

    Examples
    --------
    >>> check_parts({"tree": []}, "AcceptanceTreeSegmenter", {"tree": dict})
    Traceback (most recent call last):
    nbo.errors.InputError: state of AcceptanceTreeSegmenter is incomplete or altered: 'tree' must be a dict; got [].
    """
    broken = [part for part, type_ in parts.items() if not isinstance(given.get(part), type_)]
    if broken:
        raise InputError(
            f"state of {name} is incomplete or altered: {broken[0]!r} must be a {parts[broken[0]].__name__}; "
            f"got {given.get(broken[0])!r}."
        )


def plain_value(value: Any) -> Any:
    """Turn arrays, NumPy's numbers, and what holds them, into lists and numbers, as JSON has them.

    Parameters
    ----------
    value : object

    Returns
    -------
    object

    Examples
    --------
    >>> plain_value({"card": (np.float64(1.5), 2)})
    {'card': [1.5, 2]}
    """
    if isinstance(value, np.ndarray | pd.Series | pd.Index):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {key: plain_value(item) for key, item in value.items()}
    return [plain_value(item) for item in value] if isinstance(value, list | tuple) else value
