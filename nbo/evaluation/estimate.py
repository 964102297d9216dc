"""An off-policy value with its uncertainty and what it rests on."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass

__all__ = ["Estimate"]


@dataclass(frozen=True)
class Estimate:
    """What a policy would have earned per decision, and how far the log can tell.

    Where the log does not support a verdict, the value and its interval are NaN, and `reasons` say why.
    Comparisons with NaN are false, so that nothing follows from what is not known.

    Parameters
    ----------
    value : float
        Estimated mean reward per decision, in the unit of the reward.
    standard_error : float
        Of the value; NaN where the log cannot tell.
    low, high : float
        Confidence interval at the level asked for; NaN where the log cannot tell.
    n : int
        Logged decisions, without those that have no action probability.
    effective_sample_size : float
        Number of decisions of equal weight that would be as informative: the square of the sum of
        the weights over the sum of their squares.
    max_weight : float
        Largest weight of a single decision.
    matched : int
        Decisions that count at all: of weight above 0, or kept by replay.
    estimator : str
        Name of the estimator.
    warnings : tuple of str
        What to mind, if there is something.
    parameter : float, optional
        Of an estimator that has one, as given or chosen: the threshold of "switch", the lambda of "dros",
        the cap of "clipped".
    mean_weight : float, default=1.0
        Of the importance weights; 1 but for chance if the action probabilities are right.
    uncovered : float, default=0.0
        Share of the target policy's probability on actions that the log could not have taken, in [0, 1].
    unusable : float, default=0.0
        Share of the rows given that have no action probability and were left out, in [0, 1].
    reasons : tuple of str
        Why there is no verdict; empty where there is one.
    level : float, default=0.95
        Of the interval, in (0, 1).
    interval : str, default="normal"
        Kind of the interval.

    Examples
    --------
    >>> print(Estimate(0.052, 0.004, 0.044, 0.06, 1000, 400.0, 8.0, 900, "ips"))
    ips: 0.052 [0.044, 0.06], standard error 0.004; 900 of 1000 decisions count, like 400 of equal weight
    """

    value: float
    standard_error: float
    low: float
    high: float
    n: int
    effective_sample_size: float
    max_weight: float
    matched: int
    estimator: str
    warnings: tuple[str, ...] = ()
    parameter: float | None = None
    mean_weight: float = 1.0
    uncovered: float = 0.0
    unusable: float = 0.0
    reasons: tuple[str, ...] = ()
    level: float = 0.95
    interval: str = "normal"

    @property
    def supported(self) -> bool:
        """Whether the log supports a verdict."""
        return not self.reasons

    def __str__(self) -> str:
        numbers = f" {self.value:.6g} [{self.low:.6g}, {self.high:.6g}], standard error {self.standard_error:.3g};"
        text = (
            f"{self.estimator}:{'' if self._withheld else numbers} {self.matched} of {self.n} decisions count, like "
            f"{self.effective_sample_size:.0f} of equal weight"
        )
        verdict = [] if self.supported else [self._refusal()]
        return "\n".join([*verdict, text, *(f"warning: {warning}" for warning in self.warnings)])

    @property
    def _withheld(self) -> bool:
        return not self.supported and math.isnan(self.value)

    def _refusal(self) -> str:
        return f"No verdict: {'; '.join(self.reasons)}."

    def _repr_html_(self) -> str:
        numbers = {
            "value": f"{self.value:.6g}",
            "standard error": f"{self.standard_error:.3g}",
            f"{100 * self.level:g} % interval, {self.interval}": f"{self.low:.6g} to {self.high:.6g}",
        }
        cells = {
            **({} if self._withheld else numbers),
            "decisions": f"{self.n:,}",
            "decisions that count": f"{self.matched:,}",
            "effective sample size": f"{self.effective_sample_size:,.0f}",
            "largest weight": f"{self.max_weight:.3g}",
            "mean weight": f"{self.mean_weight:.3g}",
        }
        rows = "".join(f"<tr><th>{name}</th><td>{html.escape(text)}</td></tr>" for name, text in cells.items())
        notes = "".join(f"<p><strong>Warning:</strong> {html.escape(warning)}</p>" for warning in self.warnings)
        refusal = "" if self.supported else f"<p><strong>{html.escape(self._refusal())}</strong></p>"
        return f"{refusal}<table><caption>{html.escape(self.estimator)}</caption>{rows}</table>{notes}"
