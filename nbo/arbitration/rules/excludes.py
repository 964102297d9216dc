"""Never offer one thing with another, or too soon after it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.contact_log import ENTITIES
from nbo.arbitration.contact.past_contacts import past_contacts
from nbo.arbitration.contact.scope import Scope
from nbo.arbitration.contact.spans import check_span, first_after
from nbo.arbitration.rules.conditional import ConditionalRule
from nbo.arbitration.rules.known_offers import check_known_offers
from nbo.arbitration.rules.past_outcomes import MADE, check_outcomes
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.features.window import ALL

__all__ = ["Excludes"]

_OUTCOMES = (MADE, c.PENDING, c.ACCEPT, c.REJECT, c.NO_ANSWER)
_NEVER = np.datetime64("NaT", "us")


class Excludes(ConditionalRule):
    """Never offer one thing with another, or too soon after it.

    Parameters
    ----------
    name : str
        Identifies the rule in a playbook.
    offers : list of str
        They are refused.
    others : list of str
        After these; an offer is never refused because of itself.
    within : str, default="all"
        So long after: 30D refuses at `as_of` for what was at t with ``as_of - 30D <= t < as_of``.
    outcomes : list of str, optional
        What of the others counts: "made" (t is when), "pending" (made, and not yet answered), "accept", "reject" and
        "no_answer" (t is when they were answered). By default ``["pending", "accept"]``: they are active.
    mutual : bool, default=False
        Whether the others are refused after these offers just so, and never stand in one slate with them;
        :func:`~nbo.arbitration.never_together` lists such pairs.
    by : {"customer", "household", "account"}, default="customer"
        Whose contacts count: also those of the other members of a household or an account.
    answer_within : str, default="14D"
        A contact without an answer is pending so long, and then has none.
    stage : str, default="applicability"
        One of ``Rule.STAGES``.
    reason, valid_from, valid_until, owner, note
        As for :class:`~nbo.arbitration.When`.

    Notes
    -----
    "A is not followed by B within 30 days" is ``Excludes(name, offers=["B"], others=["A"], within="30D",
    outcomes=["made"])``. Only decisions and answers count that were known before the moment of the decision.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> done = pd.DataFrame({"decision_id": ["a"], "customer_id": ["ann"], "offer_id": ["card"]})
    >>> tables = CustomerTables(decisions=done.assign(decided_at="2026-06-25"))
    >>> rule = Excludes("card or loan", offers=["loan"], others=["card"], within="30D", outcomes=["made"])
    >>> spine, catalog = Spine.at("2026-06-30", ["ann", "bob"]), Catalog([Offer("card"), Offer("loan")])
    >>> Candidates.of(tables, spine, catalog, (rule,)).eligible
    array([[ True, False],
           [ True,  True]])
    """

    kinds = categories = channels = None

    def __init__(
        self,
        name: str,
        offers: Sequence[str],
        others: Sequence[str],
        within: str = "all",
        outcomes: Sequence[str] | None = None,
        mutual: bool = False,
        by: str = "customer",
        answer_within: str = "14D",
        stage: str = "applicability",
        reason: str | None = None,
        valid_from: str | None = None,
        valid_until: str | None = None,
        owner: str = "",
        note: str = "",
    ) -> None:
        self.name = name
        self.offers = offers
        self.others = others
        self.within = within
        self.outcomes = outcomes
        self.mutual = mutual
        self.by = by
        self.answer_within = answer_within
        self.stage = stage
        self.reason = reason
        self.valid_from = valid_from
        self.valid_until = valid_until
        self.owner = owner
        self.note = note

    def check(self) -> None:  # noqa: D102
        self._check_shared()
        self._check_texts("offers")
        self._check_texts("others")
        check_span(self.within, f"within of {self._called}")
        check_span(self.answer_within, f"answer_within of {self._called}")
        self._asked()
        check_one_of(self.by, tuple(ENTITIES), f"by of {self._called}")
        if not isinstance(self.mutual, bool):
            raise InputError(f"mutual of {self._called} must be True or False; got {self.mutual!r}.")

    def _asked(self) -> list[str | None]:
        given = [c.PENDING, c.ACCEPT] if self.outcomes is None else self.outcomes
        return check_outcomes(given, _OUTCOMES, f"outcomes of {self._called}")

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Offers that never stand in one slate; none unless it is mutual."""
        both = {tuple(sorted((one, other))) for one in self.offers or () for other in self.others if one != other}
        return sorted((one, other) for one, other in both) if self.mutual else []

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        mask = np.zeros((1, 1, 1), dtype=bool)
        for about, refused, _ in self._parts(candidates):
            mask = mask | (about & refused)
        return {self.reasons[0]: mask & self._in_force(candidates)}

    def resumes(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        moments = np.full((1, 1, 1), _NEVER)
        for about, _, ends in self._parts(candidates):
            moments = np.where(about, ends, moments)
        return {self.reasons[0]: np.where(self._in_force(candidates), moments, _NEVER)}

    def _parts(self, candidates: Candidates) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Give offers, (1, k, 1), that are refused after the same others: to whom, and until when, (n, 1, 1)."""
        self.check()
        check_known_offers([*(self.offers or ()), *self.others], candidates, f"offers of {self._called}")
        after = [self._after(offer_id) for offer_id in candidates.catalog.offer_ids]
        return [
            (np.array([own == others for own in after])[None, :, None], *self._of(candidates, others))
            for others in dict.fromkeys(after)
            if others
        ]

    def _after(self, offer_id: str) -> tuple[str, ...]:
        """List the offers after which one is refused."""
        after = list(self.others) if offer_id in (self.offers or ()) else []
        if self.mutual and offer_id in self.others:
            after += list(self.offers or ())
        return tuple(sorted(set(after) - {offer_id}))

    def _of(self, candidates: Candidates, others: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        log, where, span = past_contacts(candidates), Scope(offers=others), check_span(self.within, "within")
        refused, ends = np.zeros(len(candidates.spine), dtype=bool), np.full(len(candidates.spine), _NEVER)
        unknown = np.zeros(len(refused), dtype=bool)
        for outcome in self._asked():
            times = log.last(self.by, outcome, where, self.within, answer_within=self.answer_within)
            there = ~np.isnat(times)
            refused |= there
            # An answer may come at any time, and go on refusing.
            unknown |= there & (outcome == c.PENDING or span is None)
            ends = np.fmax(ends, first_after(times, span))
        return refused[:, None, None], np.where(unknown, _NEVER, ends)[:, None, None]

    def _does(self) -> str:
        return "refuse"

    def _after_what(self) -> str:
        given = ", ".join(outcome or MADE for outcome in self._asked())
        within = "" if self.within == ALL else f" within {self.within}"
        both = " and the other way round" if self.mutual else ""
        whose = "" if self.by == "customer" else f" per {self.by}"
        return f" after {', '.join(self.others)} ({given}){within}{whose}{both}"
