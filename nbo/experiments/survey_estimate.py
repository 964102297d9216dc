"""What a survey says of all customers, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo.checks import check_keys, check_numbers, check_rows
from nbo.errors import InputError
from nbo.experiments.survey_weights import effective_sample_size
from nbo.numbers import check_number
from nbo.wilson import wilson_interval

__all__ = ["survey_estimate"]

_COLUMNS = ("n", "mean", "standard_error", "low", "high", "effective_n")


def survey_estimate(
    answers: Any,
    weights: Any = None,
    *,
    strata: Any = None,
    sizes: Mapping[Any, int] | None = None,
    by: Any = None,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Estimate the mean answer of all customers, of all together or of each group.

    The mean is the weighted one. Its variance is that of its linearization, :math:`z_i = w_i (y_i - \bar y) / \sum
    w`, within the strata from which the respondents were drawn [1]_:

    .. math:: \sum_h \left(1 - \frac{n_h}{N_h}\right) \frac{n_h}{n_h - 1} \sum_{i \in h} (z_i - \bar z_h)^2.

    Answers of 0 and 1 have a Wilson interval with the effective number of answers, others one of Student's t.

    Parameters
    ----------
    answers : array-like of shape (n,)
        Numbers, none missing.
    weights : array-like of shape (n,), optional
        As of :func:`~nbo.experiments.survey_weights`; all alike by default.
    strata : array-like of shape (n,), optional
        Segments for which numbers of answers were planned; by default all customers are one. At least two answers each.
    sizes : mapping of stratum to int, optional
        Customers in each stratum, for the finite population correction; of `None` without strata. Without it,
        the intervals are a little too wide where many of the customers were asked.
    by : array-like of shape (n,), optional
        Groups of which each is estimated alone.
    level : float, default=0.95
        How often an interval shall hold the truth, in (0, 1).

    Returns
    -------
    DataFrame
        One row, or one for each group with its name in `group`: `n`, `mean`, `standard_error`, `low`, `high` and
        `effective_n`, how many answers of equal weight, drawn simply, would tell as much as far as weights go.

    Raises
    ------
    InputError
        If a number is missing or not allowed, lengths differ, or a stratum has one answer or no size.

    References
    ----------
    .. [1] Lohr, S. L. (2010). Sampling: design and analysis, 2nd edition, chapters 3 and 9.

    Examples
    --------
    >>> found = survey_estimate([1, 0, 1, 1, 0, 1], weights=[1, 1, 1, 2, 2, 2])
    >>> found.round(3).values.tolist()
    [[6.0, 0.667, 0.222, 0.261, 0.919, 5.4]]
    """
    values = check_numbers(answers, "answers")
    check_rows(~np.isfinite(values), values, "answers", "finite, none missing", "Leave them out before weighing.")
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    own = _weights(weights, len(values))
    codes, left = _strata(strata, sizes, len(values))
    if by is None:
        return pd.DataFrame([_row(values, own, np.ones(len(values), dtype=bool), codes, left, level)], columns=_COLUMNS)
    groups = _labels(by, len(values), "by")
    names = sorted(groups.unique(), key=str)
    rows = [(name, *_row(values, own, (groups == name).to_numpy(), codes, left, level)) for name in names]
    return pd.DataFrame(rows, columns=["group", *_COLUMNS])


def _weights(weights: Any, n: int) -> np.ndarray:
    own = np.ones(n) if weights is None else check_numbers(weights, "weights")
    if len(own) != n:
        raise InputError(f"weights must be one for each of {n} answers; got {len(own)}.")
    check_rows(~((own > 0) & np.isfinite(own)), own, "weights", "finite, above 0")
    return own


def _labels(values: Any, n: int, what: str) -> pd.Series:
    labels = pd.Series(values).reset_index(drop=True)
    if len(labels) != n:
        raise InputError(f"{what} must be one for each of {n} answers; got {len(labels)}.")
    check_keys(labels, what)
    return labels


def _strata(strata: Any, sizes: Mapping[Any, int] | None, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Give each answer's stratum as a position, and for each the share of its customers who did not answer."""
    if strata is None:
        codes, names = np.zeros(n, dtype=np.int64), [None]
    else:
        codes, found = pd.factorize(_labels(strata, n, "strata"))
        names = found.tolist()
    counts = np.bincount(codes, minlength=len(names))
    if n == 1:
        raise InputError("answers must be at least two, for one tells nothing of how they differ; got 1.")
    if (counts == 1).any():
        raise InputError(
            f"strata must have two answers or more; {names[int((counts == 1).argmax())]!r} has one. "
            "Merge it with another."
        )
    if sizes is None:
        return codes, np.ones(len(names))
    missing = [name for name in names if name not in sizes]
    if missing:
        raise InputError(f"sizes must name each stratum; {missing[0]!r} is not there.")
    most = check_numbers([sizes[name] for name in names], "sizes")
    check_rows(~(most >= counts), most, "sizes", "at least the number of answers")
    return codes, 1 - counts / most


def _row(
    values: np.ndarray, weights: np.ndarray, mine: np.ndarray, codes: np.ndarray, left: np.ndarray, level: float
) -> tuple[float, ...]:
    """Estimate the mean of a group; the other answers tell how many of it might have been drawn."""
    if not mine.any():
        return 0, np.nan, np.nan, np.nan, np.nan, 0.0
    total = weights[mine].sum()
    mean = float(weights[mine] @ values[mine] / total)
    z = np.where(mine, weights * (values - mean) / total, 0.0)
    counts = np.bincount(codes, minlength=len(left))
    center = np.bincount(codes, z, len(left)) / np.maximum(counts, 1)
    squares = np.bincount(codes, (z - center[codes]) ** 2, len(left))
    error = float(np.sqrt((left * counts / np.maximum(counts - 1, 1) * squares).sum()))
    kish = effective_sample_size(weights[mine])
    if np.isin(values[mine], (0.0, 1.0)).all():
        n = mean * (1 - mean) / error**2 if error > 0 else kish
        low, high = wilson_interval(np.array(mean * n), np.array(n), level)
    else:
        freedom = max(int(mine.sum()) - len(np.unique(codes[mine])), 1)
        low, high = mean + special.stdtrit(freedom, (1 + level) / 2) * error * np.array([-1.0, 1.0])
    return int(mine.sum()), mean, error, float(low), float(high), kish
