"""What estimators see of logged decisions: rewards and two probabilities of the action taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.evaluation.choices import Choices

__all__ = ["Log"]


@dataclass(frozen=True)
class Log:
    """Logged decisions, each with both policies' probability of the action that was taken.

    Parameters
    ----------
    reward : ndarray of shape (n,)
        What came of the decision.
    action_probability : ndarray of shape (n,)
        With which the logging policy took the action, in (0, 1].
    target_probability : ndarray of shape (n,)
        With which the target policy would have taken it, in [0, 1].
    uniform : ndarray of shape (n,)
        A random number in [0, 1) for each decision, for estimators that draw.
    warnings : tuple of str
        What reading the log came upon.
    customer : ndarray of int, shape (n,), optional
        Code of the customer, 0 .. m-1; None where each decision is of its own.
    choices : Choices, optional
        All offers of the target policy; None where only the actions taken are known.
    uncovered : float, default=0.0
        Share of the target policy's probability on actions that the log could not have taken, in [0, 1].
    largest : ndarray of shape (n,), optional
        Largest weight that the decision could have had, by the probabilities of all actions. None where they
        are not known.
    usable : ndarray of bool, optional
        Which of the rows given have an action probability; the n decisions are those. None where all have.
    """

    reward: np.ndarray
    action_probability: np.ndarray
    target_probability: np.ndarray
    uniform: np.ndarray
    warnings: tuple[str, ...] = ()
    customer: np.ndarray | None = None
    choices: Choices | None = None
    uncovered: float = 0.0
    largest: np.ndarray | None = None
    usable: np.ndarray | None = None

    @property
    def weights(self) -> np.ndarray:
        """Importance weights: target over action probability, ndarray of shape (n,)."""
        return self.target_probability / self.action_probability

    @property
    def unusable(self) -> float:
        """Share of the rows given that have no action probability, in [0, 1)."""
        return 0.0 if self.usable is None else float(1 - self.usable.mean())
