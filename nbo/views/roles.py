"""Who may see what on the card of a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nbo import columns as c
from nbo.errors import InputError

__all__ = ["PERSONAL", "ROLES", "hidden_from"]

# What tells who somebody is: the person, how to reach it, who belongs to it, and what was written freely.
PERSONAL: Final[tuple[str, ...]] = (
    c.NAME, c.BIRTH_DATE, c.AGE, c.GENDER, "location", "city", "region", "country", c.POSTCODE,
    "email", "phone", "address", "street",
    c.HOUSEHOLD_ID, c.ACCOUNT_ID, c.REFERRED_ID, c.RELATED_ID,
    "text", "comment", "note", "message",
)  # fmt: skip
# What the relation is worth to us, and what we think of the customer.
_OURS: Final[tuple[str, ...]] = (
    "spent", "returned", "net", c.MARGIN, c.COST_TO_SERVE, c.CLV, c.AMOUNT, c.CHURN_PROBABILITY, c.SEGMENT, "mood",
    c.SATISFACTION, c.SENTIMENT, c.SCORE, c.PROPENSITY, c.VALUE, c.PRIORITY, c.REASON, "converted_value", "stage",
    "next_stage", "expected_now", "pains",
)  # fmt: skip
ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "agent": (),
    "analyst": PERSONAL,
    "partner": (*PERSONAL, *_OURS),
}


def hidden_from(role: str | None, roles: Mapping[str, Sequence[str]] = ROLES) -> set[str]:
    """Give the fields that a role may not see.

    Parameters
    ----------
    role : str or None
        None may see all.
    roles : mapping of str to sequence of str, default=ROLES
        Role -> fields and columns that it may not see. By default an agent sees all, an analyst nothing personal, and a
        partner neither that nor what the customer is worth to us.

    Returns
    -------
    set of str

    Raises
    ------
    InputError
        If there is no such role.

    Examples
    --------
    >>> sorted(hidden_from("analyst", {"analyst": ["name", "birth_date"]}))
    ['birth_date', 'name']
    """
    if role is None:
        return set()
    if role not in roles:
        raise InputError(f"role must be one of {', '.join(map(repr, roles))}, or None; got {role!r}.")
    return set(roles[role])
