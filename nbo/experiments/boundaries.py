"""Boundaries for looking at a test several times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize, special

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.experiments.crossing import Walk, check_looks, crossing_probabilities
from nbo.numbers import check_number

__all__ = ["sequential_boundaries"]

_KINDS = ("obrien_fleming", "pocock", "classic_obrien_fleming", "classic_pocock")
# Errors too rare for a boundary: the normal has no quantile for them in floating point.
_LEAST = 1e-300


def sequential_boundaries(
    information: Any,
    alpha: float = 0.05,
    sides: int = 2,
    kind: str = "obrien_fleming",
    spent: Any = None,
) -> np.ndarray:
    r"""Give the boundaries that a test statistic must cross at each of several looks.

    Together, all looks find something where there is nothing with probability `alpha`. Boundaries like those of
    O'Brien and Fleming are high at first and leave the last look nearly as it is; those like Pocock's are the same
    for all. By default, both spend alpha by a function of the share t of the looks that is over [1]_, in each
    direction looked at, of its part a of alpha:

    .. math:: 2 - 2 \Phi\left(\Phi^{-1}(1 - a / 2) / \sqrt t\right) \quad\text{and}\quad a \ln(1 + (e - 1) t).

    So neither the number of looks nor their information must be known beforehand. The classic ones [2]_ [3]_ need all
    of them.

    Parameters
    ----------
    information : array-like of shape (m,)
        At the looks so far or planned, rising: numbers of customers, or 1 over the squared standard error.
    alpha : float, default=0.05
        In (0, 1).
    sides : {2, 1}, default=2
        Directions in which a crossing counts.
    kind : {"obrien_fleming", "pocock", "classic_obrien_fleming", "classic_pocock"}, default="obrien_fleming"
        Shape of the boundaries.
    spent : array-like of shape (m,), optional
        Share t of each look, in (0, 1], rising, fixed before results are known; by default information over that at
        the last look. Not for the classic ones.

    Returns
    -------
    ndarray of shape (m,)
        Boundaries of the statistic, standard errors from 0; infinite where nothing is left to spend.

    Raises
    ------
    InputError
        If numbers are not allowed, or do not rise by 0.1 % at least.

    References
    ----------
    .. [1] Lan, K. K. G. and DeMets, D. L. (1983). Discrete sequential boundaries for clinical trials. Biometrika 70,
       659-663.
    .. [2] O'Brien, P. C. and Fleming, T. R. (1979). A multiple testing procedure for clinical trials. Biometrics 35,
       549-556.
    .. [3] Pocock, S. J. (1977). Group sequential methods in the design and analysis of clinical trials. Biometrika 64,
       191-199.

    Examples
    --------
    >>> sequential_boundaries([1, 2, 3, 4, 5]).round(2).tolist()
    [4.88, 3.36, 2.68, 2.29, 2.03]
    >>> sequential_boundaries([1, 2, 3, 4, 5], kind="classic_obrien_fleming").round(2).tolist()
    [4.56, 3.23, 2.63, 2.28, 2.04]
    """
    check_number(alpha, "alpha", "in (0, 1)", lambda share: 0 < share < 1)
    check_one_of(sides, (1, 2), "sides")
    check_one_of(kind, _KINDS, "kind")
    times = check_looks(information, "information")
    if kind.startswith("classic"):
        if spent is not None:
            raise InputError("spent must not be given with classic boundaries, which spend nothing look by look.")
        return _classic(times / times[-1], alpha, sides, kind)
    shares = times / times[-1] if spent is None else check_looks(spent, "spent")
    if len(shares) != len(times) or shares[-1] > 1 + 1e-12:
        raise InputError(f"spent must be one share in (0, 1] for each of {len(times)} looks; got {shares.tolist()}.")
    part = alpha / sides
    spend: Callable[[np.ndarray], np.ndarray] = {
        "obrien_fleming": lambda t: 2 * special.ndtr(special.ndtri(part / 2) / np.sqrt(t)),
        "pocock": lambda t: part * np.log1p((np.e - 1) * t),
    }[kind]
    return _spending(times / times[-1], np.diff(spend(np.minimum(shares, 1.0)), prepend=0.0), sides)


def _spending(times: np.ndarray, parts: np.ndarray, sides: int) -> np.ndarray:
    """Find the boundary of each look whose chance to be the first that is crossed is what it may spend."""
    walk, bounds = Walk(), np.full(len(times), np.inf)
    for k, now in enumerate(times):
        if parts[k] > _LEAST:
            # In logarithms, for early looks spend next to nothing.
            def missing(bound: float, now: float = float(now), part: float = parts[k]) -> float:
                return float(np.log(max(walk.above(bound, now), _LEAST)) - np.log(part))

            bounds[k] = optimize.brentq(missing, -8.0, 38.0, xtol=1e-10)
        if k + 1 < len(times):
            walk.go_on(-bounds[k] if sides == 2 else -np.inf, bounds[k], float(now), float(times[k + 1]))
    return bounds


def _classic(times: np.ndarray, alpha: float, sides: int, kind: str) -> np.ndarray:
    shape = 1 / np.sqrt(times) if kind == "classic_obrien_fleming" else np.ones(len(times))

    def missing(scale: float) -> float:
        bounds = scale * shape
        above, below = crossing_probabilities(bounds, times, lower=-bounds if sides == 2 else None)
        return float((above + below).sum()) - alpha

    low = 0.0 if sides == 2 else -4.0
    return np.asarray(optimize.brentq(missing, low, 12.0, xtol=1e-9) * shape)
