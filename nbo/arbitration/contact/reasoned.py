"""Masks and moments of a rule by the reason that it gives."""

from __future__ import annotations

import numpy as np

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.grouping import spread_groups
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
        What it holds for apart.

    Returns
    -------
    str
    """
    words = [what, f"per {by}" if by != "customer" else "", scope.words, f"per {per}" if per else ""]
    return " ".join(word for word in words if word)


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
        As in :func:`groups_of`.

    Returns
    -------
    dict of str to ndarray
        Of one reason; broadcasts to (n, k, m).
    """
    about = scope.mask(candidates)
    whole = spread_groups(candidates, per, values, fill)
    if not about.all():
        whole = np.where(about, whole, np.array(fill, dtype=values.dtype))
    return {reason: whole}
