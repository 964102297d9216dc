"""Push or hold back offers by a percentage that the business sets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.rules.conditional import ConditionalRule
from nbo.numbers import check_number

__all__ = ["Lever"]


class Lever(ConditionalRule):
    """Push or hold back offers by a percentage: part of the L of ``P x C x V x L``.

    The percentages of all levers that pull on an offer are added, whether they name it by category, by kind or by
    its id, and ``L = 1 + sum / 100``: 55 multiplies the priority by 1.55, and 55 and 20 together by 1.75 [1]_.
    :func:`~nbo.arbitration.lever_weight` gives the L.

    Parameters
    ----------
    name : str
        Identifies the rule in a playbook.
    percent : float
        -100 or more; 0 says nothing.
    when : str, optional
        Condition; see :class:`~nbo.arbitration.Expression`. By default it always holds; where it is unknown, the
        lever does not pull.
    offers, kinds, categories, channels, reason, valid_from, valid_until, owner, note
        As for :class:`~nbo.arbitration.When`.

    Notes
    -----
    A lever is a wish of the business and no estimate, so it is kept apart from the context weights, which say by
    how much an offer fits better.

    References
    ----------
    .. [1] Pegasystems (2022). Arbitration strategy. Pega Customer Decision Hub user guide, 8.7: issue, group and
       action weights are added, divided by 100 and added to 1.

    Examples
    --------
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> spine, catalog = Spine.at("2026-06-30", ["ann"]), Catalog([Offer("gold", category="cards"), Offer("loan")])
    >>> cards, gold = Lever("cards", 55, categories=["cards"]), Lever("gold month", 20, offers=["gold"])
    >>> candidates = Candidates.of(CustomerTables(), spine, catalog, (cards, gold))
    >>> gold.levers(candidates)["gold month"].ravel().tolist()
    [20.0, 0.0]
    """

    stage = "arbitration"

    def __init__(
        self,
        name: str,
        percent: float,
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
        self.percent = percent
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
        check_number(self.percent, f"percent of {self._called}", "-100 or more", lambda given: -100 <= given < 1e300)
        self._expression("when")

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        return {}

    def levers(self, candidates: Candidates) -> dict[str, np.ndarray]:
        """Tell by how many percent offers are pushed, by reason.

        Parameters
        ----------
        candidates : Candidates

        Returns
        -------
        dict of str to ndarray of float
            Reason -> percent, to be added to those of other levers; each broadcasts to (n, k, m). 0 says nothing.
        """
        self.check()
        met = self._applies(candidates)
        condition = self._expression("when")
        if condition is not None:
            met = met & condition.flags(candidates).true
        return {self.reasons[0]: np.where(met, float(self.percent), 0.0)}

    def _does(self) -> str:
        return f"push by {self.percent:+g} %" + (f" when {self.when}" if self.when else "")
