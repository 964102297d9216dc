"""Offers that never stand in one slate."""

from __future__ import annotations

from collections.abc import Iterable

from nbo.arbitration.rule import Rule
from nbo.arbitration.rules.excludes import Excludes

__all__ = ["never_together"]


def never_together(rules: Iterable[Rule]) -> list[tuple[str, str]]:
    """List the pairs of offers that never stand in one slate.

    Parameters
    ----------
    rules : iterable of Rule
        Those of the class :class:`~nbo.arbitration.Excludes` that are mutual say so.

    Returns
    -------
    list of (str, str)
        Ids of offers, each pair once and in the order of the alphabet.

    Examples
    --------
    >>> never_together([Excludes("one card", offers=["gold", "blue"], others=["gold", "blue"], mutual=True)])
    [('blue', 'gold')]
    """
    return sorted({pair for rule in rules if isinstance(rule, Excludes) for pair in rule.pairs})
