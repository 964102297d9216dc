"""Contributions to a score as reasons that can be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["top_reasons"]


def top_reasons(
    shares: np.ndarray, matrix: np.ndarray, described: pd.DataFrame, categories: dict[str, list[str]], k: int
) -> pd.DataFrame:
    """Give the columns that move each row's score most, in plain words.

    Parameters
    ----------
    shares : ndarray of shape (n, p)
        What each column adds to the raw score.
    matrix : ndarray of shape (n, p)
        Encoded rows.
    described : DataFrame of p rows
        From :func:`~nbo.models.column_descriptions.describe_columns`.
    categories : dict of str to list of str
        The categories of each category column, by code.
    k : int
        Most reasons for a row.

    Returns
    -------
    DataFrame
        ``row``, ``rank``, ``column``, ``data_type``, ``value``, ``direction``, ``contribution``
        and ``sentence``. Columns that add nothing are no reason.

    Examples
    --------
    >>> described = pd.DataFrame({"column": ["n"], "data_type": ["other"], "meaning": ["Number of visits"]})
    >>> top_reasons(np.array([[0.25]]), np.array([[3.0]]), described, {}, 1)["sentence"].item()
    'Number of visits is 3: raises the score by 0.25'
    """
    # Stable, so that of equal shares the first column leads.
    order = np.argsort(-np.abs(shares), axis=1, kind="stable")[:, :k]
    rows = np.repeat(np.arange(len(shares)), order.shape[1])
    columns, ranks = order.ravel(), np.tile(np.arange(1, order.shape[1] + 1), len(shares))
    contribution = shares[rows, columns]
    told = contribution != 0
    rows, columns, ranks, contribution = rows[told], columns[told], ranks[told], contribution[told]
    names, meanings = described["column"].to_numpy(object), described["meaning"].to_numpy(object)
    values = [
        _value(matrix[row, column], categories.get(names[column])) for row, column in zip(rows, columns, strict=True)
    ]
    direction = np.where(contribution > 0, "raises", "lowers")
    words = zip(meanings[columns], values, direction, contribution, strict=True)
    return pd.DataFrame(
        {
            "row": rows,
            "rank": ranks,
            "column": names[columns],
            "data_type": described["data_type"].to_numpy(object)[columns],
            "value": pd.Series(values, dtype=object),
            "direction": direction,
            "contribution": contribution,
            "sentence": [_sentence(*parts) for parts in words],
        }
    )


def _value(code: float, categories: list[str] | None) -> Any:
    if np.isnan(code):
        return None
    return float(code) if categories is None else categories[int(code)]


def _sentence(meaning: str, value: Any, direction: str, contribution: float) -> str:
    said = "is not known" if value is None else f"is {value if isinstance(value, str) else format(value, ',.6g')}"
    return f"{meaning.rstrip('.')} {said}: {direction} the score by {abs(contribution):.2g}"
