"""How segments change: how many are in them, who stays, who comes from where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

from nbo import columns as c
from nbo.checks import check_frame
from nbo.errors import InputError
from nbo.features.column_drift import population_stability
from nbo.features.profile import FeatureProfile
from nbo.segments.drift_result import SegmentDrift
from nbo.segments.labels.by_customer import labels_by_customer
from nbo.segments.labels.same_order import check_same_order
from nbo.segments.match_labels import match_labels
from nbo.segments.migration_matrix import migration_matrix

__all__ = ["segment_drift"]


def segment_drift(
    before: Any,
    after: Any,
    X_before: Any = None,
    X_after: Any = None,
    *,
    match: bool = False,
    level: float = 0.95,
) -> SegmentDrift:
    r"""Compare the segments of two moments.

    The change of a segment's share is tested against chance. Of customers who are there at both moments only those who
    move count, those who came or went count as samples of their own:

    .. math:: z = \frac{p_1 - p_0}{\sqrt{\sum_i d_i^2}}, \qquad
              d_i = \frac{a_i - p_1}{N_1} - \frac{b_i - p_0}{N_0},

    where :math:`a_i` and :math:`b_i` say whether customer i is in the segment after and before, and a term is left out
    where the customer is not there. As few moves make the normal limit too sure, one move each way, and one customer
    each in and out of the segment among those who came and those who went, are added to the sum [1]_. The p-values of
    all segments are adjusted together [2]_.

    Parameters
    ----------
    before, after : Series or array-like
        Label of each customer. The index of a series names the customers; two arrays are of the same customers.
    X_before, X_after : DataFrame, optional
        Features of the rows of `before` and `after`, in their order; with them the drift of each feature within each
        segment is told.
    match : bool, default=False
        Whether the segments of `after` first get the names of those that they continue, as by
        :func:`~nbo.segments.match_labels`: for labels of two separate fits.
    level : float, default=0.95
        How often an interval shall hold the true change, and 1 minus the chance of any alarm without change.

    Returns
    -------
    SegmentDrift

    Raises
    ------
    InputError
        If a customer stands twice, or features have other rows than labels.

    References
    ----------
    .. [1] Agresti, A. and Caffo, B. (2000). Simple and effective confidence intervals for proportions and differences
       of proportions result from adding two successes and two failures. The American Statistician 54, 280-288.
    .. [2] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate: a practical and powerful
       approach to multiple testing. Journal of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> before = pd.Series(["a"] * 50 + ["b"] * 50)
    >>> drift = segment_drift(before, before.replace("a", "b").where(before.index < 30, before))
    >>> drift.table[["segment", "share_before", "share_after", "alarm"]].values.tolist()
    [['a', 0.5, 0.2, True], ['b', 0.5, 0.8, True]]
    """
    old, new = labels_by_customer(before, "before"), labels_by_customer(after, "after")
    names = None
    if match:
        names = match_labels(old, new, X_before, X_after)
        new = new.map(names.names).astype("str")
    moves = migration_matrix(old, new, level=level)
    k = len(moves.tiers)
    n = moves.counts.to_numpy().astype(float)
    table = _table(moves.tiers, n, level)
    psi = population_stability(n[:k].sum(axis=1), n[:, :k].sum(axis=0)) if k else float("nan")
    features = _features(old, new, X_before, X_after)
    return SegmentDrift(table, moves, psi, features, names, level)


def _table(names: list[str], n: np.ndarray, level: float) -> pd.DataFrame:
    k = len(names)
    inside, was, now = np.diag(n)[:k], n[:k].sum(axis=1), n[:, :k].sum(axis=0)
    left, came = np.delete(n, k, axis=0).copy(), np.delete(n, k, axis=1).T.copy()
    # Without customers at one of the moments nothing is known.
    total_was, total_now = was.sum() or np.nan, now.sum() or np.nan
    change = now / total_now - was / total_was
    spread = _spread(n, was / total_was, now / total_now, total_was, total_now)
    p_value = 2 * special.ndtr(-np.abs(change) / spread)
    z = special.ndtri((1 + level) / 2)
    table = pd.DataFrame(
        {
            c.SEGMENT: pd.array(names, dtype="str"),
            "n_before": was.astype(int),
            "n_after": now.astype(int),
            "share_before": was / total_was,
            "share_after": now / total_now,
            "change": change,
            "low": np.clip(change - z * spread, -1, 1),
            "high": np.clip(change + z * spread, -1, 1),
            "p_value": p_value,
            "p_adjusted": _adjusted(p_value),
        }
    )
    table["alarm"] = table["p_adjusted"] < 1 - level
    remained = was - n[:k, k]
    table["stayed"] = np.divide(inside, remained, out=np.full(k, np.nan), where=remained > 0)
    table["left_to"] = _largest(left, [*names, "left"])
    table["came_from"] = _largest(came, [*names, "entered"])
    return table


def _spread(n: np.ndarray, was: np.ndarray, now: np.ndarray, total_was: float, total_now: float) -> np.ndarray:
    """Give the standard error of each segment's change of share."""
    k = len(was)
    both, inside = n[:k, :k].sum(), np.diag(n)[:k]
    out, into = n[:k, :k].sum(axis=1) - inside, n[:k, :k].sum(axis=0) - inside
    added = float(both > 0)
    cells = [(inside, 1, 1), (out + added, 0, 1), (into + added, 1, 0), (both - inside - out - into, 0, 0)]
    variance = sum(
        count * ((after - now) / total_now - (before - was) / total_was) ** 2 for count, after, before in cells
    )
    for part, share, total in ((n[:k, k], was, total_was), (n[k, :k], now, total_now)):
        added = float(part.sum() > 0)
        variance += ((part + added) * (1 - share) ** 2 + (part.sum() - part + added) * share**2) / total**2
    return np.sqrt(np.maximum(variance, np.finfo(float).tiny))


