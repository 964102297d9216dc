"""Refuse offers by a condition that is written as text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.rules.conditional import ConditionalRule
from nbo.checks import check_one_of
from nbo.errors import InputError

__all__ = ["When"]

# Stages of what must hold: there, what is not known to be fine is refused.
_STRICT = ("consent", "eligibility", "suitability")


class When(ConditionalRule):
    """Refuse offers when a condition holds, or unless one holds.

    Parameters
    ----------
    name : str
        Identifies the rule in a playbook.
    refuse : str, optional
        Condition under which it refuses; see :class:`~nbo.arbitration.Expression`.
    allow_if : str, optional
        Condition without which it refuses. Give either this or `refuse`.
    stage : str, default="eligibility"
        One of ``Rule.STAGES``: eligibility (may get it at all), applicability (makes sense now), suitability (is in
        the customer's interest) ...
    unknown : {"refuse", "allow"}, optional
        What to do where the condition is unknown because a value is missing. By default "refuse" in the stages
        consent, eligibility and suitability, "allow" in the others.
    offers, kinds, categories, channels : list of str, optional
        Only these offers, offers of these kinds, of these categories, and in these channels; what is given must
        all fit. By default every one.
    reason : str, optional
        Reason code in decisions; by default the name.
    valid_from, valid_until : str, optional
        The rule holds at `as_of` when ``valid_from <= as_of < valid_until``.
    owner, note : str, default=""
        Who answers for the rule, and why it is there.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob", "cid"], "age": [30.0, 16.0, None]})
    >>> spine, catalog = Spine.at("2026-06-30", customers), Catalog([Offer("card"), Offer("game")])
    >>> adults = When("adults only", refuse="age < 18", offers=["card"])
    >>> Candidates.of(CustomerTables(customers=customers), spine, catalog, (adults,)).eligible
    array([[ True,  True],
           [False,  True],
           [False,  True]])
    """

    def __init__(
        self,
        name: str,
        refuse: str | None = None,
        allow_if: str | None = None,
        stage: str = "eligibility",
        unknown: str | None = None,
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
        self.refuse = refuse
        self.allow_if = allow_if
        self.stage = stage
        self.unknown = unknown
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
        check_one_of(self.unknown, ("refuse", "allow", None), f"unknown of {self._called}")
        if (self.refuse is None) == (self.allow_if is None):
            given = "neither" if self.refuse is None else "both"
            raise InputError(f"{self._called} must have either refuse or allow_if, a condition; it has {given}.")
        self._expression("refuse")
        self._expression("allow_if")

    @property
    def _refuses_unknown(self) -> bool:
        return self.unknown == "refuse" or (self.unknown is None and self.stage in _STRICT)

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        self.check()
        if (condition := self._expression("refuse")) is not None:
            flags = condition.flags(candidates)
            bad, good = flags.true, flags.false
        elif (condition := self._expression("allow_if")) is not None:
            flags = condition.flags(candidates)
            bad, good = flags.false, flags.true
        met = ~good if self._refuses_unknown else bad
        return {self.reasons[0]: met & self._applies(candidates)}

    def resumes(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        self.check()
        end = self._moment("valid_until")
        return {} if end is None else {self.reasons[0]: np.full((1, 1, 1), end.to_datetime64())}

    def _does(self) -> str:
        condition = f"when {self.refuse}" if self.refuse is not None else f"unless {self.allow_if}"
        return f"refuse {condition} ({'also' if self._refuses_unknown else 'not'} when unknown)"
