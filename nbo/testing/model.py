"""What a model owes: columns by name, the same bits again and from disk."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from nbo.testing.owed import owed, refused, same, unchanged

__all__ = ["check_model"]


def check_model(model: Any, X: pd.DataFrame, y: Any) -> None:
    """Check all that a model of the customer owes, beside scikit-learn's own checks.

    Arguments are stored as given, and a second fit gives the same bits. Probabilities, of models
    that give them, are 0 or more and sum to 1 in each row. Columns count by name:
    their order does not matter, others are ignored, and one that is missing is named. A
    category never seen is scored. Rows are scored alone as in any batch. What is written to
    disk predicts the same bits.

    Parameters
    ----------
    model : estimator
        With `fit`, `predict` or `predict_proba`, `to_dir` and `from_dir`. Taken as a copy.
    X : DataFrame of shape (n, p)
        Two columns or more.
    y : array-like of shape (n,)

    Raises
    ------
    AssertionError
        Says what the model owes, and what was seen.

    Examples
    --------
    >>> from nbo.models import ChurnModel
    >>> X = pd.DataFrame({"visits": np.arange(200) % 7, "city": ["Bern", "Rome"] * 100})
    >>> check_model(ChurnModel(n_estimators=5), X, np.arange(200) % 7 < 3)
    """
    name, y = type(model).__name__, np.asarray(y)
    fitted = clone(model)
    _check_arguments(model)
    with unchanged(name, X=X):
        owed(fitted.fit(X, y) is fitted, f"{name}.fit must return the model itself")
        scores = _scores(fitted, X)
    owed(len(scores) == len(X), f"{name} must give one score per row; gave {len(scores)} for {len(X)}")
    owed(np.isfinite(scores).all(), f"{name} must give finite scores")
    _check_again(fitted, X, y, scores)
    _check_probabilities(fitted, scores)
    _check_columns(fitted, X, scores)
    _check_rows(fitted, X, scores)
    _check_storage(fitted, X, scores)


def _scores(model: Any, X: pd.DataFrame) -> np.ndarray:
    return np.asarray(model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X))


def _check_arguments(model: Any) -> None:
    name, params = type(model).__name__, model.get_params(deep=False)
    again = clone(model).get_params(deep=False)
    owed(again == params, f"{name} must store its arguments as they are given; clone gives {again} for {params}")
    for argument, value in params.items():
        owed(getattr(model, argument) is value, f"{name} must keep {argument} as it is given")


def _check_again(model: Any, X: pd.DataFrame, y: np.ndarray, scores: np.ndarray) -> None:
    name = type(model).__name__
    same(_scores(clone(model).fit(X, y), X), scores, f"{name} must learn the same from the same rows and seed")
    half = clone(model).fit(X.iloc[: len(X) // 2], y[: len(X) // 2])
    same(_scores(half.fit(X, y), X), scores, f"{name} must forget an earlier fit")


def _check_probabilities(model: Any, scores: np.ndarray) -> None:
    """Check what calibration, lift and log-loss rely on."""
    name = type(model).__name__
    if not hasattr(model, "predict_proba"):
        return
    owed(scores.ndim == 2 and scores.shape[1] == 2, f"{name} must give two probabilities a row; gave {scores.shape}")
    inside = (scores >= 0).all() and np.allclose(scores.sum(axis=1), 1)
    owed(inside, f"{name} must give probabilities that are 0 or more and sum to 1; first row: {scores[0].tolist()}")


def _check_columns(model: Any, X: pd.DataFrame, scores: np.ndarray) -> None:
    name = type(model).__name__
    same(_scores(model, X[X.columns[::-1]]), scores, f"{name} must take columns by name, in any order")
    same(_scores(model, X.assign(unheard_of=1.0)), scores, f"{name} must ignore columns that it was not fitted on")
    for column in (X.columns[0], X.columns[-1]):
        with refused(name, f"X without the column {column!r}", str(column)):
            _scores(model, X.drop(columns=column))
    for column in map(str, X.columns):
        if not pd.api.types.is_numeric_dtype(X[column]):
            strange = _scores(model, X.assign(**{column: pd.array(["never seen"] * len(X), dtype="str")}))
            owed(np.isfinite(strange).all(), f"{name} must score a category of {column!r} that it never saw")


def _check_rows(model: Any, X: pd.DataFrame, scores: np.ndarray) -> None:
    name = type(model).__name__
    order = np.random.default_rng(0).permutation(len(X))
    same(_scores(model, X.iloc[order]), scores[order], f"{name}'s scores must not depend on the order of the rows")
    same(_scores(model, X.iloc[:1]), scores[:1], f"{name} must score a row alone as among others")


def _check_storage(model: Any, X: pd.DataFrame, scores: np.ndarray) -> None:
    name = type(model).__name__
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        model.to_dir(path)
        _check_files(name, path)
        back = type(model).from_dir(path)
        same(_scores(back, X), scores, f"{name} must predict the same bits after a way through a folder")
        owed(back.get_params() == model.get_params(), f"{name} has other arguments after a way through a folder")
        file = next(file for file in sorted(path.rglob("*")) if file.is_file())
        file.write_bytes(file.read_bytes().replace(b"0", b"1"))
        with refused(name, f"a stored model whose file {file.name} was altered"):
            type(model).from_dir(path)


def _check_files(name: str, path: Path) -> None:
    files = [file for file in path.rglob("*") if file.is_file()]
    owed(bool(files), f"{name}.to_dir must write a file")
    for file in files:
        try:
            file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise AssertionError(f"{name} must be stored as text; {file.name} is not") from None