def _largest(moves: np.ndarray, names: list[str]) -> pd.api.extensions.ExtensionArray:
    """Name the largest other end of the moves of each segment; missing where there are none."""
    k = len(moves)
    moves[np.arange(k), np.arange(k)] = 0
    best = moves.argmax(axis=1) if k else np.empty(0, dtype=int)
    return pd.array([names[j] if moves[i, j] else None for i, j in enumerate(best)], dtype="str")


def _features(old: pd.Series, new: pd.Series, X_before: Any, X_after: Any) -> pd.DataFrame | None:
    """Give the drift of each feature within each segment."""
    if X_before is None or X_after is None:
        return None
    frames = []
    for labels, X, what in ((old, X_before, "before"), (new, X_after, "after")):
        X = check_frame(X, f"X_{what}")
        if len(X) != len(labels):
            raise InputError(f"X_{what} must have one row for each of the {len(labels)} rows of {what}; got {len(X)}.")
        check_same_order(X, labels.index, f"X_{what}", what)
        frames.append(X.reset_index(drop=True))
    parts = []
    for name in sorted(set(old.dropna()) & set(new.dropna())):
        own, now = (X[(part == name).to_numpy()] for X, part in zip(frames, (old, new), strict=True))
        parts.append(FeatureProfile.of(own).drift(now).assign(**{c.SEGMENT: name}))
    if not parts:
        return None
    found = pd.concat(parts, ignore_index=True)
    found["p_adjusted"] = _adjusted(found["p_value"].to_numpy(dtype=float))
    return found[[c.SEGMENT, *found.columns.drop(c.SEGMENT)]]


def _adjusted(p_values: np.ndarray) -> np.ndarray:
    known, adjusted = ~np.isnan(p_values), np.full(len(p_values), np.nan)
    if known.any():
        adjusted[known] = stats.false_discovery_control(p_values[known])
    return adjusted
