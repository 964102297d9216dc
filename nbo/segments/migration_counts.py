"""Moves between tiers, with their shares and intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.wilson import wilson_interval

__all__ = ["MigrationMatrix"]


@dataclass(frozen=True, repr=False, eq=False)
class MigrationMatrix:
    """Moves between tiers, with those who came and went.

    Parameters
    ----------
    tiers : list of str
        The lowest first.
    counts : DataFrame of shape (k + 1, k + 1)
        Customers. Rows are the tiers before and "entered", who was no customer then; columns the tiers after and
        "left".
    level : float
        Of the intervals, in (0, 1).
    """

    tiers: list[str]
    counts: pd.DataFrame
    level: float = 0.95

    @property
    def shares(self) -> pd.DataFrame:
        """Shares of each row; a row sums to 1, or is NaN where nobody was."""
        total = self.counts.sum(axis=1)
        return self.counts.div(total.where(total > 0), axis=0)

    @property
    def low(self) -> pd.DataFrame:
        """Lower bounds of the shares (Wilson); NaN where nobody was."""
        return self._bounds(0)

    @property
    def high(self) -> pd.DataFrame:
        """Upper bounds of the shares (Wilson); NaN where nobody was."""
        return self._bounds(1)

    def to_frame(self) -> pd.DataFrame:
        """Give one row for each pair.

        Returns
        -------
        DataFrame
            before, after, n, share, low, high.
        """
        pairs = [(start, end) for start in self.counts.index for end in self.counts.columns]
        parts = {"n": self.counts, "share": self.shares, "low": self.low, "high": self.high}
        ends = {"before": [start for start, _ in pairs], "after": [end for _, end in pairs]}
        return pd.DataFrame({**ends, **{name: part.to_numpy().ravel() for name, part in parts.items()}})

    def steady_state(self) -> pd.Series:
        """Tell where the tiers would end if all shares stayed, and as many customers came in each period.

        Without anybody who came or left, it is where the same customers end up [1]_.

        Returns
        -------
        Series of float, shape (k,)
            Customers by tier.

        Raises
        ------
        InputError
            If somebody comes to tiers that nobody ever leaves, so their numbers grow for ever; or if several sets of
            tiers do not mix, so the end depends on the start.

        References
        ----------
        .. [1] Kemeny, J. G. and Snell, J. L. (1976). Finite Markov Chains. Springer.
        """
        k = len(self.tiers)
        stay = self.shares.fillna(0.0).to_numpy()[:k, :k]
        entered = self.counts.to_numpy()[k, :k].astype(float)
        change = np.eye(k) - stay.T
        if self.counts.to_numpy()[:, k].any() or entered.any():
            if np.linalg.matrix_rank(change) < k:
                raise InputError("there is no steady state: customers come to tiers that nobody ever leaves.")
            return pd.Series(np.linalg.solve(change, entered), index=self.tiers)
        seen = self.counts.to_numpy()[:k, :k].sum(axis=1) > 0
        change = change[np.ix_(seen, seen)]
        if not seen.any() or np.linalg.matrix_rank(change) < seen.sum() - 1:
            raise InputError("there is no single steady state: some tiers never mix, so it depends on the start.")
        wanted = np.vstack([change, np.ones(int(seen.sum()))])
        total = float(self.counts.to_numpy().sum())
        end = np.zeros(k)
        end[seen] = np.linalg.lstsq(wanted, np.append(np.zeros(int(seen.sum())), total), rcond=None)[0]
        return pd.Series(end, index=self.tiers)

    def __repr__(self) -> str:
        return f"{self.counts.to_string()}\n{self.shares.round(3).to_string()}"

    def _repr_html_(self) -> str:
        shares, low, high = (part.to_numpy() for part in (self.shares, self.low, self.high))
        cells = np.full(shares.shape, "", dtype=object)
        for place in zip(*np.nonzero(~np.isnan(shares)), strict=True):
            cells[place] = f"{shares[place]:.1%} ({low[place]:.1%} to {high[place]:.1%})"
        table = pd.DataFrame(cells, index=self.counts.index, columns=self.counts.columns)
        table.insert(0, "n", self.counts.sum(axis=1))
        return str(table.to_html(border=0))

    def _bounds(self, side: int) -> pd.DataFrame:
        total = np.broadcast_to(self.counts.sum(axis=1).to_numpy()[:, None], self.counts.shape)
        bounds = wilson_interval(self.counts.to_numpy(), total, self.level)[side]
        return pd.DataFrame(np.where(total > 0, bounds, np.nan), self.counts.index, self.counts.columns)
