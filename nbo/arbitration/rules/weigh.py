"""Weigh offers by the context that a condition describes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.rules.conditional import ConditionalRule
from nbo.numbers import check_number

__all__ = ["Weigh"]


class Weigh(ConditionalRule):
    """Multiply the priority of offers when a condition holds: the C of ``P x C x V x L``.

    Parameters
    ----------
    name : str
        Identifies the rule in a playbook.
    weight : float
        Factor where the condition holds, 0 or more; elsewhere, and where it is unknown, 1.
    when : str, optional
        Condition; see :class:`~nbo.arbitration.Expression`. By default it always holds.
    offers, kinds, categories, channels, reason, valid_from, valid_until, owner, note
        As for :class:`~nbo.arbitration.When`.

    Notes
    -----
    The weights of several rules are multiplied. In which way an offer comes depends on them, too.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob"], "churn_probability": [0.6, 0.1]})
    >>> spine, catalog = Spine.at("2026-06-30", customers), Catalog([Offer("stay", kind="retention"), Offer("card")])
    >>> leaving = Weigh("about to leave", 2.0, when="churn_probability > 0.5", kinds=["retention"])
    >>> Candidates.of(CustomerTables(customers=customers), spine, catalog, (leaving,)).context_weight
    array([[2., 1.],
           [1., 1.]])
    """

    stage = "arbitration"

    def __init__(
        self,
        name: str,
        weight: float,
        when: str | None = None,
        offers: Sequence[str] | None = None,
        kinds: Sequence[str] | None = None,
        categories: Sequence[str] | None = None,
        channels: Sequence[str] | None = None,
        reason: str | None = None,
        valid_from: str | None = None,
        valid_until: str | None = None,
        owner: str = "",
        note: str = "",
    ) -> None:
        self.name = name
        self.weight = weight
        self.when = when
        self.offers = offers
        self.kinds = kinds
        self.categories = categories
        self.channels = channels
        self.reason = reason
        self.valid_from = valid_from
        self.valid_until = valid_until
        self.owner = owner
        self.note = note

    def check(self) -> None:  # noqa: D102
        self._check_shared()
        check_number(self.weight, f"weight of {self._called}", "0 or more", lambda given: 0 <= given < 1e300)
        self._expression("when")

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        return {}

    def weights(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        self.check()
        met = self._applies(candidates)
        condition = self._expression("when")
        if condition is not None:
            met = met & condition.flags(candidates).true
        return {self.reasons[0]: np.where(met, float(self.weight), 1.0)}

    def _does(self) -> str:
        return f"weigh x {self.weight:g}" + (f" when {self.when}" if self.when else "")
