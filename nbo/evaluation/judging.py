"""From judged rows to the frames of a validation."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.evaluation.customer_bootstrap import debiased_interval, interval
from nbo.evaluation.judged import Judged, replicated
from nbo.evaluation.slices import period_rows, segment_rows
from nbo.models.metrics import reliability

__all__ = ["Bootstrap", "judge"]

# Gaps that noise makes larger, never smaller, and the power that makes squares of them.
_BIASED = {"brier_reliability": 1, "brier_resolution": 1, "ece": 2}
# An interval of fewer customers would seem surer than it is.
_FEWEST = 10
_BOUNDS = ["value", "low", "high"]
_NONE = (np.nan, np.nan)


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are made.

    Parameters
    ----------
    n : int
        Number of replicates.
    level : float
        Of confidence, in (0, 1).
    rng : numpy.random.Generator
        Draws the replicates.
    widening : float, default=1.0
        How many times wider intervals are made.
    progress : bool, optional
        Show progress.
    """

    n: int
    level: float
    rng: np.random.Generator
    widening: float = 1.0
    progress: bool | None = None

    def bounds(self, replicates: np.ndarray, metric: str = "") -> tuple[float, float, float]:
        """Give a value with its interval.

        Parameters
        ----------
        replicates : ndarray of shape (1 + n,)
            The value itself first.
        metric : str, optional

        Returns
        -------
        value, low, high : float
            The bounds are NaN where the value or most replicates are.
        """
        if np.isnan(replicates[0]) or np.isnan(replicates).mean() > 0.5:
            return float(replicates[0]), *_NONE
        if metric in _BIASED:
            return debiased_interval(replicates, self.level, self.widening, _BIASED[metric])
        return interval(replicates, self.level, self.widening)


def judge(
    judged: Judged,
    time: pd.Series | None,
    segments: pd.DataFrame | None,
    metrics: Sequence[str],
    bootstrap: Bootstrap,
) -> dict[str, pd.DataFrame]:
    """Measure test rows, their segments, periods, tenths and groups of like probability.

    Parameters
    ----------
    judged : Judged
        n rows.
    time : Series of datetime64, length n, optional
    segments : DataFrame of n rows, optional
    metrics : sequence of str
    bootstrap : Bootstrap

    Returns
    -------
    dict of str to DataFrame
        overall, by_segment, over_time, deciles and calibration, as in a Validation.
    """
    parts: dict[str, tuple[list[str], Sequence[tuple[tuple[Hashable, ...], np.ndarray]]]] = {
        "overall": ([], [((), np.arange(len(judged.target)))]),
        "by_segment": (["segmentation", "segment"], [] if segments is None else segment_rows(segments)),
        "over_time": (["period"], [] if time is None else period_rows(time)),
    }
    slices = [rows for _, keyed in parts.values() for _, rows in keyed]
    found = replicated(judged, slices, metrics, bootstrap.n, bootstrap.rng, bootstrap.progress)
    frames, first = {}, 0
    for name, (columns, keyed) in parts.items():
        rows = [
            (*key, *_size(judged, slices[number]), metric, *_scored(judged, slices[number], metric, values, bootstrap))
            for number, (key, _) in enumerate(keyed, start=first)
            for metric in metrics
            for values in [found[number, metric]]
        ]
        frames[name] = pd.DataFrame(rows, columns=[*columns, "n", "customers", "metric", *_BOUNDS, "reason"])
        first += len(keyed)
    return {**frames, "deciles": _deciles(found, bootstrap), "calibration": _calibration(judged, found, bootstrap)}


def _size(judged: Judged, rows: np.ndarray) -> tuple[int, int]:
    return len(rows), len(np.unique(judged.customer[rows]))


def _scored(
    judged: Judged, rows: np.ndarray, metric: str, replicates: np.ndarray, bootstrap: Bootstrap
) -> tuple[float, float, float, str]:
    value, low, high = bootstrap.bounds(replicates, metric)
    if np.isnan(value):
        return value, *_NONE, _why_undefined(judged, rows, metric)
    if (customers := _size(judged, rows)[1]) < _FEWEST:
        return value, *_NONE, f"{customers} customers are too few for an interval"
    if np.isnan(low):
        return value, *_NONE, "most replicates of the rows leave it undefined, so there is no interval"
    return value, low, high, ""


def _why_undefined(judged: Judged, rows: np.ndarray, metric: str) -> str:
    if judged.weight is not None:
        rows = rows[judged.weight[rows] > 0]
    if not len(rows):
        return "all rows have weight 0"
    target = judged.target[rows]
    if judged.of_classes and len(np.unique(target)) == 1:
        return f"all {len(rows)} rows have the label {target[0]:.0f}"
    if metric == "calibration_slope":
        return "the predictions are all the same, or tell the labels apart without error"
    if metric == "level_ratio":
        return "the amounts add up to nothing"
    return "the amounts or the predictions are all the same"


def _deciles(found: dict[Any, np.ndarray], bootstrap: Bootstrap) -> pd.DataFrame:
    measured = {metric: values for (what, metric), values in found.items() if what == "deciles"}
    rows: list[tuple[Hashable, ...]] = [
        (decile + 1, metric, *bootstrap.bounds(values[decile]))
        for decile in range(10)
        for metric, values in measured.items()
    ]
    return pd.DataFrame(rows, columns=["decile", "metric", *_BOUNDS])


def _calibration(judged: Judged, found: dict[Any, np.ndarray], bootstrap: Bootstrap) -> pd.DataFrame:
    columns = ["probability", "rate", "low", "high", "n"]
    if not judged.of_classes:
        return pd.DataFrame(columns=columns)
    table = reliability(judged.target, judged.prediction, sample_weight=judged.weight)
    rates = found["rates", ""]
    bounds = [bootstrap.bounds(values) for values in rates[~np.isnan(rates[:, 0])]]
    low, high = ([bound[place] for bound in bounds] for place in (1, 2))
    return table.assign(low=low, high=high)[columns]
