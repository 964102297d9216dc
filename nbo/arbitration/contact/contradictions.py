"""Find decisions that contradict each other, or an open service case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.contact.answered_past import ANSWERED_AT, AnsweredPast
from nbo.arbitration.contact.case_rows import case_conditions
from nbo.checks import check_columns, check_frame
from nbo.features.conditions import rows_where
from nbo.features.moments import NEVER, SINCE_EVER, length
from nbo.features.slices import first_at_or_after, set_out, slice_chunks
from nbo.features.windows import rows_before, still_open
from nbo.tables import Catalog, CustomerTables, Spine
from nbo.times import check_duration

__all__ = ["contradictions"]

_OFFERS, _CASE = "offers differ", "promotion while case open"
_COLUMNS = [c.CUSTOMER_ID, "what", c.DECISION_ID, "other_id", c.OFFER_ID, "other_offer_id", c.CHANNEL, "other_channel",
            c.DECIDED_AT, "other_at"]  # fmt: skip


def contradictions(
    decisions: Any,
    catalog: Catalog,
    outcomes: Any = None,
    cases: Any = None,
    window: str = "14D",
    severity: float | None = 4,
    but: Sequence[str] = ("retention",),
) -> pd.DataFrame:
    """Find decisions that contradict each other, or an open service case.

    Two decisions for a customer contradict each other if they make different offers of one category by different
    channels, the later one while the earlier is open: until it is accepted or rejected, or its window is over. A
    promotion contradicts a grave case of the customer that is open when it is made.

    Parameters
    ----------
    decisions : DataFrame
        Of all channels and departments: decision_id, customer_id, decided_at, offer_id, channel. Where there is a
        column `category`, it is the offer's, also of offers that the catalog does not have.
    catalog : Catalog
        Says category and kind of the offers.
    outcomes : DataFrame, optional
        Answers; without them offers stay open for the whole window.
    cases : DataFrame, optional
        Service cases.
    window : str, default="14D"
        How long an offer stays open without an answer.
    severity : float, optional, default=4
        Cases so grave or more; None: any.
    but : sequence of str, default=("retention",)
        Kinds of offers that contradict no case.

    Returns
    -------
    DataFrame
        customer_id, what ("offers differ" or "promotion while case open"), decision_id, other_id (of the later
        decision, or of the case), offer_id, other_offer_id, channel, other_channel, decided_at, other_at (of the
        later decision, or when the case was opened); in the order of decided_at.

    Raises
    ------
    InputError
        If a column is missing, or the window is no length of time.

    Examples
    --------
    >>> from nbo.tables import Offer
    >>> made = pd.DataFrame({"decision_id": ["a", "b"], "customer_id": "ann", "offer_id": ["card", "loan"]})
    >>> made = made.assign(channel=["email", "phone"], decided_at=["2026-06-01", "2026-06-05"])
    >>> catalog = Catalog([Offer("card", category="money"), Offer("loan", category="money")])
    >>> contradictions(made, catalog)[["customer_id", "what", "decision_id", "other_id"]].values.tolist()
    [['ann', 'offers differ', 'a', 'b']]
    """
    made = check_frame(decisions, "decisions")
    check_columns(made, [c.DECISION_ID, c.CUSTOMER_ID, c.DECIDED_AT, c.OFFER_ID, c.CHANNEL], "decisions")
    given = {"decisions": made[made[c.OFFER_ID] != c.NO_OFFER], "outcomes": outcomes, "cases": cases}
    tables = CustomerTables(**{name: frame for name, frame in given.items() if frame is not None})
    made = _described(tables, catalog)
    parts = [_between_offers(made, length(check_duration(window, "window")))]
    if cases is not None:
        promotions = made[~made[c.KIND].isin(list(but))].reset_index(drop=True)
        parts.append(_with_cases(promotions, tables, severity))
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values([c.DECIDED_AT, c.DECISION_ID, "other_id"], ignore_index=True)[_COLUMNS]


def _described(tables: CustomerTables, catalog: Catalog) -> pd.DataFrame:
    """Add category and kind of the offer, and when it was answered, to decisions."""
    nobody = Spine(pd.DataFrame({c.CUSTOMER_ID: [], c.AS_OF: pd.Series(dtype="datetime64[us]")}))
    answered = AnsweredPast(tables, nobody).table("decisions").times(ANSWERED_AT)
    made, offers = tables.get("decisions"), pd.DataFrame(catalog.to_frame())
    about = offers.set_index(c.OFFER_ID).reindex(columns=[c.CATEGORY, c.KIND]).astype(object)
    category = made[c.OFFER_ID].astype(object).map(about[c.CATEGORY])
    if c.CATEGORY in made:
        category = made[c.CATEGORY].astype(object).where(made[c.CATEGORY].notna(), category)
    kind = made[c.OFFER_ID].astype(object).map(about[c.KIND])
    columns: dict[str, Any] = {c.CATEGORY: category, c.KIND: kind, ANSWERED_AT: answered}
    return made.assign(**columns).reset_index(drop=True)


def _between_offers(made: pd.DataFrame, window: int) -> pd.DataFrame:
    made = made[made[c.CATEGORY].notna()].sort_values([c.DECIDED_AT, c.DECISION_ID])
    group = made.groupby([c.CUSTOMER_ID, c.CATEGORY], sort=False).ngroup().to_numpy()
    order = np.argsort(group, kind="stable")
    made, group = made.iloc[order], group[order]
    times, answered = made[c.DECIDED_AT].to_numpy().astype(np.int64), made[ANSWERED_AT].to_numpy()
    until = np.minimum(times + window, np.where(answered == SINCE_EVER, NEVER, answered))
    after = np.arange(1, len(made) + 1)
    end = first_at_or_after(times, after, np.searchsorted(group, group, side="right"), until + 1)
    offers, channels = made[c.OFFER_ID].to_numpy(dtype=object), made[c.CHANNEL].astype(object).fillna("").to_numpy()
    pairs = []
    for some in slice_chunks(after, np.maximum(end, after)):
        owner, other = set_out(after[some], np.maximum(end, after)[some])
        owner = owner + some.start
        apart = (offers[owner] != offers[other]) & (channels[owner] != channels[other])
        pairs.append(np.column_stack([owner[apart], other[apart]]))
    one, two = np.concatenate([np.empty((0, 2), dtype=np.int64), *pairs]).T
    first, later = made.iloc[one].reset_index(drop=True), made.iloc[two].reset_index(drop=True)
    others = {
        c.DECISION_ID: "other_id",
        c.OFFER_ID: "other_offer_id",
        c.CHANNEL: "other_channel",
        c.DECIDED_AT: "other_at",
    }
    return pd.concat([first, later[list(others)].rename(columns=others)], axis=1).assign(what=_OFFERS)


def _with_cases(promotions: pd.DataFrame, tables: CustomerTables, severity: float | None) -> pd.DataFrame:
    cases = tables.columns("cases")
    spine = promotions[[c.CUSTOMER_ID, c.DECIDED_AT]].rename(columns={c.DECIDED_AT: c.AS_OF})
    history = rows_before(cases, spine)
    history = history.where(rows_where(history, case_conditions(severity, None, None)))
    if c.CLOSED_AT in cases:
        history = still_open(history, cases.times(c.CLOSED_AT))
    owner, position = set_out(*history.bounds("all"))
    rows = history.rows[position]
    ids = cases[c.CASE_ID].array.take(rows) if c.CASE_ID in cases else pd.Series(pd.NA, range(len(rows)), "str")
    found = promotions.iloc[owner].reset_index(drop=True)
    return found.assign(
        what=_CASE, other_id=ids, other_at=cases[c.OPENED_AT].array.take(rows), other_offer_id=None, other_channel=None
    )
