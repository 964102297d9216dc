"""What a run may see of past decisions, with when each was answered."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.moments import NEVER, moments
from nbo.features.past import Past
from nbo.tables import TableColumns

__all__ = ["ANSWERED_AT", "SILENT_AT", "AnsweredPast"]

ANSWERED_AT: Final = "answered_at"
SILENT_AT: Final = "silent_at"


class AnsweredPast(Past):
    """What a run may see of past decisions, with when each was answered.

    The table `decisions` has two more columns: `answered_at`, when an accept or a reject was first known, and
    `silent_at`, when a recorded ``no_answer`` was; missing where there is none.

    Parameters
    ----------
    tables : CustomerTables
    spine : Spine

    Examples
    --------
    >>> from nbo.tables import CustomerTables, Spine
    >>> decisions = pd.DataFrame({"decision_id": ["d"], "customer_id": ["ann"], "offer_id": ["card"]})
    >>> answers = pd.DataFrame({"decision_id": ["d"], "outcome": ["accept"], "outcome_at": ["2026-06-02"]})
    >>> tables = CustomerTables(decisions=decisions.assign(decided_at="2026-06-01"), outcomes=answers)
    >>> AnsweredPast(tables, Spine.at("2026-06-30", ["ann"])).table("decisions")["answered_at"].dt.day.tolist()
    [2]
    """

    def _joined(self, name: str, table: TableColumns) -> TableColumns:
        joined = super()._joined(name, table)
        if name != "decisions":
            return joined
        columns = {ANSWERED_AT: lambda: self._answer_times[0], SILENT_AT: lambda: self._answer_times[1]}
        return joined.replaced(**columns)

    @cached_property
    def _answer_times(self) -> tuple[pd.Series, pd.Series]:
        """When each decision was first answered, and when its silence was recorded."""
        decisions, outcomes = self._tables.columns("decisions"), self._tables.columns("outcomes")
        if not len(decisions) or not len(outcomes):
            nothing = pd.Series(np.full(len(decisions), np.datetime64("NaT", "us")))
            return nothing, nothing
        ids = pd.Index(decisions[c.DECISION_ID])
        # A decision that stands twice has one answer.
        asked = ids if ids.is_unique else ids.unique()
        answered = asked.get_indexer(pd.Index(outcomes[c.DECISION_ID]))
        decision = slice(None) if asked is ids else asked.get_indexer(ids)
        codes = outcomes.codes(c.OUTCOME)
        silent = codes.having((c.NO_ANSWER,))[codes.codes]
        seen = np.maximum(*moments(outcomes))
        first = [_first_times(seen, answered, (answered >= 0) & which, len(asked)) for which in (~silent, silent)]
        return pd.Series(first[0][decision]), pd.Series(first[1][decision])


def _first_times(times: np.ndarray, owner: np.ndarray, which: np.ndarray, n_owners: int) -> np.ndarray:
    found = np.full(n_owners, NEVER)
    np.minimum.at(found, owner[which], times[which])
    return np.where(found == NEVER, np.datetime64("NaT", "us"), found.view("datetime64[us]"))
