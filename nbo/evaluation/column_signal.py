"""What a single column says of a label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

__all__ = ["ColumnSignal", "column_signal"]

# Numbers of more values than this are cut into so many groups of like size.
_FEW_VALUES = 50
_GROUPS = 20
# So many rows of the other label must be expected among values that hold one label alone.
_EXPECTED = 20


@dataclass(frozen=True)
class ColumnSignal:
    """What a single column says of a label.

    Parameters
    ----------
    auc : float
        Area under the ROC curve of the best of three readings, in [0.5, 1].
    by : str
        That reading: "value" (numbers in order, up or down), "rates" (label rates of values or groups of
        values, of other rows) or "missing" (whether it is missing).
    missing_auc : float
        Of whether it is missing.
    settled : float
        Share of the rows with the rarer label that stand at values which no row of the other label
        has, in [0, 1]; 0 where chance alone could do that.
    """

    auc: float
    by: str
    missing_auc: float
    settled: float


def column_signal(series: pd.Series, target: np.ndarray, fold: np.ndarray) -> ColumnSignal:
    """Measure what a column alone says of a label.

    Parameters
    ----------
    series : Series of length n
        Numbers, flags, times or texts; may be missing.
    target : ndarray of shape (n,)
        0 and 1, both there.
    fold : ndarray of int, shape (n,)
        Rates of values are taken from rows of other folds.

    Returns
    -------
    ColumnSignal

    Examples
    --------
    A reason that only those who left have.

    >>> reason = pd.Series(["price", None, None, "moved"] * 50)
    >>> column_signal(reason, np.array([1.0, 0.0, 0.0, 1.0] * 50), np.arange(200) % 5)
    ColumnSignal(auc=1.0, by='rates', missing_auc=1.0, settled=1.0)
    """
    numbers = _numbers(series)
    missing = series.isna().to_numpy() if numbers is None else np.isnan(numbers)
    code = pd.factorize(series.astype(object))[0] if numbers is None else _grouped(numbers)
    readings = {"rates": _auc(_other_rates(code + 1, target, fold), target), "missing": 0.5, "value": 0.5}
    if missing.any():
        readings["missing"] = _either_way(missing.astype(float), target)
    if numbers is not None:
        filled = [np.where(missing, end, numbers) for end in ([-np.inf, np.inf] if missing.any() else [0.0])]
        readings["value"] = max(_either_way(values, target) for values in filled)
    best = max(readings, key=lambda name: readings[name])
    settled = _settled(code + 1 if numbers is None else _places(numbers), target, numbers is not None)
    return ColumnSignal(max(readings[best], 0.5), best, readings["missing"], settled)


def _numbers(series: pd.Series) -> np.ndarray | None:
    types = pd.api.types
    if types.is_datetime64_any_dtype(series.dtype) or types.is_timedelta64_dtype(series.dtype):
        return np.where(series.isna(), np.nan, series.astype("int64").to_numpy(dtype=float))
    if types.is_bool_dtype(series.dtype) or types.is_numeric_dtype(series.dtype):
        return series.to_numpy(dtype=float, na_value=np.nan)
    return None


def _grouped(numbers: np.ndarray) -> np.ndarray:
    """Give each row the number of its value or group of values, -1 where missing."""
    code, values = pd.factorize(numbers)
    if len(values) <= _FEW_VALUES:
        return code
    edges = np.unique(np.nanquantile(numbers, np.arange(1, _GROUPS) / _GROUPS))
    return np.where(np.isnan(numbers), -1, np.searchsorted(edges, numbers, side="right"))


def _other_rates(code: np.ndarray, target: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Rate each row by the labels of its value in other folds, drawn to the whole rate by one row's weight."""
    n_codes, n_folds = code.max() + 1, fold.max() + 1
    cell = fold * n_codes + code
    shape = (n_folds, n_codes)
    rows = np.bincount(cell, minlength=n_folds * n_codes).reshape(shape)
    ones = np.bincount(cell, weights=target, minlength=n_folds * n_codes).reshape(shape)
    rate = (ones.sum(axis=0) - ones + target.mean()) / (rows.sum(axis=0) - rows + 1)
    return rate[fold, code]


def _auc(score: np.ndarray, target: np.ndarray) -> float:
    ones = target.sum()
    above = rankdata(score)[target == 1].sum() - ones * (ones + 1) / 2
    return float(above / (ones * (len(target) - ones)))


def _either_way(score: np.ndarray, target: np.ndarray) -> float:
    auc = _auc(score, target)
    return max(auc, 1 - auc)


def _places(numbers: np.ndarray) -> np.ndarray:
    """Give the rank of each row's value, 0 where missing."""
    return np.where(np.isnan(numbers), 0, np.searchsorted(np.unique(numbers[~np.isnan(numbers)]), numbers) + 1)


def _settled(place: np.ndarray, target: np.ndarray, ordered: bool) -> float:
    """Give the share of the rarer label at values, or beyond a value, that the other label never has."""
    rarer = 1.0 if target.mean() <= 0.5 else 0.0
    of_rarer = np.bincount(place[target == rarer], minlength=place.max() + 1)
    of_other = np.bincount(place[target != rarer], minlength=place.max() + 1)
    other_share = (target != rarer).mean()
    if ordered:
        held = np.flatnonzero(of_other[1:]) + 1
        ends = [of_rarer[1 : held[0]].sum(), of_rarer[held[-1] + 1 :].sum()] if len(held) else [of_rarer[1:].sum()]
        groups = np.array([*ends, of_rarer[0] if not of_other[0] else 0])
    else:
        groups = of_rarer[of_other == 0]
    sure = groups[groups * other_share >= _EXPECTED].sum()
    return float(sure / (target == rarer).sum())
