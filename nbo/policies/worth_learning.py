"""How far it pays to learn an acceptance rate that is of use to one segment only."""

from __future__ import annotations

import numpy as np

__all__ = ["FULLY_WORTH", "worth_learning"]

# With so many decisions to come for each one that is known already, exploring pays in full.
FULLY_WORTH = 20.0


def worth_learning(ahead: np.ndarray | float, known: np.ndarray | float) -> np.ndarray:
    r"""Say what share of a rate's doubt is worth exploring, when so many decisions are to come.

    Who has few decisions left should hardly explore: what is found can no longer be used. The Gittins index of an
    arm [1]_ exceeds its mean by :math:`\psi(s)` standard deviations, where s is the number of decisions to come over
    the number that the arm's rate is known from. Thompson sampling explores as if s were large. The share is
    :math:`\min(1, s / 20)`, a line through what :math:`\psi(s)^2`, which is to a variance what :math:`\psi` is to a
    standard deviation, comes to by the approximation in [1]_: .14 at s = 1, .26 at 5, .38 at 15 and .98 at 20.

    Parameters
    ----------
    ahead : ndarray or float
        Decisions to come.
    known : ndarray or float
        Decisions that the rate is known from, those that its prior is worth included; above 0.

    Returns
    -------
    ndarray
        In (0, 1].

    References
    ----------
    .. [1] Brezzi, M. and Lai, T. L. (2002). Optimal learning and experimentation in bandit problems. Journal of
       Economic Dynamics and Control 27, 87-108.

    Examples
    --------
    A rate known from 100 decisions, in a segment with 400 to come and in one with 4,000.

    >>> worth_learning(np.array([400.0, 4000.0]), 100.0).tolist()
    [0.2, 1.0]
    """
    return np.minimum(1.0, np.divide(ahead, known) / FULLY_WORTH)
