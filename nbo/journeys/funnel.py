"""The stages that a customer passes, and what leads into each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nbo.errors import InputError
from nbo.numbers import check_number

__all__ = ["FUNNEL", "Stage", "check_stages"]


@dataclass(frozen=True)
class Stage:
    """One stage of the way, and what leads into it.

    Parameters
    ----------
    name : str
    events : tuple of str, default=()
        Types of events that lead into it.
    purchases : int, optional
        The number of purchases that leads into it, 1 or more.

    Notes
    -----
    A stage with neither is entered by anything that a customer does.

    Examples
    --------
    >>> Stage("cart", events=("cart", "checkout"))
    Stage(name='cart', events=('cart', 'checkout'), purchases=None)
    """

    name: str
    events: tuple[str, ...] = ()
    purchases: int | None = None


# From the first visit to the second purchase; who has gone quiet has lapsed.
FUNNEL: Final[tuple[Stage, ...]] = (
    Stage("visitor"),
    Stage("engaged", events=("search", "product_view", "download", "chat", "call", "email_click")),
    Stage("cart", events=("cart", "checkout")),
    Stage("customer", purchases=1),
    Stage("repeat", purchases=2),
)


def check_stages(stages: Sequence[Stage], lapsed: str) -> list[Stage]:
    """Refuse stages of which one cannot tell apart what leads into them.

    Parameters
    ----------
    stages : sequence of Stage
        The first one first.
    lapsed : str
        Name of the stage of those who went quiet.

    Returns
    -------
    list of Stage

    Raises
    ------
    InputError
        If there is none, two have one name, or one event or number of purchases leads into two.
    TypeError
        If one is no stage.
    """
    found = list(stages)
    wrong = [stage for stage in found if not isinstance(stage, Stage)]
    if wrong:
        raise TypeError(f"stages must be of Stage; got {wrong[0]!r}.")
    for stage in found:
        if stage.purchases is not None:
            check_number(stage.purchases, f"purchases of {stage.name!r}", "1 or more", lambda n: n >= 1, whole=True)
    names = [*(stage.name for stage in found), lapsed]
    ways = [*(event for stage in found for event in stage.events), *(s.purchases for s in found if s.purchases)]
    if not found or len(set(names)) < len(names) or len(set(ways)) < len(ways):
        raise InputError(
            "stages must be one or more with names of their own, and no event or number of purchases may lead into "
            f"two; got {names} by {ways}."
        )
    return found
