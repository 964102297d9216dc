"""How often a customer, a household or an account may be contacted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.contact_log import ENTITIES
from nbo.arbitration.contact.grouping import GROUPINGS, groups_of, spread_groups
from nbo.arbitration.contact.in_run import best_of, entity_codes, keep_best
from nbo.arbitration.contact.past_contacts import past_contacts
from nbo.arbitration.contact.reasoned import by_reason, named
from nbo.arbitration.contact.scope import Scope
from nbo.arbitration.contact.spans import check_span, first_after
from nbo.arbitration.rule import Rule
from nbo.checks import check_numbers, check_one_of, check_rows
from nbo.numbers import check_number

__all__ = ["ContactLimit"]


class ContactLimit(Rule):
    """Refuse contacts beyond a number in a rolling window.

    A contact now is refused if there were `at_most` in ``[as_of - window, as_of)`` already. For households and
    accounts the limit holds within the run as well: of the members, only as many as there is room for keep their
    offers, those whose best offer has the highest priority. A customer without a household stands alone.

    Parameters
    ----------
    at_most : int or str, default=2
        Contacts in any window, the one now included; 1 or more. Or a column of the customers, such as
        "wanted_contacts", with what each of them wants: 0 or more, and no limit where missing.
    window : str, default="7D"
        Length of the window, or "all".
    by : {"customer", "household", "account"}, default="customer"
        Whose contacts count together.
    per : {"channel", "offer", "category", "kind"}, optional
        The limit holds for each of these apart. Offers without a category or kind have no such limit.
    channels, offers, categories, kinds : list of str, optional
        Only contacts by these channels, with these offers, with offers of these categories and kinds count, and
        are limited.

    Notes
    -----
    Reason codes: such as ``contact policy: 2 in 7D per household by email``; within the run ``..., others first``.
    If members of a household have different moments or limits in one run, the one with the least room counts for all.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> done = pd.DataFrame({"decision_id": ["a"], "customer_id": ["ann"], "offer_id": ["card"]})
    >>> tables = CustomerTables(decisions=done.assign(decided_at="2026-06-25"))
    >>> spine, rule = Spine.at("2026-06-30", ["ann", "bob"]), ContactLimit(at_most=1)
    >>> candidates = Candidates.of(tables, spine, Catalog([Offer("card")]), (rule,))
    >>> candidates.eligible.ravel().tolist()
    [False, True]
    >>> rule.resumes(candidates)["contact policy: 1 in 7D"].astype(str).ravel().tolist()
    ['2026-07-02T00:00:00.000001', 'NaT']
    """

    stage = "contact policy"

    def __init__(
        self,
        at_most: int | str = 2,
        window: str = "7D",
        by: str = "customer",
        per: str | None = None,
        channels: Sequence[str] | None = None,
        offers: Sequence[str] | None = None,
        categories: Sequence[str] | None = None,
        kinds: Sequence[str] | None = None,
    ) -> None:
        self.at_most = at_most
        self.window = window
        self.by = by
        self.per = per
        self.channels = channels
        self.offers = offers
        self.categories = categories
        self.kinds = kinds

    def check(self) -> None:
        """Check the arguments, as far as that needs no customers.

        Raises
        ------
        InputError
            Names the argument.
        """
        if not isinstance(self.at_most, str):
            check_number(self.at_most, "at_most", "a whole number of 1 or more", lambda n: n >= 1, whole=True)
        check_span(self.window, "window")
        check_one_of(self.by, tuple(ENTITIES), "by")
        check_one_of(self.per, (None, *GROUPINGS), "per")
        self._scope  # noqa: B018 -- it checks what it is made of

    @property
    def reasons(self) -> list[str]:
        """What decisions give as their reason where this rule had its way."""
        return [self._reason] if self.by == "customer" else [self._reason, f"{self._reason}, others first"]

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        full = self._room(candidates) <= 0
        return by_reason(candidates, self._reason, full, False, self._scope, self.per)

    def resumes(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        span, never = check_span(self.window, "window"), np.datetime64("NaT", "us")
        log, limits, room = past_contacts(candidates), self._limits(candidates), self._room(candidates)
        ends = np.full(room.shape, never)
        for limit in np.unique(limits[np.isfinite(limits) & (limits >= 1)]):
            oldest = log.last(self.by, where=self._scope, window=self.window, per=self.per, nth=int(limit))
            own = limits == limit if self.per is None else (limits == limit)[:, None]
            ends = np.where(own, first_after(oldest, span), ends)
        return by_reason(candidates, self._reason, ends, never, self._scope, self.per)

    @property
    def competes(self) -> bool:  # noqa: D102
        return self.by != "customer"

    def surplus(self, candidates: Candidates, priority: np.ndarray) -> dict[str, np.ndarray]:  # noqa: D102
        entity = entity_codes(candidates, ENTITIES[self.by])
        rows = np.flatnonzero(np.bincount(entity)[entity] > 1)
        if self.by == "customer" or not len(rows):
            return {}
        room = self._room(candidates)[rows].reshape(len(rows), -1)
        left = (candidates.codes[rows] == 0) & self._scope.mask(candidates)
        ids = candidates.spine.frame[c.CUSTOMER_ID].iloc[rows]
        late = np.zeros((len(candidates.spine), room.shape[1]), dtype=bool)
        for group in range(room.shape[1]):
            there, best = best_of((left & self._members(candidates, group)).any(axis=2), priority[rows])
            late[rows, group] = ~keep_best(entity[rows], room[:, group], there, best, ids, self._reason)
        late = late[:, 0] if self.per is None else late
        return by_reason(candidates, f"{self._reason}, others first", late, False, self._scope, self.per)

    def room(self, candidates: Candidates) -> np.ndarray:  # noqa: D102
        if self.by != "customer" or self.per is not None:
            # Each offer of a slate is a contact. Of a household or a group one is safe, more might be too many.
            return np.ones(len(candidates.spine))
        return np.maximum(self._room(candidates), 1)

    def _members(self, candidates: Candidates, group: int) -> np.ndarray:
        """Mark the offers and ways of a group."""
        if self.per is None:
            return np.ones((1, 1, 1), dtype=bool)
        one = np.arange(len(groups_of(candidates, self.per)))[None, :] == group
        return spread_groups(candidates, self.per, one, False)

    def _room(self, candidates: Candidates) -> np.ndarray:
        """Give how many more contacts there may be, by customer or by group of each."""
        self.check()
        counts = past_contacts(candidates).count(self.window, self.by, where=self._scope, per=self.per)
        limits = self._limits(candidates)
        return (limits if self.per is None else limits[:, None]) - counts

    def _limits(self, candidates: Candidates) -> np.ndarray:
        """Give the limit of each row; infinite where there is none."""
        if not isinstance(self.at_most, str):
            return np.full(len(candidates.spine), float(self.at_most))
        limits = check_numbers(candidates.column(self.at_most), self.at_most)
        check_rows(limits < 0, limits, self.at_most, "0 or more, or missing")
        return np.where(np.isnan(limits), np.inf, np.floor(limits))

    @property
    def _scope(self) -> Scope:
        return Scope(self.channels, self.offers, self.categories, self.kinds)

    @property
    def _reason(self) -> str:
        return named(f"contact policy: {self.at_most} in {self.window}", self._scope, self.by, self.per)
