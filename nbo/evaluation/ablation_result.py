"""What each data type turned out to be worth."""

from __future__ import annotations

import html
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbo.checks import check_one_of
from nbo.evaluation.logged_offers import ABLATION_SCORES

__all__ = ["Ablation"]


@dataclass(frozen=True)
class Ablation:
    """What each data type is worth to a model, with intervals.

    Every frame has a row per data type and metric, with `value` on the test rows and the bounds
    `low` and `high` of its interval. A `gain` is a difference on the same rows, turned so that above
    0 is better, also for metrics of which less is better; `gain_low` and `gain_high` are the bounds
    of its paired interval.

    Parameters
    ----------
    overall : DataFrame
        data ("all" or "none" of the data types), metric, value, low, high.
    alone : DataFrame
        data_type, columns (how many), metric, then the value of only this data type, and the gain
        over none.
    without : DataFrame
        The same for all data types but this one, and the gain of all over that: what the data
        type is worth beside the others.
    added : DataFrame
        The same for this data type and those above it, and the gain over only those above it.
    level : float
        Of confidence of the intervals.
    tested_on : str
        What was trained and tested on what.
    warnings : tuple of str
        Why not to trust the values, if there is a reason.

    Examples
    --------
    >>> rows = {"data_type": ["behavioral"], "columns": [3], "metric": ["auc"], "value": [0.6], "low": [0.58],
    ...         "high": [0.62], "gain": [0.031], "gain_low": [0.02], "gain_high": [0.042]}
    >>> both = {"data": ["all", "none"], "metric": "auc", "value": [0.631, 0.5]}
    >>> frame, both = pd.DataFrame(rows), pd.DataFrame(both).assign(low=[0.61, 0.5], high=[0.65, 0.5])
    >>> print(Ablation(both, frame, frame, frame, 0.95, "Tested on later rows."))
    All data: AUC 0.631 (95 % 0.610 to 0.650); none: 0.500.
    behavioral data is worth +0.031 AUC (95 % 0.020 to 0.042).
    Added one by one: behavioral 0.600.
    Tested on later rows.
    """

    overall: pd.DataFrame
    alone: pd.DataFrame
    without: pd.DataFrame
    added: pd.DataFrame
    level: float
    tested_on: str
    warnings: tuple[str, ...] = ()

    @property
    def gain(self) -> pd.DataFrame:
        """What each data type adds to all others: data_type, metric, value, low, high, as a plot takes it."""
        names = {"gain": "value", "gain_low": "low", "gain_high": "high"}
        return self.without[["data_type", "metric", *names]].rename(columns=names)

    @property
    def metrics(self) -> list[str]:
        """The metrics, the first one first."""
        return list(dict.fromkeys(self.overall["metric"]))

    def summary(self, metric: str | None = None) -> str:
        """Say in words what each data type is worth.

        Parameters
        ----------
        metric : str, optional
            One of `metrics`; the first one by default.

        Returns
        -------
        str
            A line for each data type, those worth most first.

        Raises
        ------
        InputError
            If the metric was not measured.
        """
        metric = check_one_of(self.metrics[0] if metric is None else metric, self.metrics, "metric")
        worth = self.without[self.without["metric"] == metric].sort_values("gain", ascending=False, kind="stable")
        alone = self.alone[self.alone["metric"] == metric].set_index("data_type").to_dict("index")
        lines = [self._sentence(row, alone[row["data_type"]], metric) for row in worth.to_dict("records")]
        warnings = [f"warning: {warning}" for warning in self.warnings]
        return "\n".join([self._whole(metric), *lines, self._steps(metric), self.tested_on, *warnings])

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        notes = [self.tested_on, *(f"Warning: {warning}" for warning in self.warnings)]
        frames = {
            "Together": self.overall,
            "Worth beside the others": self.gain,
            "Alone": self.alone,
            "Added one by one": self.added,
        }
        tables = [
            f"<h4>{title}</h4>{frame.to_html(index=False, float_format='{:.4g}'.format)}"
            for title, frame in frames.items()
        ]
        return "".join([*tables, *(f"<p>{html.escape(note)}</p>" for note in notes)])

    def _whole(self, metric: str) -> str:
        rows = self.overall[self.overall["metric"] == metric].set_index("data").to_dict("index")
        every, none, score = rows["all"], rows["none"], ABLATION_SCORES[metric]
        span = self._span(every["low"], every["high"], score.digits)
        return (
            f"All data: {score.label} {every['value']:{score.digits}} ({span}); none: {none['value']:{score.digits}}."
        )

    def _sentence(self, row: dict[Hashable, Any], alone: dict[Hashable, Any], metric: str) -> str:
        score = ABLATION_SCORES[metric]
        name = row["data_type"] if " " in row["data_type"] else f"{row['data_type']} data"
        span = self._span(row["gain_low"], row["gain_high"], score.digits)
        by = f"{row['gain']:+z{score.digits}} {score.label} ({span})"
        if row["gain_low"] > 0:
            return f"{name} is worth {by}."
        if row["gain_high"] < 0:
            return f"{name} is worth less than nothing, {by}: the model is better without it."
        if alone["gain_low"] > 0:
            return f"{name} shows no gain, {by}; alone it is worth {alone['gain']:+z{score.digits}}."
        return f"{name} shows no gain, {by}."

    def _steps(self, metric: str) -> str:
        rows = self.added[self.added["metric"] == metric].to_dict("records")
        steps = [f"{row['data_type']} {row['value']:{ABLATION_SCORES[metric].digits}}" for row in rows]
        return f"Added one by one: {', + '.join(steps)}."

    def _span(self, low: float, high: float, digits: str) -> str:
        return f"{100 * self.level:g} % {low:z{digits}} to {high:z{digits}}"
