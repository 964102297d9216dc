"""Weights that make those who answered stand for all customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_rows
from nbo.errors import ConvergenceError, InputError

__all__ = ["effective_sample_size", "survey_weights"]

_SIZE = "size"
_STEPS = 1000
_CLOSE = 1e-9


def survey_weights(
    respondents: pd.DataFrame,
    population: pd.DataFrame | Mapping[str, Any],
    base: Any = None,
) -> np.ndarray:
    """Weigh those who answered, so that they are as many of each kind as there are customers.

    With a frame of cells, those of a cell share its customers (post-stratification). With several margins, such as
    one of age and one of region, the weights are scaled to one after the other until all are met (raking [1]_): they
    meet each margin, and change the weights given as little as possible.

    Parameters
    ----------
    respondents : DataFrame of shape (n, any)
        A row for each answer, with the columns that the population names.
    population : DataFrame or mapping of str to (mapping or Series)
        Either a frame with a row for each cell: `size`, the customers in it, and the columns that make it, such as
        `segment`; or for each margin, named by its column, the customers of each value. Margins whose sums differ are
        scaled to the sum of the first.
    base : array-like of shape (n,), optional
        Weights to begin with, above 0, such as those of :func:`~nbo.experiments.draw_survey`. By default all are alike.

    Returns
    -------
    ndarray of shape (n,)
        Customers for whom each stands; their sum is the population's.

    Raises
    ------
    InputError
        If a column is missing, nobody answered of a kind that has customers, or a kind is not in the population.
    ConvergenceError
        If no weights meet all margins.

    References
    ----------
    .. [1] Deming, W. E. and Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the
       expected marginal totals are known. Annals of Mathematical Statistics 11, 427-444.

    Examples
    --------
    >>> answers = pd.DataFrame({"age": ["young", "young", "old", "old"], "region": ["n", "s", "n", "s"]})
    >>> survey_weights(answers, {"age": {"young": 60, "old": 40}, "region": {"n": 50, "s": 50}})
    array([30., 30., 20., 20.])
    >>> survey_weights(answers, pd.DataFrame({"age": ["young", "old"], "size": [60, 80]}))
    array([30., 30., 40., 40.])
    """
    frame = check_frame(respondents, "respondents").reset_index(drop=True)
    weights = np.ones(len(frame)) if base is None else check_numbers(base, "base")
    if len(weights) != len(frame):
        raise InputError(f"base must be one for each of {len(frame)} respondents; got {len(weights)}.")
    check_rows(~((weights > 0) & np.isfinite(weights)), weights, "base", "finite, above 0")
    margins = _cells(frame, population) if isinstance(population, pd.DataFrame) else _margins(frame, population)
    total = margins[0][1].sum()
    margins = [(codes, sizes * (total / sizes.sum())) for codes, sizes in margins]
    for _step in range(_STEPS):
        for codes, sizes in margins:
            weights = weights * (sizes / np.bincount(codes, weights, len(sizes)))[codes]
        off = max(abs(np.bincount(codes, weights, len(sizes)) / sizes - 1).max() for codes, sizes in margins)
        if off < _CLOSE:
            return weights
    raise ConvergenceError(
        f"no weights meet all margins: after {_STEPS} rounds one is off by {off:.1%}. Merge rare values."
    )


def effective_sample_size(weights: Any) -> float:
    """Give how many answers of equal weight would tell as much, after Kish [1]_.

    Parameters
    ----------
    weights : array-like of shape (n,)
        0 or more.

    Returns
    -------
    float
        The square of the sum over the sum of squares, in [1, n]; 0 where all weights are 0.

    Raises
    ------
    InputError
        If a weight is below 0, or no number.

    References
    ----------
    .. [1] Kish, L. (1965). Survey sampling, section 11.7.

    Examples
    --------
    >>> effective_sample_size([1, 1, 2])
    2.6666666666666665
    """
    values = check_numbers(weights, "weights")
    check_rows(~((values >= 0) & np.isfinite(values)), values, "weights", "finite, 0 or more")
    squares = float((values**2).sum())
    return float(values.sum()) ** 2 / squares if squares else 0.0


def _cells(frame: pd.DataFrame, population: pd.DataFrame) -> list[tuple[np.ndarray, np.ndarray]]:
    check_columns(population, [_SIZE], "population")
    by = [name for name in population.columns if name != _SIZE]
    if not by:
        raise InputError("population must have columns beside 'size' that make its cells.")
    return [_coded(frame, by, population.set_index(by)[_SIZE])]


def _margins(frame: pd.DataFrame, population: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    if not isinstance(population, Mapping) or not population:
        kind = type(population).__name__
        raise InputError(f"population must be a frame of cells, or the margins by column; got a {kind}.")
    return [_coded(frame, [name], pd.Series(sizes)) for name, sizes in population.items()]


def _coded(frame: pd.DataFrame, by: Sequence[str], sizes: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Give the kind of each respondent, as a position, and the customers of each kind."""
    check_columns(frame, by, "respondents")
    for name in by:
        check_keys(frame[name], f"respondents.{name}")
    what = f"population of {' and '.join(by)}"
    if not sizes.index.is_unique:
        raise InputError(f"{what} must have each kind once; {sizes.index[sizes.index.duplicated()][0]!r} comes again.")
    values = check_numbers(sizes.reset_index(drop=True), what)
    check_rows(~((values >= 0) & np.isfinite(values)), values, what, "finite, 0 or more")
    sizes = pd.Series(values, index=sizes.index)[values > 0]
    keys = pd.MultiIndex.from_frame(frame[list(by)]) if len(by) > 1 else pd.Index(frame[by[0]])
    codes = sizes.index.get_indexer(keys)
    if (codes < 0).any():
        raise InputError(f"{what} lacks {keys[int((codes < 0).argmax())]!r}, of which there are respondents.")
    empty = np.bincount(codes, minlength=len(sizes)) == 0
    if empty.any():
        raise InputError(
            f"nobody answered of {int(empty.sum())} of {len(sizes)} kinds of {' and '.join(by)}, first "
            f"{sizes.index[int(empty.argmax())]!r}: merge it with another."
        )
    return codes, sizes.to_numpy()
