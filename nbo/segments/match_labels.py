"""Give the segments of a new run the names of the old ones."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_frame
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.segments.design import Design
from nbo.segments.labels.by_customer import check_same_ids, labels_by_customer
from nbo.segments.labels.label_match import LabelMatch
from nbo.segments.labels.same_order import check_same_order

__all__ = ["match_labels"]


def match_labels(
    old: Any,
    new: Any,
    X_old: Any = None,
    X_new: Any = None,
    *,
    least: float = 0.1,
    taken: Collection[str] = (),
) -> LabelMatch:
    """Give the segments of a new run the names of the old ones that they continue.

    Customers who have both labels tell which segments belong together: one old for one new one, so that the overlaps
    (customers in both over customers in either) are largest in sum [1]_. Where no customer has both, the centers of the
    segments do, in features scaled to the same variance.

    Parameters
    ----------
    old, new : Series or array-like
        Labels by customer. The index of a series names the customers; two arrays are of the same customers.
    X_old, X_new : DataFrame, optional
        Features of the rows of `old` and `new`, in their order. Needed where no customer has both labels.
    least : float, default=0.1
        Smallest overlap of a match, in [0, 1].
    taken : collection of str, default=()
        Names of earlier segments that mean somebody else, besides those of `old`.

    Returns
    -------
    LabelMatch
        A new segment without a match keeps its name, or has a number added where the name means another segment.

    Raises
    ------
    InputError
        If a customer stands twice, ids are numbers in one and texts in the other, or no customer has both
        labels and there are no features.

    References
    ----------
    .. [1] Kuhn, H. W. (1955). The Hungarian method for the assignment problem. Naval Research
       Logistics Quarterly 2, 83-97.

    Examples
    --------
    >>> old = pd.Series(["loyal", "loyal", "new"], index=["ann", "bob", "cy"])
    >>> new = pd.Series(["s2", "s2", "s1", "s3"], index=["ann", "bob", "cy", "di"])
    >>> match_labels(old, new).names
    {'s1': 'new', 's2': 'loyal', 's3': 's3'}
    """
    check_number(least, "least", "in [0, 1]", lambda share: 0 <= share <= 1)
    given_old, given_new = labels_by_customer(old, "old"), labels_by_customer(new, "new")
    check_same_ids(given_old.index, given_new.index, ("old", "new"))
    for X, labels, what in ((X_old, given_old, "old"), (X_new, given_new, "new")):
        check_same_order(X, labels.index, f"X_{what}", what)
    old, new = given_old.dropna(), given_new.dropna()
    old_names, new_names = sorted(old.unique()), sorted(new.unique())
    place = old.index.get_indexer(new.index)
    both = place >= 0
    if both.any() or not len(old) or not len(new):
        start = pd.Categorical(old.to_numpy()[place[both]], old_names).codes.astype(int)
        end = pd.Categorical(new.to_numpy()[both], new_names).codes.astype(int)
        by, scored = "customers", _overlaps(start, end, len(old_names), len(new_names))
        pairs = _assigned(-scored[1])
        pairs = [(i, j) for i, j in pairs if scored[1][i, j] >= max(least, np.finfo(float).tiny)]
        measured = dict(zip(("n", "overlap"), scored, strict=True))
    else:
        apart = _distances(given_old, given_new, X_old, X_new, old_names, new_names)
        by, pairs, measured = "centers", _assigned(apart), {"distance": apart}
    return _match(old_names, new_names, pairs, measured, by, {*taken, *old_names})


def _overlaps(start: np.ndarray, end: np.ndarray, k_old: int, k_new: int) -> tuple[np.ndarray, np.ndarray]:
    """Count customers in both, and their share of those in either."""
    n = np.bincount(start * k_new + end, minlength=k_old * k_new).reshape(k_old, k_new)
    either = n.sum(axis=1)[:, None] + n.sum(axis=0)[None, :] - n
    return n, n / np.maximum(either, 1)


def _assigned(costs: np.ndarray) -> list[tuple[int, int]]:
    from scipy.optimize import linear_sum_assignment

    return [(int(i), int(j)) for i, j in zip(*linear_sum_assignment(costs), strict=True)]


def _distances(
    old: pd.Series, new: pd.Series, X_old: Any, X_new: Any, old_names: list[str], new_names: list[str]
) -> np.ndarray:
    if X_old is None or X_new is None:
        raise InputError("no customer has both labels; give X_old and X_new, so that the centers can be matched.")
    frames = check_frame(X_old, "X_old"), check_frame(X_new, "X_new")
    for labels, X, what in ((old, frames[0], "old"), (new, frames[1], "new")):
        if len(labels) != len(X):
            raise InputError(f"X_{what} must have one row for each of the {len(labels)} rows of {what}; got {len(X)}.")
    design = Design.of(frames[0])
    matrix = [design.matrix(X).astype(float) for X in frames]
    mean, spread = (
        np.nan_to_num(f(np.where(np.isnan(matrix[0]).all(0), 0.0, matrix[0]), axis=0)) for f in (np.nanmean, np.nanstd)
    )
    # What is missing is taken as the mean.
    scaled = [np.nan_to_num((part - mean) / np.where(spread > 0, spread, 1.0)) for part in matrix]
    centers = [
        np.array([part[(labels == name).to_numpy()].mean(axis=0) for name in names])
        for part, labels, names in zip(scaled, (old, new), (old_names, new_names), strict=True)
    ]
    return np.asarray(np.linalg.norm(centers[0][:, None, :] - centers[1][None, :, :], axis=2))


def _match(
    old_names: list[str],
    new_names: list[str],
    pairs: list[tuple[int, int]],
    measured: dict[str, np.ndarray],
    by: str,
    used: set[str],
) -> LabelMatch:
    partner = {j: i for i, j in pairs}
    names, rows = {}, []
    for j, own in enumerate(new_names):
        name = old_names[partner[j]] if j in partner else _free(own, used)
        used.add(name)
        names[own] = name
        seen = {measure: part[partner[j], j] if j in partner else np.nan for measure, part in measured.items()}
        rows.append({"new": own, "old": old_names[partner[j]] if j in partner else None, "name": name, **seen})
    table = pd.DataFrame(rows, columns=["new", "old", "name", *measured])
    return LabelMatch(names, table.astype(dict.fromkeys(("new", "old", "name"), "str")), by)


def _free(name: str, used: set[str]) -> str:
    """Add a number to a name that means another segment."""
    number, free = 2, name
    while free in used:
        free, number = f"{name} ({number})", number + 1
    return free
