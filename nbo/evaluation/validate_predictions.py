"""Validate predictions that are there already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_numbers, check_probabilities, check_rows
from nbo.errors import InputError
from nbo.evaluation.judged import Judged, chosen_metrics
from nbo.evaluation.judging import Bootstrap, judge
from nbo.evaluation.slices import take_segments
from nbo.evaluation.validation import Validation
from nbo.models.splits import take_times
from nbo.models.targets import take_amounts, take_labels, take_weights
from nbo.numbers import check_number
from nbo.rng import generator

__all__ = ["take_bootstrap", "validate_predictions", "validation_of"]


def validate_predictions(
    y: Any,
    p: Any,
    *,
    time: Any = None,
    groups: Any = None,
    segments: Any = None,
    amounts: bool = False,
    low: Any = None,
    high: Any = None,
    sample_weight: Any = None,
    metrics: str | Sequence[str] | None = None,
    n_bootstrap: int = 200,
    level: float = 0.95,
    rng: int | np.random.Generator = 0,
    progress: bool | None = None,
) -> Validation:
    """Measure predictions against what came out, with intervals.

    As :func:`nbo.validate_model`, for predictions of any source. Whether the rows are later ones that
    the model was not trained on, only you know.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels of two classes, or amounts.
    p : array-like of shape (n,)
        Predicted probabilities of the second label, in [0, 1], or predicted amounts.
    time : array-like of shape (n,), optional
        The moment of each row, UTC, to judge periods.
    groups : array-like of shape (n,), optional
        The customer of each row; rows of one customer are drawn together. By default each row is a customer.
    segments : array-like of shape (n,), or DataFrame of n rows, optional
        Segments to judge by themselves, 50 or fewer a segmentation; a frame holds several segmentations.
    amounts : bool, default=False
        Whether amounts were predicted.
    low, high : array-like of shape (n,), optional
        A predicted interval of each amount, to say how often it held.
    sample_weight : array-like of shape (n,), optional
        Weight of each row.
    metrics : str or sequence of str, optional
        As for :func:`nbo.validate_model`; all by default.
    n_bootstrap : int, default=200
        Number of replicates, 100 or more.
    level : float, default=0.95
        Of confidence, in (0, 1), of each interval by itself.
    rng : int or numpy.random.Generator, default=0
        For the replicates.
    progress : bool, optional
        Show progress; by default on a terminal.

    Returns
    -------
    Validation

    Raises
    ------
    InputError
        If lengths differ or are 0, a value is missing, or an argument is not allowed.

    Examples
    --------
    Made-up probabilities that come true.

    >>> draws = np.random.default_rng(0)
    >>> p = draws.uniform(0, 0.6, 2000)
    >>> found = validate_predictions(draws.random(2000) < p, p, metrics=["auc", "calibration_slope"])
    >>> print(found)
    AUC 0.742 (95 % 0.721 to 0.762).
    calibration slope 1.007 (95 % 0.892 to 1.127).
    The 2,000 rows given, of 2,000 customers.
    """
    prediction = check_numbers(p, "p") if amounts else check_probabilities(p, "p")
    check_rows(~np.isfinite(prediction), prediction, "p", "finite")
    n_rows = len(prediction)
    target = take_amounts(y, n_rows) if amounts else take_labels(y, n_rows)[0]
    if not n_rows:
        raise InputError("y must have at least one row; got none.")
    customer = np.arange(n_rows) if groups is None else pd.factorize(np.asarray(groups), use_na_sentinel=False)[0]
    moments = None if time is None else pd.Series(take_times(time))
    for what, values in (("groups", customer), ("time", moments)):
        if values is not None and len(values) != n_rows:
            raise InputError(f"{what} must have {n_rows} rows, as p; got {len(values)}.")
    covered = _covered(target, low, high, amounts)
    weight, part = take_weights(sample_weight, n_rows), np.zeros(n_rows, dtype=int)
    judged = Judged(target, prediction, part, customer, not amounts, weight, covered)
    text = f"The {n_rows:,} rows given, of {len(np.unique(customer)):,} customers."
    frames = judge(
        judged,
        moments,
        take_segments(segments, None, n_rows),
        chosen_metrics(metrics, not amounts, covered is not None),
        bootstrap := take_bootstrap(n_bootstrap, level, rng, progress),
    )
    return validation_of(judged, frames, np.arange(n_rows), moments, bootstrap, tested_on=text)


def take_bootstrap(n_bootstrap: Any, level: Any, rng: Any, progress: bool | None) -> Bootstrap:
    """Take how intervals are to be made.

    Parameters
    ----------
    n_bootstrap, level, rng, progress
        As for :func:`validate_predictions`.

    Returns
    -------
    Bootstrap

    Raises
    ------
    InputError
        If one is not allowed.
    """
    check_number(n_bootstrap, "n_bootstrap", "a whole number, 100 or more", lambda n: n >= 100, whole=True)
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    return Bootstrap(n_bootstrap, float(level), generator(rng), progress=progress)


def validation_of(
    judged: Judged,
    frames: dict[str, pd.DataFrame],
    rows: np.ndarray,
    time: pd.Series | None,
    bootstrap: Bootstrap,
    tested_on: str,
    random: pd.DataFrame | None = None,
    warnings: tuple[str, ...] = (),
) -> Validation:
    """Put the frames together with the rows that they are of.

    Parameters
    ----------
    judged : Judged
        n rows.
    frames : dict of str to DataFrame
        As :func:`nbo.evaluation.judging.judge` gives them.
    rows : ndarray of int, shape (n,)
        Their numbers.
    time : Series of datetime64, length n, optional
    bootstrap : Bootstrap
    tested_on : str
    random : DataFrame, optional
    warnings : tuple of str, optional

    Returns
    -------
    Validation
    """
    predictions = pd.DataFrame(
        {
            "row": rows,
            "customer": judged.customer,
            "time": pd.Series(pd.NaT, range(len(rows)), "datetime64[us]") if time is None else time.to_numpy(),
            "part": judged.part,
            "y": judged.target,
            "p": judged.prediction,
            "weight": 1.0 if judged.weight is None else judged.weight,
        }
    )
    nothing = frames["overall"].iloc[:0] if random is None else random
    return Validation(
        **frames,
        predictions=predictions,
        level=bootstrap.level,
        tested_on=tested_on,
        random=nothing,
        warnings=warnings,
    )


def _covered(target: np.ndarray, low: Any, high: Any, amounts: bool) -> np.ndarray | None:
    if low is None and high is None:
        return None
    if not amounts or low is None or high is None:
        raise InputError("low and high go together, and are for amounts=True.")
    bounds = [check_numbers(values, name) for values, name in ((low, "low"), (high, "high"))]
    for values, name in zip(bounds, ("low", "high"), strict=True):
        if len(values) != len(target):
            raise InputError(f"{name} must have {len(target)} rows, as p; got {len(values)}.")
        check_rows(np.isnan(values), values, name, "there in every row")
    return ((bounds[0] <= target) & (target <= bounds[1])).astype(float)
