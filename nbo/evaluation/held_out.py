"""Predictions for rows that a model was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from nbo.checks import check_rows
from nbo.errors import InputError
from nbo.evaluation.rows import Rows
from nbo.models import TimeSplit

__all__ = ["HeldOut", "customer_parts", "hold_out", "predictor"]

_PARTS = 5
# Fewer customers of one kind than this say too little.
_FEWEST = 10


@dataclass(frozen=True)
class HeldOut:
    """Which rows are for training and which for testing.

    Parameters
    ----------
    pairs : list of (ndarray of int, ndarray of int)
        Row numbers to train and to test on, one pair per model.
    text : str
        What was tested on what, in words.
    warnings : tuple of str
        Why not to trust it, if there is a reason.
    """

    pairs: list[tuple[np.ndarray, np.ndarray]]
    text: str
    warnings: tuple[str, ...] = ()

    @property
    def test(self) -> np.ndarray:
        """Numbers of all test rows, pair after pair."""
        return np.concatenate([test for _, test in self.pairs])

    @property
    def part(self) -> np.ndarray:
        """Number of the pair of each test row."""
        return np.repeat(np.arange(len(self.pairs)), [len(test) for _, test in self.pairs])

    @property
    def widening(self) -> float:
        r"""How many times wider intervals must be than if the parts had nothing to do with each other.

        Where the test rows of two parts are training rows of each other, as in cross-fitting, the
        parts' errors hang together: the variance of their mean is taken as :math:`1/J + n_2/n_1`
        of a part's, not :math:`1/J`, for J parts of :math:`n_2` rows tested on :math:`n_1` [1]_. Parts that
        follow each other in time are not related so.

        References
        ----------
        .. [1] Nadeau, C. and Bengio, Y. (2003). Inference for the generalization error. Machine
           Learning 52, 239-281.
        """
        mutual = any(
            np.isin(test, other_train).any() and np.isin(other_test, train).any()
            for (train, test), (other_train, other_test) in combinations(self.pairs, 2)
        )
        return float(np.sqrt(1 + sum(len(test) / len(train) for train, test in self.pairs))) if mutual else 1.0

    def predict(self, model: Any, rows: Rows, names: list[str], pair: int) -> np.ndarray:
        """Train a clone on the rows of a pair and predict its test rows.

        Parameters
        ----------
        model : estimator
            Not changed.
        rows : Rows
        names : list of str
            The columns to see; without any the prediction is the mean of the training rows.
        pair : int
            Which one.

        Returns
        -------
        ndarray of shape (t,)
            Probabilities of label 1, or amounts.

        Raises
        ------
        InputError
            If the model cannot be fitted on these columns, or a prediction is not finite.
        """
        if names:
            return self.ask(model, rows, rows.X[names], pair, predictor(rows.of_classes))
        train, test = self.pairs[pair]
        weight = None if rows.weight is None else rows.weight[train]
        return np.full(len(test), np.average(rows.target[train], weights=weight))

    def ask(
        self, model: Any, rows: Rows, X: pd.DataFrame, pair: int, question: Callable[[Any, pd.DataFrame], Any]
    ) -> np.ndarray:
        """Train a clone on the rows of a pair and ask it about its test rows.

        Parameters
        ----------
        model : estimator
            Not changed.
        rows : Rows
        X : DataFrame of n rows
            What the model sees of them.
        pair : int
            Which one.
        question : callable
            From the fitted model and test rows to numbers.

        Returns
        -------
        ndarray of shape (t, ...)

        Raises
        ------
        InputError
            If the model cannot be fitted on these columns, or an answer is not finite.
        """
        train, test = self.pairs[pair]
        target = rows.target[train]
        known = {
            "sample_weight": None if rows.weight is None else rows.weight[train],
            "time": None if rows.time is None else rows.time.iloc[train],
            "groups": rows.customer[train],
        }
        given = {name: value for name, value in known.items() if value is not None and has_fit_parameter(model, name)}
        try:
            fitted = clone(model).fit(X.iloc[train], target.astype(int) if rows.of_classes else target, **given)
            found = np.asarray(question(fitted, X.iloc[test]), dtype=float)
        except (ValueError, KeyError) as error:
            raise InputError(
                f"the model could not be fitted and tested on {X.shape[1]} of the columns, "
                f"{', '.join(map(str, X.columns[:5]))} ...: {error}"
            ) from error
        wrong = ~np.isfinite(found)
        check_rows(wrong if found.ndim == 1 else wrong.any(axis=1), found, "the model's predictions", "finite")
        return found


def predictor(of_classes: bool) -> Callable[[Any, pd.DataFrame], np.ndarray]:
    """Give what asks a fitted model for its predictions.

    Parameters
    ----------
    of_classes : bool
        Whether it predicts labels.

    Returns
    -------
    callable
        From model and rows to probabilities of label 1, or to amounts.
    """
    return (lambda model, X: model.predict_proba(X)[:, 1]) if of_classes else (lambda model, X: model.predict(X))


def hold_out(rows: Rows, split: Any, horizon: Any, rng: np.random.Generator) -> HeldOut:
    """Choose what to train and what to test on.

    Parameters
    ----------
    rows : Rows
    split : TimeSplit, iterable of (train, test) or None
        None tests on the latest fifth, or where all rows are as of one moment, on fifths of the customers.
    horizon : str or timedelta, optional
        Length of the label window, where no split says it.
    rng : numpy.random.Generator
        For the fifths of the customers.

    Returns
    -------
    HeldOut

    Raises
    ------
    InputError
        If rows are too few, or stand on both sides or in two test parts.
    """
    if split is None and (rows.time is None or rows.time.nunique() == 1):
        why = "No times are known" if rows.time is None else "All rows are as of one moment"
        text = f"{why}, so there are no later ones to test on; {_BY_FIFTHS}"
        held_out = HeldOut(customer_parts(rows.customer, rng), text)
    elif split is None or hasattr(split, "split"):
        if rows.time is None:
            raise InputError("a split by time needs the time of each row; give time, or pairs of row numbers as split.")
        pairs = list((split or TimeSplit(horizon=horizon)).split(rows.time))
        warnings = () if split is not None or horizon is not None else (_NO_HORIZON,)
        held_out = HeldOut(pairs, f"Trained on earlier rows, tested on rows as of {_since(rows.time, pairs)}", warnings)
    else:
        held_out = HeldOut(_given(split, len(rows.target)), "Trained and tested on the rows given")
    _check_enough(rows, held_out)
    return replace(held_out, text=f"{held_out.text}: {_counts(rows, held_out)}.")


def _counts(rows: Rows, held_out: HeldOut) -> str:
    customers = len(np.unique(rows.customer[held_out.test]))
    known = [np.intersect1d(rows.customer[train], rows.customer[test]) for train, test in held_out.pairs]
    again = len(np.unique(np.concatenate(known)))
    return f"{len(held_out.test):,} rows of {customers:,} customers, {again:,} of them with training rows too"


_NO_HORIZON = (
    "how long a label takes to be known was not said, so labels of training rows may be younger than the first test "
    "row; give split=TimeSplit(horizon=...)"
)


_BY_FIFTHS = "each fifth of the customers was predicted by a model of the others"


def customer_parts(customer: np.ndarray, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Test on each fifth of the customers and train on the others.

    Parameters
    ----------
    customer : ndarray of int, shape (n,)
        Codes 0 .. m-1.
    rng : numpy.random.Generator
        Draws the fifths.

    Returns
    -------
    list of (ndarray of int, ndarray of int)
        Row numbers to train and to test on.
    """
    part = (rng.permutation(customer.max() + 1) % _PARTS)[customer]
    return [(np.flatnonzero(part != i), np.flatnonzero(part == i)) for i in range(_PARTS)]


