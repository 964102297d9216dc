"""One thing that can be offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.numbers import check_number
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

    Raises
    ------
    InputError
        If the id is empty or reserved, a number is not finite, or the validity ends before it begins.

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
        self._set_validity(what)
        channels = (self.channels,) if isinstance(self.channels, str) else self.channels
        if not isinstance(channels, Sequence) or not all(isinstance(channel, str) for channel in channels):
            raise InputError(f"channels of {what} must be texts such as ('email', 'phone'); got {channels!r}.")
        channels = tuple(channels)
        object.__setattr__(self, "channels", channels)

    def _set_numbers(self, what: str) -> None:
        check_number(self.value, f"value of {what}", "a number", lambda given: -_LARGEST <= given <= _LARGEST)
        names = ("cost",) if self.capacity is None else ("cost", "capacity")
        for name in names:
            check_number(getattr(self, name), f"{name} of {what}", "0 or more", lambda given: 0 <= given <= _LARGEST)
        for name in ("value", *names):
            object.__setattr__(self, name, float(getattr(self, name)))

    def _set_validity(self, what: str) -> None:
        for name in ("valid_from", "valid_until"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, check_time(getattr(self, name), f"{name} of {what}"))
        if self.valid_from is not None and self.valid_until is not None and self.valid_until <= self.valid_from:
            raise InputError(
                f"valid_until of {what} must be after valid_from; got {self.valid_until} <= {self.valid_from}."
            )
