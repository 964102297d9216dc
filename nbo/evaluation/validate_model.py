"""Train a model on earlier rows and say how good it is on later ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import has_fit_parameter

from nbo.checks import check_frame, check_rows
from nbo.errors import InputError
from nbo.evaluation.held_out import HeldOut, customer_parts, hold_out, predictor
from nbo.evaluation.judged import Judged, chosen_metrics
from nbo.evaluation.judging import Bootstrap, judge
from nbo.evaluation.rows import Rows, judges_labels, take_rows
from nbo.evaluation.slices import take_segments
from nbo.evaluation.validate_predictions import take_bootstrap, validation_of
from nbo.evaluation.validation import Validation
from nbo.models.splits import take_times
from nbo.progress import track

__all__ = ["validate_model"]


def validate_model(
    model: Any,
    X: Any,
    y: Any,
    *,
    time: Any = None,
    groups: Any = None,
    segments: Any = None,
    split: Any = None,
    allow_random: bool = False,
    also_random: bool = False,
    fit: bool = True,
    sample_weight: Any = None,
    metrics: str | Sequence[str] | None = None,
    quantiles: tuple[float, float] = (0.05, 0.95),
    n_bootstrap: int = 200,
    level: float = 0.95,
    rng: int | np.random.Generator = 0,
    progress: bool | None = None,
) -> Validation:
    """Train a model on earlier rows and measure its predictions of later ones, with intervals.

    Intervals are percentiles of a bootstrap over the test customers, whose rows stay together. They
    say how far the measures would move with other customers, for the model as it was trained.

    Parameters
    ----------
    model : estimator
        A classifier of two labels with ``predict_proba``, or a regressor. It is cloned, never
        changed. Where its ``fit`` takes `time` and `groups`, it gets them.
    X : DataFrame of n rows
        Features of any library of frames.
    y : array-like of shape (n,)
        Labels or amounts. A shorter Series, as :mod:`nbo.labels` gives it where windows are not
        over, names the rows of X by its index; the others are left out.
    time : array-like of shape (n,), optional
        The `as_of` of each row, UTC. Needed, unless a split of row numbers is given or `allow_random`.
    groups : array-like of shape (n,), optional
        The customer of each row; by default each row is a customer of its own.
    segments : str, list of str, array-like of shape (n,), or DataFrame of n rows, optional
        Segments to judge by themselves: columns of X by name, or the segments of the rows; 50 or
        fewer a segmentation.
    split : TimeSplit or iterable of (train, test), optional
        What to train and to test on. By default the latest fifth of the rows is tested, and training
        rows whose label window, the model's `horizon`, reaches into it are left out.
    allow_random : bool, default=False
        Where there are no times, or all are the same, predict each fifth of the customers by a model
        of the others, instead of refusing.
    also_random : bool, default=False
        Measure such a random split as well, of all rows. It stands second, for it flatters.
    fit : bool, default=True
        False tests the model as it is, on all rows given.
    sample_weight : array-like of shape (n,), optional
        Weight of each row, in training and in testing.
    metrics : str or sequence of str, optional
        All by default. For labels "rate", "mean_probability", "auc", "average_precision", "lift_10",
        "log_loss", "brier" and its parts "brier_reliability", "brier_resolution", "brier_uncertainty",
        "brier_within", then "ece", "calibration_in_the_large" and "calibration_slope". For amounts
        "mean_actual", "mean_predicted", "level_ratio", "mae", "rmse", "gini", "spearman" and "coverage".
    quantiles : (float, float), default=(0.05, 0.95)
        Ends of the interval whose coverage is measured, of a regressor with ``predict_quantiles``.
    n_bootstrap : int, default=200
        Number of replicates, 100 or more.
    level : float, default=0.95
        Of confidence, in (0, 1), of each interval by itself.
    rng : int or numpy.random.Generator, default=0
        For the replicates, and the fifths of customers.
    progress : bool, optional
        Show progress; by default on a terminal.

    Returns
    -------
    Validation

    Raises
    ------
    InputError
        If lengths differ or are 0, `y` is not of two labels or finite, rows on a side of the split are
        too few, times are needed, or an argument is not allowed.
    TypeError
        If the model is neither a classifier with ``predict_proba`` nor a regressor.

    Examples
    --------
    Simulated: visits decide.

    >>> from sklearn.linear_model import LogisticRegression
    >>> from nbo.models import TimeSplit
    >>> draws = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": draws.normal(size=2000), "visits": draws.normal(size=2000)})
    >>> y = draws.random(2000) < 1 / (1 + np.exp(-X["visits"]))
    >>> time = pd.date_range("2026-01-01", periods=2000, freq="h")
    >>> split = TimeSplit(horizon="2D")
    >>> print(validate_model(LogisticRegression(), X, y, time=time, split=split, metrics="auc"))
    AUC 0.736 (95 % 0.700 to 0.781).
    Trained on earlier rows, tested on rows as of 2026-03-08 16:00:00 and later: 400 rows of 400 customers, ...
    """
    of_classes = judges_labels(model)
    bootstrap = take_bootstrap(n_bootstrap, level, rng, progress)
    question = _question(model, of_classes, quantiles)
    names = chosen_metrics(metrics, of_classes, not of_classes and hasattr(model, "predict_quantiles"))
    frame = check_frame(X, "X")
    moments = None if time is None else pd.Series(take_times(time))
    rows, kept = take_rows(frame, y, groups, moments, sample_weight, of_classes)
    if fit and sample_weight is not None and not has_fit_parameter(model, "sample_weight"):
        raise InputError(f"sample_weight needs a model whose fit takes it; {type(model).__name__} does not.")
    held_out = _held_out(model, rows, split, allow_random, fit, bootstrap.rng)
    judged = _judged(model, rows, held_out, question, fit, progress)
    moments = None if rows.time is None else rows.time.iloc[held_out.test].reset_index(drop=True)
    parts = take_segments(segments, frame, len(frame)).iloc[kept[held_out.test]].reset_index(drop=True)
    bootstrap = replace(bootstrap, widening=held_out.widening)
    frames = judge(judged, moments, parts, names, bootstrap)
    random = _random(model, rows, question, names, bootstrap) if also_random and fit else None
    return validation_of(
        judged, frames, kept[held_out.test], moments, bootstrap, held_out.text, random, held_out.warnings
    )


def _question(model: Any, of_classes: bool, quantiles: tuple[float, float]) -> Callable[[Any, pd.DataFrame], Any]:
    """Give what asks a fitted model for all that is judged."""
    ask = predictor(of_classes)
    if of_classes or not hasattr(model, "predict_quantiles"):
        return ask
    if len(quantiles) != 2 or not 0 < quantiles[0] < quantiles[1] < 1:
        raise InputError(f"quantiles must be two numbers in (0, 1), the lower one first; got {quantiles!r}.")
    return lambda fitted, X: np.column_stack([ask(fitted, X), fitted.predict_quantiles(X, list(quantiles))])


def _held_out(model: Any, rows: Rows, split: Any, allow_random: bool, fit: bool, rng: np.random.Generator) -> HeldOut:
    if not fit:
        every = np.arange(len(rows.target))
        text = (
            f"The model as it was, tested on all {len(every):,} rows given, of {rows.customer.max() + 1:,} customers."
        )
        return HeldOut([(every[:0], every)], text)
    if split is None and not allow_random and (rows.time is None or rows.time.nunique() == 1):
        why = "no times are given" if rows.time is None else "all rows are of one moment"
        raise InputError(
            f"a model is validated on later rows, but {why}. Give time with several moments; or accept a split at "
            "random, which flatters, with allow_random=True."
        )
    return hold_out(rows, split, getattr(model, "horizon", None), rng)


def _judged(
    model: Any,
    rows: Rows,
    held_out: HeldOut,
    question: Callable[[Any, pd.DataFrame], Any],
    fit: bool,
    progress: bool | None,
) -> Judged:
    if fit:
        pairs = track(range(len(held_out.pairs)), "models", unit="model", progress=progress)
        answers = np.concatenate([held_out.ask(model, rows, rows.X, pair, question) for pair in pairs])
    else:
        answers = _asked(model, rows, question)
    test = held_out.test
    target, prediction = rows.target[test], answers if answers.ndim == 1 else answers[:, 0]
    covered = None
    if answers.ndim == 2:
        covered = ((answers[:, 1] <= target) & (target <= answers[:, 2])).astype(float)
    weight = None if rows.weight is None else rows.weight[test]
    return Judged(target, prediction, held_out.part, rows.customer[test], rows.of_classes, weight, covered)


def _asked(model: Any, rows: Rows, question: Callable[[Any, pd.DataFrame], Any]) -> np.ndarray:
    try:
        answers = np.asarray(question(model, rows.X), dtype=float)
    except (ValueError, KeyError) as error:
        raise InputError(f"the model could not be asked as it is; fit=False needs a fitted one: {error}") from error
    wrong = ~np.isfinite(answers)
    check_rows(wrong if wrong.ndim == 1 else wrong.any(axis=1), answers, "the model's predictions", "finite")
    return answers


def _random(
    model: Any,
    rows: Rows,
    question: Callable[[Any, pd.DataFrame], Any],
    metrics: Sequence[str],
    bootstrap: Bootstrap,
) -> pd.DataFrame:
    held_out = HeldOut(customer_parts(rows.customer, bootstrap.rng), "")
    # A model that knows the times would calibrate itself on the latest rows, and these rows are of all times.
    judged = _judged(model, replace(rows, time=None), held_out, question, True, bootstrap.progress)
    return judge(judged, None, None, metrics, replace(bootstrap, widening=held_out.widening))["overall"]
