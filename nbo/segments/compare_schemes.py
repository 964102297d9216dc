"""Two schemes of segments beside each other: how alike they are, and which tells more of what customers need."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_frame
from nbo.errors import InputError
from nbo.segments.design import Design
from nbo.segments.labels.same_order import check_same_order
from nbo.segments.scheme_comparison import SchemeComparison

__all__ = ["compare_schemes"]


def compare_schemes(a: Any, b: Any, X: pd.DataFrame, names: tuple[str, str] = ("a", "b")) -> SchemeComparison:
    """Compare two schemes of segments of the same customers, such as one by value alone and one by needs too.

    Parameters
    ----------
    a, b : array-like of str, shape (n,)
        Segment of each customer.
    X : DataFrame of shape (n, any)
        What segments should tell, such as needs, attitudes and value; a missing value counts in no share.
    names : (str, str), default=("a", "b")
        Names of the schemes.

    Returns
    -------
    SchemeComparison

    Raises
    ------
    InputError
        If the lengths differ, a segment is missing, or the names are alike, "feature" or "n".

    Examples
    --------
    >>> needs = pd.DataFrame({"wants": ["price", "price", "advice", "advice"] * 5})
    >>> found = compare_schemes(["high", "low"] * 10, ["c1", "c1", "c2", "c2"] * 5, needs, ("value", "needs"))
    >>> found.explained.round(2).to_dict("records")
    [{'feature': 'wants', 'n': 20, 'value': -0.06, 'needs': 1.0}]
    """
    from sklearn.metrics import adjusted_rand_score

    if len({*names, "feature", "n"}) < 4:
        raise InputError(f"names must be two that differ, none of them 'feature' or 'n'; got {names!r}.")
    X = check_frame(X, "X")
    for labels, name in zip((a, b), names, strict=True):
        check_same_order(labels, X.index, f"scheme {name!r}")
    X = X.reset_index(drop=True)
    (first, rows), (second, columns) = (
        pd.factorize(_checked(labels, len(X), name), sort=True) for labels, name in zip((a, b), names, strict=True)
    )
    size = len(rows), len(columns)
    counts = np.bincount(first * max(size[1], 1) + second, minlength=size[0] * size[1]).reshape(size)
    crossing = pd.DataFrame(counts, index=rows.rename(names[0]), columns=columns.rename(names[1]))
    told = [{"feature": name, **_explained(X[[name]], [first, second], names)} for name in Design.of(X).features]
    explained = pd.DataFrame(told, columns=["feature", "n", *names])
    return SchemeComparison(names, float(adjusted_rand_score(first, second)), crossing, explained)


def _checked(labels: Any, n: int, name: str) -> pd.Series:
    texts = pd.Series(np.asarray(labels, dtype=object), dtype="str")
    if len(texts) != n or texts.isna().any():
        raise InputError(
            f"scheme {name!r} must have a segment for each of the {n} rows of X; "
            f"got {len(texts)}, {int(texts.isna().sum())} of them missing."
        )
    return texts


def _explained(column: pd.DataFrame, codes: list[np.ndarray], names: tuple[str, str]) -> dict[str, Any]:
    """Share of the variance of a feature, of all its categories together, between segments; less what chance gives."""
    design = Design.of(column)
    matrix = design.matrix(column).astype(float)
    known = column.iloc[:, 0].notna().to_numpy() & ~np.isnan(matrix).any(axis=1)
    matrix, n = matrix[known], int(known.sum())
    total = ((matrix - matrix.mean(axis=0)) ** 2).sum()
    found = {}
    for name, code in zip(names, codes, strict=True):
        own, _ = pd.factorize(code[known])
        size = np.bincount(own)
        means = np.stack([np.bincount(own, weights=values) / size for values in matrix.T], axis=1)
        within = ((matrix - means[own]) ** 2).sum()
        free = n - len(size)
        found[name] = 1 - within / total * (n - 1) / free if total > 0 and free > 0 else np.nan
    return {"n": n, **found}
