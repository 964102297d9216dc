"""How good predicted probabilities are: their ranking, and whether they come true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from nbo.checks import check_probabilities
from nbo.models.targets import take_labels

__all__ = ["lift_by_decile", "model_metrics", "reliability"]


def model_metrics(y: Any, p: Any) -> dict[str, float]:
    """Measure predicted probabilities against what came out.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels of two classes; the second one is what `p` is the probability of.
    p : array-like of shape (n,)
        Predicted probabilities, in [0, 1].

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
    p, target = _take(y, p)
    both = 0 < target.sum() < len(target)
    top = lift_by_decile(target, p)["lift"].iloc[0]
    table = reliability(target, p)
    gaps = (table["rate"] - table["probability"]).abs()
    return {
        "n": float(len(target)),
        "rate": float(target.mean()),
        "mean_probability": float(p.mean()),
        "auc": float(roc_auc_score(target, p)) if both else np.nan,
        "average_precision": float(average_precision_score(target, p)) if both else np.nan,
        "log_loss": float(log_loss(target, p, labels=[0.0, 1.0])),
        "brier": float(brier_score_loss(target, p, pos_label=1.0)),
        "ece": float((gaps * table["n"]).sum() / len(target)),
        "lift_10": float(top),
    }


def lift_by_decile(y: Any, p: Any) -> pd.DataFrame:
    """Tell how much more often it came out in each tenth, by predicted probability.

    Parameters
    ----------
    y, p : array-like of shape (n,)
        As in :func:`model_metrics`. Rows of the same probability keep their order.

    Returns
    -------
    DataFrame
        ``decile`` (1 has the highest probabilities), ``n``, ``ones``, ``rate``, ``lift`` (rate
        over the whole rate, NaN without ones) and ``captured`` (share of all ones down to here).

    Raises
    ------
    InputError
        As :func:`model_metrics`.

    Examples
    --------
    >>> lift_by_decile([1, 0, 0, 0], [0.9, 0.1, 0.1, 0.1])["lift"].tolist()
    [4.0, 0.0, 0.0, 0.0]
    """
    p, target = _take(y, p)
    parts = [part for part in np.array_split(target[np.argsort(-p, kind="stable")], 10) if len(part)]
    n = np.array([len(part) for part in parts])
    ones = np.array([part.sum() for part in parts])
    overall = target.mean() or np.nan
    return pd.DataFrame(
        {
            "decile": np.arange(1, len(parts) + 1),
            "n": n,
            "ones": ones.astype(int),
            "rate": ones / n,
            "lift": ones / n / overall,
            "captured": ones.cumsum() / (ones.sum() or np.nan),
        }
    )


def reliability(y: Any, p: Any, bins: int = 10) -> pd.DataFrame:
    """Compare predicted probabilities with rates, in groups of like probabilities.

    Parameters
    ----------
    y, p : array-like of shape (n,)
        As in :func:`model_metrics`.
    bins : int, default=10
        Number of groups, as even in size as ties allow.

    Returns
    -------
    DataFrame
        ``probability`` (mean predicted), ``rate`` (share of ones) and ``n``, from low to high.

    Raises
    ------
    InputError
        As :func:`model_metrics`.

    Examples
    --------
    >>> reliability([0, 1, 1, 1], [0.2, 0.2, 0.9, 0.9], bins=2)["rate"].tolist()
    [0.5, 1.0]
    """
    p, target = _take(y, p)
    edges = np.unique(np.quantile(p, np.arange(1, bins) / bins, method="lower"))
    group = np.searchsorted(edges, p, side="left")
    table = pd.DataFrame({"probability": p, "rate": target, "n": 1}).groupby(group)
    return table.agg({"probability": "mean", "rate": "mean", "n": "sum"}).reset_index(drop=True)


def _take(y: Any, p: Any) -> tuple[np.ndarray, np.ndarray]:
    probabilities = check_probabilities(p, "p")
    target, _ = take_labels(y, len(probabilities))
    return probabilities, target
