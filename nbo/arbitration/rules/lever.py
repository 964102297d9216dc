"""Push or hold back offers by a percentage that the business sets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.rules.conditional import ConditionalRule
from nbo.arbitration.rules.kept import kept
from nbo.errors import InputError
from nbo.numbers import check_number

__all__ = ["Lever"]


class Lever(ConditionalRule):
    """Push or hold back offers by a percentage: part of the L of ``P x C x V x L``.

    The percentages of all levers of a run that pull on an offer are added, whether they name it by category, by kind
    or by its id, and ``L = 1 + sum / 100``, but not below 0: 55 multiplies the priority by 1.55, and 55 and 20
    together by 1.75 [1]_.

    Parameters
    ----------
    name : str
        Identifies the rule in a playbook.
    percent : float
        -100 or more; 0 says nothing.
    when : str, optional
        Condition on customers and offers; see :class:`~nbo.arbitration.Expression`. By default it always holds; where
        it is unknown, the lever does not pull.
    offers, kinds, categories, reason, valid_from, valid_until, owner, note
        As for :class:`~nbo.arbitration.When`.

    Notes
    -----
    A lever is a wish of the business and no estimate, so it is kept apart from the context weights, which say by
    how much an offer fits better. The factors of levers are multiplied as those of all rules are; each is by how much
    a lever changes what those before it have made of the priority, so that the product is L.

    References
    ----------
    .. [1] Pegasystems (2022). Arbitration strategy. Pega Customer Decision Hub user guide, 8.7: issue, group and
       action weights are added, divided by 100 and added to 1.

    Examples
    --------
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> spine, catalog = Spine.at("2026-06-30", ["ann"]), Catalog([Offer("gold", category="cards"), Offer("loan")])
    >>> levers = Lever("cards", 55, categories=["cards"]), Lever("gold month", 20, offers=["gold"])
    >>> Candidates.of(CustomerTables(), spine, catalog, levers).lever.round(12).tolist()
    [[1.75, 1.0]]
    """

    stage = "arbitration"
    channels = None

    def __init__(
        self,
        name: str,
        percent: float,
        when: str | None = None,
        offers: Sequence[str] | None = None,
        kinds: Sequence[str] | None = None,
        categories: Sequence[str] | None = None,
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

    def levers(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        factors = kept(candidates, "levers", lambda: _factors(candidates))
        factor = factors.get(id(self))
        return {self.reasons[0]: 1.0 + self._percents(candidates) / 100.0 if factor is None else factor}

    def _percents(self, candidates: Candidates) -> np.ndarray:
        """Tell by how many percent it pulls; broadcasts to (n, k)."""
        self.check()
        met = self._applies(candidates)
        condition = self._expression("when")
        if condition is not None:
            met = met & condition.flags(candidates).true
        if met.shape[2] > 1:
            raise InputError(f"when of {self._called} must be about customers and offers; it depends on the way.")
        return np.where(met[:, :, 0], float(self.percent), 0.0)

    def _does(self) -> str:
        return f"push by {self.percent:+g} %" + (f" when {self.when}" if self.when else "")


def _factors(candidates: Candidates) -> dict[int, np.ndarray]:
    """Give each lever's factor, by identity, so that their product is L."""
    levers = [rule for rule in candidates.rules if isinstance(rule, Lever)]
    for lever in levers:
        lever.check()
    # Those that push come first: from there on the sum only falls, and what has come to 0 stays there.
    levers.sort(key=lambda lever: lever.percent < 0)
    factors, total, before = {}, np.zeros((1, 1)), np.ones((1, 1))
    for lever in levers:
        total = total + lever._percents(candidates)
        after = np.maximum(1.0 + total / 100.0, 0.0)
        factors[id(lever)] = np.divide(after, before, out=np.ones(after.shape), where=before > 0)
        before = after
    return factors
