"""Find who accepts an offer more often than others, while the answers come in."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_frame, check_one_of
from nbo.e_bh import e_bh
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.segments.audiences.answers import checked_answers
from nbo.segments.audiences.audiences import Audiences
from nbo.segments.audiences.candidates import Candidates
from nbo.segments.audiences.discoveries import telling
from nbo.segments.audiences.lift import measure_lift
from nbo.segments.audiences.report import audience_row, period_rows
from nbo.segments.audiences.trial import Trial

__all__ = ["AudienceFinder"]

logger = logging.getLogger(__name__)

_MOST_OF_AN_OFFER: Final = 5
# So many of the candidates with most evidence are looked at for some that differ.
_LOOKED_AT: Final = 300
# How sure it must be that a further audience accepts more where the better ones are left out.
_SURE: Final = 0.9999


class AudienceFinder:
    r"""Find subgroups that accept an offer more often than everybody, and look as often as you like.

    The candidates are conditions on features (numbers cut at quantiles, categories, missing) and
    pairs of them. On each, every acceptance is a bet that it comes from inside, at odds that
    gain nothing on average if inside and outside accept alike; what the bets have won is an
    e-value (:func:`~nbo.segments.audiences.evidence.log_wealth`). It stays valid under peeking
    [1]_, and e-BH bounds the false discoveries over all offers and candidates [2]_: of the
    audiences reported at any moment at most a share `alpha` is false in expectation, and where
    no feature matters any audience is ever reported with a chance of at most `alpha`.

    Answers are compared within blocks of 50 to the same offer that follow each other, each
    weighted by one over the probability of its draw. So neither rates that change in time nor a policy
    that learns whom to offer what fakes an effect. A customer's first answer to an offer counts,
    later ones do not. A share of the customers is left out of the search: on them the lift is
    measured, so its interval does not suffer from the choice of the best.

    Parameters
    ----------
    offers : list of str, optional
        Offers to look at; by default all that feedback brings. If you look again and again,
        name them beforehand.
    alpha : float, default=0.05
        Rate of false discoveries, in (0, 1).
    min_customers : int, default=200
        Fewest answers of an audience.
    min_accepted : int, default=20
        Fewest acceptances of an audience.
    max_depth : {1, 2}, default=2
        Most conditions of a rule.
    cuts : int, default=3
        Cuts of a number, at even quantiles: 3 are the quartiles.
    held_out : float, default=0.3
        Share of the customers on whom lifts are measured, in (0, 1); drawn by key, so it is the
        same customers always.

    References
    ----------
    .. [1] Howard, S. R., Ramdas, A., McAuliffe, J. and Sekhon, J. (2021). Time-uniform,
       nonparametric, nonasymptotic confidence sequences. Annals of Statistics 49(2), 1055-1080.
    .. [2] Wang, R. and Ramdas, A. (2022). False discovery rate control with e-values. Journal of
       the Royal Statistical Society B 84(3), 822-852.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": rng.integers(18, 80, 12_000), "city": rng.choice(["A", "B", "C"], 12_000)})
    >>> young = (X["age"] <= 33).to_numpy()
    >>> feedback = pd.DataFrame({"offer_id": "card", "reward": rng.random(12_000) < np.where(young, 0.12, 0.04)})
    >>> finder = AudienceFinder()
    >>> for week in np.array_split(np.arange(12_000), 6):
    ...     audiences = finder.update(X.iloc[week], feedback.iloc[week]).audiences()
    >>> audiences.frame[["offer_id", "rule", "lift"]].round(1).values.tolist()
    [['card', 'age <= 34', 1.8]]
    """

    def __init__(
        self,
        offers: Sequence[str] | None = None,
        alpha: float = 0.05,
        min_customers: int = 200,
        min_accepted: int = 20,
        max_depth: int = 2,
        cuts: int = 3,
        held_out: float = 0.3,
    ) -> None:
        check_number(alpha, "alpha", "in (0, 1)", lambda rate: 0 < rate < 1)
        check_number(min_customers, "min_customers", "1 or more", lambda number: number >= 1, whole=True)
        check_number(min_accepted, "min_accepted", "1 or more", lambda number: number >= 1, whole=True)
        check_number(cuts, "cuts", "1 or more", lambda number: number >= 1, whole=True)
        check_number(held_out, "held_out", "in (0, 1)", lambda share: 0 < share < 1)
        self.offers = None if offers is None else _texts(offers)
        self.alpha = alpha
        self.min_customers = min_customers
        self.min_accepted = min_accepted
        self.max_depth = check_one_of(max_depth, (1, 2), "max_depth")
        self.cuts = cuts
        self.held_out = held_out
        self._candidates: Candidates | None = None
        self._trials: dict[str, Trial] = {}
        self._reported: list[tuple[str, int]] = []
        # When an audience was first found: microseconds, and decisions seen by then.
        self._first_seen: dict[tuple[str, int], tuple[int, int]] = {}
        self._rows = 0
        self._now = np.iinfo(np.int64).min

    def prepare(self, X: pd.DataFrame) -> Self:
        """Fix the candidates by the features of customers.

        Without it, the first update does so with the rows that it brings.

        Parameters
        ----------
        X : DataFrame of shape (n, any)
            Features of customers as they will come; one row or more.

        Returns
        -------
        AudienceFinder
            Itself.

        Raises
        ------
        InputError
            If the candidates are fixed already, X has no rows, or a feature is neither of
            numbers, flags, texts nor categories.
        """
        if self._candidates is not None:
            raise InputError("the candidates are fixed already; make a new AudienceFinder.")
        X = check_frame(X, "X")
        if not len(X):
            raise InputError("X must have rows to make candidates from; it has none.")
        self._candidates = Candidates.of(X, self.cuts, self.max_depth)
        return self

    def update(self, X: pd.DataFrame, feedback: pd.DataFrame) -> Self:
        """Take answers in.

        Parameters
        ----------
        X : DataFrame of shape (n, any)
            Features of the customers as they were when decided, row by row as in `feedback`.
        feedback : DataFrame of shape (n, any)
            `offer_id` and `reward` in [0, 1]; `action_probability`, `decided_at`, `customer_id`
            (or `decision_id`) where they are there. Bring all decisions of a time in one update
            or in several, in the order of time. Repeated rows change nothing, nor do corrected
            answers: what was bet on is settled.

        Returns
        -------
        AudienceFinder
            Itself.

        Raises
        ------
        InputError
            If a column or a value is missing or not allowed, or X has other rows than `feedback`.
        """
        X = check_frame(X, "X")
        rows = checked_answers(feedback, X, self.held_out, self._rows)
        self._rows += len(X)
        if not len(rows):
            return self
        candidates = self._candidates = self._candidates or Candidates.of(X, self.cuts, self.max_depth)
        members = candidates.members(X)
        self._now = max(self._now, int(rows[c.DECIDED_AT].max()))
        for offer, part in rows.groupby(c.OFFER_ID, sort=False):
            if self.offers is None or offer in self.offers:
                trial = self._trials.setdefault(str(offer), Trial(candidates))
                trial.take(part, members[part["row"].to_numpy()])
        self._look(candidates)
        return self

    def audiences(self) -> Audiences:
        """Give the audiences as the answers tell now.

        Returns
        -------
        Audiences
            Without rows where nothing is found, or nothing has come yet.
        """
        frame, periods, subgroups = [], [], []
        for offer, candidate in self._reported:
            trial = self._trials[offer]
            frame.append(audience_row(offer, trial, candidate, self._first_seen[offer, candidate]))
            periods += period_rows(offer, trial, candidate)
            subgroups.append(trial.candidates.subgroup(candidate))
        offers: dict[str, tuple[int, float]] = dict.fromkeys(self.offers or [], (0, 0.0))
        offers |= {name: (len(trial.rows), float(trial.rows[c.REWARD].sum())) for name, trial in self._trials.items()}
        n_candidates = 0 if self._candidates is None else len(self._candidates.first)
        return Audiences.of(frame, periods, tuple(subgroups), offers, n_candidates, self.alpha)

    def _look(self, candidates: Candidates) -> None:
        """Choose what is reported, and remember when it was first."""
        offers = len({*(self.offers or []), *self._trials})
        prior = np.log(candidates.prior / offers)
        chosen = [row for offer, trial in self._trials.items() for row in self._of_offer(offer, trial, prior, offers)]
        chosen.sort(key=lambda row: -row[0])
        evidence = np.array([found[0] for found in chosen])
        # Evidence has the share of its prior already.
        chosen = chosen[: int(e_bh(evidence, self.alpha, np.ones(len(evidence))).sum())]
        self._reported = [(offer, candidate) for _, offer, candidate in chosen]
        for pair in self._reported:
            self._first_seen.setdefault(pair, (self._now, self._rows))

    def _of_offer(self, offer: str, trial: Trial, prior: np.ndarray, offers: int) -> list[tuple[float, str, int]]:
        """Candidates of an offer that differ, and that would do if as many as can be were reported."""
        evidence = trial.log_evidence() + prior
        order = np.argsort(-evidence, kind="stable")[:_LOOKED_AT]
        order = order[evidence[order] >= -np.log(self.alpha * offers * _MOST_OF_AN_OFFER)]
        if not len(order):
            return []
        reward, weight = (trial.rows[name].to_numpy() for name in (c.REWARD, "weight"))
        search = ~trial.rows["held"].to_numpy()

        def enough(candidate: int) -> bool:
            inside = trial.inside(candidate)
            return inside.sum() >= self.min_customers and reward[inside].sum() >= self.min_accepted

        def lifts(part: np.ndarray, among: np.ndarray) -> bool:
            rows = among & search
            return measure_lift(part[rows], reward[rows], weight[rows], _SURE).low > 1

        kept = telling([int(k) for k in order if enough(k)], trial.inside, lifts, _MOST_OF_AN_OFFER)
        return [(float(evidence[candidate]), offer, candidate) for candidate in kept]


def _texts(offers: Any) -> list[str]:
    many = [] if isinstance(offers, str) or not np.iterable(offers) else list(offers)
    if not many or any(not isinstance(offer, str) for offer in many) or len(set(many)) < len(many):
        raise InputError(f"offers must be texts that differ, at least one; got {offers!r}.")
    return many
