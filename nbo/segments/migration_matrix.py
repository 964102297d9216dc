"""Who goes from which tier to which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.segments.labels.by_customer import check_same_ids, labels_by_customer
from nbo.segments.migration_counts import MigrationMatrix

__all__ = ["migration_matrix"]


def migration_matrix(
    before: Any, after: Any, tiers: Sequence[str] | None = None, *, level: float = 0.95
) -> MigrationMatrix:
    """Count who went from which tier to which between two moments, with those who came and went.

    It describes. Whether a program has moved anybody, only a holdout tells: see
    :func:`nbo.experiments.tier_migration`.

    Parameters
    ----------
    before, after : Series or array-like
        Tier of each customer at either moment. The index of a series names the customers, each once; two arrays of
        one length are of the same customers in the same order. Missing: no customer then.
    tiers : sequence of str, optional
        All tiers, the lowest first; by default those that there are, by letter.
    level : float, default=0.95
        How often an interval shall hold the true share, in (0, 1).

    Returns
    -------
    MigrationMatrix

    Raises
    ------
    InputError
        If a customer stands twice, lengths differ, only one of the two is a series, ids are numbers in one and
        texts in the other, or a tier is not among the tiers.

    Examples
    --------
    >>> before = pd.Series(["silver", "silver", "gold", "gold"], index=["ann", "bob", "cy", "di"])
    >>> after = pd.Series(["gold", "silver", "gold", "silver"], index=["ann", "bob", "cy", "eve"])
    >>> found = migration_matrix(before, after, ["silver", "gold"])
    >>> found.counts.values.tolist()
    [[1, 1, 0], [0, 1, 1], [1, 0, 0]]
    >>> found.shares.loc["silver"].tolist()
    [0.5, 0.5, 0.0]
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    old, new = labels_by_customer(before, "before"), labels_by_customer(after, "after")
    both = [isinstance(labels, pd.Series) for labels in (before, after)]
    if both[0] != both[1]:
        raise InputError("before and after must both be series, whose index names the customers, or neither.")
    if not both[0] and len(before) != len(after):
        raise InputError(f"before and after must be of the same customers; got {len(before)} and {len(after)} rows.")
    check_same_ids(old.index, new.index, ("before", "after"))
    names = sorted({*old.dropna().unique(), *new.dropna().unique()}) if tiers is None else [str(name) for name in tiers]
    if len(set(names)) < len(names) or {"entered", "left"} & set(names):
        raise InputError(f"tiers must differ, and none may be 'entered' or 'left'; got {names}.")
    for what, labels in (("before", old), ("after", new)):
        strange = ~labels.isin(names) & labels.notna()
        check_rows(strange.to_numpy(), labels, what, f"one of {', '.join(map(repr, names))}")
    old, new = old.dropna(), new.dropna()
    everyone = old.index.union(new.index, sort=False)
    place = [np.append(pd.Categorical(part, names).codes, -1)[part.index.get_indexer(everyone)] for part in (old, new)]
    k = len(names)
    start, end = (np.where(codes < 0, k, codes).astype(np.int64) for codes in place)
    n = np.bincount(start * (k + 1) + end, minlength=(k + 1) ** 2).reshape(k + 1, k + 1)
    counts = pd.DataFrame(n, index=[*names, "entered"], columns=[*names, "left"])
    return MigrationMatrix(names, counts, level)
