"""How good predicted probabilities are: their ranking, and whether they come true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from nbo.checks import check_probabilities
from nbo.models.ranked_totals import ranked_totals
from nbo.models.targets import take_labels, take_weights

__all__ = ["lift_by_decile", "like_probabilities", "model_metrics", "reliability"]


def model_metrics(y: Any, p: Any, sample_weight: Any = None) -> dict[str, float]:
    """Measure predicted probabilities against what came out.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels of two classes; the second one is what `p` is the probability of.
    p : array-like of shape (n,)
        Predicted probabilities, in [0, 1].
    sample_weight : array-like of shape (n,), optional
        Weight of each row.

    Returns
    -------
    dict of str to float
        ``n``; ``rate``: share of ones; ``mean_probability``; ``auc``: area under the ROC curve;
        ``average_precision``; ``log_loss``: in nats; ``brier``: mean squared error; ``ece``:
        expected calibration error over ten groups of like probabilities; ``lift_10``: rate of
        the tenth with the highest probabilities over the whole rate. Those that need both
        classes are NaN where there is one.

    Raises
    ------
    InputError
        If the labels are not of two classes, or a probability is missing or outside [0, 1].

    Examples
    --------
    >>> measured = model_metrics([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> measured["auc"], round(measured["brier"], 4)
    (0.75, 0.1581)
    """
    p, target, weight = _take(y, p, sample_weight)
    counted = target if weight is None else target[weight > 0]
    both = 0 < counted.sum() < len(counted)
    top = lift_by_decile(target, p, weight)["lift"].iloc[0]
    table = reliability(target, p, sample_weight=weight)
    gaps = (table["rate"] - table["probability"]).abs()
    return {
        "n": float(len(target)),
        "rate": float(np.average(target, weights=weight)),
        "mean_probability": float(np.average(p, weights=weight)),
        "auc": float(roc_auc_score(target, p, sample_weight=weight)) if both else np.nan,
        "average_precision": float(average_precision_score(target, p, sample_weight=weight)) if both else np.nan,
        "log_loss": float(log_loss(target, p, labels=[0.0, 1.0], sample_weight=weight)),
        "brier": float(brier_score_loss(target, p, pos_label=1.0, sample_weight=weight)),
        "ece": float((gaps * table["n"]).sum() / table["n"].sum()),
        "lift_10": float(top),
    }


def lift_by_decile(y: Any, p: Any, sample_weight: Any = None) -> pd.DataFrame:
    """Tell how much more often it came out in each tenth, by predicted probability.

    Rows of the same probability come in no order: where a tenth ends among them, it holds the
    share of their ones that it holds of the rows.

    Parameters
    ----------
    y, p, sample_weight : array-like of shape (n,)
        As in :func:`model_metrics`.

    Returns
    -------
    DataFrame
        ``decile`` (1 has the highest probabilities), ``n`` (rows, or their weight), ``ones``, ``rate``,
        ``lift`` (rate over the whole rate, NaN without ones) and ``captured`` (share of all ones down to here).

    Raises
    ------
    InputError
        As :func:`model_metrics`.

    Examples
    --------
    >>> lift_by_decile([1, 0, 0, 0, 0], [0.9, 0.1, 0.1, 0.1, 0.1])["lift"].head(3).tolist()
    [5.0, 5.0, 0.0]
    """
    p, target, weight = _take(y, p, sample_weight)
    _, ones, zeros = ranked_totals(target, p, weight)
    reached = np.interp(np.arange(11) / 10 * (ones[-1] + zeros[-1]), ones + zeros, ones)
    n, rate = (ones[-1] + zeros[-1]) / 10, ones[-1] / (ones[-1] + zeros[-1])
    return pd.DataFrame(
        {
            "decile": np.arange(1, 11),
            "n": n,
            "ones": np.diff(reached),
            "rate": np.diff(reached) / n,
            "lift": np.diff(reached) / n / (rate or np.nan),
            "captured": reached[1:] / (ones[-1] or np.nan),
        }
    )


def reliability(y: Any, p: Any, bins: int = 10, sample_weight: Any = None) -> pd.DataFrame:
    """Compare predicted probabilities with rates, in groups of like probabilities.

    Parameters
    ----------
    y, p : array-like of shape (n,)
        As in :func:`model_metrics`.
    bins : int, default=10
        Number of groups, as even in rows as ties allow.
    sample_weight : array-like of shape (n,), optional
        Weight of each row.

    Returns
    -------
    DataFrame
        ``probability`` (mean predicted), ``rate`` (share of ones) and ``n`` (rows, or their weight), from
        low to high.

    Raises
    ------
    InputError
        As :func:`model_metrics`.

    Examples
    --------
    >>> reliability([0, 1, 1, 1], [0.2, 0.2, 0.9, 0.9], bins=2)["rate"].tolist()
    [0.5, 1.0]
    """
    p, target, weight = _take(y, p, sample_weight)
    group, n_rows = like_probabilities(p, bins), np.ones(len(p)) if weight is None else weight
    n, probability, rate = (np.bincount(group, weights=n_rows * values) for values in (np.ones(len(p)), p, target))
    there = n > 0
    return pd.DataFrame({"probability": probability[there] / n[there], "rate": rate[there] / n[there], "n": n[there]})


def like_probabilities(p: np.ndarray, bins: int = 10) -> np.ndarray:
    """Group rows of like probabilities, as even in size as ties allow.

    Parameters
    ----------
    p : ndarray of shape (n,)
    bins : int, default=10
        Number of groups, at most.

    Returns
    -------
    ndarray of int, shape (n,)
        Number of each row's group, from low to high; equal probabilities are in one group.

    Examples
    --------
    >>> like_probabilities(np.array([0.2, 0.9, 0.2, 0.8]), bins=2)
    array([0, 1, 0, 1])
    """
    edges = np.unique(np.quantile(p, np.arange(1, bins) / bins, method="lower"))
    return np.searchsorted(edges, p, side="left")


def _take(y: Any, p: Any, sample_weight: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    probabilities = check_probabilities(p, "p")
    target, _ = take_labels(y, len(probabilities))
    return probabilities, target, take_weights(sample_weight, len(probabilities))
