"""The probability that each offer is the best one, kept up to date while single answers come in."""

from __future__ import annotations

from bisect import bisect_right
from math import log, sqrt
from typing import Final

import numpy as np

from nbo.policies.payoff_grid import NODES, PayoffGrid

__all__ = ["LiveBest"]

# While a rate has moved less than this, in standard deviations, and the logarithm of its standard deviation less than
# that, probabilities follow slopes; then its row of the grid is computed anew. Smaller moves of many at once wait, and
# tiny ones of one rate add up first.
_REACH, _NARROWER, _IDLE, _TINY = 0.07, 0.05, 0.02, 0.008
# Nodes are placed anew if a cell has more of the best payoff's mass than this, or what lies outside has.
_COARSEST, _OUTSIDE = 0.04, 1e-3
# Where anything depends on it, the logarithm of a distribution function grows no faster, by standard deviations.
_STEEPEST: Final = 40.0
# After so many rows one by one all is added up anew, against rounding errors; so many rows are computed at once.
_RENEWALS: Final = 200
_AT_ONCE: Final = 12
# Logarithms that grow less than this in a cell are taken to grow so much.
_FLAT: Final = 1e-12
# Slopes of a rate are computed anew after so many rows.
_OLD: Final = 4
_NOT_AT_ALL: Final = (0.0, 0.0)


