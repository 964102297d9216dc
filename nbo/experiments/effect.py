"""What an arm changes, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Effect"]


@dataclass(frozen=True)
class Effect:
    """The mean of an arm minus that of the baseline.

    What cannot be said, as an arm has fewer than two units or nothing varies, is NaN.

    Parameters
    ----------
    n, base_n : int
        Units of the arm and of the baseline.
    mean, base_mean : float
        In the unit of the metric.
    difference : float
        Mean minus baseline mean.
    standard_error : float
        Of the difference.
    low, high : float
        Confidence interval of the difference.
    relative_low, relative_high : float
        Confidence interval of the difference over the baseline mean; infinite where that mean may be 0.
    p_value : float
        1 minus the level at which the interval of the difference ends at 0; in [0, 1].
    """

    n: int
    base_n: int
    mean: float
    base_mean: float
    difference: float
    standard_error: float
    low: float
    high: float
    relative_low: float
    relative_high: float
    p_value: float

    @property
    def relative_difference(self) -> float:
        """The difference as a share of the baseline mean; NaN where that is 0."""
        return self.difference / self.base_mean if self.base_mean else float("nan")

    def __str__(self) -> str:
        return f"{self.difference:.4g} [{self.low:.4g}, {self.high:.4g}], p {self.p_value:.3g}"

    def _repr_html_(self) -> str:
        means = f"means {self.mean:.4g} of {self.n:,} units and {self.base_mean:.4g} of {self.base_n:,}"
        return f"<p><strong>{self}</strong>; {means}</p>"
