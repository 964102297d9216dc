"""One thing that can be offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.tables.treatment import Treatment
from nbo.times import check_time

__all__ = ["Offer"]

_LARGEST = np.finfo(float).max


@dataclass(frozen=True)
class Offer:
    """One thing that can be offered to a customer.

    Parameters
    ----------
    offer_id : str
        Identifies the offer. Not ``"no_offer"``, which is the action of making none.
    value : float, default=0.0
        Margin if it is accepted, money.
    cost : float, default=0.0
        Cost of making the offer, accepted or not, money.
    channels : tuple of str, default=()
        Channels that can carry it, the preferred one first. Empty: any.
    name : str, default=""
        What people call it.
    category, kind : str, optional
        Product category; discount, bundle, retention ...
    valid_from, valid_until : Timestamp or str, optional
        It can be made at `as_of` when ``valid_from <= as_of < valid_until``.
    customer_type : {"consumer", "business"}, optional
        Only for these customers.
    capacity : float, optional
        How many can be accepted in all.
    products : tuple of str, default=()
        Product ids that it sells; empty: none that a customer could own already.
    bundle : {"fixed", "flexible"}, optional
        How several products are sold together. A fixed bundle is sold whole, and to nobody who owns a part; a
        flexible one is cut down to what a customer does not own, if that is at least two products.
    subsidy : float, default=0.0
        What accepting gives away, such as a discount, to those, too, who would have bought anyway; money.
    clv_change : float, default=0.0
        By how much accepting changes the customer's lifetime value, money.
    treatments : tuple of Treatment, default=()
        Ways of bringing it, the preferred one first; by default one for each channel.

    Raises
    ------
    InputError
        If the id is empty or reserved, a number is not finite, the validity ends before it begins, a bundle has
        fewer than two products, or the channels are not those of the treatments.

    Examples
    --------
    >>> Offer("card", value=40.0, cost=1.0, channels=("email", "phone")).channels
    ('email', 'phone')
    """

    offer_id: str
    value: float = 0.0
    cost: float = 0.0
    channels: tuple[str, ...] = ()
    name: str = ""
    category: str | None = None
    kind: str | None = None
    valid_from: pd.Timestamp | None = None
    valid_until: pd.Timestamp | None = None
    customer_type: str | None = None
    capacity: float | None = None
    products: tuple[str, ...] = ()
    bundle: str | None = None
    subsidy: float = 0.0
    clv_change: float = 0.0
    treatments: tuple[Treatment, ...] = ()

    def __post_init__(self) -> None:
        what = f"offer {self.offer_id!r}"
        if not isinstance(self.offer_id, str) or not self.offer_id:
            raise InputError(f"offer_id must be text, not empty; got {self.offer_id!r}.")
        if self.offer_id == c.NO_OFFER:
            raise InputError(
                f"offer_id {c.NO_OFFER!r} is reserved for making no offer; it needs no row in the catalog."
            )
        self._set_numbers(what)
        if self.customer_type is not None:
            check_one_of(self.customer_type, ("consumer", "business"), f"customer_type of {what}")
        for name in ("category", "kind"):
            if getattr(self, name) is not None and not isinstance(getattr(self, name), str):
                raise InputError(f"{name} of {what} must be a text; got {getattr(self, name)!r}.")
        self._set_validity(what)
        object.__setattr__(self, c.CHANNELS, self._texts(c.CHANNELS, what, "('email', 'phone')"))
        object.__setattr__(self, c.PRODUCTS, self._texts(c.PRODUCTS, what, "('card', 'loan')"))
        self._check_bundle(what)
        self._set_treatments(what)

    def _texts(self, name: str, what: str, example: str) -> tuple[str, ...]:
        given = getattr(self, name)
        given = (given,) if isinstance(given, str) else given
        if not isinstance(given, Sequence) or not all(isinstance(text, str) for text in given):
            raise InputError(f"{name} of {what} must be texts such as {example}; got {given!r}.")
        broken = [text for text in given if not text or "|" in text or text != text.strip()]
        if broken:
            raise InputError(
                f"{name} of {what} must be texts without '|', and not empty or with blanks around; got {broken[0]!r}."
            )
        return tuple(given)

    def _check_bundle(self, what: str) -> None:
        if self.bundle is None:
            return
        check_one_of(self.bundle, ("fixed", "flexible"), f"bundle of {what}")
        if len(set(self.products)) < 2:
            raise InputError(f"{what} is a bundle and must have two products or more; got {self.products!r}.")

    def _set_treatments(self, what: str) -> None:
        given = (self.treatments,) if isinstance(self.treatments, Treatment) else tuple(self.treatments)
        wrong = [way for way in given if not isinstance(way, Treatment)]
        if wrong:
            raise InputError(f"treatments of {what} must be Treatment objects; got {wrong[0]!r}.")
        twice = [way.key for at, way in enumerate(given) if way.key in {other.key for other in given[:at]}]
        if twice:
            raise InputError(f"treatments of {what} must differ; {twice[0]!r} stands twice.")
        if len(given) > 1 and any(not any(way.key) for way in given):
            raise InputError(f"treatments of {what} must each say a channel, creative, placement or slot.")
        channels = tuple(dict.fromkeys(way.channel for way in given if way.channel))
        if given and self.channels and set(self.channels) != set(channels):
            raise InputError(
                f"channels of {what} are {self.channels!r}, those of its treatments {channels!r}. Leave channels out."
            )
        object.__setattr__(self, "treatments", given)
        object.__setattr__(self, c.CHANNELS, channels if given else self.channels)

    @cached_property
    def ways(self) -> tuple[Treatment, ...]:
        """Treatments, or one for each channel; one that fits any channel if there are neither."""
        return self.treatments or tuple(Treatment(channel) for channel in self.channels) or (Treatment(),)

    def _set_numbers(self, what: str) -> None:
        check_number(self.value, f"value of {what}", "a number", lambda given: -_LARGEST <= given <= _LARGEST)
        check_number(self.clv_change, f"clv_change of {what}", "a number", lambda given: abs(given) <= _LARGEST)
        names = ("cost", "subsidy") if self.capacity is None else ("cost", "subsidy", "capacity")
        for name in names:
            check_number(getattr(self, name), f"{name} of {what}", "0 or more", lambda given: 0 <= given <= _LARGEST)
        for name in ("value", "clv_change", *names):
            object.__setattr__(self, name, float(getattr(self, name)))

    def _set_validity(self, what: str) -> None:
        for name in ("valid_from", "valid_until"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, check_time(getattr(self, name), f"{name} of {what}"))
        if self.valid_from is not None and self.valid_until is not None and self.valid_until <= self.valid_from:
            raise InputError(
                f"valid_until of {what} must be after valid_from; got {self.valid_until} <= {self.valid_from}."
            )
