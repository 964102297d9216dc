"""How often an offer may be made or accepted, by all customers together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.grouping import groups_of
from nbo.arbitration.contact.in_run import keep_best
from nbo.arbitration.contact.past_contacts import past_contacts
from nbo.arbitration.contact.reasoned import named
from nbo.arbitration.contact.scope import Scope
from nbo.arbitration.contact.spans import check_span, first_after
from nbo.arbitration.rule import Rule
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.features.window import ALL
from nbo.numbers import check_number
from nbo.times import check_duration

__all__ = ["OfferCap"]

_NEVER = np.datetime64("NaT", "us")


class OfferCap(Rule):
    """Refuse offers that have been made, or accepted, as often as they may be.

    The cap holds over the log and within the run: of those who may get the offer, only as many as are left keep
    it, those with whom it has the highest priority.

    Parameters
    ----------
    at_most : int, optional
        How often, 0 or more, for each offer. By default the offer's own `capacity`, if it has one.
    window : str, default="all"
        In ``[as_of - window, as_of)`` and now, such as "30D"; "all": for good.
    of : {"accepted", "made"}, default="accepted"
        What is counted. Contacts that wait for their answer may still be accepted, so they count as accepted.
    per : {"channel"}, optional
        The cap holds for each channel of an offer apart.
    channels, offers, categories, kinds : list of str, optional
        Only contacts by these channels, with these offers, with offers of these categories and kinds.
    answer_within : str, default="14D"
        How long a contact waits for its answer.

    Notes
    -----
    Reason codes: such as ``capacity: 100 made in 30D``; within the run ``..., others first``. If rows of a run have
    different moments, the one at which the least is left counts for all.

    Examples
    --------
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> catalog, rule = Catalog([Offer("card", capacity=1)]), OfferCap()
    >>> candidates = Candidates.of(CustomerTables(), Spine.at("2026-06-30", ["ann", "bob"]), catalog, (rule,))
    >>> rule.surplus(candidates, np.array([[2.0], [5.0]]))["capacity: accepted, others first"].ravel().tolist()
    [True, False]
    """

    stage = "capacity"

    def __init__(
        self,
        at_most: int | None = None,
        window: str = ALL,
        of: str = "accepted",
        per: str | None = None,
        channels: Sequence[str] | None = None,
        offers: Sequence[str] | None = None,
        categories: Sequence[str] | None = None,
        kinds: Sequence[str] | None = None,
        answer_within: str = "14D",
    ) -> None:
        self.at_most = at_most
        self.window = window
        self.of = of
        self.per = per
        self.channels = channels
        self.offers = offers
        self.categories = categories
        self.kinds = kinds
        self.answer_within = answer_within

    def check(self) -> None:
        """Check the arguments, as far as that needs no customers.

        Raises
        ------
        InputError
            Names the argument.
        """
        check_one_of(self.of, ("accepted", "made"), "of")
        check_one_of(self.per, (None, c.CHANNEL), "per")
        check_span(self.window, "window")
        check_duration(self.answer_within, "answer_within")
        if self.at_most is not None:
            check_number(self.at_most, "at_most", "a whole number of 0 or more", lambda n: n >= 0, whole=True)
        elif self.of == "made":
            raise InputError("at_most must be given for how often offers are made; capacity is what can be accepted.")
        self._scope  # noqa: B018 -- it checks what it is made of

    @property
    def reasons(self) -> list[str]:
        """What decisions give as their reason where this rule had its way."""
        return [self._reason, f"{self._reason}, others first"]

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        return {self._reason: self._spread(candidates, self._left(candidates) <= 0, False)}

    def surplus(self, candidates: Candidates, priority: np.ndarray) -> dict[str, np.ndarray]:  # noqa: D102
        left, ways = self._left(candidates), self._ways(candidates)
        late, together = np.zeros(left.shape, dtype=bool), np.zeros(len(candidates.spine), dtype=np.int64)
        ids = candidates.spine.frame[c.CUSTOMER_ID]
        for offer, group in np.argwhere(np.isfinite(left).any(axis=0)):
            there = (candidates.codes[:, offer, ways[group]] == 0).any(axis=1)
            best = np.where(np.isnan(priority[:, offer]), -np.inf, priority[:, offer])
            salt = f"{self._reason} {candidates.catalog.offer_ids[offer]}"
            late[:, offer, group] = ~keep_best(together, left[:, offer, group], there, best, ids, salt)
        return {f"{self._reason}, others first": self._spread(candidates, late, False)}

    def resumes(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        left, span = self._left(candidates), check_span(self.window, "window")
        ends = np.full(left.shape, _NEVER)
        if span is not None and self.at_most:
            log, accepted = past_contacts(candidates), self.of == "accepted"
            answer = c.ACCEPT if accepted else None
            last = log.last("offer", answer, self._scope, self.window, self.per, nth=self.at_most)
            ends = np.where(left <= 0, first_after(last.reshape(left.shape), span), _NEVER)
            if accepted:
                # Nobody knows what those who have not answered will say.
                ends = np.where(self._count(candidates, c.PENDING, ALL) > 0, _NEVER, ends)
        return {self._reason: self._spread(candidates, ends, _NEVER)}

    def _left(self, candidates: Candidates) -> np.ndarray:
        """Give how many more of each offer there may be, shape (n, k, groups); infinite where there is no cap."""
        self.check()
        caps = [self._cap(offer.capacity) if self._scope.has(offer) else np.inf for offer in candidates.catalog]
        taken = self._count(candidates, None if self.of == "made" else c.ACCEPT, self.window)
        if self.of == "accepted":
            taken = taken + self._count(candidates, c.PENDING, ALL)
        return np.array(caps)[None, :, None] - taken

    def _cap(self, capacity: float | None) -> float:
        own = np.inf if capacity is None else capacity
        return float(np.floor(own if self.at_most is None else self.at_most))

    def _count(self, candidates: Candidates, outcome: str | None, window: str) -> np.ndarray:
        found = past_contacts(candidates).count(window, "offer", outcome, self._scope, self.per, self.answer_within)
        return found if self.per else found[:, :, None]

    def _ways(self, candidates: Candidates) -> list[np.ndarray]:
        """Give the ways that are counted together."""
        channels, all_ways = np.array(candidates.channels, dtype=object), np.arange(len(candidates.ways))
        about = self._scope.mask(candidates).any(axis=(0, 1))
        about = np.broadcast_to(about, all_ways.shape)
        if self.per is None:
            return [all_ways[about]]
        return [all_ways[about & (channels == name)] for name in groups_of(candidates, self.per)]

    def _spread(self, candidates: Candidates, values: np.ndarray, fill: object) -> np.ndarray:
        """Give values of offers, or of offers by channel, to the triples."""
        ways = self._ways(candidates)
        if len(ways) == 1 and len(ways[0]) == len(candidates.ways):
            return values
        whole = np.full(candidates.shape, fill, dtype=values.dtype)
        for group, some in enumerate(ways):
            whole[:, :, some] = values[:, :, [group]]
        return whole

    @property
    def _scope(self) -> Scope:
        return Scope(self.channels, self.offers, self.categories, self.kinds)

    @property
    def _reason(self) -> str:
        number = "" if self.at_most is None else f"{self.at_most} "
        within = "" if self.window == ALL else f" in {self.window}"
        return named(f"capacity: {number}{self.of}{within}", self._scope, per=self.per)
