"""Offer one thing only after another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.contact_log import ENTITIES
from nbo.arbitration.contact.past_contacts import past_contacts
from nbo.arbitration.contact.scope import Scope
from nbo.arbitration.contact.spans import check_span
from nbo.arbitration.rules.conditional import ConditionalRule
from nbo.arbitration.rules.known_offers import check_known_offers
from nbo.arbitration.rules.past_outcomes import MADE, check_outcomes
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.features.window import ALL
from nbo.times import check_duration

__all__ = ["Follows"]

_OUTCOMES = (MADE, c.ACCEPT, c.REJECT, c.NO_ANSWER)


class Follows(ConditionalRule):
    """Offer one thing only after another was made, or answered.

    Parameters
    ----------
    name : str
        Identifies the rule in a playbook.
    offers : list of str
        They are refused until then.
    after : list of str
        One of these must have been.
    wait : str, optional
        At least so long ago, such as "14D": at t with ``t <= as_of - 14D``. By default at any time before `as_of`.
    within : str, default="all"
        And not longer ago than this: ``as_of - within <= t``.
    outcomes : list of str, optional
        What counts: "made" (t is when), "accept", "reject" or "no_answer" (t is when that was the answer). By default
        ``["accept"]``.
    by : {"customer", "household", "account"}, default="customer"
        Whose contacts count: also those of the other members of a household or an account.
    answer_within : str, default="14D"
        A contact without an answer has none once this is over.
    stage : str, default="applicability"
        One of ``Rule.STAGES``.
    reason, valid_from, valid_until, owner, note
        As for :class:`~nbo.arbitration.When`.

    Examples
    --------
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> done = pd.DataFrame({"decision_id": ["a"], "customer_id": ["ann"], "offer_id": ["card"]})
    >>> said = pd.DataFrame({"decision_id": ["a"], "outcome": ["accept"], "outcome_at": ["2026-06-10"]})
    >>> tables = CustomerTables(decisions=done.assign(decided_at="2026-06-09"), outcomes=said)
    >>> rule = Follows("first the card", offers=["gold"], after=["card"], wait="14D")
    >>> spine, catalog = Spine.at("2026-06-30", ["ann", "bob"]), Catalog([Offer("card"), Offer("gold")])
    >>> Candidates.of(tables, spine, catalog, (rule,)).eligible
    array([[ True,  True],
           [ True, False]])
    """

    kinds = categories = channels = None

    def __init__(
        self,
        name: str,
        offers: Sequence[str],
        after: Sequence[str],
        wait: str | None = None,
        within: str = "all",
        outcomes: Sequence[str] | None = None,
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
        self.after = after
        self.wait = wait
        self.within = within
        self.outcomes = outcomes
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
        self._check_texts("after")
        longest = check_span(self.within, f"within of {self._called}")
        check_span(self.answer_within, f"answer_within of {self._called}")
        self._asked()
        check_one_of(self.by, tuple(ENTITIES), f"by of {self._called}")
        if self.wait is None:
            return
        wait = check_duration(self.wait, f"wait of {self._called}")
        if longest is not None and longest < wait:
            raise InputError(f"within of {self._called} must be as long as wait, {self.wait}; got {self.within!r}.")

    def _asked(self) -> list[str | None]:
        given = [c.ACCEPT] if self.outcomes is None else self.outcomes
        return check_outcomes(given, _OUTCOMES, f"outcomes of {self._called}")

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        self.check()
        check_known_offers(self.after, candidates, f"after of {self._called}")
        found = np.zeros(len(candidates.spine), dtype=bool)
        for outcome in self._asked():
            found |= self._count(candidates, outcome, self.within) > self._too_recent(candidates, outcome)
        return {self.reasons[0]: ~found[:, None, None] & self._applies(candidates)}

    def _too_recent(self, candidates: Candidates, outcome: str | None) -> np.ndarray:
        """Count what was less than `wait` ago."""
        # What was exactly so long ago has waited; windows begin with their first microsecond.
        length = 0 if self.wait is None else check_duration(self.wait, "wait") // pd.Timedelta(1, unit="us") - 1
        if not length:
            return np.zeros(len(candidates.spine), dtype=np.int64)
        return self._count(candidates, outcome, f"{length}us")

    def _count(self, candidates: Candidates, outcome: str | None, window: str) -> np.ndarray:
        where = Scope(offers=tuple(self.after))
        log = past_contacts(candidates)
        return log.count(window, self.by, outcome, where, answer_within=self.answer_within)

    def _does(self) -> str:
        return "refuse"

    def _after_what(self) -> str:
        given = ", ".join(outcome or MADE for outcome in self._asked())
        wait = f" {self.wait} ago or longer" if self.wait else ""
        within = "" if self.within == ALL else f", within {self.within}"
        whose = "" if self.by == "customer" else f" per {self.by}"
        return f" unless after {', '.join(self.after)} ({given}){wait}{within}{whose}"
