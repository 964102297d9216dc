"""What the measures of uplift take: outcomes, treatment, predicted uplift; checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nbo.checks import check_matrix, check_numbers, check_rows
from nbo.errors import InputError
from nbo.models.targets import take_amounts, take_weights
from nbo.models.uplift.arms import take_arms
from nbo.models.uplift.treatment_probability import known_probability

__all__ = ["Measured", "check_level", "take_measured", "take_outcomes", "take_uplift"]


@dataclass(frozen=True)
class Measured:
    """Rows with their outcome and arm.

    Parameters
    ----------
    y : ndarray of float, shape (n,)
        Outcomes.
    arm : ndarray of int, shape (n,)
        0 for the control.
    labels : ndarray of shape (n_arms,)
        The control, then the treatments.
    weight : ndarray of float, shape (n,)
        1 where the caller gave none.
    probability : ndarray of float, shape (n, n_arms), or None
        How probable each arm was; the same for all rows if None.
    """

    y: np.ndarray
    arm: np.ndarray
    labels: np.ndarray
    weight: np.ndarray
    probability: np.ndarray | None

    @property
    def known_probability(self) -> np.ndarray:
        """How probable each arm was: as given, else its share of the rows."""
        if self.probability is not None:
            return self.probability
        shares = np.bincount(self.arm, self.weight, len(self.labels)) / self.weight.sum()
        return np.tile(shares, (len(self.y), 1))

    @property
    def inverse(self) -> np.ndarray:
        """The weight over the probability of the arm that each row was in; without probabilities the weight."""
        if self.probability is None:
            return self.weight
        return self.weight / self.probability[np.arange(len(self.arm)), self.arm]


def take_measured(
    y: Any,
    treatment: Any,
    treatment_probability: Any = None,
    sample_weight: Any = None,
    control: Any = None,
    one: bool = True,
) -> Measured:
    """Take what came of which treatment.

    Parameters
    ----------
    y : array-like of shape (n,)
        Numbers.
    treatment : array-like of shape (n,)
        Labels.
    treatment_probability : float or array-like, optional
        As for :func:`take_probability`; above 0 for the arm that a row was in.
    sample_weight : array-like of shape (n,), optional
    control : label, optional
        Of those not treated.
    one : bool, default=True
        Whether there must be one treatment only.

    Returns
    -------
    Measured

    Raises
    ------
    InputError
        If lengths differ, there are no rows, an arm is missing, or values are not as stated.
    """
    n_rows = len(np.atleast_1d(np.asarray(treatment))) if treatment is not None else 0
    target = take_amounts(y, n_rows if treatment is not None else len(y))
    if not len(target):
        raise InputError("y must have at least one row; got none.")
    arm, labels = take_arms(treatment, len(target), control)
    if one and len(labels) > 2:
        shown = ", ".join(map(repr, labels.tolist()[:5]))
        raise InputError(
            f"treatment must have two labels here; it has {len(labels)}: {shown}. Take the rows of one treatment and "
            "of the control."
        )
    weight = take_weights(sample_weight, len(target))
    weight = np.ones(len(target)) if weight is None else weight
    probability = known_probability(treatment_probability, arm, len(labels))
    return Measured(target, arm, labels, weight, probability)


def take_uplift(uplift: Any, n_rows: int, what: str = "uplift") -> np.ndarray:
    """Take one score for each row.

    Parameters
    ----------
    uplift : array-like of shape (n,)
    n_rows : int
    what : str, default="uplift"
        For messages.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    InputError
        If one is missing or infinite, or the length is another.
    """
    scores = check_numbers(uplift, what)
    if len(scores) != n_rows:
        raise InputError(f"{what} must have {n_rows} rows, as y; got {len(scores)}.")
    check_rows(~np.isfinite(scores), scores, what, "finite")
    return scores


def take_outcomes(outcomes: Any, n_rows: int, n_arms: int) -> np.ndarray | None:
    """Take the outcome that a model expects in each arm.

    Parameters
    ----------
    outcomes : array-like of shape (n, n_arms) or None
        The control first.
    n_rows, n_arms : int

    Returns
    -------
    ndarray of float, shape (n, n_arms), or None

    Raises
    ------
    InputError
        If the shape is another, or one is not finite.
    """
    if outcomes is None:
        return None
    matrix = check_matrix(outcomes, (n_rows, n_arms), "outcomes").astype(float)
    check_rows(~np.isfinite(matrix).all(axis=1), matrix.tolist(), "outcomes", "finite")
    return matrix


def check_level(level: Any) -> None:
    """Refuse a level that is not in (0, 1).

    Parameters
    ----------
    level : object

    Raises
    ------
    InputError
        If it is not.
    """
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"level must be in (0, 1), such as 0.95; got {level!r}.")
