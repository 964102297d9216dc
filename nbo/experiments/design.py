"""How many customers a test of two arms needs, and what it can find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize

from nbo.checks import check_numbers, check_one_of, check_rows
from nbo.errors import InputError
from nbo.experiments.comparison_power import means_power, rates_power
from nbo.numbers import check_number

__all__ = ["ArmSizes", "Design"]

_MOST = 10**12
_POSITIVE = ("ratio", "design_effect")
_SHARES = ("variance_kept", "exposed", "counted")


class ArmSizes(NamedTuple):
    """Customers to be put into each of two arms.

    Parameters
    ----------
    treated, control : int

    Examples
    --------
    >>> sum(ArmSizes(treated=10, control=5))
    15
    """

    treated: int
    control: int


@dataclass(frozen=True)
class Design:
    r"""Plan the comparison of a treated arm with a control, by what is known before it begins.

    For rates, the test is the pooled z-test of :func:`~nbo.experiments.comparison_power.rates_power`; for means,
    where `sd` is given, it is the t-test.

    Parameters
    ----------
    baseline : float, optional
        Rate among the control, in (0, 1). Needed for rates, not for means.
    sd : float, optional
        Standard deviation between customers of what is averaged. For a ratio such as revenue per order, the root of the
        variance of its delta method per customer.
    alpha : float, default=0.05
        Chance that a difference is found where there is none, in (0, 1).
    sides : {2, 1}, default=2
        Whether differences in both directions count.
    ratio : float, default=1.0
        Control customers for each treated one.
    comparisons : int, default=1
        Arms, segments or metrics of which any may decide: each has `alpha` over that many (Bonferroni). Holm's
        procedure finds at least what Bonferroni's does, so sizes are enough for it too.
    variance_kept : float, default=1.0
        Share of the variance that is left after adjusting for what was known before: :math:`1 - \rho^2` for CUPED
        with a covariate whose correlation with the outcome is :math:`\rho`. In (0, 1].
    design_effect : float, default=1.0
        Factor on the variance of drawing groups instead of customers: :math:`1 + (m - 1) \rho` for groups of m
        customers with a correlation :math:`\rho` inside of them.
    exposed : float, default=1.0
        Share of the treated whom the treatment reaches, such as who opens the mail, in (0, 1]. Where who would have
        been reached is not known of the control, all count, and the effect is that much smaller.
    counted : float, default=1.0
        Share of the customers whose outcome will be known, the same in both arms, in (0, 1]. That many more are taken.

    Raises
    ------
    InputError
        If neither `baseline` nor `sd` is given, or a number is not allowed.

    Notes ----- There is no correction for a finite population: an experiment compares what would be with and without
    the treatment, which is not known of anybody twice, even if all customers take part. Where the effect is the same
    for everybody, the variance of the difference is that of infinitely many customers; see
    :func:`~nbo.experiments.survey_plan` for where the correction is right.

    Examples
    --------
    >>> Design(baseline=0.10).sample_size(effect=0.02)
    ArmSizes(treated=3841, control=3841)
    >>> Design(sd=1.0).sample_size(effect=0.5)
    ArmSizes(treated=64, control=64)
    >>> round(Design(baseline=0.10).detectable_effect(10_000), 4)
    0.0122
    """

    baseline: float | None = None
    sd: float | None = None
    alpha: float = 0.05
    sides: int = 2
    ratio: float = 1.0
    comparisons: int = 1
    variance_kept: float = 1.0
    design_effect: float = 1.0
    exposed: float = 1.0
    counted: float = 1.0

    def __post_init__(self) -> None:
        if self.baseline is None and self.sd is None:
            raise InputError("baseline (for a rate) or sd (for a mean) must be given; got neither.")
        if self.sd is None:
            check_number(self.baseline, "baseline", "a rate in (0, 1)", lambda rate: 0 < rate < 1)
        else:
            check_number(self.sd, "sd", "a finite number above 0", lambda sd: 0 < sd < np.inf)
        check_number(self.alpha, "alpha", "in (0, 1)", lambda alpha: 0 < alpha < 1)
        check_one_of(self.sides, (1, 2), "sides")
        check_number(self.comparisons, "comparisons", "1 or more", lambda n: n >= 1, whole=True)
        for name in _POSITIVE:
            check_number(getattr(self, name), name, "a finite number above 0", lambda value: 0 < value < np.inf)
        for name in _SHARES:
            check_number(getattr(self, name), name, "in (0, 1]", lambda share: 0 < share <= 1)

    def sample_size(self, effect: float, power: float = 0.8) -> ArmSizes:
        """Give how many customers each arm needs to find an effect.

        Parameters
        ----------
        effect : float
            Of the treatment on whom it reaches: difference of the rates or means, not 0.
        power : float, default=0.8
            Chance to find it, in (0, 1).

        Returns
        -------
        ArmSizes
            Customers to assign, with those whose outcome stays unknown.

        Raises
        ------
        InputError
            If the effect is 0, or takes the rate out of (0, 1), or the power is not in (0, 1).
        """
        effect = self._checked(effect)
        check_number(power, "power", "in (0, 1)", lambda share: 0 < share < 1)
        treated = _least(lambda n: float(self._power(effect, np.array([float(n)]))[0]) >= power)
        return ArmSizes(self._assigned(treated), self._assigned(treated * self.ratio))

    def power(self, effect: float, treated: Any) -> Any:
        """Give the chance to find an effect.

        Parameters
        ----------
        effect : float
            As of :meth:`sample_size`, or 0.
        treated : int or array-like of shape (m,)
            Customers assigned to the treatment, with `ratio` times as many beside them.

        Returns
        -------
        float or ndarray of shape (m,)
            In [0, 1].

        Raises
        ------
        InputError
            If the effect takes the rate out of (0, 1), or a number of customers is not above 0.
        """
        effect = self._checked(effect, zero=True)
        n = check_numbers(np.atleast_1d(treated), "treated")
        check_rows(~(n > 0), n, "treated", "above 0")
        power = self._power(effect, n * self.counted)
        return float(power[0]) if np.ndim(treated) == 0 else power

    def detectable_effect(self, treated: int, power: float = 0.8) -> float:
        """Give the least increase that is found with a given chance.

        Parameters
        ----------
        treated : int
            Customers assigned to the treatment, with `ratio` times as many beside them.
        power : float, default=0.8
            In (0, 1).

        Returns
        -------
        float
            Effect on whom the treatment reaches; NaN where even the largest would not be found.

        Raises
        ------
        InputError
            If a number is not allowed.
        """
        check_number(treated, "treated", "above 0", lambda n: n > 0)
        check_number(power, "power", "in (0, 1)", lambda share: 0 < share < 1)
        n = np.array([treated * self.counted])
        top = (1 - 1e-9 - (self.baseline or 0.0)) if self.sd is None else 1e6 * self.sd
        top = top if self.sd is not None else min(top / self.exposed, 1.0)

        def missing(effect: float) -> float:
            return float(self._power(effect, n)[0]) - power

        if missing(top) < 0 or missing(0.0) > 0:
            return 0.0 if missing(0.0) > 0 else float("nan")
        return float(optimize.brentq(missing, 0.0, top, xtol=1e-14, rtol=1e-12))

    def curve(self, effect: float, treated: Any) -> pd.DataFrame:
        """Give the power for several sizes.

        Parameters
        ----------
        effect : float
        treated : array-like of shape (m,)

        Returns
        -------
        DataFrame
            Columns `treated`, `control`, `effect` and `power`.
        """
        n = np.asarray(treated)
        frame = pd.DataFrame({"treated": n, "control": np.ceil(n * self.ratio).astype(np.int64)})
        return frame.assign(effect=float(effect), power=self.power(effect, n))

    @property
    def _tail(self) -> float:
        """Of one direction; below 0 where the other does not count."""
        tail = self.alpha / self.comparisons
        return tail / 2 if self.sides == 2 else -tail

    def _power(self, effect: float, treated: np.ndarray) -> np.ndarray:
        """Give the power where that many outcomes of the treated are known."""
        inflation, seen = self.variance_kept * self.design_effect, effect * self.exposed
        if self.sd is not None:
            return means_power(seen, self.sd * inflation**0.5, treated, treated * self.ratio, self._tail)
        return rates_power(float(self.baseline or 0.0), seen, treated, treated * self.ratio, self._tail, inflation)

    def _assigned(self, counted: float) -> int:
        # A hair less, for 3841 / 0.1 * 0.1 is more than 3841 in floating point.
        return int(np.ceil(counted / self.counted * (1 - 1e-12)))

    def _checked(self, effect: float, *, zero: bool = False) -> float:
        allowed = "a finite number" if zero else "a finite number, not 0"
        check_number(effect, "effect", allowed, lambda size: np.isfinite(size) and (zero or size != 0))
        if self.sd is None:
            check_number(
                (self.baseline or 0.0) + effect * self.exposed,
                "baseline + effect",
                "in (0, 1)",
                lambda rate: 0 < rate < 1,
            )
        return float(effect)

    def _repr_html_(self) -> str:
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return (
            pd.Series({name: value for name, value in fields.items() if value is not None}).to_frame("design").to_html()
        )


def _least(enough: Callable[[int], bool]) -> int:
    """Find the least whole number from 2 on that is enough."""
    high = 2
    while not enough(high):
        high *= 2
        if high > _MOST:
            raise InputError(f"effect is too small: it would need more than {_MOST:.0e} customers.")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
