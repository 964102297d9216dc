"""Which columns know too much: they were filled in after the answer was known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.evaluation.column_reliance import column_reliance
from nbo.evaluation.column_signal import ColumnSignal, column_signal
from nbo.features import FeatureSet
from nbo.models.splits import latest_rows, take_times
from nbo.models.targets import take_labels
from nbo.rng import generator

__all__ = ["leak_check"]

# Separates: a single column is rarely that good.
_AUC = 0.95
# Settles: so large a share of the rarer label stands at values that the other one never has.
_SETTLED = 0.20
# Stands out: that good, and so far above the next column.
_STANDS_OUT, _GAP = 0.90, 0.10
# Fades: that good, and more than half of it gone when the columns are older.
_FADES = 0.70
# Carries: a model that good, and so much of it due to one column.
_MODEL, _CARRIED = 0.90, 0.15
_FOLDS = 5
_FEWEST = 10
_MOST_ROWS = 200_000
# Chance of one false alarm among all columns of noise.
_ALARM = 0.001


def leak_check(
    X: Any,
    y: Any,
    *,
    time: Any = None,
    groups: Any = None,
    features: Any = None,
    model: Any = None,
    lagged: Any = None,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Name columns that know too much of the label.

    Each column is read alone, in three ways: its numbers in order, the label rates of its values
    (learnt from other rows), and whether it is missing. It is named when it

    - *separates*: its AUC is 0.95 or more;
    - *settles*: a fifth or more of the rarer label stands at values that no row of the other label
      has, where chance would put 20 such rows;
    - *stands out*: its AUC is 0.90 or more, and between it and the next column is a gap of 0.10 or more;
    - *fades* (with `lagged`): its AUC is 0.70 or more, and the same column as of an earlier moment has lost
      more than half of what it had above 0.5;
    - *carries* (with `model`): the model's AUC on rows held out is 0.90 or more, and shuffling the column
      among them costs 0.15 or more.

    The first two are called a leak, the others suspect: an honest column can do these too. A rule
    says where to look; when a column was filled in, only its owner knows.

    Parameters
    ----------
    X : frame of n rows
        Features, also raw columns with times and texts.
    y : array-like of shape (n,)
        Labels of two classes.
    time : array-like of shape (n,), optional
        The `as_of` of each row, UTC. Then `drift` says how well each column tells the latest fifth
        of the rows from the others, and the model is tested on that fifth.
    groups : array-like of shape (n,), optional
        The customer of each row, whose rows stay on one side when rates are learnt.
    features : FeatureSet, mapping of column to data type, or DataFrame, optional
        Says the data type of each column; a frame has the columns feature and data_type.
    model : estimator, optional
        A classifier, to see what it leans on. It is cloned and trained on the other rows.
    lagged : frame of n rows, optional
        The same columns of the same rows, built for an earlier `as_of`.
    rng : int or numpy.random.Generator, default=0
        For the folds and for shuffling. Of more than 200,000 rows so many are drawn.

    Returns
    -------
    DataFrame
        A row for each column, the highest AUC first: column, data_type (with `features`), verdict ("leak",
        "suspect" or ""), why, auc, by (the reading: "value", "rates" or "missing"), gap (to the next
        column's AUC), missing_auc, settled (share of the rarer label), lagged_auc (with `lagged`),
        drift (AUC of later against earlier rows, with `time`), importance (AUC lost by shuffling, with `model`), and
        lagged_importance (with both `model` and `lagged`).

    Raises
    ------
    InputError
        If lengths differ, there are no columns, one holds lists and the like, labels are not of two
        classes or fewer than 10 of each, or `lagged` lacks a column.
    TypeError
        If `features` are of another kind.

    Examples
    --------
    Made-up: a reason that only those who left have.

    >>> draws = np.random.default_rng(0)
    >>> left = draws.random(2000) < 0.2
    >>> X = pd.DataFrame({"visits": draws.poisson(5 - 2 * left), "reason": np.where(left, "price", None)})
    >>> leak_check(X, left)[["column", "verdict", "why"]].values.tolist()
    [['reason', 'leak', 'separates: AUC 1.000 by rates; settles 100 % of the rows with label True'], ['visits', '', '']]
    """
    draws = generator(rng)
    frame = check_frame(X, "X")
    target, classes = take_labels(y, len(frame))
    kinds = _data_types(features)
    others = {"time": time, "groups": groups, "lagged": lagged}
    _check_rows(frame, target, others)
    older = None if lagged is None else check_frame(lagged, "lagged")
    if older is not None:
        check_columns(older, frame.columns, "lagged")
    rows = np.sort(draws.permutation(len(frame))[:_MOST_ROWS])
    frame, target = frame.iloc[rows], target[rows]
    older = None if older is None else older.iloc[rows]
    keys = rows if groups is None else pd.factorize(np.asarray(groups)[rows], use_na_sentinel=False)[0]
    fold = draws.integers(_FOLDS, size=keys.max() + 1)[keys]
    later = None if time is None else latest_rows(take_times(time)[rows], 1 / _FOLDS)
    table = _table(frame, target, fold)
    if older is not None:
        table["lagged_auc"] = [signal.auc for signal in _signals(older[list(frame.columns)], target, fold)]
    if later is not None:
        known = not later.all()
        table["drift"] = [s.auc for s in _signals(frame, later.astype(float), fold)] if known else np.nan
    if model is not None:
        held_out = later if later is not None and not later.all() else fold == 0
        table["importance"], score = column_reliance(model, frame, target, held_out, draws)
        if older is not None:
            table["lagged_importance"], _ = column_reliance(model, older[list(frame.columns)], target, held_out, draws)
    return _judged(table, target, classes, kinds, score if model is not None else np.nan)


