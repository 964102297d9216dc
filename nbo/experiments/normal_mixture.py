"""How many standard errors an estimate may be off, at all times together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from nbo.numbers import check_number

__all__ = ["NormalMixture"]


@dataclass(frozen=True)
class NormalMixture:
    r"""Bounds of Robbins' normal mixture, for whoever looks as often as they like.

    An estimate :math:`\hat d` of d with the squared standard error v is set against all other values that d
    might have, weighed by a normal distribution around it of variance :math:`\tau^2`. With :math:`z = (\hat d -
    d) / \sqrt v` and :math:`x = \tau^2 / v`, the likelihood ratio of that mixture to d is

    .. math:: e = (1 + x)^{-1/2} \exp\Big(\frac{z^2}{2} \frac{x}{1 + x}\Big),

    the mixture sequential probability ratio test [1]_. It is above 1 / alpha at any time with probability alpha
    at most, if units come one after another and the central limit theorem has set in: an asymptotic confidence
    sequence [2]_. :math:`\tau` is the one that makes the bounds narrowest at a planned number of units; so x
    grows with the units.

    Parameters
    ----------
    planned : float
        Units at which the bounds shall be narrowest. It must be chosen without looking.
    level : float, default=0.95
        Of all intervals together, in (0, 1).

    Raises
    ------
    InputError
        If `planned` is not above 0, or the level is not in (0, 1).

    References
    ----------
    .. [1] Johari, R., Koomen, P., Pekelis, L. and Walsh, D. (2022). Always valid inference: continuous
       monitoring of A/B tests. Operations Research 70, 1806-1821.
    .. [2] Waudby-Smith, I., Arbour, D., Sinha, R., Kennedy, E. H. and Ramdas, A. (2024). Time-uniform
       central limit theory and asymptotic confidence sequences. The Annals of Statistics 52, 2613-2640.

    Examples
    --------
    At the planned number, 3.04 standard errors instead of 1.96 buy the right to look at all times.

    >>> NormalMixture(10_000).reach(np.array([100, 1_000, 10_000, 100_000])).round(2).tolist()
    [8.94, 3.82, 3.04, 3.25]
    """

    planned: float
    level: float = 0.95

    def __post_init__(self) -> None:
        check_number(self.planned, "planned", "above 0", lambda units: units > 0)
        check_number(self.level, "level", "in (0, 1)", lambda share: 0 < share < 1)

    @property
    def spread(self) -> float:
        """Variance of the mixture over the squared standard error at the planned number of units."""
        # Where the derivative of the squared reach is 0: x = ln(1 + x) - 2 ln(alpha).
        return float(-special.lambertw(-((1 - self.level) ** 2) / np.e, -1).real - 1)

    def reach(self, units: np.ndarray) -> np.ndarray:
        """Give the standard errors to each side.

        Parameters
        ----------
        units : ndarray of shape (t,)
            Above 0.

        Returns
        -------
        ndarray of shape (t,)
        """
        x = self.spread * np.asarray(units, dtype=float) / self.planned
        return np.sqrt((1 + 1 / x) * (np.log1p(x) - 2 * np.log(1 - self.level)))

    def log_e_values(self, z: np.ndarray, units: np.ndarray) -> np.ndarray:
        """Give the evidence against 0.

        Parameters
        ----------
        z : ndarray of shape (t,)
            Estimates over their standard errors.
        units : ndarray of shape (t,)
            Above 0.

        Returns
        -------
        ndarray of shape (t,)
            Natural logarithms of e.
        """
        x = self.spread * np.asarray(units, dtype=float) / self.planned
        return (z**2 * x / (1 + x) - np.log1p(x)) / 2
