"""From scores to the probability of being a member, known or not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import numpy as np

from nbo.wilson import wilson_interval

__all__ = ["Membership"]

# Members in each step from score to probability.
_MEMBERS: Final = 25
_STEPS: Final = 20
# Parts of the members with the highest scores, among whom it is looked for the surest customers.
_SUREST: Final = (0.05, 0.1, 0.2, 0.4)


@dataclass(frozen=True)
class Membership:
    r"""From scores to the probability of being a member, known or not, after Elkan and Noto [1]_.

    Of all members a share c is known, whatever their profile: they are known by chance. Then P(member | profile) =
    P(known | profile) / c. Where customers are members for sure, c is the share of them that is known. It is taken from
    the members with the highest held-out scores: of the 5, 10, 20 or 40 % of them with the highest, the group
    whose share of known members has the highest lower bound. Where nobody is a member for sure, that share is below c,
    and probabilities and prevalence come out too large: they are upper bounds then.

    Parameters
    ----------
    scores, rates : tuple of float
        Points of the rising line from held-out score to P(known | score).
    c, c_low, c_high : float
        Share of the members that is known, with its interval; 1 where all are said to be known.
    known : float
        Share of all customers that are known members.

    References
    ----------
    .. [1] Elkan, C. and Noto, K. (2008). Learning classifiers from only positive and unlabeled data. KDD 14, 213-220.
    """

    scores: tuple[float, ...]
    rates: tuple[float, ...]
    c: float
    c_low: float
    c_high: float
    known: float

    @classmethod
    def of(
        cls, held_out: np.ndarray, member: np.ndarray, weight: float, complete: bool, known: float, level: float
    ) -> Self:
        """Learn from scores of customers whom the trees had not seen.

        Parameters
        ----------
        held_out : ndarray of float, shape (n,)
            In [0, 1].
        member : ndarray of bool, shape (n,)
        weight : float
            How many customers each of the others stands for, over how many each member does.
        complete : bool
            Whether all members are known.
        known : float
            Share of all customers that are known members.
        level : float
            Of the interval of c.

        Returns
        -------
        Membership
        """
        order = np.argsort(held_out, kind="stable")
        scores, hit = held_out[order], member[order]
        # Cut by members, so that each step has enough of them, and by rows, most of which have low scores.
        own = np.flatnonzero(hit)[:: max(len(held_out[member]) // _STEPS, _MEMBERS)]
        rows = np.arange(_STEPS) * len(hit) // _STEPS
        starts = np.unique(np.concatenate([[0], own[1:], rows[rows < own[min(1, len(own) - 1)]]]))
        step = np.searchsorted(starts, np.arange(len(hit)), side="right") - 1
        steps = len(starts)
        counts = np.bincount(step, weights=hit, minlength=steps)
        total = counts + weight * np.bincount(step, weights=~hit, minlength=steps)
        middle = np.bincount(step, weights=scores, minlength=steps) / np.maximum(np.bincount(step, minlength=steps), 1)
        rates = _rising(counts / total, total)
        if complete:
            return cls(tuple(middle.tolist()), tuple(rates.tolist()), 1.0, 1.0, 1.0, known)
        shares = _known_share(scores, hit, weight, level)
        return cls(tuple(middle.tolist()), tuple(rates.tolist()), *shares, known)

    @property
    def prevalence(self) -> tuple[float, float, float]:
        """Share of all customers that are members, known or not, with the bounds of its interval."""
        if not self.known:
            return 0.0, 0.0, 1.0
        low, high = self.known / self.c_high, self.known / max(self.c_low, self.known)
        return min(self.known / self.c, 1.0), min(low, 1.0), min(high, 1.0)

    def probability(self, scores: np.ndarray) -> np.ndarray:
        """Give the probability of being a member.

        Parameters
        ----------
        scores : ndarray of shape (n,)

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1].
        """
        return np.minimum(np.interp(scores, self.scores, self.rates) / self.c, 1.0)

    def to_dict(self) -> dict[str, Any]:
        """Give JSON values.

        Returns
        -------
        dict
        """
        return asdict(self)

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Rebuild from :meth:`to_dict`.

        Parameters
        ----------
        state : dict

        Returns
        -------
        Membership
        """
        return cls(**{**state, "scores": tuple(state["scores"]), "rates": tuple(state["rates"])})


def _rising(rates: np.ndarray, weights: np.ndarray) -> np.ndarray:
    from sklearn.isotonic import IsotonicRegression

    return np.asarray(IsotonicRegression().fit_transform(np.arange(len(rates)), rates, sample_weight=weights))


def _known_share(scores: np.ndarray, hit: np.ndarray, weight: float, level: float) -> tuple[float, float, float]:
    """Give the share of known members among the surest customers, and its bounds; scores rise."""
    best = (0.0, 0.0, 1.0)
    # The surest of four groups is looked for, so that each bound holds a quarter more surely.
    careful = 1 - (1 - level) / len(_SUREST)
    own = scores[hit]
    for share in _SUREST:
        limit = own[int(np.floor(len(own) * (1 - share)))]
        above = scores >= limit
        n_hit, n = int((above & hit).sum()), int(above.sum())
        bounds = [np.asarray(bound).item() for bound in wilson_interval(np.array(n_hit), np.array(n), careful)]
        found, low, high = (rate / (rate + weight * (1 - rate)) for rate in (n_hit / n, *bounds))
        if low > best[1]:
            best = (found, low, high)
    return best
