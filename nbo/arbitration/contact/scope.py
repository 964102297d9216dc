"""Which contacts a rule is about: by channel, offer, category or kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches

import numpy as np

from nbo.arbitration.candidates import Candidates
from nbo.errors import InputError
from nbo.tables import Offer

__all__ = ["Scope"]


@dataclass(frozen=True)
class Scope:
    """Which contacts a rule is about; all that is named must hold.

    Parameters
    ----------
    channels, offers, categories, kinds : sequence of str, optional
        Only contacts by these channels, with these offers, with offers of these categories and kinds. By default
        any.

    Raises
    ------
    InputError
        If one is no sequence of texts.

    Examples
    --------
    >>> Scope(channels=["email"], kinds=["discount"]).words
    'of discount by email'
    """

    channels: Sequence[str] | None = None
    offers: Sequence[str] | None = None
    categories: Sequence[str] | None = None
    kinds: Sequence[str] | None = None

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            given = getattr(self, name)
            if given is None:
                continue
            listed = isinstance(given, Sequence) and not isinstance(given, str)
            if not listed or not all(isinstance(text, str) for text in given):
                raise InputError(f"{name} must be a list of texts such as ['a', 'b']; got {given!r}.")
            object.__setattr__(self, name, tuple(given))

    @property
    def words(self) -> str:
        """What is named, such as "of discount by email"; empty for any."""
        offers = [text for given in (self.offers, self.categories, self.kinds) for text in given or ()]
        parts = (("of", offers), ("by", self.channels or ()))
        return " ".join(f"{word} {', '.join(texts)}" for word, texts in parts if texts)

    def holds_offer(self, offer_id: str, category: str | None, kind: str | None) -> bool:
        """Tell whether the scope has an offer."""
        parts = ((self.offers, offer_id), (self.categories, category), (self.kinds, kind))
        return all(wanted is None or value in wanted for wanted, value in parts)

    def has(self, offer: Offer) -> bool:
        """Tell whether the scope has an offer of the catalog."""
        return self.holds_offer(offer.offer_id, offer.category, offer.kind)

    def holds_channel(self, channel: str) -> bool:
        """Tell whether the scope has a channel."""
        return self.channels is None or channel in self.channels

    def mask(self, candidates: Candidates) -> np.ndarray:
        """Mark the offers and ways of a run that it is about.

        Parameters
        ----------
        candidates : Candidates

        Returns
        -------
        ndarray of bool, shape (1, k, m), (1, k, 1), (1, 1, m) or (1, 1, 1)
        """
        self._check_names(candidates)
        mask = np.ones((1, 1, 1), dtype=bool)
        if self.offers is not None or self.categories is not None or self.kinds is not None:
            offers = [self.has(offer) for offer in candidates.catalog]
            mask = mask & np.array(offers, dtype=bool)[None, :, None]
        if self.channels is not None:
            mask = mask & np.array([self.holds_channel(name) for name in candidates.channels], dtype=bool)[None, None]
        return mask

    def _check_names(self, candidates: Candidates) -> None:
        """Refuse a name that nothing has, and that is nearly one that something has: it was misspelt."""
        offers = list(candidates.catalog)
        known: dict[str, set[str]] = {
            "channels": {name for name in candidates.channels if name},
            "offers": set(candidates.catalog.offer_ids),
            "categories": {offer.category for offer in offers if offer.category},
            "kinds": {offer.kind for offer in offers if offer.kind},
        }
        for what, names in known.items():
            for name in getattr(self, what) or ():
                # Names with numbers may be those of another year.
                if name not in names and not any(sign.isdigit() for sign in name):
                    alike = get_close_matches(name, sorted(names), n=1, cutoff=0.7)
                    if alike:
                        raise InputError(f"{what} of a rule: nothing has {name!r}; did you mean {alike[0]!r}?")
