"""What the answers to one offer say of each candidate, block by block."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.segments.audiences.candidates import Candidates
from nbo.segments.audiences.evidence import BLOCK, ODDS, log_evidence, log_wealth

__all__ = ["Trial"]


class Trial:
    """The answers to one offer, and what bets on the candidates have won on them.

    Parameters
    ----------
    candidates : Candidates
    """

    def __init__(self, candidates: Candidates) -> None:
        self.candidates = candidates
        self._wealth = np.zeros((len(ODDS), len(candidates.first)))
        self._keys = np.zeros(0)
        self._rows: list[pd.DataFrame] = []
        self._packed: list[np.ndarray] = []
        self._open: tuple[np.ndarray, ...] = (np.zeros((0, len(candidates.conditions)), dtype=bool), *np.zeros((2, 0)))

    def take(self, rows: pd.DataFrame, members: np.ndarray) -> None:
        """Take answers in; bet on those that fill a block, and keep the others for the next.

        Parameters
        ----------
        rows : DataFrame of shape (n, any)
            As :func:`~nbo.segments.audiences.answers.checked_answers` gives them.
        members : ndarray of bool, shape (n, n_conditions)
        """
        new = ~np.isin(rows["key"].to_numpy(), self._keys)
        rows, members = rows[new], members[new]
        self._keys = np.concatenate([self._keys, rows["key"].to_numpy()])
        self._rows.append(rows[[c.REWARD, "weight", c.DECIDED_AT, "held"]])
        self._packed.append(np.packbits(members, axis=1))
        search = ~rows["held"].to_numpy()
        given = (members, rows[c.REWARD].to_numpy(), rows["weight"].to_numpy())
        together = [np.concatenate([old, part[search]]) for old, part in zip(self._open, given, strict=True)]
        full = len(together[1]) // BLOCK * BLOCK
        if full:
            pairs = self.candidates.first, self.candidates.second
            self._wealth += log_wealth(together[0][:full], together[1][:full], together[2][:full], *pairs)
        self._open = tuple(part[full:] for part in together)

    def log_evidence(self) -> np.ndarray:
        """Give the logarithm of the e-value of each candidate, shape (n_candidates,)."""
        return log_evidence(self._wealth)

    @property
    def rows(self) -> pd.DataFrame:
        """All answers, in the order in which they came."""
        if len(self._rows) > 1:
            self._rows = [pd.concat(self._rows, ignore_index=True)]
        return self._rows[0]

    def inside(self, candidate: int) -> np.ndarray:
        """Tell who of :attr:`rows` is in a candidate.

        Parameters
        ----------
        candidate : int

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        if len(self._packed) > 1:
            self._packed = [np.concatenate(self._packed)]
        conditions = (self.candidates.first[candidate], self.candidates.second[candidate])
        # packbits puts the first of eight flags into the highest bit.
        one, two = (self._packed[0][:, number // 8] >> (7 - number % 8) & 1 for number in conditions)
        return (one & two).astype(bool)
