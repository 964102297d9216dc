"""Customers go into the arms of an experiment by a hash, for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.experiments.arm_names import OUTSIDE
from nbo.experiments.balance import balanced_positions
from nbo.experiments.lanes import check_shares, lanes_of
from nbo.experiments.units import segments_of, unit_keys
from nbo.numbers import check_number
from nbo.rng import uniform_by_key
from nbo.states import check_state

__all__ = ["Arms"]

_FORMAT = 1


@dataclass(frozen=True)
class Arms:
    """Put each customer into an arm by a hash of the customer and the experiment's name.

    A customer's arm does not depend on who else is asked about, on the order, the partition, the machine, or on other
    experiments. Each arm has a lane of the unit interval and takes the customers whose hash lies in the first
    part of its lane, as wide as its share. So an arm whose share is raised keeps the customers that it has.

    Parameters
    ----------
    name : str
        Of the experiment; another name puts other customers into the arms.
    shares : mapping of str to float
        Share of the customers in each arm, in [0, 1], at most 1 together.
    rest : str, default="outside"
        Arm of all other customers. Here it is the arm that shrinks when others are raised.
    ceilings : mapping of str to float, optional
        Largest share that an arm may ever get: the width of its lane. By default the arms divide what is left
        in proportion to their shares.
    by_segment : mapping of str to (mapping of str to float), optional
        Shares in a segment that differ from `shares`, such as a smaller holdout among the most valuable customers.
        An arm that is not named there has its share of `shares`.
    layer : str, optional
        Experiments of one layer exclude each other: each has its own customers, see
        :func:`~nbo.experiments.exclusive_layer`. Experiments of different layers, or of none, are independent.
    within : (float, float), default=(0, 1)
        Which of the layer's customers it has: those whose hash by the layer is in [low, high).

    Raises
    ------
    InputError
        If a share is not in [0, 1], shares or ceilings are above 1 together, an arm has a share above its ceiling, or
        names are missing or used twice.

    Notes
    -----
    Make a changed experiment by :meth:`ramp`, which keeps the lanes. A new one with other shares has other lanes.

    Examples
    --------
    >>> arms = Arms("spring", {"holdout": 0.05, "control": 0.05}, rest="agent")
    >>> found = arms.assign(range(100_000))
    >>> {arm: round(float((found == arm).mean()), 2) for arm in ("agent", "control", "holdout")}
    {'agent': 0.9, 'control': 0.05, 'holdout': 0.05}
    >>> more = arms.ramp({"control": 0.2}).assign(range(100_000))
    >>> bool((more[found == "control"] == "control").all())
    True
    """

    name: str
    shares: Mapping[str, float]
    rest: str = OUTSIDE
    ceilings: Mapping[str, float] = field(default_factory=dict)
    by_segment: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    layer: str | None = None
    within: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        for what in ("name", "rest", *(() if self.layer is None else ("layer",))):
            name = getattr(self, what)
            if not isinstance(name, str) or not name:
                raise InputError(f"{what} must be a text that is not empty; got {name!r}.")
        if not isinstance(self.by_segment, Mapping):
            raise InputError(f"by_segment must be a mapping of segments to shares; got {self.by_segment!r}.")
        shares = check_shares(self.shares, "shares")
        if self.rest in shares:
            raise InputError(f"rest must be an arm that has no share, for it takes what is left; got {self.rest!r}.")
        segments = {name: check_shares(own, f"by_segment[{name!r}]") for name, own in self.by_segment.items()}
        ceilings = check_shares(self.ceilings, "ceilings", empty=True)
        # The fields are frozen; copies keep a caller's later changes out.
        for what, own in {"shares": shares, "by_segment": segments, "ceilings": ceilings}.items():
            object.__setattr__(self, what, own)
        object.__setattr__(self, "ceilings", lanes_of(shares, ceilings, segments))
        object.__setattr__(self, "within", _slice(self.within))
        if self.layer is None and self.within != (0.0, 1.0):
            raise InputError(f"within must be (0, 1) where there is no layer; got {self.within}. Name a layer.")

    def assign(self, customer_ids: Any, segments: Any = None, households: Any = None) -> np.ndarray:
        """Give each customer's arm.

        Parameters
        ----------
        customer_ids : array-like of shape (n,)
            Texts or whole numbers; may repeat.
        segments : array-like of shape (n,), optional
            Of the customers; needed where shares differ by segment, else they change nothing. Take them as they were
            when the experiment began: who comes into a segment with other shares may change the arm.
        households : array-like of shape (n,), optional
            Or accounts: all their customers get one arm. A customer for whom it is missing stands alone.

        Returns
        -------
        ndarray of str, shape (n,)

        Raises
        ------
        InputError
            If an id is missing, lengths differ, or segments are needed and not given.
        """
        keys = unit_keys(customer_ids, households)
        return self._placed(keys, uniform_by_key(keys, salt=f"arms/{self.name}"), self._segments(segments, len(keys)))

    def assign_balanced(self, customer_ids: Any, segments: Any = None, households: Any = None) -> np.ndarray:
        """Give each customer's arm, so that each arm has its share of each segment exactly.

        The units (customers, or households) of a segment are ranked by their hash and stand evenly in the unit
        interval. In each segment an arm's count is its share of the units, rounded up or down; each unit's chance of
        an arm is its share. Arms now depend on who is asked about: assign once, and keep the result.

        Parameters
        ----------
        customer_ids : array-like of shape (n,)
            Texts or whole numbers; may repeat.
        segments : array-like of shape (n,), optional
            Strata. By default all customers are one.
        households : array-like of shape (n,), optional
            As for :meth:`assign`; counts are then of households.

        Returns
        -------
        ndarray of str, shape (n,)

        Raises
        ------
        InputError
            As :meth:`assign`, or if a customer or a household is in two segments.
        """
        keys = unit_keys(customer_ids, households)
        strata = np.full(len(keys), "", dtype=object) if segments is None else segments_of(segments, len(keys))
        inside = self._inside(keys)
        positions = np.zeros(len(keys))
        positions[inside] = balanced_positions(keys[inside], strata[inside], salt=f"arms/{self.name}")
        return self._placed(keys, positions, self._segments(segments, len(keys)))

    def ramp(self, shares: Mapping[str, float]) -> Self:
        """Change shares, and keep the lanes of the arms.

        Who is in an arm stays there when its share is raised; when it is lowered, those who came last leave.

        Parameters
        ----------
        shares : mapping of str to float
            New shares of some arms, at most their ceilings.

        Returns
        -------
        Arms

        Raises
        ------
        InputError
            If an arm is new, or a share is above its ceiling.

        Examples
        --------
        >>> Arms("spring", {"agent": 0.01}, rest="business_as_usual").ramp({"agent": 0.2}).shares
        {'agent': 0.2}
        """
        new = [arm for arm in shares if arm not in self.shares]
        if new:
            raise InputError(f"shares must be of the arms {', '.join(map(repr, self.shares))}; got {new[0]!r}.")
        return replace(self, shares={**self.shares, **shares})

    def table(self) -> pd.DataFrame:
        """Show the arms.

        Returns
        -------
        DataFrame
            A row for each arm, the rest last: `arm`, `share` (of the experiment's customers), `ceiling`, and `low` and
            `high`, the hashes that it takes, in [0, 1]; NaN for the rest, which takes what is left.
        """
        rows = [(arm, share, self.ceilings[arm], *self._bounds(self.shares)[arm]) for arm, share in self.shares.items()]
        left = max(1.0 - sum(self.shares.values()), 0.0)
        return pd.DataFrame(
            [*rows, (self.rest, left, np.nan, np.nan, np.nan)], columns=["arm", "share", "ceiling", "low", "high"]
        )

    def to_dict(self) -> dict[str, Any]:
        """Give what :meth:`from_dict` makes the same experiment of, as JSON values.

        Returns
        -------
        dict
        """
        return {
            "experiment": "Arms",
            "format": _FORMAT,
            "name": self.name,
            "shares": dict(self.shares),
            "rest": self.rest,
            "ceilings": dict(self.ceilings),
            "by_segment": {segment: dict(own) for segment, own in self.by_segment.items()},
            "layer": self.layer,
            "within": list(self.within),
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Make an experiment of what :meth:`to_dict` gave.

        Parameters
        ----------
        state : dict

        Returns
        -------
        Arms

        Raises
        ------
        InputError
            If it is of another kind or format, or altered.
        """
        parts = {"name": str, "shares": dict, "rest": str, "ceilings": dict, "by_segment": dict, "within": list}
        state = check_state(state, "experiment", "Arms", _FORMAT, parts)
        given = {part: state[part] for part in (*parts, "layer") if part in state}
        return cls(**given)

    def _inside(self, keys: np.ndarray) -> np.ndarray:
        """Tell who is in the experiment's part of its layer."""
        if self.layer is None:
            return np.ones(len(keys), dtype=bool)
        uniform = uniform_by_key(keys, salt=f"layer/{self.layer}")
        return (uniform >= self.within[0]) & (uniform < self.within[1])

    def _segments(self, segments: Any, n: int) -> np.ndarray | None:
        if not self.by_segment:
            return None
        if segments is None:
            raise InputError(f"segments must be given, for the shares of {self.name!r} differ by segment.")
        return segments_of(segments, n)

    def _placed(self, keys: np.ndarray, positions: np.ndarray, segments: np.ndarray | None) -> np.ndarray:
        arms = self._in_lanes(positions, self.shares)
        for segment, own in self.by_segment.items():
            rows = segments == segment
            arms[rows] = self._in_lanes(positions[rows], {**self.shares, **own})
        arms[~self._inside(keys)] = OUTSIDE
        return arms

    def _in_lanes(self, positions: np.ndarray, shares: Mapping[str, float]) -> np.ndarray:
        arms = np.full(len(positions), self.rest, dtype=object)
        for arm, (low, high) in self._bounds(shares).items():
            arms[(positions >= low) & (positions < high)] = arm
        return arms

    def _bounds(self, shares: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        # By name, so that the order of a mapping, in code or in a file, means nothing.
        names = sorted(self.ceilings)
        starts = dict(zip(names, np.cumsum([0.0, *(self.ceilings[name] for name in names)]), strict=False))
        # A sum of shares that is 1 but for rounding leaves nobody to the rest.
        ends = {arm: float(starts[arm] + share) for arm, share in shares.items()}
        return {arm: (float(starts[arm]), 1.0 if end > 1 - 1e-12 else end) for arm, end in ends.items()}

    def _repr_html_(self) -> str:
        return self.table().to_html(index=False, na_rep="")


def _slice(within: Any) -> tuple[float, float]:
    if not isinstance(within, list | tuple) or len(within) != 2:
        raise InputError(f"within must be two numbers, such as (0, 0.5); got {within!r}.")
    low, high = (float(check_number(end, "within", "two numbers in [0, 1]", lambda x: 0 <= x <= 1)) for end in within)
    if low >= high:
        raise InputError(f"within must rise; got {within!r}.")
    return low, high