class LiveBest:
    """Probabilities of one segment and one set of eligible offers, between two answers.

    The distribution functions of the payoffs are kept on a grid, so that an answer costs only what it changed:
    nothing but a few additions while the rate has moved little, else one row of the grid.

    Parameters
    ----------
    alpha, beta : ndarray of shape (k,)
        Parameters of the Beta distributions of the rates.
    values, costs : ndarray of shape (k,)
        An offer pays `values * rate - costs`; one of value 0 pays its cost for certain.
    eligible : ndarray of bool, shape (k,)
        At least one.
    least : float
        Least probability of each eligible offer.

    Examples
    --------
    Beta(2, 1) beats Beta(1, 1) with probability 2/3.

    >>> one = np.ones(2)
    >>> live = LiveBest(np.array([2.0, 1.0]), np.array([1.0, 1.0]), one, 0 * one, one > 0, 0.0)
    >>> live.probabilities().round(3)
    array([0.667, 0.333])
    >>> live.move(1, 3.0, 1.0)
    >>> live.probabilities().round(3)
    array([0.4, 0.6])
    """

    def __init__(
        self,
        alpha: np.ndarray,
        beta: np.ndarray,
        values: np.ndarray,
        costs: np.ndarray,
        eligible: np.ndarray,
        least: float,
    ) -> None:
        self._arms = np.flatnonzero(eligible & (values > 0))
        self._row = {arm: row for row, arm in enumerate(self._arms.tolist())}
        self._values, self._costs = values[self._arms], costs[self._arms]
        certain = eligible & (values == 0)
        self._floor = float(np.where(certain, -costs, -np.inf).max())
        top = certain & (-costs == self._floor)
        self._top = top / top.sum() if top.any() else None
        n_eligible = int(eligible.sum())
        least = min(least, 1 / n_eligible)
        self._base = np.where(eligible, least, 0.0)
        # What is stated while rates move along their slopes may fall below the floor by a little.
        self._lowest = 0.5 * self._base
        self._scale = 1 - least * n_eligible
        self._last = int(np.flatnonzero(eligible)[-1])
        self._stated = np.zeros(len(self._base))
        self._steps: list[float] | None = None
        # Rows that moved along their slopes: how far, and where to.
        self._shifts: dict[int, tuple[float, float]] = {}
        self._moved: dict[int, tuple[float, float]] = {}
        self._slopes: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._renewed = 0
        self._alpha, self._beta = alpha[self._arms], beta[self._arms]
        self._logs = np.zeros((len(self._arms), NODES))
        self._place()

    def probabilities(self) -> np.ndarray:
        """State the probability of each offer.

        Returns
        -------
        ndarray of shape (k,)
            The sum is 1; an offer that is not eligible has exactly 0.
        """
        stated = np.maximum(self._stated, self._lowest)
        return stated / stated.sum()

    def draw(self, uniform: float) -> tuple[int, float]:
        """Draw an offer.

        Parameters
        ----------
        uniform : float
            In [0, 1).

        Returns
        -------
        offer : int
        probability : float
            With which it was drawn.
        """
        steps = self._steps
        if steps is None:
            steps = self._steps = np.maximum(self._stated, self._lowest).cumsum().tolist()
        chosen = bisect_right(steps, uniform * steps[-1])
        if chosen > self._last:
            chosen = self._last
        return chosen, (steps[chosen] - steps[chosen - 1] if chosen else steps[0]) / steps[-1]

    def move(self, offer: int, alpha: float, beta: float) -> None:
        """Take the new distribution of one offer's rate.

        Parameters
        ----------
        offer : int
        alpha, beta : float
        """
        row = self._row.get(offer)
        if row is None:
            return
        self._moved[row] = alpha, beta
        shift, narrower = self._move_of(row, alpha, beta)
        before = self._shifts.get(row, _NOT_AT_ALL)
        if -_TINY < shift - before[0] < _TINY and -_TINY < narrower - before[1] < _TINY:
            return
        self._steps = None
        if -_REACH < shift < _REACH and -_NARROWER < narrower < _NARROWER:
            by_mean, by_width = self._slopes.get(row) or self._slope(row)
            self._stated += (shift - before[0]) * by_mean
            self._stated += (narrower - before[1]) * by_width
            self._shifts[row] = shift, narrower
        else:
            self._renew()

    def move_all(self, alpha: np.ndarray, beta: np.ndarray) -> None:
        """Take the new distributions of all rates; those that hardly moved wait.

        Parameters
        ----------
        alpha, beta : ndarray of shape (k,)
        """
        for row, (a, b) in enumerate(zip(alpha[self._arms].tolist(), beta[self._arms].tolist(), strict=True)):
            shift, narrower = self._move_of(row, a, b)
            if abs(shift) > _IDLE or abs(narrower) > _IDLE or row in self._moved:
                self._moved[row] = a, b
        if self._moved:
            self._renew_all()

    def _move_of(self, row: int, alpha: float, beta: float) -> tuple[float, float]:
        size = alpha + beta
        rate = alpha / size
        sd = self._sds[row]
        return (rate - self._means[row]) / sd, log(sqrt(rate * (1 - rate) / (size + 1)) / sd)

    def _renew(self) -> None:
        """Compute the rows of rates that moved; the nodes stay where they still do."""
        self._renewed += 1
        if self._renewed > _RENEWALS or len(self._moved) > _AT_ONCE:
            self._renew_all()
            return
        for moved, (a, b) in self._moved.items():
            logs = self._grid.log_cdf_of(moved, a, b)
            growth = logs[1:] - logs[:-1]
            self._remember(moved, a, b)
            self._sum += logs - self._logs[moved]
            self._total += growth - self._growth[moved]
            self._logs[moved], self._growth[moved] = logs, growth
        self._integrate()
        self._look()

    def _renew_all(self) -> None:
        for row, (a, b) in self._moved.items():
            self._remember(row, a, b)
        rows = np.array(list(self._moved), dtype=int)
        self._logs[rows] = self._grid.log_cdf(rows, self._alpha[rows], self._beta[rows])
        self._add_up()
        self._look()

    def _remember(self, row: int, alpha: float, beta: float) -> None:
        """Keep where a rate is; its slopes hold for a few moves, for they change little from one to the next."""
        size = alpha + beta
        rate = alpha / size
        self._alpha[row], self._beta[row] = alpha, beta
        self._means[row], self._sds[row] = rate, sqrt(rate * (1 - rate) / (size + 1))
        self._age[row] += 1
        if self._age[row] >= _OLD:
            self._slopes.pop(row, None)

    def _look(self) -> None:
        """Place the nodes anew where they are too far from the best payoff's distribution by now."""
        best = self._best
        outside = max(1 - best[-1], best[0] if self._grid.low > self._floor else 0.0)
        if outside > _OUTSIDE or (best[1:] - best[:-1]).max() > _COARSEST:
            self._place()

    def _place(self) -> None:
        """Place the nodes anew, and compute all rows."""
        size = self._alpha + self._beta
        rate = self._alpha / size
        self._means, self._sds = rate.tolist(), np.sqrt(rate * (1 - rate) / (size + 1)).tolist()
        self._slopes, self._age = {}, [0] * len(rate)
        if len(self._arms):
            self._grid = PayoffGrid(self._alpha, self._beta, self._values, self._costs, self._floor)
            self._logs = self._grid.log_cdf(np.arange(len(self._arms)), self._alpha, self._beta)
        self._add_up()

    def _add_up(self) -> None:
        self._renewed = 0
        self._growth = np.diff(self._logs, axis=1)
        self._sum, self._total = self._logs.sum(axis=0), self._growth.sum(axis=0)
        self._integrate()

    def _integrate(self) -> None:
        """Share the mass of the best payoff within each cell by the growth of the logarithms."""
        self._moved, self._shifts, self._steps = {}, {}, None
        best = self._best = np.exp(self._sum)
        total = np.maximum(self._total, _FLAT)
        half = total[::2] + total[1::2]
        # The rule's error is quadratic in the cell width, so Richardson's step removes its leading term.
        share = (4 / 3) * (best[1:] - best[:-1]) / total
        share -= np.repeat((best[2::2] - best[:-2:2]) / (3 * half), 2)
        shares = np.zeros(len(self._base))
        shares[self._arms] = np.maximum(self._growth @ share, 0.0)
        if self._top is not None:
            shares += best[0] * self._top
        self._stated = self._base + self._scale / shares.sum() * shares

    def _slope(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Differentiate what is stated by one rate's mean, in standard deviations, and by the logarithm of these."""
        density = self._grid.density(row, self._alpha[row], self._beta[row])
        # So the logarithm of the distribution function moves with the mean.
        shift = density * -self._sds[row] / np.maximum(np.exp(self._logs[row]), 1e-200)
        np.maximum(shift, -_STEEPEST, out=shift)
        away = (self._grid.rate(row) - self._means[row]) / self._sds[row]
        slopes = self._along(row, shift), self._along(row, shift * away)
        self._slopes[row], self._age[row] = slopes, 0
        return slopes

    def _along(self, row: int, shift: np.ndarray) -> np.ndarray:
        best, total = self._best, np.maximum(self._total, _FLAT)
        growth, moved, mass = shift[1:] - shift[:-1], best * shift, best[1:] - best[:-1]
        part = self._growth @ ((moved[1:] - moved[:-1] - mass / total * growth) / total)
        part[row] += (mass / total) @ growth
        slope = np.zeros(len(self._base))
        slope[self._arms] = self._scale * part
        if self._top is not None:
            slope += (self._scale * moved[0]) * self._top
        return slope
