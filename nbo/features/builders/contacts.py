"""Contacts and answers to them, as features count them."""

from __future__ import annotations

from typing import Any, Final

from nbo import columns as c
from nbo.features.answers import SUPERSEDED_AT
from nbo.features.combined import ratio
from nbo.features.conditions import Condition
from nbo.features.feature import Feature, feature_name
from nbo.features.window import Window

__all__ = ["ACCEPTED", "ANSWERED", "OFFERED", "acceptance_rate", "answer", "answered_contacts"]

Conditions = tuple[Condition, ...]
OFFERED: Final[Conditions] = ((c.OFFER_ID, "not in", (c.NO_OFFER,)),)
ACCEPTED: Final[Conditions] = ((c.OUTCOME, c.ACCEPT),)
ANSWERED: Final[Conditions] = ((c.OUTCOME, "in", (c.ACCEPT, c.REJECT)),)


def answer(
    aggregate: str, window: str, pivot: Conditions = (), column: str = "", *, name: str = "", label: str = ""
) -> Feature:
    """Make an aggregate of answers to contacts that no other has taken the place of, by when they came.

    Parameters
    ----------
    aggregate, window, pivot, column, name, label
        As in :meth:`nbo.features.feature.Feature.of`.

    Returns
    -------
    Feature
    """
    said: dict[str, Any] = {"name": name, "label": label, "where": OFFERED, "pivot": pivot}
    return Feature.of("outcomes", aggregate, window, column, open_until=SUPERSEDED_AT, **said)


def answered_contacts(window: str, answered: Conditions, *pivot: Condition) -> Feature:
    """Count the contacts made in a window that have been answered so.

    Parameters
    ----------
    window : str
        Of when the decision was made.
    answered : tuple of conditions
        Such as `ACCEPTED`.
    *pivot : conditions

    Returns
    -------
    Feature
    """
    time: dict[str, Any] = {"time": c.DECIDED_AT, "open_until": SUPERSEDED_AT}
    return Feature.of("outcomes", "count", window, where=(*OFFERED, *answered), pivot=pivot, **time)


def acceptance_rate(window: str, *pivot: Condition, label: str = "") -> Feature:
    """Say which share of the contacts made in a window has been accepted.

    Parameters
    ----------
    window : str
    *pivot : conditions
    label : str, optional
        Put behind the table in the name.

    Returns
    -------
    Feature
        Contacts that nobody has answered yet count too, as not accepted.
    """
    made = Feature.of("decisions", "count", window, where=OFFERED, pivot=pivot)
    about = f" with {pivot[0][0]} = {pivot[0][1]}" if pivot else ""
    meaning = f"Share of the contacts{about} {Window.of(window).words} that have been accepted by then."
    name = feature_name(f"outcomes_{label}" if label else "outcomes", "acceptance_rate", window, pivot=pivot)
    accepted = answered_contacts(window, ACCEPTED, *pivot)
    return ratio(name, accepted, made, meaning, "share", column=c.OUTCOME, pivot=pivot)
