"""How good a model turned out to be."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_one_of
from nbo.evaluation.judged import VALIDATION_SCORES

__all__ = ["Validation"]

_FRAMES = {
    "overall": "All test rows",
    "random": "Split at random",
    "deciles": "By tenth, the highest predictions first",
    "calibration": "Groups of like probability",
    "by_segment": "By segment",
    "over_time": "Over time",
}


@dataclass(frozen=True)
class Validation:
    """What a model's predictions were worth on rows that it was not trained on, with intervals.

    Frames of measures have a row per metric, with `n` rows, `customers`, the `metric`, its `value`, the
    bounds `low` and `high` of its interval, and a `reason` where one of these is NaN.

    Parameters
    ----------
    overall : DataFrame
        Of all test rows.
    by_segment : DataFrame
        Of each segment: segmentation, segment, then the measures.
    over_time : DataFrame
        Of each period of the test rows: period (its begin), then the measures.
    deciles : DataFrame
        Of each tenth of the test rows, the highest predictions first: decile, metric, value, low, high. For
        labels the mean `probability`, the `rate`, the `lift` (rate over the whole rate) and the
        `gain` (share of all ones down to here); for amounts the means `predicted` and `actual`, their
        `level_ratio`, and the `coverage` of the predicted intervals.
    calibration : DataFrame
        For labels, groups of like probabilities: probability, rate, low, high, n.
    predictions : DataFrame
        The test rows: row (number in X), customer (code), time, part (of the split), y, p, weight.
    level : float
        Of confidence of the intervals.
    tested_on : str
        What was trained and tested on what.
    random : DataFrame
        The measures of the same model where rows are split at random; without rows where that was not asked for.
    warnings : tuple of str
        Why not to trust the values, if there is a reason.

    Examples
    --------
    >>> from nbo.evaluation import validate_predictions
    >>> p = np.arange(1, 400) / 400
    >>> found = validate_predictions(np.arange(399) % 3 == 0, p, metrics=["auc", "brier"])
    >>> round(found.value("brier"), 3), found.metrics
    (0.335, ['auc', 'brier'])
    """

    overall: pd.DataFrame
    by_segment: pd.DataFrame
    over_time: pd.DataFrame
    deciles: pd.DataFrame
    calibration: pd.DataFrame
    predictions: pd.DataFrame
    level: float
    tested_on: str
    random: pd.DataFrame = field(default_factory=pd.DataFrame)
    warnings: tuple[str, ...] = ()

    @property
    def metrics(self) -> list[str]:
        """The metrics, in order."""
        return self.overall["metric"].tolist()

    def value(self, metric: str) -> float:
        """Give a metric of all test rows.

        Parameters
        ----------
        metric : str
            One of `metrics`.

        Returns
        -------
        float

        Raises
        ------
        InputError
            If the metric was not measured.
        """
        check_one_of(metric, self.metrics, "metric")
        return float(self.overall.set_index("metric")["value"][metric])

    def summary(self) -> str:
        """Say in words how good the model is.

        Returns
        -------
        str
            A line for each metric, then what was tested on what, and the figures of a random split last.
        """
        lines = [self._sentence(row) for row in self.overall.to_dict("records")]
        lines.append(self.tested_on)
        if len(self.random):
            lines.append("Split at random, which flatters a model whose world changes:")
            lines += [self._sentence(row) for row in self.random.to_dict("records")]
        return "\n".join([*lines, *(f"warning: {warning}" for warning in self.warnings)])

    def to_dict(self) -> dict[str, Any]:
        """Give all but the single predictions as JSON values.

        Returns
        -------
        dict
            Frames as lists of rows; what is not defined is None, times are texts.
        """
        frames = {name: _records(getattr(self, name)) for name in _FRAMES}
        return {**frames, "level": self.level, "tested_on": self.tested_on, "warnings": list(self.warnings)}

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        notes = [self.tested_on, *(f"Warning: {warning}" for warning in self.warnings)]
        tables = [
            f"<h4>{title}</h4>{getattr(self, name).to_html(index=False, float_format='{:.4g}'.format)}"
            for name, title in _FRAMES.items()
            if len(getattr(self, name))
        ]
        return "".join([*tables, *(f"<p>{html.escape(note)}</p>" for note in notes)])

    def _sentence(self, row: dict[Any, Any]) -> str:
        score = VALIDATION_SCORES[row["metric"]]
        if np.isnan(row["value"]):
            return f"{score.label}: {row['reason']}."
        span = f"{100 * self.level:g} % {row['low']:z{score.digits}} to {row['high']:z{score.digits}}"
        return f"{score.label} {row['value']:z{score.digits}} ({row['reason'] or span})."


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
