"""Predictions beside what came out, and what both add up to in every replicate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.evaluation.amount_scores import AMOUNT_SCORES
from nbo.evaluation.customer_bootstrap import customer_weights
from nbo.evaluation.decile_sums import decile_sums
from nbo.evaluation.label_scores import BRIER_PARTS, LABEL_SCORES, brier_parts
from nbo.evaluation.scores import Score, weighted_mean
from nbo.models.metrics import like_probabilities

__all__ = ["COVERAGE", "VALIDATION_SCORES", "Judged", "chosen_metrics", "replicated"]

COVERAGE = "coverage"


def _covered(target: np.ndarray, predictions: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    # The target is 1 where the interval held the amount.
    return weighted_mean(target, weights)[np.newaxis]


VALIDATION_SCORES: dict[str, Score] = {
    **LABEL_SCORES,
    **AMOUNT_SCORES,
    COVERAGE: Score("coverage of the interval", False, 0, ".3f", _covered),
}


@dataclass(frozen=True)
class Judged:
    """Test rows with their predictions.

    Parameters
    ----------
    target, prediction : ndarray of shape (n,)
        Labels 0 and 1 with probabilities, or amounts.
    part : ndarray of int, shape (n,)
        Which model predicted the row.
    customer : ndarray of int, shape (n,)
        Codes 0 .. m-1.
    of_classes : bool
        Whether the target is a label.
    weight : ndarray of shape (n,), optional
    covered : ndarray of shape (n,), optional
        1 where the predicted interval held the amount.
    """

    target: np.ndarray
    prediction: np.ndarray
    part: np.ndarray
    customer: np.ndarray
    of_classes: bool
    weight: np.ndarray | None = None
    covered: np.ndarray | None = None

    def scores(self, metrics: Sequence[str], rows: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Measure some rows in many weightings.

        Parameters
        ----------
        metrics : sequence of str
        rows : ndarray of int, shape (r,)
        weights : ndarray of shape (r, b)

        Returns
        -------
        dict of str to ndarray of shape (b,)
        """
        target, prediction, part = self.target[rows], self.prediction[rows], self.part[rows]
        parts = brier_parts(target, prediction, weights) if BRIER_PARTS.keys() & set(metrics) else {}
        found = {}
        for metric in metrics:
            if metric in BRIER_PARTS:
                found[metric] = parts[BRIER_PARTS[metric]]
            else:
                judged = self.covered[rows] if metric == COVERAGE and self.covered is not None else target
                measure = VALIDATION_SCORES[metric].measure
                found[metric] = measure(judged, prediction[np.newaxis], part, weights)[0]
        return found

    def deciles(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Tell what lies in each tenth, the highest predictions first.

        Parameters
        ----------
        weights : ndarray of shape (n, b)

        Returns
        -------
        dict of str to ndarray of shape (10, b)
            By metric.
        """
        values = [self.prediction, self.target, *([] if self.covered is None else [self.covered])]
        weight, predicted, actual, *covered = decile_sums(self.prediction, self.part, weights, values)
        means = predicted / weight, actual / weight
        total = actual.sum(axis=0)
        some = np.where(total > 0, total, np.nan)
        if self.of_classes:
            lift = means[1] / (some / weight.sum(axis=0))
            return {"probability": means[0], "rate": means[1], "lift": lift, "gain": actual.cumsum(axis=0) / some}
        ratio = np.divide(predicted, actual, out=np.full_like(actual, np.nan), where=actual > 0)
        found = {"predicted": means[0], "actual": means[1], "level_ratio": ratio}
        return {**found, COVERAGE: covered[0] / weight} if covered else found

    def rates(self, weights: np.ndarray) -> np.ndarray:
        """Give the rate of each group of like probabilities.

        Parameters
        ----------
        weights : ndarray of shape (n, b)

        Returns
        -------
        ndarray of shape (g, b)
        """
        group = like_probabilities(self.prediction)
        member = (group == np.unique(group)[:, np.newaxis]).astype(float)
        weight = member @ weights
        ones = (member * self.target) @ weights
        return np.divide(ones, weight, out=np.full_like(ones, np.nan), where=weight > 0)


def chosen_metrics(metrics: str | Sequence[str] | None, of_classes: bool, covered: bool) -> list[str]:
    """Choose what to measure.

    Parameters
    ----------
    metrics : str, sequence of str or None
        None takes all.
    of_classes : bool
        Whether labels are judged.
    covered : bool
        Whether there are intervals to judge.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If one is not allowed, or there is none.
    """
    allowed = [
        name
        for name, score in VALIDATION_SCORES.items()
        if score.of_classes == of_classes and (covered or name != COVERAGE)
    ]
    if metrics is None:
        return allowed
    chosen = [metrics] if isinstance(metrics, str) else list(dict.fromkeys(metrics))
    if not chosen:
        raise InputError(f"metrics must name one or more of {', '.join(map(repr, allowed))}; got none.")
    return [check_one_of(name, allowed, "metrics") for name in chosen]


def replicated(
    judged: Judged,
    slices: Sequence[np.ndarray],
    metrics: Sequence[str],
    n_bootstrap: int,
    rng: np.random.Generator,
    progress: bool | None = None,
) -> dict[Any, np.ndarray]:
    """Measure slices, tenths and groups of the same rows on the same replicates.

    Parameters
    ----------
    judged : Judged
    slices : sequence of ndarray of int
        Row numbers.
    metrics : sequence of str
    n_bootstrap : int
        Number of replicates.
    rng : numpy.random.Generator
    progress : bool, optional

    Returns
    -------
    dict
        (number of the slice, metric) to values of shape (1 + n_bootstrap,), "deciles" and a metric to
        those of shape (10, ...), "rates" to those of shape (g, ...). The first one is of the rows
        themselves.
    """
    found: dict[Any, list[np.ndarray]] = defaultdict(list)
    customer = pd.factorize(judged.customer)[0]
    for weights in customer_weights(customer, n_bootstrap, rng, judged.weight, progress):
        for number, rows in enumerate(slices):
            for metric, value in judged.scores(metrics, rows, weights[rows]).items():
                found[number, metric].append(value)
        for metric, values in judged.deciles(weights).items():
            found["deciles", metric].append(values)
        if judged.of_classes:
            found["rates", ""].append(judged.rates(weights))
    return {key: np.concatenate(chunks, axis=-1) for key, chunks in found.items()}
