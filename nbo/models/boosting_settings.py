"""How boosted trees are grown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from nbo.models.training_progress import RoundCallback

__all__ = ["BoostingSettings", "Objective"]

Objective = Literal["binary", "gamma", "regression"]
_METRICS = {"binary": "binary_logloss", "gamma": "gamma", "regression": "l2"}

# "basic" costs accuracy, "advanced" twice the time for no more.
_MONOTONE = {"monotone_constraints_method": "intermediate"}


@dataclass(frozen=True)
class BoostingSettings:
    """How trees are grown.

    Parameters
    ----------
    n_estimators : int
        Most trees.
    learning_rate : float
        Share of each tree that is taken, in (0, 1].
    num_leaves : int
        Most leaves of a tree.
    min_child_samples : int
        Fewest rows in a leaf.
    early_stopping_rounds : int
        Stop after so many trees without improvement on the later rows; 0 never stops.
    n_jobs : int
        Threads.
    seed : int
        Seed of LightGBM.
    hide : int, optional
        A column that is missing in a tenth of the training rows, so that the trees learn what
        the other columns say where it is not known.
    monotone : tuple of {-1, 0, 1}, default=()
        Whether the score may only rise (1) or fall (-1) with each column; none is bound by default.
    linear_share : float, default=0
        Share of a logistic regression that the trees of labels start from, in [0, 1].
    callbacks : tuple of callable, default=()
        Called after each tree with its number, the most trees, and the loss on the rows that stop.
    """

    n_estimators: int
    learning_rate: float
    num_leaves: int
    min_child_samples: int
    early_stopping_rounds: int
    n_jobs: int
    seed: int
    hide: int | None = None
    monotone: tuple[int, ...] = ()
    linear_share: float = 0.0
    callbacks: tuple[RoundCallback, ...] = ()

    def parameters(self, objective: Objective) -> dict[str, Any]:
        """Give the parameters in LightGBM's words.

        Parameters
        ----------
        objective : {"binary", "gamma", "regression"}

        Returns
        -------
        dict
        """
        return {
            "objective": objective,
            "metric": _METRICS[objective],
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_child_samples": self.min_child_samples,
            # LightGBM's own 100 would hide every category that is rarer.
            "min_data_per_group": self.min_child_samples,
            "num_threads": self.n_jobs,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
            **({"monotone_constraints": list(self.monotone), **_MONOTONE} if any(self.monotone) else {}),
        }
