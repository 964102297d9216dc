"""Search for the parameters of a model that predict later rows best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone, is_classifier
from sklearn.metrics import log_loss, mean_absolute_error
from sklearn.utils import _safe_indexing

from nbo.checks import check_one_of
from nbo.errors import InputError, MissingPackageError
from nbo.models.splits import TimeSplit
from nbo.numbers import check_number
from nbo.progress import track
from nbo.rng import generator

__all__ = ["search"]

_SPACE = {
    "num_leaves": (4, 64, "log"),
    "learning_rate": (0.02, 0.2, "log"),
    "min_child_samples": (10, 300, "log"),
    "linear_share": (0.0, 1.0),
}
_BY_ROW = ("time", "groups", "sample_weight", "action_probability", "viewed")


def search(
    model: Any,
    X: Any,
    y: Any,
    space: Mapping[str, Any] | None = None,
    cv: TimeSplit | Iterable[tuple[np.ndarray, np.ndarray]] | None = None,
    n_trials: int = 30,
    rng: Any = 0,
    progress: bool | None = None,
    loss: Callable[[Any, np.ndarray], float] | None = None,
    fit_params: Mapping[str, Any] | None = None,
) -> tuple[Any, pd.DataFrame]:
    """Search for the parameters of a model that predict later rows best.

    The first trial is the model as it is. The next ones are proposed by optuna's tree-structured
    Parzen estimator [1]_. The best is fitted anew on all rows.

    Parameters
    ----------
    model : estimator
        Such as :class:`~nbo.models.PropensityModel`; it is not changed.
    X : frame or array of shape (n, p)
    y : array-like of shape (n,)
    space : mapping, optional
        Parameter to (low, high), (low, high, "log") or a list of choices; whole numbers where low
        is one. By default leaves, learning rate, rows in a leaf and the linear share, as far as
        the model has them.
    cv : TimeSplit or iterable of (train, test), default=TimeSplit()
        A `TimeSplit` needs "time" among the `fit_params`.
    n_trials : int, default=30
        How many sets of parameters to try.
    rng : int or Generator, default=0
        Seed of the proposals.
    progress : bool, optional
        Whether to show how far it is; by default on a terminal.
    loss : callable, optional
        Of (y, prediction), less is better. By default log-loss of the probabilities, and the mean
        absolute error of a regressor.
    fit_params : mapping, optional
        What `fit` takes beside: "time", "groups", "sample_weight" ... by row, and "catalog".

    Returns
    -------
    model : estimator
        Of the best parameters, fitted on all rows.
    trials : DataFrame
        ``trial``, ``loss`` (mean over the splits) and one column per parameter, the best first.

    Raises
    ------
    MissingPackageError
        If optuna is not installed.
    InputError
        If the space names a parameter that the model has not or states it otherwise, or times are missing.

    References
    ----------
    .. [1] Bergstra, J. et al. (2011). Algorithms for hyper-parameter optimization. NeurIPS 24.

    Examples
    --------
    >>> from nbo.models import PropensityModel
    >>> draws = np.random.default_rng(0)
    >>> X = pd.DataFrame({"visits": draws.poisson(3, 600)})
    >>> y = draws.random(600) < X["visits"] / 10
    >>> times = pd.date_range("2026-01-01", periods=600, freq="h")
    >>> model, trials = search(
    ...     PropensityModel(n_estimators=20), X, y, {"num_leaves": (2, 8)}, n_trials=3, fit_params={"time": times}
    ... )
    >>> trials.columns.tolist(), len(trials)
    (['trial', 'loss', 'num_leaves'], 3)
    """
    optuna = _optuna()
    check_number(n_trials, "n_trials", "a whole number, at least 1", lambda n: n >= 1, whole=True)
    known = model.get_params()
    given = dict(fit_params or {})
    space = {name: span for name, span in _SPACE.items() if name in known} if space is None else dict(space)
    for name, span in space.items():
        check_one_of(name, list(known), "space names")
        _check_span(name, span)
    splits = _splits(cv, given)
    study = _study(optuna, int(generator(rng).integers(2**31)))
    study.enqueue_trial({name: known[name] for name, span in space.items() if _holds(span, known[name])})
    rows = []
    for number in track(range(n_trials), "trials", unit="trial", progress=progress):
        trial = study.ask()
        chosen = {name: _suggest(trial, name, span) for name, span in space.items()}
        losses = [_loss_of(clone(model).set_params(**chosen), X, y, given, split, loss) for split in splits]
        study.tell(trial, float(np.mean(losses)))
        rows.append({"trial": number, "loss": float(np.mean(losses)), **chosen})
    trials = pd.DataFrame(rows).sort_values(["loss", "trial"], ignore_index=True)
    best = next(row for row in rows if row["trial"] == trials["trial"].iloc[0])
    return clone(model).set_params(**{name: best[name] for name in space}).fit(X, y, **given), trials


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise MissingPackageError("search needs the package optuna: pip install 'nbo[search]'.") from error
    return optuna


def _study(optuna: Any, seed: int) -> Any:
    # optuna tells of every new study on standard error.
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    finally:
        optuna.logging.set_verbosity(before)


def _splits(cv: Any, given: Mapping[str, Any]) -> list[tuple[np.ndarray, np.ndarray]]:
    cv = TimeSplit() if cv is None else cv
    if not isinstance(cv, TimeSplit):
        return [(np.asarray(train), np.asarray(test)) for train, test in cv]
    if given.get("time") is None:
        raise InputError('a search over later rows needs their times: fit_params={"time": ...}, or give cv as pairs.')
    return list(cv.split(given["time"]))


def _holds(span: Any, value: Any) -> bool:
    if isinstance(span, list):
        return value in span
    return isinstance(value, int | float) and span[0] <= value <= span[1]


def _check_span(name: str, span: Any) -> None:
    if isinstance(span, list) and span:
        return
    ends = span[:2] if isinstance(span, tuple) and len(span) in (2, 3) and span[2:] in ((), ("log",)) else ()
    if not ends or not all(isinstance(end, int | float) for end in ends) or not ends[0] <= ends[1]:
        raise InputError(
            f'space must give (low, high), (low, high, "log") or a list of choices; {name!r} has {span!r}.'
        )


def _suggest(trial: Any, name: str, span: Any) -> Any:
    if isinstance(span, list):
        return trial.suggest_categorical(name, span)
    suggest = trial.suggest_int if isinstance(span[0], int) else trial.suggest_float
    return suggest(name, span[0], span[1], log=len(span) == 3)


def _loss_of(
    model: Any, X: Any, y: Any, given: Mapping[str, Any], split: tuple[np.ndarray, np.ndarray], loss: Any
) -> float:
    train, test = split
    part = {
        name: _safe_indexing(_indexable(value), train) if name in _BY_ROW and not isinstance(value, str) else value
        for name, value in given.items()
    }
    model.fit(_safe_indexing(X, train), _safe_indexing(y, train), **part)
    actual, rows = _safe_indexing(y, test), _safe_indexing(X, test)
    if not is_classifier(model):
        return float((loss or mean_absolute_error)(actual, model.predict(rows)))
    p = model.predict_proba(rows)[:, 1]
    return float(
        loss(actual, p) if loss else log_loss(np.asarray(actual) == model.classes_[1], p, labels=[False, True])
    )


def _indexable(values: Any) -> Any:
    return values if hasattr(values, "shape") else np.asarray(values)
