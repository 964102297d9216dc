"""A change reaches more and more customers, and goes back where it harms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.experiments.arm_names import AGENT, BUSINESS_AS_USUAL
from nbo.experiments.arms import Arms
from nbo.experiments.boundaries import sequential_boundaries
from nbo.experiments.rollout_metrics import Goal, Guardrail
from nbo.numbers import check_number
from nbo.states import check_state
from nbo.times import check_time

__all__ = ["Rollout"]

_FORMAT = 1


@dataclass(frozen=True)
class Rollout:
    r"""Bring a change to more customers stage by stage, with rules for going on, holding and going back.

    The customers of a stage stay in all later ones, as :class:`~nbo.experiments.Arms` has it. At the end of each
    stage the treated are compared with those who wait; a stage with all customers has nobody left to compare with,
    and ends without a look. All looks together roll back a change that harms nothing with probability `alpha` at
    most, divided over the guardrails.

    Parameters
    ----------
    name : str
        Of the rollout; names the draw of the customers.
    shares : sequence of float, default=(0.01, 0.05, 0.2, 0.5, 1.0)
        Share of the customers in each stage, rising, in (0, 1].
    min_days : int or sequence of int, default=7
        Days that each stage takes at least.
    min_treated : int or sequence of int, default=1000
        Outcomes of treated customers that must be seen in each stage.
    guardrails : sequence of Guardrail, optional
        What must not be harmed.
    goal : Goal, optional
        What must improve. Where it does not, or is not going to, the change is rolled back.
    alpha : float, default=0.05
        Chance that the looks at all guardrails together call harm what is none, in (0, 1).
    kind : {"pocock", "obrien_fleming"}, default="pocock"
        Shape of the guardrails' boundaries, see :func:`~nbo.experiments.sequential_boundaries`. Pocock's stop early, as
        long as few customers are treated; those of O'Brien and Fleming find a little more in the end.
    treatment : str, default="agent"
        Arm of the change.
    control : str, default="business_as_usual"
        Arm of those who wait.

    Raises
    ------
    InputError
        If shares do not rise, or a number or a name is not allowed.

    Notes
    -----
    A stage that is held is looked at once more when there is more to see. To look every day, use
    :func:`~nbo.experiments.always_valid`.

    Examples
    --------
    >>> plan = Rollout("new engine", (0.05, 0.25, 1.0), guardrails=[Guardrail("margin")])
    >>> plan.schedule("2026-07-01", per_day=10_000)[["share", "starts", "days", "treated", "boundary"]]
       share     starts  days  treated  boundary
    0   0.05 2026-07-01     7     3500  1.829629
    1   0.25 2026-07-08     7    17500  1.901888
    2   1.00 2026-07-15     7    70000       NaN
    """

    name: str
    shares: Sequence[float] = (0.01, 0.05, 0.2, 0.5, 1.0)
    min_days: int | Sequence[int] = 7
    min_treated: int | Sequence[int] = 1000
    guardrails: Sequence[Guardrail] = ()
    goal: Goal | None = None
    alpha: float = 0.05
    kind: str = "pocock"
    treatment: str = AGENT
    control: str = BUSINESS_AS_USUAL

    def __post_init__(self) -> None:
        for what in ("shares", "guardrails"):
            if not isinstance(getattr(self, what), list | tuple):
                raise TypeError(f"{what} must be a list or a tuple; got {getattr(self, what)!r}.")
        shares = tuple(float(check_number(share, "shares", "in (0, 1]", lambda x: 0 < x <= 1)) for share in self.shares)
        if not shares or list(shares) != sorted(set(shares)):
            raise InputError(f"shares must rise from stage to stage; got {list(shares)}.")
        object.__setattr__(self, "shares", shares)
        for what in ("min_days", "min_treated"):
            object.__setattr__(self, what, _each(getattr(self, what), what, len(shares)))
        for part, kind in [*((rail, Guardrail) for rail in self.guardrails), (self.goal, Goal | None)]:
            if not isinstance(part, kind):
                raise TypeError(f"guardrails must be Guardrail objects, and a goal a Goal; got {part!r}.")
        object.__setattr__(self, "guardrails", tuple(self.guardrails))
        check_number(self.alpha, "alpha", "in (0, 1)", lambda share: 0 < share < 1)
        check_one_of(self.kind, ("pocock", "obrien_fleming"), "kind")
        names = [rail.metric for rail in self.guardrails]
        if len(set(names)) < len(names):
            raise InputError(f"guardrails must be of different metrics; got {', '.join(map(repr, names))}.")
        self.arms(1)

    @property
    def looks(self) -> int:
        """Stages that leave somebody to compare with."""
        return sum(share < 1 for share in self.shares)

    def arms(self, stage: int) -> Arms:
        """Give the arms of a stage.

        Parameters
        ----------
        stage : int
            From 1; 0 is before the first.

        Returns
        -------
        Arms

        Raises
        ------
        InputError
            If there is no such stage.
        """
        check_number(stage, "stage", f"0 to {len(self.shares)}", lambda k: 0 <= k <= len(self.shares), whole=True)
        share = self.shares[stage - 1] if stage else 0.0
        return Arms(self.name, {self.treatment: share}, self.control, {self.treatment: 1.0})

    def information(self) -> np.ndarray:
        r"""Give what each look knows, as effective customers: :math:`1 / (1 / n_1 + 1 / n_0)`, summed over stages.

        Returns
        -------
        ndarray of shape (looks,)
            Rising, for the least numbers of treated outcomes.
        """
        shares, treated = np.array(self.shares), np.array(self.min_treated, dtype=float)
        return (treated * (1 - shares))[: self.looks].cumsum()

    def boundaries(self, information: Any = None, *, goal: bool = False) -> np.ndarray:
        """Give what the statistic must cross at each look: to be called harm, or for the goal to be called reached.

        Parameters
        ----------
        information : array-like of shape (m,), optional
            Found at the looks so far: 1 over the squared standard error. By default as planned, at all looks.
        goal : bool, default=False
            Whether of the goal.

        Returns
        -------
        ndarray of shape (m,)
            Standard errors; infinite where a look can find nothing.
        """
        planned = self.information()
        if not len(planned):
            return np.zeros(0)
        rails = self.alpha / max(len(self.guardrails), 1), self.kind
        alpha, kind = (self.goal.alpha, self.goal.kind) if goal and self.goal else rails
        found = planned if information is None else np.asarray(information, dtype=float)
        return sequential_boundaries(found, alpha, 1, kind, planned[: len(found)] / planned[-1])

    def schedule(self, starts: Any, per_day: float, cost: float = 0.0) -> pd.DataFrame:
        """Say when each stage can end at the earliest, how many customers it sees, and what it costs.

        Parameters
        ----------
        starts : str, datetime or Timestamp
            Start of the first stage.
        per_day : float
            Outcomes that come in a day, of all customers.
        cost : float, default=0
            Of one treated outcome, such as of a contact, money.

        Returns
        -------
        DataFrame
            A row for each stage: `stage` (from 1), `share`, `starts`, `earliest_end`, `days`, `treated` and `control`
            (outcomes expected in it), `boundary` (standard errors of harm that roll back, and `goal_boundary` where
            there is a goal; NaN without a look) and `cost`.

        Raises
        ------
        InputError
            If a time or a number is not allowed.
        """
        moment = check_time(starts, "starts")
        check_number(per_day, "per_day", "finite, above 0", lambda n: 0 < n < np.inf)
        check_number(cost, "cost", "finite, 0 or more", lambda money: 0 <= money < np.inf)
        stages = zip(self.shares, _tuple(self.min_days), _tuple(self.min_treated), strict=True)
        days = [max(least, math.ceil(n / (share * per_day) * (1 - 1e-12)), 1) for share, least, n in stages]
        begins = [moment + pd.Timedelta(days=int(sum(days[:k]))) for k in range(len(days))]
        share = np.array(self.shares)
        seen = np.array(days) * per_day
        frame = pd.DataFrame({"stage": range(1, len(days) + 1), "share": share, "starts": begins})
        frame["earliest_end"] = [begin + pd.Timedelta(days=n) for begin, n in zip(begins, days, strict=True)]
        frame = frame.assign(days=days, treated=np.round(seen * share).astype(np.int64))
        frame["control"] = np.round(seen * (1 - share)).astype(np.int64)
        blank = [np.nan] * (len(days) - self.looks)
        frame["boundary"] = [*self.boundaries(), *blank]
        if self.goal is not None:
            frame["goal_boundary"] = [*self.boundaries(goal=True), *blank]
        return frame.assign(cost=frame["treated"] * float(cost))

    def to_dict(self) -> dict[str, Any]:
        """Give what :meth:`from_dict` makes the same rollout of, as JSON values.

        Returns
        -------
        dict
        """
        fields = {**asdict(self), "shares": list(self.shares), "min_days": list(_tuple(self.min_days))}
        fields |= {
            "min_treated": list(_tuple(self.min_treated)),
            "guardrails": [asdict(rail) for rail in self.guardrails],
        }
        return {"experiment": "Rollout", "format": _FORMAT, **fields}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Make a rollout of what :meth:`to_dict` gave.

        Parameters
        ----------
        state : dict

        Returns
        -------
        Rollout

        Raises
        ------
        InputError
            If it is of another kind or format, or altered.
        """
        parts = {"name": str, "shares": list, "min_days": list, "min_treated": list, "guardrails": list, "kind": str}
        state = check_state(state, "experiment", "Rollout", _FORMAT, parts)
        given = {name: state[name] for name in cls.__dataclass_fields__ if name in state}
        try:
            given["guardrails"] = [Guardrail(**rail) for rail in given["guardrails"]]
            given["goal"] = Goal(**given["goal"]) if given.get("goal") else None
        except TypeError as error:
            raise InputError(f"state of Rollout is incomplete or altered: {error}.") from error
        return cls(**given)

    def _repr_html_(self) -> str:
        blank = [np.nan] * (len(self.shares) - self.looks)
        frame = pd.DataFrame({"stage": range(1, len(self.shares) + 1), "share": self.shares})
        frame = frame.assign(
            min_days=self.min_days, min_treated=self.min_treated, boundary=[*self.boundaries(), *blank]
        )
        return frame.to_html(index=False, na_rep="")


def _tuple(values: int | Sequence[int]) -> tuple[int, ...]:
    """Name the type that a field has once it is checked."""
    return values if isinstance(values, tuple) else ()


def _each(values: Any, what: str, n: int) -> tuple[int, ...]:
    """Take one number for all stages, or one for each."""
    each = tuple(values) if isinstance(values, list | tuple) else (values,) * n
    if len(each) != n:
        raise InputError(f"{what} must be one number, or one for each of {n} stages; got {len(each)}.")
    for value in each:
        check_number(value, what, "1 or more", lambda number: number >= 1, whole=True)
    return each
