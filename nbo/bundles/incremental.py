"""What a bundle adds to what its parts would have brought anyway."""

from __future__ import annotations

import numpy as np

__all__ = ["break_even_uptake", "incremental_margin"]


def incremental_margin(
    both: np.ndarray,
    only: tuple[np.ndarray, np.ndarray],
    margin: tuple[np.ndarray, np.ndarray],
    discount: float,
    uptake: float,
) -> np.ndarray:
    r"""Give what a bundle is expected to add to what its parts would have brought anyway.

    Of those who would buy exactly one part, the share :math:`u` takes the bundle and brings the margin of the
    other part; they, and all who would buy both anyway, get the discount :math:`D`:

    .. math:: u (p_{10} m_2 + p_{01} m_1) - D (p_{11} + u (p_{10} + p_{01})).

    Those who would buy neither part count for nothing.

    Parameters
    ----------
    both : ndarray of shape (...)
        Probability of buying both parts, :math:`p_{11}`.
    only : tuple of two ndarray of shape (...)
        Probability of buying the first part alone, :math:`p_{10}`, and the second alone.
    margin : tuple of two ndarray of shape (...)
        Of each part, money.
    discount : float
        What both together cost less, money.
    uptake : float
        In [0, 1].

    Returns
    -------
    ndarray of shape (...)
        Money.

    Examples
    --------
    >>> only, margin = (np.array(0.3), np.array(0.2)), (np.array(8.0), np.array(5.0))
    >>> found = incremental_margin(np.array(0.1), only, margin, discount=2.0, uptake=0.5)
    >>> round(float(found), 6)
    0.85
    """
    gained = only[0] * margin[1] + only[1] * margin[0]
    return uptake * gained - discount * (both + uptake * (only[0] + only[1]))


def break_even_uptake(
    both: np.ndarray, only: tuple[np.ndarray, np.ndarray], margin: tuple[np.ndarray, np.ndarray], discount: float
) -> np.ndarray:
    """Give the uptake at which a bundle adds just as much as its discount takes.

    Parameters
    ----------
    both, only, margin, discount
        As for :func:`incremental_margin`.

    Returns
    -------
    ndarray of shape (...)
        In [0, 1]; NaN where no such uptake does.

    Examples
    --------
    >>> found = break_even_uptake(np.array(0.1), (np.array(0.3), np.array(0.2)), (np.array(8.0), np.array(5.0)), 2.0)
    >>> round(float(found), 6)
    0.095238
    """
    slope = only[0] * (margin[1] - discount) + only[1] * (margin[0] - discount)
    found = np.divide(discount * both, slope, out=np.full(np.shape(slope), np.nan), where=slope > 0)
    return np.where(found <= 1, found, np.nan)
