"""What each part of the decision is worth, and whether the arms can be believed."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

import pandas as pd

from nbo.experiments.ratio_check import RatioCheck

__all__ = ["ImpactReport"]

_SHOWN = ["experiment", "metric", "mean", "baseline_mean", "difference", "low", "high", "p_adjusted"]


@dataclass(frozen=True)
class ImpactReport:
    """Experiments that compare the agent with others, and a part of it with chance.

    Where the arms cannot be believed, differences, intervals and p-values are NaN.

    Parameters
    ----------
    effects : DataFrame
        A row for each experiment and metric: `experiment`, and the columns of
        :func:`~nbo.experiments.analyze_experiment`, with `baseline` behind `arm`.
    sample_ratio : RatioCheck or None
        Sizes of the arms; None where no shares were given.
    reasons : tuple of str
        Why there is no verdict; empty where there is one.
    warnings : tuple of str
        What to mind.
    """

    effects: pd.DataFrame = field(repr=False)
    sample_ratio: RatioCheck | None
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def supported(self) -> bool:
        """Whether the arms can be believed."""
        return not self.reasons

    def __str__(self) -> str:
        lines = [*(f"No verdict: {one}" for one in self.reasons), *(f"Warning: {one}" for one in self.warnings)]
        return "\n".join([*lines, self.effects[_SHOWN].to_string(index=False)])

    def _repr_html_(self) -> str:
        notes = [("No verdict", one) for one in self.reasons] + [("Warning", one) for one in self.warnings]
        lines = "".join(f"<p><strong>{kind}:</strong> {html.escape(one)}</p>" for kind, one in notes)
        table = self.effects[_SHOWN].to_html(index=False, float_format="{:.4g}".format, border=0, na_rep="")
        return f"{lines}{table}{'' if self.sample_ratio is None else self.sample_ratio._repr_html_()}"
