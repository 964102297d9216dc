"""Masks and moments of a rule by the reason that it gives."""

from __future__ import annotations

import numpy as np

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.grouping import groups_of, spread_groups
from nbo.arbitration.contact.scope import Scope

__all__ = ["by_reason", "named"]


def named(what: str, scope: Scope, by: str = "customer", per: str | None = None) -> str:
    """Say a limit as a reason, such as "2 in 7D per household by email".

    Parameters
    ----------
    what : str
    scope : Scope
    by : str, default="customer"
    per : str, optional
        What it holds for apart; channels name themselves.

    Returns
    -------
    str
    """
    words = [what, f"per {by}" if by != "customer" else "", f"by {scope.words}" if scope.words else ""]
    return " ".join(word for word in [*words, f"per {per}" if per not in (None, c.CHANNEL) else ""] if word)


def by_reason(
    candidates: Candidates, reason: str, values: np.ndarray, fill: object, scope: Scope, per: str | None = None
) -> dict[str, np.ndarray]:
    """Set out what holds for customers, or for groups of each, as arrays by reason.

    Parameters
    ----------
    candidates : Candidates
    reason : str
    values : ndarray of shape (n,), or (n, groups) with `per`
    fill : object
        What stands where the rule says nothing.
    scope : Scope
        Which offers and ways it is about.
    per : str, optional
        As in :func:`groups_of`. Each channel has a reason of its own.

    Returns
    -------
    dict of str to ndarray
        Each broadcasts to (n, k, m).
    """
    about = scope.mask(candidates)
    whole = spread_groups(candidates, per, values, fill)
    if not about.all():
        whole = np.where(about, whole, np.array(fill, dtype=values.dtype))
    if per != c.CHANNEL:
        return {reason: whole}
    channels = np.array(candidates.channels, dtype=object)
    nothing = np.array(fill, dtype=values.dtype)
    names = [name for name in groups_of(candidates, per) if scope.holds_channel(name)]
    return {f"{reason} by {name}": np.where(channels[None, None, :] == name, whole, nothing) for name in names}