def _check_rows(frame: pd.DataFrame, target: np.ndarray, others: Mapping[str, Any]) -> None:
    if not frame.shape[1]:
        raise InputError("X must have at least one column; got none.")
    for name, values in others.items():
        if values is not None and len(values) != len(frame):
            raise InputError(f"{name} must have {len(frame)} rows, as X; got {len(values)}.")
    fewest = int(min(target.sum(), len(target) - target.sum()))
    if fewest < _FEWEST:
        raise InputError(f"y must have {_FEWEST} rows or more of each label to tell chance from leaks; got {fewest}.")


def _data_types(features: Any) -> dict[str, str] | None:
    if features is None:
        return None
    described = features.describe() if isinstance(features, FeatureSet) else features
    if isinstance(described, pd.DataFrame):
        check_columns(described, ["feature", "data_type"], "features")
        return dict(zip(described["feature"], described["data_type"], strict=True))
    if isinstance(described, Mapping):
        return dict(described)
    raise TypeError(f"features must be a FeatureSet, a mapping or a frame; got {type(features).__name__}.")


def _signals(frame: pd.DataFrame, target: np.ndarray, fold: np.ndarray) -> list[ColumnSignal]:
    signals = []
    for place, name in enumerate(frame.columns):
        try:
            signals.append(column_signal(frame.iloc[:, place], target, fold))
        except TypeError as error:
            raise InputError(f"column {name!r} must hold numbers, times, flags or texts: {error}.") from error
    return signals


def _table(frame: pd.DataFrame, target: np.ndarray, fold: np.ndarray) -> pd.DataFrame:
    signals = [vars(signal) for signal in _signals(frame, target, fold)]
    table = pd.DataFrame(signals)
    table.insert(0, "column", list(frame.columns))
    return table


def _judged(
    table: pd.DataFrame, target: np.ndarray, classes: np.ndarray, kinds: dict[str, str] | None, score: float
) -> pd.DataFrame:
    table = table.sort_values("auc", ascending=False, kind="stable", ignore_index=True)
    table.insert(3, "gap", table["auc"] - table["auc"].shift(-1))
    rarer = classes[1 if target.mean() <= 0.5 else 0]
    ones, zeros = target.sum(), len(target) - target.sum()
    # What the AUC of a column of noise stays below.
    noise = 0.5 + norm.isf(_ALARM / len(table)) * np.sqrt((len(target) + 1) / (12 * ones * zeros))
    gaps = np.flatnonzero((table["auc"] >= _STANDS_OUT) & (table["gap"] >= _GAP))
    last = gaps[-1] if len(gaps) else -1
    found = [_why(row, rarer, noise, place <= last, score) for place, row in enumerate(table.to_dict("records"))]
    table.insert(1, "verdict", [verdict for verdict, _ in found])
    table.insert(2, "why", [why for _, why in found])
    if kinds is not None:
        table.insert(1, "data_type", [kinds.get(name, "") for name in table["column"]])
    return table


def _why(row: dict[Any, Any], rarer: Any, noise: float, stands_out: bool, score: float) -> tuple[str, str]:
    auc, leaks, suspects = row["auc"], [], []
    clear = auc > noise
    if auc >= _AUC and clear:
        leaks.append(f"separates: AUC {auc:.3f} by {row['by']}")
    if row["settled"] >= _SETTLED:
        leaks.append(f"settles {100 * row['settled']:.0f} % of the rows with label {rarer}")
    if not leaks and stands_out and clear:
        suspects.append(f"stands out: AUC {auc:.3f}, far above the next columns")
    lagged = row.get("lagged_auc", auc)
    if auc >= _FADES and clear and lagged - 0.5 < (auc - 0.5) / 2:
        suspects.append(f"fades: AUC {auc:.3f}, {lagged:.3f} as of earlier")
    lost = row.get("importance", 0.0)
    if score >= _MODEL and lost >= _CARRIED:
        suspects.append(f"carries: of the model's AUC {score:.3f} it holds {lost:.3f}")
    return ("leak" if leaks else "suspect" if suspects else ""), "; ".join([*leaks, *suspects])
