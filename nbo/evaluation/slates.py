"""Logged slates: several offers shown at once, from the top to the bottom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import (
    check_columns,
    check_keys,
    check_matrix,
    check_numbers,
    check_probabilities,
    check_rows,
)
from nbo.errors import InputError
from nbo.evaluation.reading import customer_codes

__all__ = ["POSITION", "Slates", "column_of", "read_slates", "slate_order"]

POSITION = "position"


@dataclass(frozen=True)
class Slates:
    """Positions of n rows in m slates, slate after slate and from the top to the bottom.

    Parameters
    ----------
    slate : ndarray of int, shape (n,)
        Code of the slate, 0 .. m-1.
    first : ndarray of bool, shape (n,)
        Whether the row is the top of its slate.
    reward : ndarray of shape (n,)
    weight : ndarray of shape (n,)
        Target over action probability of the offer at this position, given those above it.
    order : ndarray of int, shape (n,)
        Row of the feedback.
    customer : ndarray of int, shape (m,), optional
        Code of each slate's customer.
    expected, taken : ndarray of shape (n,), optional
        Predicted reward from this position down: on average over the target policy's offers here, and of
        the offer shown.
    """

    slate: np.ndarray
    first: np.ndarray
    reward: np.ndarray
    weight: np.ndarray
    order: np.ndarray
    customer: np.ndarray | None = None
    expected: np.ndarray | None = None
    taken: np.ndarray | None = None

    @property
    def n(self) -> int:
        """Number of slates."""
        return int(self.slate[-1]) + 1

    def sums(self, rows: np.ndarray) -> np.ndarray:
        """Add up rows by slate.

        Parameters
        ----------
        rows : ndarray of shape (n,)

        Returns
        -------
        ndarray of shape (m,)
        """
        return np.bincount(self.slate, weights=rows)

    def down_to(self) -> np.ndarray:
        """Multiply the weights from the top down to each position.

        Returns
        -------
        ndarray of shape (n,)
        """
        tops = np.flatnonzero(self.first)
        ends = np.append(tops[1:], len(self.slate))
        product = self.weight.copy()
        # By depth, as many steps as the longest slate has positions.
        for depth in range(1, int((ends - tops).max())):
            rows = tops[ends - tops > depth] + depth
            product[rows] *= product[rows - 1]
        return product


def read_slates(target: np.ndarray, feedback: pd.DataFrame, reward: str, offers: list[str] | None) -> Slates:
    """Check slates, and state the target's weight at each position.

    Parameters
    ----------
    target : ndarray of shape (n,) or ndarray of shape (n, k)
        As in :func:`nbo.evaluate_slates`.
    feedback : DataFrame of n rows
    reward : str
        Column of the rewards.
    offers : list of str, optional
        Columns of a target matrix.

    Returns
    -------
    Slates
        Without predictions.

    Raises
    ------
    InputError
        As :func:`nbo.evaluate_slates`.
    """
    check_columns(feedback, (c.DECISION_ID, POSITION, c.ACTION_PROBABILITY, reward), "feedback")
    if not len(feedback):
        raise InputError("feedback must have at least one row; got none.")
    logged = check_probabilities(feedback[c.ACTION_PROBABILITY], f"feedback.{c.ACTION_PROBABILITY}", zero=False)
    rewards = check_numbers(feedback[reward], f"feedback.{reward}", "finite numbers")
    check_rows(~np.isfinite(rewards), feedback[reward], f"feedback.{reward}", "finite numbers")
    stated = _of_shown(target, feedback, offers)
    slate, order, first = slate_order(feedback)
    customer = customer_codes(feedback.iloc[order[first]])
    return Slates(slate[order], first, rewards[order], (stated / logged)[order], order, customer)


def column_of(feedback: pd.DataFrame, offers: list[str]) -> np.ndarray:
    """Find the column of each row's offer.

    Parameters
    ----------
    feedback : DataFrame of n rows
    offers : list of str

    Returns
    -------
    ndarray of int, shape (n,)

    Raises
    ------
    InputError
        If an offer is not among the columns.
    """
    check_columns(feedback, (c.OFFER_ID,), "feedback")
    check_keys(feedback[c.OFFER_ID], f"feedback.{c.OFFER_ID}")
    column = pd.Index(offers).get_indexer(pd.Index(feedback[c.OFFER_ID].astype(str)))
    check_rows(column < 0, feedback[c.OFFER_ID], f"feedback.{c.OFFER_ID}", "one of the offers")
    return column


def _of_shown(target: np.ndarray, feedback: pd.DataFrame, offers: list[str] | None) -> np.ndarray:
    if np.ndim(target) == 1:
        if len(target) != len(feedback):
            raise InputError(f"probabilities must be one for each of the {len(feedback)} rows; got {len(target)}.")
        return check_probabilities(target, "probabilities")
    if offers is None:
        raise InputError("a matrix of probabilities needs the names of its columns: give `offers`.")
    matrix = check_matrix(target, (len(feedback), len(offers)), "probabilities").astype(float)
    sums = matrix.sum(axis=1)
    fine = (matrix >= 0).all(axis=1) & np.isclose(sums, 1.0, rtol=0.0, atol=1e-6)
    check_rows(~fine, sums, "rows of probabilities", "0 or more and sum to 1")
    return matrix[np.arange(len(matrix)), column_of(feedback, offers)]


def slate_order(feedback: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sort rows by slate and position, and refuse a slate with gaps.

    Parameters
    ----------
    feedback : DataFrame of n rows

    Returns
    -------
    slate : ndarray of int, shape (n,)
        Code of each row's slate.
    order : ndarray of int, shape (n,)
        Rows, sorted.
    first : ndarray of bool, shape (n,)
        Whether a sorted row is the top of its slate.

    Raises
    ------
    InputError
        If positions are not 1, 2, 3 ... in each slate.
    """
    check_keys(feedback[c.DECISION_ID], f"feedback.{c.DECISION_ID}")
    place = check_numbers(feedback[POSITION], f"feedback.{POSITION}", "1, 2, 3 ... in each slate")
    slate = pd.factorize(feedback[c.DECISION_ID])[0]
    order = np.lexsort((place, slate))
    first = np.append(True, np.diff(slate[order]) > 0)
    tops = np.flatnonzero(first)
    rank = np.empty(len(place))
    rank[order] = np.arange(len(place)) - np.repeat(tops, np.diff(np.append(tops, len(place)))) + 1
    check_rows(
        place != rank,
        feedback[POSITION],
        f"feedback.{POSITION}",
        "1, 2, 3 ... in each slate",
        "Give all positions of a slate: what is shown above decides with which probability the rest is.",
    )
    return slate, order, first
