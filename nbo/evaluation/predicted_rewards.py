"""What a model of rewards says of logged decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nbo.checks import check_matrix, check_numbers, check_rows
from nbo.evaluation.choices import Choices
from nbo.evaluation.log import Log

__all__ = ["PredictedRewards", "check_predicted"]


@dataclass(frozen=True)
class PredictedRewards:
    r"""Predicted rewards of the target policy's actions and of those that were taken.

    Parameters
    ----------
    expected : ndarray of shape (n,)
        :math:`\sum_a \pi(a | x_i) \hat q(x_i, a)`: what the target policy would earn if the
        model were right.
    taken : ndarray of shape (n,)
        :math:`\hat q(x_i, a_i)`, of the action that was taken; 0 where the target policy cannot
        take it.
    pull : callable
        From weights on the residuals, of shape (n,), to how much each decision's reward counts
        through the predictions, of shape (n,). All 0 for a model that has seen other data.
    warnings : tuple of str
        What fitting came upon.
    """

    expected: np.ndarray
    taken: np.ndarray
    pull: Callable[[np.ndarray], np.ndarray]
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        log: Log,
        choices: Choices,
        matrix: np.ndarray,
        pull: Callable[[np.ndarray], np.ndarray] = np.zeros_like,
        warnings: tuple[str, ...] = (),
    ) -> PredictedRewards:
        """Read off the predictions that matter.

        Where nothing could be offered, what came is what would have come under any policy.

        Parameters
        ----------
        log : Log
        choices : Choices
        matrix : ndarray of shape (n, k)
            Predicted reward of each offer; where the target policy's probability is 0 and the offer
            was not made it does not matter.
        pull, warnings
            As for the class.

        Returns
        -------
        PredictedRewards
        """
        expected = (choices.target * np.where(choices.target > 0, matrix, 0.0)).sum(axis=1)
        taken = np.where(choices.taken >= 0, matrix[np.arange(len(matrix)), choices.taken], 0.0)
        return cls(
            np.where(choices.forced, log.reward, expected), np.where(choices.forced, log.reward, taken), pull, warnings
        )


def check_predicted(matrix: np.ndarray, target: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Take predicted rewards of all offers.

    Parameters
    ----------
    matrix : ndarray of shape (n, k)
        As a caller gave them.
    target : ndarray of shape (n, k)
        The target policy's probabilities.
    taken : ndarray of int, shape (n,)
        Column of the offer that was made, -1 for none of them.

    Returns
    -------
    ndarray of float, shape (n, k)

    Raises
    ------
    InputError
        If the shape is another, or a prediction is no finite number that somebody asks for.
    """
    given = check_matrix(matrix, target.shape, "predicted_rewards")
    numbers = check_numbers(given.ravel(), "predicted_rewards", "finite numbers").reshape(given.shape)
    # Nobody asks what an offer would have brought that was neither made nor possible.
    asked = target > 0
    made = taken >= 0
    asked[made, taken[made]] = True
    wrong = asked & ~np.isfinite(numbers)
    first = numbers[np.arange(len(numbers)), wrong.argmax(axis=1)]
    check_rows(np.asarray(wrong.any(axis=1)), first, "predicted_rewards", "finite numbers")
    return numbers
