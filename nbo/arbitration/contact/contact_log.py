"""What was done before, as each row of a run may know it."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.answered_past import ANSWERED_AT, SILENT_AT, AnsweredPast
from nbo.arbitration.contact.grouped_times import counts_by_group, times_by_group
from nbo.arbitration.contact.grouping import GROUPINGS, groups_of
from nbo.arbitration.contact.offer_past import OfferPast
from nbo.arbitration.contact.scope import Scope
from nbo.checks import check_one_of
from nbo.features.answers import SUPERSEDED_AT
from nbo.features.builders.circles import Circles, circles_sharing
from nbo.features.builders.linked_rows import LinkedPast
from nbo.features.history import History
from nbo.features.moments import NEVER, SINCE_EVER, length
from nbo.features.past import Past
from nbo.features.slices import set_out
from nbo.features.window import ALL
from nbo.features.windows import still_open
from nbo.tables import CustomerTables, TableColumns
from nbo.times import check_duration

__all__ = ["ENTITIES", "OUTCOMES", "ContactLog"]

#: Whose contacts count together, and the column of the customers that says so.
ENTITIES: Final = {"customer": c.CUSTOMER_ID, "household": c.HOUSEHOLD_ID, "account": c.ACCOUNT_ID}
#: What contacts may be asked for by their answer; None asks for all.
OUTCOMES: Final = (None, c.ACCEPT, c.REJECT, c.NO_ANSWER, c.PENDING)
_ANY: Final = Scope()


class ContactLog:
    """What was done before, as each row of a run may know it.

    Only decisions and outcomes count that happened and were known strictly before the row's moment. A decision to
    make no offer is no contact. Households and accounts are those of the row's moment: all contacts count of
    every customer who is a member then; a customer without one stands alone.

    Make one with :func:`past_contacts`.

    Parameters
    ----------
    candidates : Candidates
        n rows.

    Examples
    --------
    >>> from nbo.tables import Catalog, Offer, Spine
    >>> people = pd.DataFrame({"customer_id": ["ann", "bob"], "household_id": ["h", "h"]})
    >>> done = pd.DataFrame({"decision_id": ["a"], "customer_id": ["ann"], "offer_id": ["card"]})
    >>> tables = CustomerTables(customers=people, decisions=done.assign(decided_at="2026-06-25"))
    >>> log = ContactLog(Candidates.of(tables, Spine.at("2026-06-30", people), Catalog([Offer("card")])))
    >>> log.count("7D").tolist(), log.count("7D", by="household").tolist()
    ([1, 0], [1, 1])
    """

    def __init__(self, candidates: Candidates) -> None:
        self._given = candidates.tables
        self._tables = CustomerTables() if candidates.tables is None else candidates.tables
        self._catalog = candidates.catalog
        self._groupings = {per: groups_of(candidates, per) for per in GROUPINGS}
        self._past = AnsweredPast(self._tables, candidates.spine)
        self._pasts: dict[str, Past] = {"customer": self._past}
        self._histories: dict[Any, History] = {}

    def fits(self, candidates: Candidates) -> bool:
        """Tell whether it is of the same tables and offers."""
        return candidates.tables is self._given and candidates.catalog is self._catalog

    def count(
        self,
        window: str = ALL,
        by: str = "customer",
        outcome: str | None = None,
        where: Scope = _ANY,
        per: str | None = None,
        answer_within: str = "14D",
    ) -> np.ndarray:
        """Count contacts in a window before each row's moment.

        Parameters
        ----------
        window : str, default="all"
            Such as "7D": a contact at t counts when ``as_of - 7D <= t < as_of``.
        by : {"customer", "household", "account", "offer"}, default="customer"
            Whose contacts; "offer": those of each offer with all customers, in the order of the catalog.
        outcome : {"accept", "reject", "no_answer", "pending"}, optional
            Only contacts with this answer; t is when it came (pending: when the contact was made). By default all
            contacts, by when they were made.
        where : Scope, optional
            Which contacts.
        per : {"channel", "offer", "category", "kind"}, optional
            Count them apart, in the order of :func:`groups_of`.
        answer_within : str, default="14D"
            A contact without an answer is pending so long, and then has none.

        Returns
        -------
        ndarray of int, shape (n,), or (n, groups) with `per`; (n, k) or (n, k, groups) by offer

        Raises
        ------
        InputError
            If an argument is not one of these.
        """
        past, history = self._history(by, outcome, where, answer_within)
        low, high = history.bounds(window)
        counts = high - low if per is None else counts_by_group(low, high, *self._groups(history, per))
        return self._spread(past, counts)

    def last(
        self,
        by: str = "customer",
        outcome: str | None = None,
        where: Scope = _ANY,
        window: str = ALL,
        per: str | None = None,
        answer_within: str = "14D",
        nth: int = 1,
        runs: int = 1,
        within: str | None = None,
    ) -> np.ndarray:
        """Find when the last contacts before each row's moment were.

        Parameters
        ----------
        by, outcome, where, window, per, answer_within
            As in :meth:`count`.
        nth : int, default=1
            1 for the last one, 2 for the one before it ...
        runs : int, default=1
            Only contacts that were at least the `runs`-th of their group in the length `within` up to them.
        within : str, optional
            Length of such a run from its first to its last contact; None: any.

        Returns
        -------
        ndarray of datetime64[us], shape as of :meth:`count`
            NaT where there is none.

        Raises
        ------
        InputError
            If an argument is not one of these.
        """
        past, history = self._history(by, outcome, where, answer_within)
        low, high = history.bounds(window)
        if per is None and runs == 1:
            found = np.append(history.times, SINCE_EVER)[np.where(high - low >= nth, high - nth, -1)]
        else:
            groups, n_groups = self._groups(history, per)
            span = None if within is None else length(check_duration(within, "within"))
            found = times_by_group(low, high, groups, n_groups, history.times, nth=nth, runs=runs, within=span)
            found = found[:, 0] if per is None else found
        return self._spread(past, found).view("datetime64[us]")

    @property
    def past(self) -> Past:
        """What the rows of the run may see of all tables."""
        return self._past

    def listed(
        self,
        window: str = ALL,
        by: str = "customer",
        outcome: str | None = None,
        where: Scope = _ANY,
        answer_within: str = "14D",
    ) -> pd.DataFrame:
        """List the contacts that each row may know.

        Parameters
        ----------
        window, by, outcome, where, answer_within
            As in :meth:`count`, but for ``by="offer"``.

        Returns
        -------
        DataFrame
            row (of the run), time, offer_id, category, kind, channel; in the order of the rows, then of time.
        """
        past, history = self._history(by, outcome, where, answer_within)
        owner, position = set_out(*(self._spread(past, bounds) for bounds in history.bounds(window)))
        number = history.codes(c.OFFER_ID)[position]
        offers = history.table.codes(c.OFFER_ID).texts
        known = [(text, *self._about.get(text, (None, None))) for text in offers]
        about = np.array(known, dtype=object).reshape(-1, 3)
        channels = np.full(len(position), None, dtype=object)
        if c.CHANNEL in history.table:
            texts = np.array([*history.table.codes(c.CHANNEL).texts, None], dtype=object)
            channels = texts[history.codes(c.CHANNEL)[position]]
        times = history.times[position].view("datetime64[us]")
        columns = dict(zip((c.OFFER_ID, c.CATEGORY, c.KIND), about[number].T, strict=True))
        return pd.DataFrame({"row": owner, "time": times, **columns, c.CHANNEL: channels})

    def _of(self, by: str) -> Past:
        check_one_of(by, (*ENTITIES, "offer"), "by")
        if by == "offer" and by not in self._pasts:
            self._pasts[by] = OfferPast(self._past, self._catalog.offer_ids)
        elif by not in self._pasts:
            circles, _ = circles_sharing(self._past, ENTITIES[by])
            self._pasts[by] = LinkedPast(self._past, _with_lone(circles, self._past.questions[c.CUSTOMER_ID]))
        return self._pasts[by]

    def _spread(self, past: Past, found: np.ndarray) -> np.ndarray:
        """Give what was found for questions, for circles of them, or for offers, to the rows of the run."""
        if isinstance(past, OfferPast):
            found = past.by_question(found)
        elif past is not self._past:
            found = past.given({"": found})[""]
        return np.asarray(self._past.given({"": found})[""])

    def _history(self, by: str, outcome: str | None, where: Scope, answer_within: str) -> tuple[Past, History]:
        check_one_of(outcome, OUTCOMES, "outcome")
        past = self._of(by)
        within = answer_within if outcome in (c.NO_ANSWER, c.PENDING) else ""
        key = (by, outcome, within)
        if key not in self._histories:
            history = self._answered(past, outcome, within)
            self._histories[key] = history.where(self._made(history, _ANY))
        if where == _ANY:
            return past, self._histories[key]
        if (key, where) not in self._histories:
            history = self._histories[key]
            self._histories[key, where] = history.where(self._made(history, where))
        return past, self._histories[key, where]

    def _answered(self, past: Past, outcome: str | None, within: str) -> History:
        """Give contacts with an answer, by when it came."""
        if outcome is None:
            return past.history("decisions")
        if outcome in (c.ACCEPT, c.REJECT):
            return past.history("outcomes", open_until=SUPERSEDED_AT, where=((c.OUTCOME, outcome),))
        decisions = past.table("decisions")
        silent, answered = _silence(decisions, within), decisions.times(ANSWERED_AT)
        if outcome == c.PENDING:
            ends = np.where(answered == SINCE_EVER, silent, np.minimum(silent, answered))
            return still_open(past.history("decisions"), ends)
        column = pd.Series(np.where(silent == NEVER, SINCE_EVER, silent).view("datetime64[us]"))
        table = decisions.replaced(**{SILENT_AT: lambda: column})
        return still_open(past.history_of(table, SILENT_AT), answered)

    def _made(self, history: History, where: Scope) -> np.ndarray:
        """Mark the contacts of a history that a scope is about."""
        offers = history.table.codes(c.OFFER_ID)
        about = self._about
        wanted = [
            text != c.NO_OFFER and where.holds_offer(text, *about.get(text, (None, None))) for text in offers.texts
        ]
        keep = np.array([*wanted, False], dtype=bool)[history.codes(c.OFFER_ID)]
        if where.channels is None or c.CHANNEL not in history.table:
            return keep if where.channels is None else np.zeros_like(keep)
        channels = history.table.codes(c.CHANNEL).having(where.channels)
        return np.asarray(keep & channels[history.codes(c.CHANNEL)])

    def _groups(self, history: History, per: str | None) -> tuple[np.ndarray, int]:
        """Give the group of each contact of a history, -1 for none, and how many groups there are."""
        if per is None:
            return np.zeros(len(history.rows), dtype=np.int8), 1
        check_one_of(per, GROUPINGS, "per")
        column = c.CHANNEL if per == c.CHANNEL else c.OFFER_ID
        if column not in history.table:
            return np.full(len(history.rows), -1), len(self._groupings[per])
        place = {name: at for at, name in enumerate(self._groupings[per])}
        names = history.table.codes(column).texts
        if per in (c.CATEGORY, c.KIND):
            names = [self._about.get(name, (None, None))[per == c.KIND] or "" for name in names]
        return np.array([*(place.get(name, -1) for name in names), -1])[history.codes(column)], len(place)

    @cached_property
    def _about(self) -> dict[str, tuple[str | None, str | None]]:
        """Category and kind of each offer, also of those that only the table `catalog` still has."""
        frame = self._tables.get("catalog").reindex(columns=[c.OFFER_ID, c.CATEGORY, c.KIND]).astype(object)
        rows = frame.where(frame.notna(), None).itertuples(index=False)
        now = {offer.offer_id: (offer.category, offer.kind) for offer in self._catalog}
        return {**{str(offer): (category, kind) for offer, category, kind in rows}, **now}


def _silence(decisions: TableColumns, within: str) -> np.ndarray:
    """Give when each decision turned out to get no answer: so recorded, or the time for it was over."""
    over = decisions.times(c.DECIDED_AT) + length(check_duration(within, "answer_within"))
    recorded = decisions.times(SILENT_AT)
    return np.where(recorded == SINCE_EVER, over, np.minimum(recorded, over))


def _with_lone(circles: Circles, customers: pd.Series) -> Circles:
    """Make a circle of its own for each question that has none."""
    lone = np.flatnonzero(circles.of < 0)
    of, n = circles.of.copy(), circles.n_circles
    of[lone] = n + np.arange(len(lone))
    members = pd.concat([circles.members.astype(customers.dtype), customers.iloc[lone]], ignore_index=True)
    return Circles(of, np.append(circles.owner, of[lone]), members)
