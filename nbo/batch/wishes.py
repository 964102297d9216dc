"""What a batch job is asked for beside its model, its rows and its moment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import le
from typing import Any

import numpy as np

from nbo.arbitration import Limit
from nbo.errors import InputError
from nbo.experiments import Arms
from nbo.numbers import check_number
from nbo.policies import Policy

__all__ = ["Wishes"]


@dataclass(frozen=True)
class Wishes:
    """What a batch job is asked for beside its model, its rows and its moment.

    Parameters
    ----------
    limits : sequence of Limit, default=()
        Capacities, budgets and minimums of the whole run.
    slots : int, default=1
        Most offers of a customer.
    arms : Arms, optional
        An experiment.
    business_as_usual : Policy, optional
        Decides for that arm.
    reasons : int, default=0
        How many reasons of its propensity each decision tells.

    Raises
    ------
    InputError
        If one of them is not of its kind.
    """

    limits: Sequence[Limit] = ()
    slots: int = 1
    arms: Arms | None = None
    business_as_usual: Policy | None = None
    reasons: int = 0

    def __post_init__(self) -> None:
        limits = [self.limits] if isinstance(self.limits, Limit) else list(self.limits)
        object.__setattr__(self, "limits", tuple(limits))
        wrong = [limit for limit in limits if not isinstance(limit, Limit)]
        if wrong:
            raise InputError(f"limits must be Limit objects; got {wrong[0]!r:.100}.")
        for what, kind in (("arms", Arms), ("business_as_usual", Policy)):
            given = getattr(self, what)
            if given is not None and not isinstance(given, kind):
                raise InputError(f"{what} must be of nbo's {kind.__name__}; got {given!r:.100}.")
        for what, least in (("slots", 1), ("reasons", 0)):
            allowed = f"a whole number, {least} or more"
            number = check_number(getattr(self, what), what, allowed, partial(le, least), whole=True)
            object.__setattr__(self, what, int(number))

    def told(self) -> dict[str, Any]:
        """Say them as JSON values, for the plan: another wish is another job."""
        return {
            "limits": [_told(limit) for limit in self.limits],
            "slots": self.slots,
            "arms": None if self.arms is None else self.arms.to_dict(),
            "business_as_usual": None if self.business_as_usual is None else _digest(self.business_as_usual.to_state()),
            "reasons": self.reasons,
        }


def _told(limit: Limit) -> dict[str, Any]:
    """Say a limit; of what it has for each customer, the checksum."""
    said = {name: _plain(value) for name, value in vars(limit).items() if value is not None}
    return {name: value if np.ndim(value) == 0 or len(value) <= 100 else _digest(value) for name, value in said.items()}


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else np.asarray(value).tolist()


def _digest(value: Any) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
