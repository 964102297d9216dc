"""Estimators of the value of slates, by what they assume of how customers look at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from nbo.errors import InputError
from nbo.evaluation.slates import Slates
from nbo.evaluation.terms import Terms

__all__ = ["SLATE_ESTIMATORS", "cascade", "cascade_dr", "independent", "slate_estimator", "standard"]

SlateEstimator = Callable[[Slates], Terms]

SLATE_ESTIMATORS: Final[dict[str, SlateEstimator]] = {}


def slate_estimator(name: str) -> Callable[[SlateEstimator], SlateEstimator]:
    """Make a function known to :func:`nbo.evaluate_slates`.

    Parameters
    ----------
    name : str
        What users call it.

    Returns
    -------
    callable
        Decorator of a function of :class:`~nbo.evaluation.slates.Slates`; it returns the
        :class:`~nbo.evaluation.terms.Terms` of the slates.
    """

    def register(function: SlateEstimator) -> SlateEstimator:
        SLATE_ESTIMATORS[name] = function
        return function

    return register


@slate_estimator("standard")
def standard(slates: Slates) -> Terms:
    r"""Weigh all rewards of a slate by the whole slate.

    .. math:: \hat V = \frac{1}{m} \sum_s \prod_l w_{sl} \sum_l r_{sl}

    assumes nothing of how customers look, and varies the most.

    Parameters
    ----------
    slates : Slates

    Returns
    -------
    Terms

    Examples
    --------
    >>> top = np.array([True, False])
    >>> slates = Slates(np.zeros(2, int), top, np.array([1.0, 1.0]), np.array([2.0, 0.5]), np.arange(2))
    >>> standard(slates).value
    2.0
    """
    whole = slates.down_to()[_last(slates)]
    return _mean(slates, whole * slates.sums(slates.reward), whole)


@slate_estimator("independent")
def independent(slates: Slates) -> Terms:
    r"""Weigh each reward by its own position alone.

    .. math:: \hat V = \frac{1}{m} \sum_s \sum_l w_{sl} r_{sl}

    assumes that what is shown elsewhere does not matter for the answer [1]_. The probabilities should then be those
    of the offer at its position whatever is above.

    Parameters
    ----------
    slates : Slates

    Returns
    -------
    Terms

    References
    ----------
    .. [1] Li, S., Abbasi-Yadkori, Y., Kveton, B., Muthukrishnan, S., Vinay, V. and Wen, Z. (2018).
       Offline evaluation of ranking policies with click models. KDD.

    Examples
    --------
    >>> top = np.array([True, False])
    >>> slates = Slates(np.zeros(2, int), top, np.array([1.0, 1.0]), np.array([2.0, 0.5]), np.arange(2))
    >>> independent(slates).value
    2.5
    """
    return _mean(slates, slates.sums(slates.weight * slates.reward), slates.sums(slates.weight) / _lengths(slates))


@slate_estimator("cascade")
def cascade(slates: Slates) -> Terms:
    r"""Weigh each reward by the offers from the top down to its position.

    .. math:: \hat V = \frac{1}{m} \sum_s \sum_l w_{s,1:l}\, r_{sl}, \qquad w_{s,1:l} = \prod_{j \le l} w_{sj}

    assumes that customers look from the top down, so that what is below a position does not
    matter for the answer there [1]_.

    Parameters
    ----------
    slates : Slates

    Returns
    -------
    Terms

    References
    ----------
    .. [1] McInerney, J., Brost, B., Chandar, P., Mehrotra, R. and Carterette, B. (2020). Counterfactual
       evaluation of slate recommendations with sequential reward interactions. KDD.

    Examples
    --------
    >>> top = np.array([True, False])
    >>> slates = Slates(np.zeros(2, int), top, np.array([1.0, 1.0]), np.array([2.0, 0.5]), np.arange(2))
    >>> cascade(slates).value
    3.0
    """
    down = slates.down_to()
    return _mean(slates, slates.sums(down * slates.reward), down[_last(slates)])


@slate_estimator("cascade_dr")
def cascade_dr(slates: Slates) -> Terms:
    r"""Correct a model of rewards position by position, from the top down.

    .. math:: \hat V = \frac{1}{m} \sum_s \sum_l \Big[w_{s,1:l} \big(r_{sl} - \hat q_{sl}(a_{sl})\big)
              + w_{s,1:l-1} \sum_a \pi(a | a_{s,1:l-1})\, \hat q_{sl}(a)\Big]

    assumes what :func:`cascade` does, is unbiased under it whatever the model, and varies less where the model is
    good [1]_. The best prediction is the sum of the rewards from a position down.

    Parameters
    ----------
    slates : Slates
        With predictions.

    Returns
    -------
    Terms

    Raises
    ------
    InputError
        If there are no predictions.

    References
    ----------
    .. [1] Kiyohara, H., Saito, Y., Matsuhiro, T., Narita, Y., Shimizu, N. and Yamamoto, Y. (2022). Doubly
       robust off-policy evaluation for ranking policies under the cascade behavior model. WSDM.

    Examples
    --------
    >>> top, even = np.array([True, False]), np.full(2, 0.5)
    >>> slates = Slates(np.zeros(2, int), top, np.ones(2), np.array([2.0, 0.5]), np.arange(2), None, even, even)
    >>> cascade_dr(slates).value
    3.0
    """
    if slates.expected is None or slates.taken is None:
        raise InputError("estimator='cascade_dr' needs the target's probabilities of all offers and predicted_rewards.")
    down = slates.down_to()
    above = np.where(slates.first, 1.0, np.append(1.0, down[:-1]))
    parts = down * (slates.reward - slates.taken) + above * slates.expected
    return _mean(slates, slates.sums(parts), down[_last(slates)])


def _mean(slates: Slates, parts: np.ndarray, weights: np.ndarray) -> Terms:
    rows = parts[:, np.newaxis]
    return Terms(rows, np.ones_like(rows), weights, slates.customer)


def _last(slates: Slates) -> np.ndarray:
    return np.append(np.flatnonzero(slates.first)[1:], len(slates.slate)) - 1


def _lengths(slates: Slates) -> np.ndarray:
    return np.bincount(slates.slate)
