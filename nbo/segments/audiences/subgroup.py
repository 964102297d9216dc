"""Customers who meet one or two conditions, told in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.segments.design import Design

__all__ = ["Condition", "Subgroup"]

_KINDS = ("<=", ">", "is", "is true", "is false", "is missing")


@dataclass(frozen=True)
class Condition:
    """One thing that may hold of a customer.

    Parameters
    ----------
    feature : str
    kind : {"<=", ">", "is", "is true", "is false", "is missing"}
        "is" is of texts and categories, "is true" and "is false" of flags, the others of numbers.
    value : float, str or None
        The cut of a number, or the category; None for the others.
    """

    feature: str
    kind: str
    value: float | str | None

    @property
    def column(self) -> tuple[str, str | None]:
        """The column of a :class:`~nbo.segments.design.Design` that the condition reads."""
        return self.feature, str(self.value) if self.kind == "is" else None

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Tell of whom it holds.

        Parameters
        ----------
        values : ndarray of float32, shape (n,)
            Of its column.

        Returns
        -------
        ndarray of bool, shape (n,)
            A missing number is on neither side of a cut.
        """
        if self.kind in ("is", "is true"):
            return values > 0.5
        if self.kind == "is false":
            return values <= 0.5
        if self.kind == "is missing":
            return np.isnan(values)
        cut = np.float32(self.value)
        return values <= cut if self.kind == "<=" else values > cut

    @property
    def text(self) -> str:
        """The condition in words."""
        if self.value is None:
            return f"{self.feature} {self.kind}"
        shown = self.value if self.kind == "is" else f"{self.value:.6g}"
        return f"{self.feature} {self.kind} {shown}"


@dataclass(frozen=True)
class Subgroup:
    """Customers of whom all of some conditions hold.

    Parameters
    ----------
    conditions : tuple of Condition
    """

    conditions: tuple[Condition, ...]

    @property
    def text(self) -> str:
        """The rule in words, such as ``"20 < age <= 40"`` or ``"age > 40 and city is A"``."""
        kinds = {condition.kind: condition for condition in self.conditions}
        if len({condition.feature for condition in self.conditions}) == 1 and set(kinds) == {"<=", ">"}:
            return f"{kinds['>'].value:.6g} < {kinds['<='].text}"
        return " and ".join(condition.text for condition in self.conditions)

    def holds(self, X: pd.DataFrame) -> np.ndarray:
        """Tell which customers are in it.

        Parameters
        ----------
        X : DataFrame of shape (n, any)
            Features; the columns that the conditions read must be there.

        Returns
        -------
        ndarray of bool, shape (n,)

        Raises
        ------
        InputError
            If a column is missing, or holds no numbers where it did.
        """
        matrix = Design(tuple(condition.column for condition in self.conditions)).matrix(X)
        inside = [condition.holds(matrix[:, position]) for position, condition in enumerate(self.conditions)]
        return np.logical_and.reduce(inside)

    def to_dict(self) -> dict[str, Any]:
        """Give JSON values.

        Returns
        -------
        dict
        """
        return {"conditions": [[part.feature, part.kind, part.value] for part in self.conditions]}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Rebuild from :meth:`to_dict`.

        Parameters
        ----------
        state : dict

        Returns
        -------
        Subgroup

        Raises
        ------
        InputError
            If there is no condition, or one of another kind.
        """
        given = state.get("conditions") if isinstance(state, dict) else None
        if not isinstance(given, list) or not given or any(len(part) != 3 or part[1] not in _KINDS for part in given):
            raise InputError(f"a subgroup's state must list its conditions; got {state!r}.")
        return cls(tuple(Condition(*part) for part in given))
