"""What rules with a condition share: whom it is about, which offers and channels, from when until when."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import pandas as pd

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.contact.scope import Scope
from nbo.arbitration.rule import Rule
from nbo.arbitration.rules.expression import Expression
from nbo.arbitration.rules.known_offers import check_known_offers
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.times import check_time

__all__ = ["ConditionalRule"]

_CONDITIONS = ("refuse", "allow_if", "when")


class ConditionalRule(Rule):
    """Base of rules about some offers and channels, for the customers of a condition, for some time.

    A subclass stores `name`, `offers`, `kinds`, `categories`, `channels`, `valid_from`, `valid_until`, `owner`,
    `note` and, if its refusals or weights shall have another reason than its name, `reason`.
    """

    name: str
    offers: Sequence[str] | None
    kinds: Sequence[str] | None
    categories: Sequence[str] | None
    channels: Sequence[str] | None
    valid_from: str | None
    valid_until: str | None
    reason: str | None
    owner: str
    note: str

    @abstractmethod
    def check(self) -> None:
        """Check the arguments, as far as that needs no customers.

        Raises
        ------
        InputError
            Names the rule and the argument.
        """

    @property
    def reasons(self) -> list[str]:
        """What decisions give as their reason where this rule had its way."""
        return [self.reason or self.name]

    @property
    def reads(self) -> list[str]:
        """Columns of the customers that its condition names."""
        conditions = [self._expression(what) for what in _CONDITIONS if hasattr(self, what)]
        return list(dict.fromkeys(name for one in conditions if one is not None for name in one.names))

    @property
    def words(self) -> str:
        """What the rule does, in words."""
        return f"{self._does()}{self._about()}{self._after_what()}{self._when()}"

    @abstractmethod
    def _does(self) -> str:
        """Say what happens to what the rule is about."""

    def _after_what(self) -> str:
        """Say what else it depends on."""
        return ""

    def _about(self) -> str:
        given = {"offers": self.offers, "of kind": self.kinds, "of category": self.categories, "by": self.channels}
        return "".join(f" {what} {', '.join(texts)}" for what, texts in given.items() if texts)

    def _when(self) -> str:
        start = f" from {self.valid_from}" if self.valid_from else ""
        return start + (f" until {self.valid_until}" if self.valid_until else "")

    @property
    def _called(self) -> str:
        return f"{type(self).__name__} {self.name!r}"

    def _check_shared(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise InputError(f"name of a {type(self).__name__} must be a text, not empty; got {self.name!r}.")
        if self.reason is not None and (not isinstance(self.reason, str) or not self.reason):
            raise InputError(f"reason of {self._called} must be a text or left out; got {self.reason!r}.")
        for what in ("owner", "note"):
            if not isinstance(getattr(self, what), str):
                raise InputError(f"{what} of {self._called} must be a text; got {getattr(self, what)!r}.")
        check_one_of(self.stage, Rule.STAGES, f"stage of {self._called}")
        for what in ("offers", "kinds", "categories", "channels"):
            if getattr(self, what) is not None:
                self._check_texts(what, ", or left out")
        start, end = (self._moment(what) for what in ("valid_from", "valid_until"))
        if start is not None and end is not None and end <= start:
            raise InputError(f"valid_until of {self._called} must be after valid_from; got {end} <= {start}.")

    def _moment(self, what: str) -> pd.Timestamp | None:
        given = getattr(self, what)
        return None if given is None else check_time(given, f"{what} of {self._called}")

    def _expression(self, what: str) -> Expression | None:
        text = getattr(self, what)
        return None if text is None else Expression(text, f"{what} of {self._called}")

    def _check_texts(self, what: str, way_out: str = "") -> None:
        given = getattr(self, what)
        if not isinstance(given, list | tuple) or not given or not all(isinstance(text, str) for text in given):
            raise InputError(f"{what} of {self._called} must be a list of texts{way_out}; got {given!r}.")

    @property
    def _scope(self) -> Scope:
        return Scope(self.channels, self.offers, self.categories, self.kinds)

    def _target(self, candidates: Candidates) -> np.ndarray:
        """Mark what the rule is about, as far as it does not depend on customers; broadcasts to (1, k, m)."""
        check_known_offers(self.offers or (), candidates, f"offers of {self._called}")
        return self._scope.mask(candidates)

    def _in_force(self, candidates: Candidates) -> np.ndarray:
        """Mark the rows at whose moment the rule holds; of shape (n, 1, 1), or (1, 1, 1) where it holds for all."""
        start, end = self._moment("valid_from"), self._moment("valid_until")
        as_of = candidates.as_of[:, None, None]
        holds = np.ones(as_of.shape, dtype=bool)
        if start is not None:
            holds &= as_of >= start.to_datetime64()
        if end is not None:
            holds &= as_of < end.to_datetime64()
        return np.ones((1, 1, 1), dtype=bool) if holds.all() else holds

    def _applies(self, candidates: Candidates) -> np.ndarray:
        """Mark what the rule is about now, whatever its condition says; broadcasts to (n, k, m)."""
        return np.asarray(self._target(candidates) & self._in_force(candidates))
