"""One way of bringing an offer to a customer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from nbo.errors import InputError
from nbo.numbers import check_number

__all__ = ["Treatment"]


@dataclass(frozen=True)
class Treatment:
    """One way of bringing an offer to a customer: channel, creative, placement and time slot.

    Parameters
    ----------
    channel : str, default=""
        Such as "email"; empty: any.
    creative : str, default=""
        Text or picture, such as "savings hero".
    placement : str, default=""
        Where in the channel, such as "start page, top".
    slot : str, default=""
        When it is sent: a name, or hours of the day such as "09:00-12:00", which quiet hours can read.
    cost : float, default=0.0
        What this way costs beside the cost of the offer, money.
    weight : float, default=1.0
        Context weight: by how much the chance of acceptance is taken to be higher this way.

    Raises
    ------
    InputError
        If a text is none, or a number is not finite or below 0.

    Examples
    --------
    >>> Treatment("email", creative="hero", slot="09:00-12:00").key
    ('email', 'hero', '', '09:00-12:00')
    """

    channel: str = ""
    creative: str = ""
    placement: str = ""
    slot: str = ""
    cost: float = 0.0
    weight: float = 1.0

    def __post_init__(self) -> None:
        for name in ("channel", "creative", "placement", "slot"):
            if not isinstance(getattr(self, name), str):
                raise InputError(f"{name} of a treatment must be text; got {getattr(self, name)!r}.")
        for name in ("cost", "weight"):
            check_number(getattr(self, name), f"{name} of a treatment", "0 or more", lambda given: 0 <= given < 1e300)
            object.__setattr__(self, name, float(getattr(self, name)))

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Channel, creative, placement and slot: what tells two ways apart."""
        return self.channel, self.creative, self.placement, self.slot

    def to_dict(self) -> dict[str, Any]:
        """Give the fields that are not left out, as JSON values."""
        kept = {"cost": 0.0, "weight": 1.0}
        return {name: value for name, value in asdict(self).items() if value != kept.get(name, "")}
