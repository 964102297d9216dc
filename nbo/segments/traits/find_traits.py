"""In which features each segment differs from all others, tested."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import stats

from nbo import columns as c
from nbo.segments.traits.ranks import RankTest, category_p_values
from nbo.segments.traits.words import trait_words

__all__ = ["find_traits"]

_TYPES: Final = {
    c.SEGMENT: "str",
    "feature": "str",
    c.CATEGORY: "str",
    "measure": "str",
    "here": "float64",
    "others": "float64",
    "effect": "float64",
    "p_value": "float64",
    "p_adjusted": "float64",
    "trait": "str",
}


def find_traits(X: pd.DataFrame, labels: np.ndarray, most: int = 20) -> pd.DataFrame:
    """Test each feature of each segment against all other customers.

    Parameters
    ----------
    X : DataFrame of shape (n, p)
        Numbers, flags, texts and categories.
    labels : ndarray of str, shape (n,)
    most : int, default=20
        Categories of a feature that are tested, the most frequent ones.

    Returns
    -------
    DataFrame
        One row for each test: segment, feature, category (missing for a number), measure (median, mean or
        share), its value here and among the others, effect in [-1, 1] (how much likelier a customer of the segment
        has more than one of the others than less; of a category the difference of the shares), p_value,
        p_adjusted over all rows by Benjamini and Hochberg, and trait, the difference in words.
    """
    code, names = pd.factorize(labels, sort=True)
    rows: dict[str, list[Any]] = {name: [] for name in (c.SEGMENT, "feature", c.CATEGORY)}
    numbers: list[pd.DataFrame] = []
    for feature in X.columns:
        tested = _category(X[feature], code, len(names), most) if _in_words(X[feature]) else _number(X[feature], code)
        for category, table in tested:
            kept = table[table["p_value"].notna()]
            numbers.append(kept)
            rows[c.SEGMENT] += [str(names[position]) for position in kept.index]
            rows["feature"] += [str(feature)] * len(kept)
            rows[c.CATEGORY] += [category] * len(kept)
    found = pd.concat(numbers, ignore_index=True) if any(map(len, numbers)) else pd.DataFrame()
    found = pd.DataFrame({**rows, **found})
    if len(found):
        found["p_adjusted"] = stats.false_discovery_control(found["p_value"])
        found["trait"] = [trait_words(row) for row in found.to_dict("records")]
    return found.reindex(columns=list(_TYPES)).astype(_TYPES)


def _in_words(values: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype)


def _number(values: pd.Series, code: np.ndarray) -> Iterator[tuple[None, pd.DataFrame]]:
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(numbers)
    if known.any() and np.ptp(numbers[known]) > 0:
        yield None, RankTest(numbers[known], code[known], int(code.max()) + 1).table()


def _category(values: pd.Series, code: np.ndarray, k: int, most: int) -> Iterator[tuple[str, pd.DataFrame]]:
    known = values.notna().to_numpy()
    words, own = values[known].astype(object).astype(str), code[known]
    counts = words.value_counts().sort_index(kind="stable").sort_values(ascending=False, kind="stable")
    if len(counts) < 2:
        return
    n = np.bincount(own, minlength=k)
    for category in counts.index[:most]:
        has = np.bincount(own[(words == category).to_numpy()], minlength=k)
        yield str(category), _shares(has, n)


def _shares(has: np.ndarray, n: np.ndarray) -> pd.DataFrame:
    rest, rest_has = n.sum() - n, has.sum() - has
    tested = (n > 0) & (rest > 0)
    here, others = has / np.where(tested, n, np.nan), rest_has / np.where(tested, rest, np.nan)
    p_values: Any = np.where(tested, category_p_values(has, n, int(has.sum()), int(n.sum())), np.nan)
    return pd.DataFrame(
        {"measure": "share", "here": here, "others": others, "effect": here - others, "p_value": p_values}
    )
