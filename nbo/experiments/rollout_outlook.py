"""How a rollout is likely to go, before it begins."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from nbo.errors import InputError
from nbo.experiments.crossing import crossing_probabilities
from nbo.experiments.rollout import Rollout
from nbo.numbers import check_number

__all__ = ["rollout_outlook"]


def rollout_outlook(rollout: Rollout, effect: float = 0.0, cost: float = 0.0) -> pd.DataFrame:
    """Say how probably each stage is reached and rolled back for its goal, and what that costs, if the effect is so.

    Guardrails are left aside: they stop it earlier where it harms.

    Parameters
    ----------
    rollout : Rollout
        With a goal.
    effect : float, default=0.0
        True effect on the goal's metric, in its unit; 0 for a change that does nothing.
    cost : float, default=0.0
        Of one treated outcome, such as of a contact, money.

    Returns
    -------
    DataFrame
        A row for each look: `stage`, `boundary` and `futility_boundary` (standard errors of improvement at which the
        goal is called reached, and below which it is given up), `reached` (chance that the stage begins), `shown`
        (chance that improvement is first shown at it), `rolled_back` (chance that it ends there), `treated` (expected
        outcomes of treated customers in it, with the least numbers of the plan) and `cost`.

    Raises
    ------
    InputError
        If there is no goal, or no look, or a number is not allowed.

    Examples
    --------
    >>> from nbo.experiments import Goal
    >>> goal = Goal("accepted", effect=0.01, sd=0.3, futility=0.2)
    >>> plan = Rollout("engine", (0.05, 0.2, 0.5, 1.0), min_treated=[2000, 5000, 12_000, 1000], goal=goal)
    >>> rollout_outlook(plan)[["stage", "reached", "rolled_back", "treated"]].round(2).values.tolist()
    [[1.0, 1.0, 0.0, 2000.0], [2.0, 1.0, 0.26, 4999.99], [3.0, 0.74, 0.72, 8933.9]]
    >>> round(float(rollout_outlook(plan, effect=0.01)["rolled_back"].sum()), 3)
    0.047
    """
    goal = rollout.goal
    if goal is None or not rollout.looks:
        raise InputError("rollout must have a goal, and a stage with a share below 1.")
    check_number(effect, "effect", "a finite number", np.isfinite)
    check_number(cost, "cost", "finite, 0 or more", lambda money: 0 <= money < np.inf)
    information, bounds = rollout.information(), rollout.boundaries(goal=True)
    hoped = abs(goal.effect) / goal.sd * information[-1] ** 0.5
    true = np.sign(goal.effect) * effect / goal.sd * information[-1] ** 0.5
    low = futility_boundaries(information / information[-1], bounds[-1], hoped, goal.futility)
    low = np.minimum(low, bounds)
    low[-1] = bounds[-1]
    # Shown early, it goes on to the last look all the same.
    shown, back = crossing_probabilities(bounds, information, float(true), low)
    begins = 1 - np.append(0.0, back.cumsum()[:-1])
    treated = begins * np.array(rollout.min_treated, dtype=float)[: rollout.looks]
    stages = np.arange(1, rollout.looks + 1)
    frame = pd.DataFrame({"stage": stages, "boundary": bounds, "futility_boundary": low, "reached": begins})
    return frame.assign(shown=shown, rolled_back=back, treated=treated, cost=treated * cost)


def futility_boundaries(times: np.ndarray, last: float, drift: float, chance: float) -> np.ndarray:
    """Give the statistic below which the chance to cross the last boundary is too small.

    Parameters
    ----------
    times : ndarray of shape (m,)
        Information of the looks over that of the last one, in (0, 1].
    last : float
        Boundary of the last look.
    drift : float
        Mean of the last look's statistic, if the effect is as hoped for.
    chance : float
        Least chance that is worth going on, in [0, 1).

    Returns
    -------
    ndarray of shape (m,)
        The last is the last boundary itself.

    Examples
    --------
    >>> futility_boundaries(np.array([0.5, 1.0]), 2.0, 3.0, 0.5).round(3).tolist()
    [0.707, 2.0]
    """
    left = 1 - times
    # At the last look nothing is left to chance, whose quantile is infinite at 0.
    quantile = np.where(left > 0, special.ndtri(chance), 0.0)
    return np.asarray((last - drift * left + np.sqrt(left) * quantile) / np.sqrt(times))
