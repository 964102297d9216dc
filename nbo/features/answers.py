"""What we did as features read it: decisions with the category of their offer, outcomes with their decision."""

from __future__ import annotations

from functools import cached_property, partial
from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.features.keys import content_rank
from nbo.features.moments import NEVER, moments
from nbo.features.slices import reduce_slices
from nbo.tables import TableColumns
from nbo.tables.codes import as_texts

__all__ = ["SUPERSEDED_AT", "answers", "with_categories"]

SUPERSEDED_AT: Final = "superseded_at"
_OF_DECISION: Final = (c.CUSTOMER_ID, c.OFFER_ID, c.CHANNEL, c.CATEGORY, c.DECIDED_AT)


def with_categories(decisions: TableColumns, catalog: TableColumns) -> TableColumns:
    """Add the category of the offer to decisions that do not state it.

    Parameters
    ----------
    decisions, catalog : TableColumns

    Returns
    -------
    TableColumns
    """
    if c.CATEGORY in decisions or c.OFFER_ID not in decisions:
        return decisions
    return decisions.replaced(**{c.CATEGORY: partial(_categories, decisions, catalog)})


def _categories(decisions: TableColumns, catalog: TableColumns) -> pd.Series:
    offers = decisions.codes(c.OFFER_ID)
    known = pd.Series(dtype="str")
    if len(catalog) and c.CATEGORY in catalog:
        stated = pd.Series(as_texts(catalog[c.CATEGORY]).array, index=as_texts(catalog[c.OFFER_ID]).array)
        # An offer that stands twice must not depend on which row comes first.
        known = stated.sort_values()[lambda rows: ~rows.index.duplicated()]
    found = pd.Categorical(known.reindex(offers.texts))
    return pd.Series(
        pd.Categorical.from_codes(np.append(found.codes, -1)[offers.codes], categories=found.categories.astype("str"))
    )


def answers(outcomes: TableColumns, decisions: TableColumns) -> TableColumns:
    """Add to outcomes what they are answers to: customer, offer, channel, category and moment of the decision.

    An outcome counts once it happened and was known, and its decision too. Another outcome of the
    same decision takes its place, at `superseded_at`, as in a ledger: an accept or a reject that of
    a no_answer, else the later that of the earlier, of one moment the one that was known later.

    Parameters
    ----------
    outcomes, decisions : TableColumns

    Returns
    -------
    TableColumns
        The outcomes of decisions that are there, each once.
    """
    if not len(outcomes) or not len(decisions):
        nothing = dict.fromkeys((*_OF_DECISION, SUPERSEDED_AT), _no_values)
        return TableColumns.without_rows("outcomes").replaced(**nothing)
    check_columns(decisions, [c.DECISION_ID, c.CUSTOMER_ID], "decisions")
    check_columns(outcomes, [c.DECISION_ID, c.OUTCOME], "outcomes")
    named = [*outcomes.columns, *(name for name in _OF_DECISION if name in decisions), c.KNOWN_AT, SUPERSEDED_AT]
    names = list(dict.fromkeys(named))

    def join() -> TableColumns:
        joined = _Joined(outcomes, decisions)
        return TableColumns("outcomes", names, len(joined.rows), joined.read)

    return TableColumns.later("outcomes", names, join)


def _no_values() -> pd.Series:
    return pd.Series(dtype="str")


class _Joined:
    """Which outcomes have which decision, and columns of both, each computed when first asked for."""

    def __init__(self, outcomes: TableColumns, decisions: TableColumns) -> None:
        self._outcomes, self._decisions = outcomes, decisions
        firsts, seen = _first_known(decisions)
        place = pd.Index(decisions[c.DECISION_ID].array.take(firsts)).get_indexer(pd.Index(outcomes[c.DECISION_ID]))
        happened, known = moments(outcomes)
        there = np.flatnonzero(place >= 0)
        decision = firsts[place[there]]
        seen = np.maximum(np.maximum(happened, known)[there], seen[decision])
        kept, until = _superseded(outcomes, there, decision, happened[there], seen)
        self.rows, self._decision, self._seen, self._until = there[kept], decision[kept], seen[kept], until

    def read(self, name: str) -> pd.Series:
        if name in (c.KNOWN_AT, SUPERSEDED_AT):
            return self._times[name]
        if name in _OF_DECISION and name in self._decisions:
            return pd.Series(self._decisions[name].array.take(self._decision))
        return pd.Series(self._outcomes[name].array.take(self.rows))

    @cached_property
    def _times(self) -> dict[str, pd.Series]:
        until = np.where(self._until == NEVER, np.datetime64("NaT", "us"), self._until.view("datetime64[us]"))
        return {c.KNOWN_AT: pd.Series(self._seen.view("datetime64[us]")), SUPERSEDED_AT: pd.Series(until)}


def _first_known(decisions: TableColumns) -> tuple[np.ndarray, np.ndarray]:
    """Give the row of each decision that was known first, and when each row was known.

    Should a decision stand twice, one of the future must not say what one of the past was.
    """
    seen = np.maximum(*moments(decisions))
    ids = decisions[c.DECISION_ID]
    if not ids.duplicated().any():
        return np.flatnonzero(ids.notna()), seen
    frame = decisions.frame([name for name in (c.DECISION_ID, *_OF_DECISION) if name in decisions])
    order = np.lexsort((content_rank(TableColumns.of(frame, "decisions"), frame[[c.DECISION_ID]]), seen))
    there = ~(ids.iloc[order].duplicated() | ids.iloc[order].isna()).to_numpy()
    return order[there], seen


def _superseded(
    outcomes: TableColumns, rows: np.ndarray, decision: np.ndarray, happened: np.ndarray, seen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Tell which outcomes to keep, those that stand twice once, and when another took their place."""
    texts, rank = outcomes.codes(c.OUTCOME).alphabet
    said = np.append(rank, -1)[outcomes.codes(c.OUTCOME).codes[rows]]
    weak = np.array([text == c.NO_ANSWER for text in texts] + [True])[said]
    order = np.lexsort((said, seen, happened, ~weak, decision))
    same = [np.diff(part[order], prepend=-1) == 0 for part in (decision, happened, said)]
    order = order[~np.logical_and.reduce(same)]
    # Of those of one decision, each may give way to any behind it, whichever is known first.
    bounds = np.append(np.flatnonzero(np.diff(decision[order], prepend=-1)), len(order))
    end = np.repeat(bounds[1:], np.diff(bounds))
    until = reduce_slices(np.minimum, seen[order], np.arange(1, len(order) + 1), end, NEVER)
    return order, until
