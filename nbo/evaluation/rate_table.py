"""The default model of rewards: a mean reward for each segment and offer, shrunk and cross-fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.evaluation.choices import Choices
from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards

__all__ = ["rate_table"]

_FOLDS = 5
# Decisions that the prior of a cell is worth.
_STRENGTH = 10.0


def rate_table(log: Log, choices: Choices) -> PredictedRewards:
    r"""Predict rewards by segment and offer, for each customer from the other customers.

    With the sum S and number N of the rewards in a cell, an offer or in all,

    .. math:: \hat q_{so} = \frac{S_{so} + \kappa\, m_o}{N_{so} + \kappa}, \qquad
              m_o = \frac{S_o + \kappa\, m}{N_o + \kappa}, \qquad m = \frac{S}{N}, \qquad \kappa = 10.

    Customers are dealt to five folds at random, and a fold is predicted from the other four [1]_.

    Parameters
    ----------
    log : Log
    choices : Choices

    Returns
    -------
    PredictedRewards
        With a warning where there is a single customer, who is predicted from the same rows.

    References
    ----------
    .. [1] Chernozhukov, V. et al. (2018). Double/debiased machine learning for treatment and
       structural parameters. The Econometrics Journal 21, C1-C68.

    Examples
    --------
    >>> everyone = np.zeros(3, dtype=int)
    >>> choices = Choices(np.ones((3, 1)), everyone, np.zeros(3, dtype=bool), everyone)
    >>> log = Log(np.array([0.0, 3.0, 6.0]), np.ones(3), np.ones(3), np.array([0.1, 0.2, 0.3]))
    >>> rate_table(log, choices).expected.tolist()
    [4.5, 3.0, 1.5]
    """
    fold = _folds(log)
    known = choices.taken >= 0
    matrix, fits = np.zeros(choices.target.shape), []
    for number in range(fold.max() + 1):
        seen = known & (fold != number) if fold.max() else known
        rates, fit = _fit(log.reward, choices, seen, fold == number)
        matrix[fold == number] = rates[choices.segment[fold == number]]
        fits.append(fit)

    def pull(used: np.ndarray) -> np.ndarray:
        return np.sum([fit.pull(choices, used) for fit in fits], axis=0)

    single = ("a single customer: the model of rewards has seen the rows that it predicts",)
    return PredictedRewards.of(log, choices, matrix, pull, () if fold.max() else single)


def _folds(log: Log) -> np.ndarray:
    """Deal customers by the least random number of their decisions, whatever the order of the rows."""
    customer = np.arange(len(log.reward)) if log.customer is None else log.customer
    least = np.ones(customer.max() + 1)
    np.minimum.at(least, customer, log.uniform)
    place = np.empty(len(least), dtype=int)
    place[np.argsort(least, kind="stable")] = np.arange(len(least))
    return (place % _FOLDS)[customer]


@dataclass(frozen=True)
class _Fit:
    """A table's rows and counts, to tell how much each of its rewards counts."""

    seen: np.ndarray
    predicted: np.ndarray
    cells: np.ndarray
    expected: np.ndarray

    def pull(self, choices: Choices, used: np.ndarray) -> np.ndarray:
        """Differentiate the sum of this fold's terms by the rewards that the table has seen."""
        # How often each predicted rate counts: as expected, less the weights on the residuals.
        mass = self.expected.copy()
        made = self.predicted & (choices.taken >= 0)
        np.subtract.at(mass, (choices.segment[made], choices.taken[made]), used[made])
        to_offer = (mass * _STRENGTH / (self.cells + _STRENGTH)).sum(axis=0)
        offers = self.cells.sum(axis=0)
        to_all = (to_offer * _STRENGTH / (offers + _STRENGTH)).sum() / max(self.cells.sum(), 1.0)
        slope = mass / (self.cells + _STRENGTH) + to_offer / (offers + _STRENGTH) + to_all
        return np.where(self.seen, slope[choices.segment, choices.taken], 0.0)


def _fit(reward: np.ndarray, choices: Choices, seen: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, _Fit]:
    shape = (choices.segment.max() + 1, choices.target.shape[1])
    cell = choices.segment[seen] * shape[1] + choices.taken[seen]
    count = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape).astype(float)
    total = np.bincount(cell, weights=reward[seen], minlength=count.size).reshape(shape)
    mean = total.sum() / max(count.sum(), 1.0)
    offer = (total.sum(axis=0) + _STRENGTH * mean) / (count.sum(axis=0) + _STRENGTH)
    expected = np.zeros(shape)
    asked = predicted & ~choices.forced
    np.add.at(expected, choices.segment[asked], choices.target[asked])
    return (total + _STRENGTH * offer) / (count + _STRENGTH), _Fit(seen, predicted, count, expected)
