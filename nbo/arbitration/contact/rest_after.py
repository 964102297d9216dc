"""Leave customers alone after they accepted, rejected or did not answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.contact_log import ENTITIES
from nbo.arbitration.contact.past_contacts import past_contacts
from nbo.arbitration.contact.reasoned import by_reason, named
from nbo.arbitration.contact.scope import Scope
from nbo.arbitration.contact.spans import check_span, first_after, in_window
from nbo.arbitration.rule import Rule
from nbo.checks import check_one_of
from nbo.features.window import ALL
from nbo.numbers import check_number
from nbo.times import check_duration

__all__ = ["RestAfter"]


class RestAfter(Rule):
    """Rest after an accept, a reject or no answer, or after several within a window.

    Parameters
    ----------
    outcome : {"reject", "accept", "no_answer"}, default="reject"
        The answer after which to rest.
    rest : str, default="30D"
        How long from the answer on, or "all": for good.
    n : int, default=1
        Rest after so many such answers, 1 or more.
    window : str, optional
        The first and the last of these answers lie no further apart than this; by default however far.
    what : {"offer", "category", "kind", "all"}, default="offer"
        What rests: the offer answered, its category, its kind, or everything. Answers are counted apart for each.
    by : {"customer", "household", "account"}, default="customer"
        Whose answers count together.
    channels, offers, categories, kinds : list of str, optional
        Only answers to contacts by these channels, with these offers, with offers of these categories and kinds
        count; and only these offers rest.
    same_channels : bool, default=False
        Whether only the contacts by `channels` rest, and not those by others as well.
    answer_within : str, default="14D"
        A contact gets no answer once this time is over, or when that is recorded.

    Notes
    -----
    Reason codes: such as ``contact policy: 30D after 2 reject in 60D per category``. An answer that another took
    the place of does not count; see :meth:`nbo.ledger.Ledger.feedback`.

    Examples
    --------
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> done = pd.DataFrame({"decision_id": ["a"], "customer_id": ["ann"], "offer_id": ["card"]})
    >>> said = pd.DataFrame({"decision_id": ["a"], "outcome": ["reject"], "outcome_at": ["2026-06-26"]})
    >>> tables = CustomerTables(decisions=done.assign(decided_at="2026-06-25"), outcomes=said)
    >>> spine, catalog = Spine.at("2026-06-30", ["ann"]), Catalog([Offer("card"), Offer("loan")])
    >>> candidates = Candidates.of(tables, spine, catalog, (RestAfter("reject", rest="30D"),))
    >>> candidates.eligible.tolist()
    [[False, True]]
    """

    stage = "contact policy"

    def __init__(
        self,
        outcome: str = "reject",
        rest: str = "30D",
        n: int = 1,
        window: str | None = None,
        what: str = "offer",
        by: str = "customer",
        channels: Sequence[str] | None = None,
        offers: Sequence[str] | None = None,
        categories: Sequence[str] | None = None,
        kinds: Sequence[str] | None = None,
        same_channels: bool = False,
        answer_within: str = "14D",
    ) -> None:
        self.outcome = outcome
        self.rest = rest
        self.n = n
        self.window = window
        self.what = what
        self.by = by
        self.channels = channels
        self.offers = offers
        self.categories = categories
        self.kinds = kinds
        self.same_channels = same_channels
        self.answer_within = answer_within

    def check(self) -> None:
        """Check the arguments, as far as that needs no customers.

        Raises
        ------
        InputError
            Names the argument.
        """
        check_one_of(self.outcome, (c.ACCEPT, c.REJECT, c.NO_ANSWER), "outcome")
        check_one_of(self.what, ("offer", c.CATEGORY, c.KIND, ALL), "what")
        check_one_of(self.by, tuple(ENTITIES), "by")
        check_number(self.n, "n", "a whole number of 1 or more", lambda n: n >= 1, whole=True)
        check_span(self.rest, "rest")
        check_span(self.window or ALL, "window")
        check_duration(self.answer_within, "answer_within")
        self._answers  # noqa: B018 -- it checks what it is made of

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        resting = self._resting(candidates)
        return by_reason(candidates, self._reason, ~np.isnat(resting), False, self._rests, self._per)

    def resumes(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        moments = first_after(self._resting(candidates), check_span(self.rest, "rest"))
        return by_reason(candidates, self._reason, moments, np.datetime64("NaT", "us"), self._rests, self._per)

    def _resting(self, candidates: Candidates) -> np.ndarray:
        """Give the last answer whose rest is not over, by customer or by group of each; NaT for none."""
        self.check()
        rest = check_span(self.rest, "rest")
        # A run of answers begins before the rest does.
        back = None if self.n > 1 and self.window is None else check_span(self.window or self.rest, "window")
        reach = ALL if rest is None or back is None else f"{(rest + back) // pd.Timedelta(1, unit='us')}us"
        found = past_contacts(candidates).last(
            self.by, self.outcome, self._answers, reach, self._per, self.answer_within, runs=self.n, within=self.window
        )
        as_of = candidates.as_of if found.ndim == 1 else candidates.as_of[:, None]
        return np.where(in_window(found, as_of, rest), found, np.datetime64("NaT", "us"))

    @property
    def _per(self) -> str | None:
        return None if self.what == ALL else self.what

    @property
    def _answers(self) -> Scope:
        return Scope(self.channels, self.offers, self.categories, self.kinds)

    @property
    def _rests(self) -> Scope:
        return self._answers if self.same_channels else Scope(None, self.offers, self.categories, self.kinds)

    @property
    def _reason(self) -> str:
        answers = self.outcome if self.n == 1 else f"{self.n} {self.outcome}"
        within = f" in {self.window}" if self.window else ""
        return named(f"contact policy: {self.rest} after {answers}{within}", self._answers, self.by, self._per)
