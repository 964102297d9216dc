"""Shares of arms, and the lanes of the unit interval in which they grow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbo.errors import InputError
from nbo.numbers import check_number

__all__ = ["check_shares", "lanes_of"]

# Sums of decimal fractions are off by some last digits.
_SLACK = 1e-9


def check_shares(shares: Any, what: str, *, empty: bool = False) -> dict[str, float]:
    """Take shares by name.

    Parameters
    ----------
    shares : mapping of str to float
    what : str
        Name for messages.
    empty : bool, default=False
        Whether there may be none.

    Returns
    -------
    dict of str to float
        A copy.

    Raises
    ------
    InputError
        If it is no mapping, a name is no text, a share is not in [0, 1], or they are above 1 together.

    Examples
    --------
    >>> check_shares({"agent": 0.9, "holdout": 0.2}, "shares")
    Traceback (most recent call last):
    nbo.errors.InputError: shares must be at most 1 together; got 1.1: agent 0.9, holdout 0.2.
    """
    if not isinstance(shares, Mapping) or not (shares or empty):
        raise InputError(f"{what} must be a mapping such as {{'holdout': 0.05}}; got {shares!r}.")
    for name, share in shares.items():
        if not isinstance(name, str) or not name:
            raise InputError(f"{what} must have texts that are not empty as names; got {name!r}.")
        check_number(share, f"{what}[{name!r}]", "in [0, 1]", lambda value: 0 <= value <= 1)
    taken = {name: float(share) for name, share in shares.items()}
    if sum(taken.values()) > 1 + _SLACK:
        listed = ", ".join(f"{name} {share:g}" for name, share in taken.items())
        raise InputError(f"{what} must be at most 1 together; got {sum(taken.values()):g}: {listed}.")
    return taken


def lanes_of(
    shares: Mapping[str, float], ceilings: Mapping[str, float], segments: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Give the width of each arm's lane: its ceiling, or its part of what is left.

    Parameters
    ----------
    shares : mapping of str to float
    ceilings : mapping of str to float
        Of some or all arms.
    segments : mapping of str to (mapping of str to float)
        Shares of some arms in segments; a lane is wide enough for the largest.

    Returns
    -------
    dict of str to float
        In the order of `shares`, at most 1 together.

    Raises
    ------
    InputError
        If an arm is unknown, or there is no room for the largest share of an arm.

    Examples
    --------
    >>> lanes_of({"agent": 0.01, "control": 0.01, "holdout": 0.05}, {"holdout": 0.1}, {})
    {'agent': 0.45, 'control': 0.45, 'holdout': 0.1}
    """
    for name in [*ceilings, *(arm for own in segments.values() for arm in own)]:
        if name not in shares:
            raise InputError(f"arms must be one of {', '.join(map(repr, shares))}; got {name!r}.")
    most = {arm: max([share, *(own.get(arm, 0.0) for own in segments.values())]) for arm, share in shares.items()}
    free = {arm: share for arm, share in most.items() if arm not in ceilings}
    room, asked = 1.0 - sum(ceilings.values()), sum(free.values())
    scale = max(room, 0.0) / asked if asked else 0.0
    lanes = {arm: float(ceilings[arm]) if arm in ceilings else share * scale for arm, share in most.items()}
    for arm, share in most.items():
        if share > lanes[arm] + _SLACK:
            raise InputError(
                f"share of {arm!r} must be at most its ceiling {lanes[arm]:g}; got {share:g}. Give it a higher ceiling "
                "from the start, or make the arm that shrinks the `rest`."
            )
    return lanes
