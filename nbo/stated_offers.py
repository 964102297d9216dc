"""What could have been offered, and with which probability, as the ledger's column `candidates` says it."""

from __future__ import annotations

import json
from typing import Any, Final

__all__ = ["STATED_OFFERS", "stated_offers"]

# What a text must be, for messages.
STATED_OFFERS: Final = 'JSON such as {"card": 0.8, "loan": 0.2}'


def stated_offers(text: Any) -> dict[str, float | None] | None:
    """Read the eligible offers of one decision.

    Parameters
    ----------
    text : str
        JSON: the offers with their probabilities, or a list of them where the probabilities are not known.

    Returns
    -------
    dict of str to float or None
        Probability by offer, None where it is not known. None in place of all where the text says nothing of the kind.

    Examples
    --------
    >>> stated_offers('{"card": 0.8, "loan": 0.2}'), stated_offers('["loan"]')
    ({'card': 0.8, 'loan': 0.2}, {'loan': None})
    >>> stated_offers("card, loan") is None, stated_offers('{"card": 80}') is None
    (True, True)
    """
    if not isinstance(text, str):
        return None
    try:
        given = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    if isinstance(given, list) and all(isinstance(offer, str) for offer in given):
        given = dict.fromkeys(given)
    if not isinstance(given, dict) or not all(map(_is_probability, given.values())):
        return None
    return given


def _is_probability(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and 0 <= value <= 1)
