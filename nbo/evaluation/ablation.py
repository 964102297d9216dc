"""Which data type pays: what a model loses without it, and what it does with nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import has_fit_parameter

from nbo import columns as c
from nbo.checks import check_frame, check_one_of
from nbo.errors import InputError
from nbo.evaluation.ablation_result import Ablation
from nbo.evaluation.customer_bootstrap import customer_weights, interval
from nbo.evaluation.data_columns import DataColumns, data_columns
from nbo.evaluation.held_out import HeldOut, hold_out, predictor
from nbo.evaluation.logged_offers import ABLATION_SCORES, POLICY_VALUE, LoggedOffers, few_agree
from nbo.evaluation.rows import Rows, judges_labels, take_rows
from nbo.evaluation.scores import SCORES
from nbo.numbers import check_number
from nbo.progress import track
from nbo.rng import generator
from nbo.tables import Spine

__all__ = ["ablation"]

# Data types and a metric to the value with all its replicates.
Measured = dict[tuple[tuple[str, ...], str], np.ndarray]
Bounds = Callable[[np.ndarray], tuple[float, float, float]]


def ablation(
    model: Any,
    X: Any,
    y: Any,
    features: Any,
    spine: Any,
    *,
    split: Any = None,
    sample_weight: Any = None,
    action_probability: Any = None,
    metrics: str | Sequence[str] | None = None,
    order: Sequence[str] | None = None,
    n_bootstrap: int = 1000,
    level: float = 0.95,
    rng: int | np.random.Generator = 0,
    progress: bool | None = None,
) -> Ablation:
    """Measure what each data type is worth to a model.

    The model is trained anew without each data type, with only that one, and with one after
    another added; all are tested on the same later rows. Intervals are percentiles of a
    bootstrap over the test customers, whose rows stay together, and differences are paired: in
    each replicate both models are judged on the same customers. They hold for the models as
    they were trained; another training set would move the worth as well.

    What is worth nothing *beside the others* may be worth much alone: two data types that say
    the same both show no gain. Look at `alone` before dropping one, and drop them one at a time.

    Parameters
    ----------
    model : estimator
        A classifier of two labels with ``predict_proba``, or a regressor. It is cloned, never
        changed. Where its ``fit`` takes `time` and `groups`, it gets `as_of` and customers.
    X : DataFrame of n rows
        Features of any library of frames.
    y : array-like of shape (n,)
        Labels or amounts. A shorter Series, as :mod:`nbo.labels` gives it where windows are not
        over, names the rows of X by its index; the others are left out.
    features : FeatureSet or mapping of str to str
        The fitted set that built `X`, or column to data type. Each column of `X` must be named, but
        `offer_id` and `channel`, which say what is asked: all models see them, if they are there.
    spine : Spine or DataFrame of n rows
        The customer and the moment of each row.
    split : TimeSplit or iterable of (train, test), optional
        What to train and to test on. By default the latest fifth of the rows is tested, and training
        rows whose label window, the model's `horizon`, reaches into it are left out. Where
        all rows are as of one moment, there is nothing later: then each fifth of the customers
        is predicted by a model of the other four, `tested_on` says so, and the intervals are
        widened, because such parts hang together.
    sample_weight : array-like of shape (n,), optional
        Weight of each row, in training and in testing.
    action_probability : array-like of shape (n,), optional
        With which chance each row was made its `offer_id`, in (0, 1]: then what choosing by the model is worth
        is measured as well.
    metrics : str or sequence of str, optional
        Of "auc" and "log_loss" for labels, "gini" and "rmse" for amounts; both by default.
        "gini" is how well the amounts are ranked, 1 at best and 0 by chance. With `action_probability`,
        "policy_value" too: the mean label or amount if each customer got the offer of `X` that the model predicts
        most of, estimated from the rows that did get it, weighed by one over their probability
        (self-normalized).
    order : sequence of str, optional
        In which data types are added; by default as `features` name them, which for a default
        set begins with demographic and transaction.
    n_bootstrap : int, default=1000
        Number of replicates, 100 or more.
    level : float, default=0.95
        Of confidence, in (0, 1), of each interval by itself.
    rng : int or numpy.random.Generator, default=0
        For the replicates, and the fifths of customers.
    progress : bool, optional
        Show progress; by default on a terminal.

    Returns
    -------
    Ablation

    Raises
    ------
    InputError
        If lengths differ or are 0, a column has no data type, `y` is not of two labels or finite, rows
        on a side of the split are too few, or an argument is not allowed.
    TypeError
        If the model is neither a classifier nor a regressor, or `features` are of another kind.

    Examples
    --------
    Simulated: visits decide, age does not.

    >>> from sklearn.linear_model import LogisticRegression
    >>> draws = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": draws.normal(size=2000), "visits": draws.normal(size=2000)})
    >>> y = draws.random(2000) < 1 / (1 + np.exp(-X["visits"]))
    >>> moments = pd.date_range("2026-01-01", periods=2000, freq="h")
    >>> asked = pd.DataFrame({"customer_id": np.arange(2000) % 800, "as_of": moments})
    >>> kinds = {"age": "demographic", "visits": "behavioral"}
    >>> worth = ablation(LogisticRegression(), X, y, kinds, asked, metrics="auc", n_bootstrap=200)
    >>> (worth.gain.set_index("data_type")["low"] > 0).to_dict()
    {'demographic': False, 'behavioral': True}
    """
    draws = generator(rng)
    check_number(n_bootstrap, "n_bootstrap", "a whole number, 100 or more", lambda n: n >= 100, whole=True)
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    of_classes = judges_labels(model)
    names = _metrics(metrics, of_classes, action_probability is not None)
    rows, kept = _rows(X, y, spine, sample_weight, of_classes)
    if sample_weight is not None and not has_fit_parameter(model, "sample_weight"):
        raise InputError(f"sample_weight needs a model whose fit takes it; {type(model).__name__} does not.")
    columns = data_columns(features, rows.X, order)
    logged = None
    if POLICY_VALUE in names:
        logged = LoggedOffers.of(check_frame(X, "X"), action_probability, columns.asked).take(kept)
    held_out = hold_out(rows, split, getattr(model, "horizon", None), draws)
    predictions = _predictions(model, rows, columns, held_out, logged, progress)
    measured = _measured(predictions, rows, held_out, names, n_bootstrap, draws, progress)
    every, bounds = columns.data_types, partial(interval, level=level, widening=held_out.widening)
    return Ablation(
        overall=_overall(measured, names, every, bounds),
        alone=_frame(measured, names, columns, bounds, [(t, (t,), ()) for t in every]),
        without=_frame(measured, names, columns, bounds, [(t, columns.without(t), every) for t in every], sign=-1),
        added=_frame(measured, names, columns, bounds, [(s[-1], s, s[:-1]) for s in columns.steps()]),
        level=float(level),
        tested_on=" ".join(
            [held_out.text, *([f"Every model sees {', '.join(columns.asked)}."] if columns.asked else [])]
        ),
        warnings=held_out.warnings + (few_agree(np.stack([p.agreed for p in predictions.values()])) if logged else ()),
    )


def _metrics(metrics: str | Sequence[str] | None, of_classes: bool, of_offers: bool) -> list[str]:
    allowed = [name for name, score in SCORES.items() if score.of_classes == of_classes]
    if of_offers:
        allowed.append(POLICY_VALUE)
    if metrics is None:
        return allowed
    chosen = [metrics] if isinstance(metrics, str) else list(dict.fromkeys(metrics))
    if not chosen:
        raise InputError(f"metrics must name one or more of {', '.join(map(repr, allowed))}; got none.")
    if POLICY_VALUE in chosen and not of_offers:
        raise InputError("policy_value needs action_probability: the chance with which each row was made its offer.")
    return [check_one_of(name, allowed, "metrics") for name in chosen]


def _rows(X: Any, y: Any, spine: Any, sample_weight: Any, of_classes: bool) -> tuple[Rows, np.ndarray]:
    frame = check_frame(X, "X")
    asked = (spine if isinstance(spine, Spine) else Spine.of(spine)).frame
    if len(asked) != len(frame):
        raise InputError(f"X and spine must have as many rows; got {len(frame)} and {len(asked)}.")
    return take_rows(frame, y, asked[c.CUSTOMER_ID], asked[c.AS_OF], sample_weight, of_classes)


@dataclass(frozen=True)
class _Predicted:
    """Predictions of the test rows, and how much each says of the offers that the model would make (with a log)."""

    values: np.ndarray
    agreed: np.ndarray


def _predictions(
    model: Any,
    rows: Rows,
    columns: DataColumns,
    held_out: HeldOut,
    logged: LoggedOffers | None,
    progress: bool | None,
) -> dict[tuple[str, ...], _Predicted]:
    """Predict the test rows by models of each set of data types."""
    work = [(data_types, pair) for data_types in columns.sets() for pair in range(len(held_out.pairs))]
    found: dict[tuple[str, ...], list[tuple[np.ndarray, np.ndarray]]] = {data_types: [] for data_types, _ in work}
    for data_types, pair in track(work, "models", unit="model", progress=progress):
        names = columns.of(data_types)
        if logged is None:
            found[data_types].append((held_out.predict(model, rows, names, pair), np.empty(0)))
            continue
        made = logged.take(held_out.pairs[pair][1])
        of_all = held_out.ask(model, rows, rows.X[names], pair, logged.asking(predictor(rows.of_classes)))
        found[data_types].append((of_all[np.arange(len(of_all)), made.number], made.weights(of_all)))
    return {which: _Predicted(*map(np.concatenate, zip(*parts, strict=True))) for which, parts in found.items()}


def _measured(
    predictions: dict[tuple[str, ...], _Predicted],
    rows: Rows,
    held_out: HeldOut,
    metrics: list[str],
    n_bootstrap: int,
    rng: np.random.Generator,
    progress: bool | None,
) -> Measured:
    """Measure all predictions on the same replicates."""
    test, part = held_out.test, held_out.part
    target, customer = rows.target[test], pd.factorize(rows.customer[test])[0]
    weight = None if rows.weight is None else rows.weight[test]
    every, agreed = (np.stack([getattr(p, name) for p in predictions.values()]) for name in ("values", "agreed"))
    values: dict[str, list[np.ndarray]] = {metric: [] for metric in metrics}
    for weights in customer_weights(customer, n_bootstrap, rng, weight, progress):
        for metric in metrics:
            judged = agreed if metric == POLICY_VALUE else every
            values[metric].append(ABLATION_SCORES[metric].measure(target, judged, part, weights))
    return {
        (data_types, metric): row
        for metric, chunks in values.items()
        for data_types, row in zip(predictions, np.hstack(chunks), strict=True)
    }


def _overall(measured: Measured, metrics: list[str], everything: tuple[str, ...], bounds: Bounds) -> pd.DataFrame:
    rows = [
        (name, metric, *bounds(measured[data_types, metric]))
        for name, data_types in (("all", everything), ("none", ()))
        for metric in metrics
    ]
    return pd.DataFrame(rows, columns=["data", "metric", "value", "low", "high"])


def _frame(
    measured: Measured,
    metrics: list[str],
    columns: DataColumns,
    bounds: Bounds,
    asked: list[tuple[str, tuple[str, ...], tuple[str, ...]]],
    sign: int = 1,
) -> pd.DataFrame:
    """Set out a data type, the value of some set of them, and its gain over another set."""
    rows = []
    for data_type, chosen, other in asked:
        for metric in metrics:
            value, than = measured[chosen, metric], measured[other, metric]
            gain = sign * ABLATION_SCORES[metric].better * (value - than)
            count = len(columns.columns[data_type])
            rows.append((data_type, count, metric, *bounds(value), *bounds(gain)))
    names = ["data_type", "columns", "metric", "value", "low", "high", "gain", "gain_low", "gain_high"]
    return pd.DataFrame(rows, columns=names)
