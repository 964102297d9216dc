"""How the best payoff's mass is shared between offers, kept row by row while their rates move."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from nbo.policies.best import probability_of_best
from nbo.policies.known_row import KnownRow
from nbo.policies.live_grid import STEEP, LiveGrid, all_moments, moments
from nbo.policies.live_loops import LOOPS

__all__ = ["LiveShares"]

# The nodes are placed anew if so much of the best payoff's mass lies below them.
_OUTSIDE: Final = 1e-3
# After so many rows one by one all is added up anew, against rounding errors; so many rows are computed at once.
_RENEWALS: Final = 200
_AT_ONCE: Final = 12


class LiveShares:
    """The distribution functions of payoffs on a grid, so that a rate that moves costs only its row.

    Parameters
    ----------
    alpha, beta : ndarray of shape (k,)
        Parameters of the Beta distributions of the rates.
    values, costs : ndarray of shape (k,)
        An offer pays `values * rate - costs`; one of value 0 pays its cost for certain.
    eligible : ndarray of bool, shape (k,)
        At least one.

    Attributes
    ----------
    arms : ndarray of int, shape (m,)
        Offers that are eligible and worth something: each has a row.
    means, sds : list of float, length m
        Of the rates.

    Examples
    --------
    Equal rates have equal chances; Beta(3, 2) beats Beta(2, 2) with probability 22/35.

    >>> one = np.ones(2)
    >>> shares = LiveShares(2 * one, 2 * one, one, 0 * one, one > 0)
    >>> shares.stated().round(3)
    array([0.5, 0.5])
    >>> after, row = shares.after(1, 3.0, 2.0)
    >>> after.round(3)
    array([0.371, 0.629])
    >>> shares.adopt(row)
    True
    >>> shares.stated().round(3)
    array([0.371, 0.629])
    """

    def __init__(
        self, alpha: np.ndarray, beta: np.ndarray, values: np.ndarray, costs: np.ndarray, eligible: np.ndarray
    ) -> None:
        self.arms = np.flatnonzero(eligible & (values > 0))
        self._money = values, costs, eligible
        certain = eligible & (values == 0)
        self._floor = float(np.where(certain, -costs, -np.inf).max())
        top = certain & (-costs == self._floor)
        self._top = top / top.sum() if top.any() else None
        self._alpha, self._beta = alpha[self.arms], beta[self.arms]
        self._grid: LiveGrid | None = None
        self._sum: np.ndarray
        self._renewed = 0
        self._tell_moments()
        self._place()

    @property
    def is_live(self) -> bool:
        """Whether there is a grid; without one all is computed anew each time."""
        return self._grid is not None

    def stated(self) -> np.ndarray:
        """Give what is in proportion to the chance that an offer pays most.

        Returns
        -------
        ndarray of shape (k,)
        """
        if self._grid is None:
            return self._from_nothing()
        best = np.exp(self._sum)
        if best[0] > _OUTSIDE and self._grid.low > self._floor and not self._placed:
            self._place()
            return self.stated()
        return self._wide(best, self._hazards @ best)

    def steps(self, floors: np.ndarray, scale: float) -> np.ndarray:
        """Add up the probabilities of offers, as far as they are in proportion to the shares.

        Parameters
        ----------
        floors : ndarray of shape (k,)
            The rest, added up.
        scale : float
            How much of all is in proportion.

        Returns
        -------
        ndarray of shape (k,)
        """
        kernels = self._kernels()
        if kernels is not None and self._grid is not None:
            steps = np.empty(len(floors))
            below = kernels.state(self._sum, self._hazards, floors, scale, steps)
            if below <= _OUTSIDE or self._placed or self._grid.low <= self._floor:
                return steps
        return _added(self.stated(), floors, scale)

    def change(
        self, row: int, alpha: float, beta: float, steps: np.ndarray, floors: np.ndarray, scale: float
    ) -> tuple[np.ndarray, KnownRow]:
        """Tell by how much :meth:`steps` would change if one rate had another distribution.

        Parameters
        ----------
        row : int
        alpha, beta : float
        steps : ndarray of shape (k,)
            What they are.
        floors : ndarray of shape (k,)
        scale : float

        Returns
        -------
        changes : ndarray of shape (k,)
            Only while `is_live`.
        known : KnownRow
            For :meth:`adopt`.
        """
        kernels = self._kernels() if min(alpha, beta) >= STEEP else None
        if kernels is None or self._grid is None:
            shares, known = self.after(row, alpha, beta)
            changes = _added(shares, floors, scale)
            changes -= steps
            return changes, known
        changes, rows = np.empty(len(floors)), np.empty((2, len(self._sum)))
        now = self._sum, self._logs, self._hazards
        kernels.change(*self._grid.tables[row], alpha, beta, row, *now, rows, floors, scale, steps, changes)
        return changes, KnownRow(row, alpha, beta, rows[0], rows[1])

    def after(self, row: int, alpha: float, beta: float) -> tuple[np.ndarray, KnownRow]:
        """Give the shares if one rate had another distribution.

        Parameters
        ----------
        row : int
        alpha, beta : float

        Returns
        -------
        shares : ndarray of shape (k,)
            Only while `is_live`.
        known : KnownRow
            For :meth:`adopt`.
        """
        if self._grid is None:
            raise RuntimeError("there is no grid")
        logs, hazards = self._grid.row(row, alpha, beta)
        total = self._sum + logs
        total -= self._logs[row]
        best = np.exp(total, out=total)
        shares = self._hazards @ best
        shares[row] = hazards @ best
        return self._wide(best, shares), KnownRow(row, alpha, beta, logs, hazards)

    def adopt(self, known: KnownRow) -> bool:
        """Take a distribution of :meth:`after`, if no other has moved since.

        Parameters
        ----------
        known : KnownRow

        Returns
        -------
        bool
            False if the nodes do not hold for it; then nothing is taken.
        """
        row = known.row
        if self._grid is None or not self._grid.holds(row, known.alpha, known.beta):
            return False
        self._alpha[row], self._beta[row] = known.alpha, known.beta
        self.means[row], self.sds[row] = moments(known.alpha, known.beta)
        self._take(row, known.logs, known.hazards)
        self._renewed, self._placed = self._renewed + 1, False
        return True

    def move(self, moved: dict[int, tuple[float, float]]) -> None:
        """Take new distributions; the nodes stay where they still do.

        Parameters
        ----------
        moved : dict
            `alpha` and `beta` by row.
        """
        self._renewed += 1
        if self._renewed > _RENEWALS or len(moved) > _AT_ONCE:
            alpha, beta = np.array(list(moved.values())).T
            self.move_many(np.array(list(moved)), alpha, beta)
            return
        grid, holds = self._grid, True
        for row, (a, b) in moved.items():
            self._alpha[row], self._beta[row] = a, b
            self.means[row], self.sds[row] = moments(a, b)
            holds = holds and grid is not None and grid.holds(row, a, b)
        if grid is None or not holds:
            self._place()
            return
        kernels = self._kernels()
        for row, (a, b) in moved.items():
            if kernels is not None and min(a, b) >= STEEP:
                kernels.put(*grid.tables[row], a, b, row, self._sum, self._logs, self._hazards)
            else:
                self._take(row, *grid.row(row, a, b))
        self._placed = False

    def move_many(self, rows: np.ndarray, alpha: np.ndarray, beta: np.ndarray) -> None:
        """Take the new distributions of many rows at once.

        Parameters
        ----------
        rows : ndarray of int, shape (p,)
        alpha, beta : ndarray of shape (p,)
        """
        self._alpha[rows], self._beta[rows] = alpha, beta
        self._tell_moments()
        if self._grid is not None and self._grid.holds_all(self._alpha, self._beta):
            if (kernels := self._kernels()) is not None and min(alpha.min(), beta.min()) >= STEEP:
                for row, a, b in zip(rows.tolist(), alpha.tolist(), beta.tolist(), strict=True):
                    kernels.put(*self._grid.tables[row], a, b, row, self._sum, self._logs, self._hazards)
            else:
                self._logs[rows], self._hazards[rows] = self._grid.rows(rows, alpha, beta)
            self._renewed, self._sum, self._placed = 0, self._logs.sum(axis=0), False
        else:
            self._place()

    def _kernels(self) -> Any:
        """Give the compiled loops, where there are and all offers have rows."""
        return LOOPS.ask() if len(self.arms) == len(self._money[0]) else None

    def _take(self, row: int, logs: np.ndarray, hazards: np.ndarray) -> None:
        self._sum += logs
        self._sum -= self._logs[row]
        self._logs[row], self._hazards[row] = logs, hazards

    def _tell_moments(self) -> None:
        self.means, self.sds = (each.tolist() for each in all_moments(self._alpha, self._beta))

    def _place(self) -> None:
        """Place the nodes anew, and compute all rows."""
        self._grid = None
        if not len(self.arms):
            return
        values, costs = (each[self.arms] for each in self._money[:2])
        grid = LiveGrid(self._alpha, self._beta, values, costs, self._floor)
        if grid.is_smooth:
            self._grid = grid
            self._logs, self._hazards = grid.rows(np.arange(len(self.arms)), self._alpha, self._beta)
            self._renewed, self._sum, self._placed = 0, self._logs.sum(axis=0), True

    def _from_nothing(self) -> np.ndarray:
        values, costs, eligible = self._money
        alpha, beta = np.ones((2, 1, len(values)))
        alpha[0, self.arms], beta[0, self.arms] = self._alpha, self._beta
        return np.asarray(probability_of_best(alpha, beta, values, costs, eligible[None])[0])

    def _wide(self, best: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Give offers that are not eligible, and those that pay for certain, their shares, too."""
        n_offers = len(self._money[0])
        if len(shares) == n_offers:
            return shares
        wide = np.zeros(n_offers)
        wide[self.arms] = shares
        if self._top is not None:
            wide += best[0] * self._top
        return wide


def _added(shares: np.ndarray, floors: np.ndarray, scale: float) -> np.ndarray:
    steps = np.add.accumulate(shares)
    steps *= scale / float(steps[-1])
    steps += floors
    return steps
