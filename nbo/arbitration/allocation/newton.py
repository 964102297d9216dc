"""Newton steps on the dual of an allocation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.arbitration.allocation.dual import Dual, Look

__all__ = ["Reach", "descend", "newton_step", "slope"]

_STEPS = 12


@dataclass(frozen=True)
class Reach:
    """How far prices may go.

    Parameters
    ----------
    lowest, highest : ndarray of shape (m,)
        Price of one unit of each limit.
    step : float
        Largest change of a typical offer's price in one step.
    """

    lowest: np.ndarray
    highest: np.ndarray
    step: float

    def around(self, mu: np.ndarray, radius: np.ndarray) -> Reach:
        """Stay near some prices.

        Parameters
        ----------
        mu, radius : ndarray of shape (m,)

        Returns
        -------
        Reach
        """
        lowest, highest = np.maximum(self.lowest, mu - radius), np.minimum(self.highest, mu + radius)
        return Reach(lowest, highest, self.step)


def descend(dual: Dual, start: np.ndarray, width: float, reach: Reach, tolerance: float) -> Look:
    """Lower the bound by Newton steps.

    Parameters
    ----------
    dual : Dual
    start : ndarray of shape (m,)
        Prices to begin with.
    width : float
        Customers whose second choice is nearer than this take a part of both; the smaller, the nearer to the true
        dual, and the less far a step sees.
    reach : Reach
    tolerance : float
        Share of the bound that a step must promise.

    Returns
    -------
    Look
        At the prices found, with this width.
    """
    here = dual.look(start, width)
    for _ in range(_STEPS):
        gap = _free(slope(dual, here), here.mu, reach)
        change = _step(dual, here, gap, reach)
        if gap @ change <= 2 * tolerance * abs(here.smooth):
            break
        there = _line(dual, here, change, width, reach)
        if there is None:
            break
        here = there
    return here


def newton_step(dual: Dual, look: Look, reach: Reach) -> np.ndarray:
    """Give the prices after one step, whatever comes of it.

    Parameters
    ----------
    dual : Dual
    look : Look
        Its curvature may be that of other customers.
    reach : Reach

    Returns
    -------
    ndarray of shape (m,)
    """
    return _kept(look.mu + _step(dual, look, _free(slope(dual, look), look.mu, reach), reach), look.mu, reach)


def slope(dual: Dual, look: Look) -> np.ndarray:
    """Give by how much the use of each limit is above its bound, where its price may answer to that.

    Parameters
    ----------
    dual : Dual
    look : Look

    Returns
    -------
    ndarray of shape (m,)
        Above 0 where the price should rise, below 0 where it should fall.
    """
    over, under = np.maximum(look.used - dual.high, 0), np.maximum(dual.low - look.used, 0)
    priced = np.where(look.mu > 0, look.used - np.where(np.isfinite(dual.high), dual.high, 0), 0.0)
    priced = np.where(look.mu < 0, look.used - np.where(np.isfinite(dual.low), dual.low, 0), priced)
    return np.where(look.mu == 0, over - under, priced)


def _free(gap: np.ndarray, mu: np.ndarray, reach: Reach) -> np.ndarray:
    """Leave out prices that stand at the end of their reach."""
    return np.where((gap > 0) & (mu >= reach.highest) | (gap < 0) & (mu <= reach.lowest), 0.0, gap)


def _step(dual: Dual, look: Look, gap: np.ndarray, reach: Reach) -> np.ndarray:
    """Solve for the change of the prices; one without customers near it moves by `reach.step`."""
    free, change = np.flatnonzero(gap), np.zeros(len(gap))
    if not len(free):
        return change
    scale = dual.coupling.scale
    damping = np.abs(gap[free]) * scale[free] / reach.step
    curve = look.curvature[np.ix_(free, free)]
    damping = damping + 1e-9 * float(np.diag(curve).max()) + 1e-300
    change[free] = np.linalg.solve(curve + np.diag(damping), gap[free])
    longest = float(np.abs(change * scale).max())
    return change * min(1.0, reach.step / longest) if longest > 0 else change


def _line(dual: Dual, here: Look, change: np.ndarray, width: float, reach: Reach) -> Look | None:
    """Go as far along the step as the bound falls."""
    for share in (1.0, 0.5, 0.125, 2.0**-6, 2.0**-9, 2.0**-12):
        there = dual.look(_kept(here.mu + share * change, here.mu, reach), width)
        if there.smooth < here.smooth:
            return there
    return None


def _kept(mu: np.ndarray, before: np.ndarray, reach: Reach) -> np.ndarray:
    """Keep prices within reach; one that changes its sign stops at 0."""
    return np.clip(np.where(mu * before < 0, 0.0, mu), reach.lowest, reach.highest)
