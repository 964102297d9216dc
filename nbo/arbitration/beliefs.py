"""What the models believe of each customer and offer: all that the arbitration needs of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nbo.checks import check_matrix, check_rows
from nbo.errors import InputError

__all__ = ["Beliefs"]


@dataclass(frozen=True)
class Beliefs:
    """What the models believe of n customers and k offers.

    Parameters
    ----------
    propensity : ndarray of shape (n, k)
        P(accept).
    uplift : ndarray of shape (n, k), optional
        By how much making the offer raises the chance of acceptance; missing where no model tells.
    churn_probability : ndarray of shape (n,), optional
        P(leaves); missing where not known.
    clv : ndarray of shape (n,), optional
        Future margin, money; missing where not known.

    Raises
    ------
    InputError
        If the shapes do not fit, or a propensity is not in [0, 1].

    Examples
    --------
    >>> Beliefs(np.array([[0.1, 0.2]]), uplift=np.array([[0.05, np.nan]])).chance
    array([[0.05, 0.2 ]])
    """

    propensity: np.ndarray
    uplift: np.ndarray | None = None
    churn_probability: np.ndarray | None = None
    clv: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in ("propensity", "uplift", "churn_probability", "clv"):
            object.__setattr__(self, name, _numbers(getattr(self, name), name))
        shape = np.shape(self.propensity)
        if len(shape) != 2:
            raise InputError(f"propensity must have a row per customer and a column per offer; got shape {shape}.")
        wrong = ~np.asarray(((self.propensity >= 0) & (self.propensity <= 1)).all(axis=1))
        check_rows(wrong, self.propensity.max(axis=1, initial=-np.inf), "propensity", "in [0, 1] for every offer")
        if self.uplift is not None:
            check_matrix(self.uplift, shape, "uplift")
        for name in ("churn_probability", "clv"):
            given = getattr(self, name)
            if given is not None and np.shape(given) != shape[:1]:
                raise InputError(f"{name} must have {shape[0]} values, one a customer; got shape {np.shape(given)}.")

    @classmethod
    def given(cls, beliefs: Any) -> Beliefs:
        """Take beliefs, or a matrix of propensities alone."""
        return beliefs if isinstance(beliefs, Beliefs) else cls(np.asarray(beliefs))

    @property
    def chance(self) -> np.ndarray:
        """Uplift where it is known, else the propensity; ndarray of shape (n, k)."""
        if self.uplift is None:
            return self.propensity
        return np.where(np.isnan(self.uplift), self.propensity, self.uplift)

    @property
    def tells_uplift(self) -> bool:
        """Whether any uplift is known."""
        return self.uplift is not None and not bool(np.isnan(self.uplift).all())

    def rows(self, at: np.ndarray) -> Beliefs:
        """Take some customers.

        Parameters
        ----------
        at : ndarray of int or bool
            Positions of rows, or a mask.

        Returns
        -------
        Beliefs
        """
        taken = (None if part is None else part[at] for part in (self.uplift, self.churn_probability, self.clv))
        return Beliefs(self.propensity[at], *taken)


def _numbers(given: Any, name: str) -> Any:
    if given is None:
        return None
    try:
        return np.asarray(given, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be numbers, rows of one length; got {given!r:.100}.") from error
