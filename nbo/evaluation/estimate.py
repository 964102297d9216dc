"""An off-policy value with its uncertainty and what it rests on."""

from __future__ import annotations

import html
from dataclasses import dataclass

__all__ = ["Estimate"]


@dataclass(frozen=True)
class Estimate:
    """What a policy would have earned per decision, and how far the log can tell.

    Parameters
    ----------
    value : float
        Estimated mean reward per decision, in the unit of the reward.
    standard_error : float
        Of the value; NaN where the log cannot tell.
    low, high : float
        Normal confidence interval at the level asked for; NaN where the log cannot tell.
    n : int
        Logged decisions.
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
        Why not to trust the value, if there is a reason.
    parameter : float, optional
        Of an estimator that has one, as given or chosen: the threshold of "switch", the lambda of "dros".

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

    def __str__(self) -> str:
        text = (
            f"{self.estimator}: {self.value:.6g} [{self.low:.6g}, {self.high:.6g}], standard error "
            f"{self.standard_error:.3g}; {self.matched} of {self.n} decisions count, like "
            f"{self.effective_sample_size:.0f} of equal weight"
        )
        return "\n".join([text, *(f"warning: {warning}" for warning in self.warnings)])

    def _repr_html_(self) -> str:
        cells = {
            "value": f"{self.value:.6g}",
            "standard error": f"{self.standard_error:.3g}",
            "interval": f"{self.low:.6g} to {self.high:.6g}",
            "decisions": f"{self.n:,}",
            "decisions that count": f"{self.matched:,}",
            "effective sample size": f"{self.effective_sample_size:,.0f}",
            "largest weight": f"{self.max_weight:.3g}",
        }
        rows = "".join(f"<tr><th>{name}</th><td>{html.escape(text)}</td></tr>" for name, text in cells.items())
        notes = "".join(f"<p><strong>Warning:</strong> {html.escape(warning)}</p>" for warning in self.warnings)
        return f"<table><caption>{html.escape(self.estimator)}</caption>{rows}</table>{notes}"
