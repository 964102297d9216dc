"""The same message on all channels while an offer is open."""

from __future__ import annotations

import numpy as np

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.contact_log import ENTITIES
from nbo.arbitration.contact.past_contacts import past_contacts
from nbo.arbitration.contact.reasoned import named
from nbo.arbitration.contact.scope import Scope
from nbo.arbitration.contact.spans import first_after
from nbo.arbitration.rule import Rule
from nbo.checks import check_one_of
from nbo.times import check_duration

__all__ = ["OneVoice"]


class OneVoice(Rule):
    """Keep other offers of a category off other channels while one of it is open.

    An offer is open from when it is made until it is accepted or rejected, or its window is over. Until then the
    same offer may come by any channel, and another one of its category only by the channel that carries it.

    Parameters
    ----------
    window : str, default="14D"
        How long an offer stays open without an answer.
    by : {"customer", "household", "account"}, default="customer"
        Who hears one voice.

    Notes
    -----
    Reason code: such as ``contact policy: one voice for 14D``. Offers without a category contradict no other.
    :func:`contradictions` finds in a log what this rule keeps from happening.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> done = pd.DataFrame({"decision_id": ["a"], "customer_id": ["ann"], "offer_id": ["card"], "channel": ["email"]})
    >>> ways = {"category": "money", "channels": ("email", "phone")}
    >>> catalog = Catalog([Offer("card", **ways), Offer("loan", **ways)])
    >>> tables, spine = CustomerTables(decisions=done.assign(decided_at="2026-06-25")), Spine.at("2026-06-30", ["ann"])
    >>> candidates = Candidates.of(tables, spine, catalog, (OneVoice(),))
    >>> candidates.channels, (candidates.codes == 0).tolist()
    (['email', 'phone'], [[[True, True], [True, False]]])
    """

    stage = "contact policy"

    def __init__(self, window: str = "14D", by: str = "customer") -> None:
        self.window = window
        self.by = by

    def check(self) -> None:
        """Check the arguments, as far as that needs no customers.

        Raises
        ------
        InputError
            Names the argument.
        """
        check_duration(self.window, "window")
        check_one_of(self.by, tuple(ENTITIES), "by")

    def room(self, candidates: Candidates) -> np.ndarray:  # noqa: D102
        return np.ones(len(candidates.spine))

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        mask = np.zeros(candidates.shape, dtype=bool)
        for rows, _, against in self._open(candidates):
            mask[rows] |= against
        return {self._reason: mask}

    def resumes(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        ends = np.full(candidates.shape, np.iinfo(np.int64).min)
        span = check_duration(self.window, "window")
        for rows, times, against in self._open(candidates):
            until = first_after(times, span).astype(np.int64)[:, None, None]
            ends[rows] = np.where(against & (until > ends[rows]), until, ends[rows])
        return {self._reason: ends.view("datetime64[us]")}

    def _open(self, candidates: Candidates) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Give, for each offer and channel, who has it open, since when, and what it speaks against (k, m)."""
        self.check()
        found = past_contacts(candidates).listed(by=self.by, outcome=c.PENDING, answer_within=self.window)
        found = found[found[c.CATEGORY].notna()]
        categories = np.array([offer.category for offer in candidates.catalog], dtype=object)
        offers, channels = np.array(candidates.catalog.offer_ids), np.array(candidates.channels, dtype=object)
        opened = []
        # A contact by a channel that is not known is on another one than any.
        found = found.assign(**{c.CHANNEL: found[c.CHANNEL].fillna("")})
        for (category, offer, channel), group in found.groupby([c.CATEGORY, c.OFFER_ID, c.CHANNEL]):
            # Of several contacts the last one holds longest, and groups keep the order of time.
            last = group.drop_duplicates("row", keep="last")
            others = (categories == category) & (offers != offer)
            elsewhere = (channels != channel) | (channels == "")
            opened.append((last["row"].to_numpy(), last["time"].to_numpy(), others[:, None] & elsewhere))
        return opened

    @property
    def _reason(self) -> str:
        return named(f"contact policy: one voice for {self.window}", Scope(), self.by)
