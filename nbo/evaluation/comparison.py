"""What came of comparing two policies on the same log."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass

from nbo.evaluation.estimate import Estimate

__all__ = ["Comparison"]


@dataclass(frozen=True)
class Comparison:
    """Reward per decision of one policy minus that of another.

    Where the log does not support a verdict on one of them, the difference and its interval are NaN.

    Parameters
    ----------
    difference : float
        Value of a minus value of b, in the unit of the reward.
    standard_error : float
        Of the difference; what both do alike cancels in it.
    low, high : float
        Confidence interval of the difference.
    p_value : float
        Chance of a difference at least as far from 0, if there was none, by the normal distribution; in [0, 1].
    a, b : Estimate
        Each by itself.
    estimator : str
        Name of the estimator.
    reasons : tuple of str
        Why there is no verdict; empty where there is one.
    level : float, default=0.95
        Of the interval, in (0, 1).
    interval : str, default="normal"
        Kind of the interval.
    """

    difference: float
    standard_error: float
    low: float
    high: float
    p_value: float
    a: Estimate
    b: Estimate
    estimator: str
    reasons: tuple[str, ...] = ()
    level: float = 0.95
    interval: str = "normal"

    @property
    def supported(self) -> bool:
        """Whether the log supports a verdict on both policies."""
        return not self.reasons

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to mind of each, if there is something."""
        sides = (("a", self.a), ("b", self.b))
        return tuple(f"{side}: {warning}" for side, estimate in sides for warning in estimate.warnings)

    def __str__(self) -> str:
        numbers = (
            f"a - b by {self.estimator}: {self.difference:.6g} [{self.low:.6g}, {self.high:.6g}], "
            f"standard error {self.standard_error:.3g}, p {self.p_value:.3g}"
        )
        lines = [*([] if self.supported else [self._refusal()]), *([] if self._withheld else [numbers])]
        return "\n".join([*lines, *(f"{side}: {one}" for side, one in (("a", self.a), ("b", self.b)))])

    @property
    def _withheld(self) -> bool:
        return not self.supported and math.isnan(self.difference)

    def _refusal(self) -> str:
        return f"No verdict: {'; '.join(self.reasons)}."

    def _repr_html_(self) -> str:
        rows = [("a", self.a.value, self.a.low, self.a.high), ("b", self.b.value, self.b.low, self.b.high)]
        rows += [] if self._withheld else [("a - b", self.difference, self.low, self.high)]
        cells = "".join(
            f"<tr><th>{name}</th>"
            + ("<td>no verdict</td><td></td>" if math.isnan(value) else f"<td>{value:.6g}</td>{_interval(low, high)}")
            + "</tr>"
            for name, value, low, high in rows
        )
        head = f"<tr><th></th><th>value</th><th>{100 * self.level:g} % interval, {self.interval}</th></tr>"
        refusal = "" if self.supported else f"<p><strong>{html.escape(self._refusal())}</strong></p>"
        notes = "".join(f"<p><strong>Warning:</strong> {html.escape(warning)}</p>" for warning in self.warnings)
        return f"{refusal}<table><caption>{html.escape(self.estimator)}</caption>{head}{cells}</table>{notes}"


def _interval(low: float, high: float) -> str:
    return f"<td>{low:.6g} to {high:.6g}</td>"