def _since(time: pd.Series, pairs: list[Any]) -> str:
    first = time.iloc[np.concatenate([test for _, test in pairs])].min()
    return f"{first.date() if first == first.normalize() else first} and later"


def _given(split: Iterable[Any], n_rows: int) -> list[tuple[np.ndarray, np.ndarray]]:
    try:
        pairs = [(np.arange(n_rows)[train], np.arange(n_rows)[test]) for train, test in split]
    except (TypeError, ValueError, IndexError) as error:
        raise InputError(f"split must be a TimeSplit, or pairs of row numbers below {n_rows}; {error}.") from error
    if not pairs:
        raise InputError("split must give one pair of training and test rows or more; it gives none.")
    both = sum(len(np.intersect1d(train, test)) for train, test in pairs)
    tested = np.concatenate([test for _, test in pairs])
    if both or len(np.unique(tested)) < len(tested):
        raise InputError(
            f"split must keep training and test rows apart and test no row twice; {both} rows are on both sides, "
            f"{len(tested) - len(np.unique(tested))} are tested again."
        )
    return pairs


def _check_enough(rows: Rows, held_out: HeldOut) -> None:
    """Refuse splits that leave too little on a side to say anything."""
    for train, _ in held_out.pairs:
        _check_kinds(rows, train, "training")
    _check_kinds(rows, held_out.test, "test")


def _check_kinds(rows: Rows, numbers: np.ndarray, where: str) -> None:
    target, customer = rows.target[numbers], rows.customer[numbers]
    if rows.weight is not None:
        counts = rows.weight[numbers] > 0
        target, customer = target[counts], customer[counts]
    values, n = np.unique(target, return_counts=True)
    # An amount that most rows share, such as no spend, is one kind and all others are the other.
    usual = values[n.argmax()] if len(values) else 0.0
    kinds = (target == 1, target == 0) if rows.of_classes else (target != usual,)
    fewest = min(len(np.unique(customer[kind])) for kind in kinds)
    if fewest < _FEWEST:
        what = "of each label" if rows.of_classes else "whose y is not the most frequent amount"
        raise InputError(
            f"the {where} rows must have {_FEWEST} or more customers {what}; {len(numbers)} {where} rows "
            f"have {fewest}. Give more rows, or a split with larger parts."
        )
