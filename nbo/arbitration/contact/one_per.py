"""One decision for each account or household."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.in_run import best_of, entity_codes, keep_best
from nbo.arbitration.rule import Rule
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.tables.codes import as_texts

__all__ = ["OnePer"]


class OnePer(Rule):
    """Serve one contact of each account, or one member of each household, in a run.

    Parameters
    ----------
    by : str, default="account_id"
        Column of the customers that says who belongs together. Who has no value there stands alone.
    choose : str, default="priority"
        Who is served: "priority", the one whose best offer is worth most; or a column of the customers, such as
        "buying_role", whose values stand in `order`.
    order : list of str, default=()
        Values of that column, the preferred one first; all others come behind. Priority decides among equals.

    Notes
    -----
    Reason code: such as ``contact policy: one per account_id``. The customer decides among those of equal priority,
    by a draw that neither the order of the rows nor other accounts change.

    Examples
    --------
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> people = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "account_id": ["a", "a", None]})
    >>> people["buying_role"] = ["user", "decision maker", "user"]
    >>> rule = OnePer(choose="buying_role", order=["decision maker"])
    >>> spine, catalog = Spine.at("2026-06-30", people), Catalog([Offer("card")])
    >>> candidates = Candidates.of(CustomerTables(customers=people), spine, catalog, (rule,))
    >>> rule.surplus(candidates, np.array([[9.0], [1.0], [1.0]]))["contact policy: one per account_id"].ravel().tolist()
    [True, False, False]
    """

    stage = "contact policy"

    def __init__(self, by: str = c.ACCOUNT_ID, choose: str = c.PRIORITY, order: Sequence[str] = ()) -> None:
        self.by = by
        self.choose = choose
        self.order = order

    def check(self) -> None:
        """Check the arguments, as far as that needs no customers.

        Raises
        ------
        InputError
            Names the argument.
        """
        if isinstance(self.order, str) or not all(isinstance(text, str) for text in self.order):
            raise InputError(f"order must be a list of texts such as ['a', 'b']; got {self.order!r}.")

    @property
    def reasons(self) -> list[str]:
        """What decisions give as their reason where this rule had its way."""
        return [f"contact policy: one per {self.by}"]

    def room(self, candidates: Candidates) -> np.ndarray:  # noqa: D102
        return np.ones(len(candidates.spine))

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        return {}

    def surplus(self, candidates: Candidates, priority: np.ndarray) -> dict[str, np.ndarray]:  # noqa: D102
        self.check()
        (reason,), entity = self.reasons, entity_codes(candidates, self.by)
        there, best = best_of(candidates.eligible, priority)
        rows = np.flatnonzero(there & (np.bincount(entity[there], minlength=entity.max(initial=-1) + 1) > 1)[entity])
        late = np.zeros(len(entity), dtype=bool)
        places = _places(-self._tiers(candidates)[rows], best[rows])
        ids = candidates.spine.frame[c.CUSTOMER_ID].iloc[rows]
        one = np.ones(len(rows))
        late[rows] = ~keep_best(entity[rows], one, one > 0, places, ids, reason)
        return {reason: late[:, None, None]}

    def _tiers(self, candidates: Candidates) -> np.ndarray:
        """Give 0 to who is preferred most, 1 to the next ..."""
        if self.choose == c.PRIORITY:
            return np.zeros(len(candidates.spine))
        check_one_of(self.choose, [c.PRIORITY, *candidates.column_names], "choose")
        texts = as_texts(candidates.column(self.choose))
        place = pd.Index(list(self.order)).get_indexer(pd.Index(texts))
        return np.where(place < 0, len(self.order), place).astype(float)


def _places(first: np.ndarray, then: np.ndarray) -> np.ndarray:
    """Rank pairs from 0 on, by their first number, then by their second; equal ones share a rank."""
    order = np.lexsort((then, first))
    new = (first[order][1:] != first[order][:-1]) | (then[order][1:] != then[order][:-1])
    places = np.zeros(len(order))
    places[order[1:]] = np.cumsum(new)
    return places
