"""Personas: segments that people can picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.rng import uniform_by_key
from nbo.segments.design import Design
from nbo.segments.group_sums import group_sums
from nbo.segments.labels.same_order import check_same_order
from nbo.segments.persona import Persona
from nbo.segments.persona_set import Personas
from nbo.segments.traits.find_traits import find_traits
from nbo.segments.traits.profile_space import ProfileSpace

__all__ = ["personas"]

# Customers with texts whose distance to the medoid is measured, at most, in each segment.
_SPEAKERS = 2000
_QUOTES = 3


def personas(
    X: Any,
    labels: Any,
    *,
    values: Any = None,
    texts: Any = None,
    needs: Sequence[str] = (),
    max_traits: int = 5,
    min_effect: float = 0.1,
    level: float = 0.95,
) -> Personas:
    """Turn segments into personas: a customer in the middle, traits that truly differ, worth, needs and quotes.

    Each feature of each segment is tested against all other customers: numbers by ranks (Mann and Whitney), flags and
    categories by Fisher's exact test, all two-sided. A trait is named if it holds after adjusting for all
    tests of all segments [1]_. So where labels say nothing, the chance that any trait is named is at most
    1 - `level`. A segment that was made from a feature differs in it by construction.

    Parameters
    ----------
    X : DataFrame of shape (n, p)
        Features of customers (numbers, flags, texts, categories), with an index of texts or integers that names them.
    labels : array-like of shape (n,)
        Segment of each, as of :meth:`Segmenter.predict`.
    values : array-like of shape (n,), optional
        Money of each customer, such as profit; missing counts as nothing.
    texts : Series, optional
        What customers said; its index names the customers. Of several texts of a customer the first by letter counts.
        As an array, one text or None for each row of `X`.
    needs : sequence of str, default=()
        Columns of `X` that say what customers want, such as interest in categories.
    max_traits : int, default=5
        Most traits on a card, one for each feature, the strongest first.
    min_effect : float, default=0.1
        Smallest effect worth naming, in [0, 1]: among a million customers everything differs a little.
    level : float, default=0.95
        1 minus the share of false ones among the traits named, in expectation at most, in (0, 1).

    Returns
    -------
    Personas

    Raises
    ------
    InputError
        If lengths differ, a label is missing, a feature holds times or lists, or a number is not allowed.

    References
    ----------
    .. [1] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate: a practical and powerful
       approach to multiple testing. Journal of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": [*rng.integers(20, 40, 50), *rng.integers(50, 80, 50)], "noise": rng.random(100)})
    >>> cards = personas(X, ["young"] * 50 + ["old"] * 50)
    >>> cards["young"].traits["feature"].tolist(), cards["young"].n
    (['age'], 50)
    """
    X, labels = _checked(X, labels, needs, max_traits, min_effect, level)
    tests = find_traits(X, labels)
    numbers = None if values is None else _numbers(values, X)
    said = _said(texts, X)
    order = np.argsort(uniform_by_key(X.index, "personas"), kind="stable") if len(X) else np.empty(0, dtype=int)
    code, names = pd.factorize(labels, sort=True)
    space, worth = ProfileSpace.of(X), _worth(numbers, code, len(names))
    cards = []
    for place, name in enumerate(names):
        sure = tests[(tests[c.SEGMENT] == name) & (tests["p_adjusted"] < 1 - level)]
        sure = sure[sure["effect"].abs() >= min_effect]
        sure = sure.iloc[np.argsort(-sure["effect"].abs().to_numpy(), kind="stable")].drop_duplicates("feature")
        members = order[code[order] == place]
        medoid = space.medoid(members)
        cards.append(
            Persona(
                segment=str(name),
                n=len(members),
                share=len(members) / len(X),
                medoid=X.index[medoid],
                profile=X.iloc[medoid].to_dict(),
                traits=sure.head(max_traits).drop(columns=[c.SEGMENT, "p_value"]).reset_index(drop=True),
                worth=worth[place],
                needs=tuple(sure.loc[sure["feature"].isin(needs) & (sure["effect"] > 0), "feature"]),
                quotes=_quotes(said, space, members, medoid),
            )
        )
    return Personas(tuple(cards), tests, level)


def _checked(
    X: Any, labels: Any, needs: Sequence[str], max_traits: int, min_effect: float, level: float
) -> tuple[pd.DataFrame, np.ndarray]:
    X = check_frame(X, "X")
    if isinstance(needs, str):
        raise InputError(f"needs must be a list of columns, such as [{needs!r}]; got {needs!r}.")
    check_columns(X, [*X.columns, *needs], "X")
    check_same_order(labels, X.index, "labels")
    # Refuses times, lists and the like.
    Design.of(X.select_dtypes(exclude=["number", "bool", "str", "category"]))
    given = pd.Series(_of_length(np.asarray(labels), len(X), "labels")).infer_objects()
    check_keys(given, "labels")
    check_number(max_traits, "max_traits", "0 or more", lambda number: number >= 0, whole=True)
    check_number(min_effect, "min_effect", "in [0, 1]", lambda share: 0 <= share <= 1)
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    return X, given.astype(str).to_numpy(dtype=object)


def _numbers(values: Any, X: pd.DataFrame) -> np.ndarray:
    check_same_order(values, X.index, "values")
    numbers = _of_length(check_numbers(values, "values"), len(X), "values")
    check_rows(np.isinf(numbers), numbers, "values", "finite numbers, or missing")
    return numbers


def _of_length(values: np.ndarray, n: int, what: str) -> np.ndarray:
    if values.shape != (n,):
        raise InputError(f"{what} must have one value for each of the {n} rows of X; got the shape {values.shape}.")
    return values


def _worth(values: np.ndarray | None, code: np.ndarray, k: int) -> list[dict[str, float]]:
    """Give total, mean, median and share of each segment."""
    if values is None:
        return [{} for _ in range(k)]
    totals, everything = group_sums(code, values, k), group_sums(np.zeros_like(code), values, 1)[0]
    numbers = np.nan_to_num(values)
    return [
        {
            "total": float(totals[place]),
            "mean": float(totals[place] / (code == place).sum()),
            "median": float(np.median(numbers[code == place])),
            "share": float(totals[place] / everything) if everything else float("nan"),
        }
        for place in range(k)
    ]


def _said(texts: Any, X: pd.DataFrame) -> dict[int, str]:
    """Give one text, the first by letter, of each row of X that said something."""
    if texts is None:
        return {}
    if not isinstance(texts, pd.Series):
        texts = pd.Series(_of_length(np.asarray(texts, dtype=object), len(X), "texts"), index=X.index)
    said = texts[texts.notna()].astype(str).str.strip()
    said = said[said != ""].sort_values(kind="stable")
    first = pd.Series(np.arange(len(X)), index=X.index)
    place = first[~first.index.duplicated()].reindex(said.index)
    check_rows(place.isna().to_numpy(), said.index, "texts' index", "of customers in X")
    return dict(zip(place.astype(int).to_numpy()[::-1].tolist(), said.to_numpy()[::-1].tolist(), strict=True))


def _quotes(said: dict[int, str], space: ProfileSpace, members: np.ndarray, medoid: int) -> tuple[str, ...]:
    speakers = np.array([place for place in members.tolist() if place in said][:_SPEAKERS], dtype=int)
    if not len(speakers):
        return ()
    apart = space.distances(speakers, np.array([medoid])).ravel()
    nearest = sorted(zip(apart.tolist(), (said[place] for place in speakers.tolist()), strict=True))
    return tuple(dict.fromkeys(text for _, text in nearest))[:_QUOTES]
