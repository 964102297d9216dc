"""The effect by group of customers, with its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo.errors import InputError
from nbo.models.uplift.means import mean_and_error
from nbo.models.uplift.measured import Measured, check_level, take_measured, take_outcomes
from nbo.models.uplift.scores import arm_scores

__all__ = ["effects_of_groups", "uplift_by_group"]


def uplift_by_group(
    y: Any,
    treatment: Any,
    group: Any,
    treatment_probability: Any = None,
    sample_weight: Any = None,
    outcomes: Any = None,
    level: float = 0.95,
    control: Any = None,
) -> pd.DataFrame:
    """Measure the effect in each group of customers, such as a segment.

    Parameters
    ----------
    y, treatment
        As for :func:`nbo.models.qini`.
    group : array-like of shape (n,)
        A label for each row.
    treatment_probability, sample_weight
        As for :func:`nbo.models.qini`.
    outcomes : array-like of shape (n, 2), optional
        What a model that has not seen these rows expects without and with treatment (`predict_outcomes`). The effects
        are then doubly robust, and their intervals narrower the better the model is.
    level : float, default=0.95
        How often an interval shall hold the effect, in (0, 1).
    control : label, optional
        As for :func:`nbo.models.qini`.

    Returns
    -------
    DataFrame
        One row a group, in the order of the labels: ``group``, ``n``, ``treated`` (how many), ``outcome_control`` and
        ``outcome_treated`` (means if none and if all were treated), ``effect``, ``standard_error``, ``low`` and
        ``high``. They are NaN where the group holds no one of an arm.

    Raises
    ------
    InputError
        If lengths differ, an arm is missing, or a value is missing or not as stated.

    Examples
    --------
    >>> table = uplift_by_group([1, 0, 1, 0, 1, 1, 0, 0], [1, 0] * 4, list("aaaabbbb"))
    >>> table[["group", "n", "effect"]]
      group  n  effect
    0     a  4     1.0
    1     b  4     0.0
    """
    check_level(level)
    measured = take_measured(y, treatment, treatment_probability, sample_weight, control)
    codes, names = pd.factorize(np.asarray(group), sort=True)
    if len(codes) != len(measured.y):
        raise InputError(f"group must have {len(measured.y)} rows, as y; got {len(codes)}.")
    expected = take_outcomes(outcomes, len(codes), 2)
    table = effects_of_groups(measured, codes, len(names), expected, level)
    table.insert(0, "group", names)
    return table


def effects_of_groups(
    measured: Measured, group: np.ndarray, n_groups: int, outcomes: np.ndarray | None, level: float
) -> pd.DataFrame:
    """Measure the effect in numbered groups.

    Parameters
    ----------
    measured : Measured
        Of one treatment.
    group : ndarray of int, shape (n,)
        0 to `n_groups` - 1; rows of -1 are in none.
    n_groups : int
    outcomes : ndarray of float, shape (n, 2), or None
        Expected without and with treatment.
    level : float
        In (0, 1).

    Returns
    -------
    DataFrame
        As from :func:`uplift_by_group`, without the names.
    """
    rows = [_effect(measured, np.flatnonzero(group == g), outcomes) for g in range(n_groups)]
    table = pd.DataFrame(
        rows, columns=["n", "treated", "outcome_control", "outcome_treated", "effect", "standard_error"]
    ).astype({"n": int, "treated": int})
    reach = special.ndtri((1 + level) / 2) * table["standard_error"]
    return table.assign(low=table["effect"] - reach, high=table["effect"] + reach)


def _effect(measured: Measured, rows: np.ndarray, outcomes: np.ndarray | None) -> list[float]:
    y, arm, weight, inverse = (a[rows] for a in (measured.y, measured.arm, measured.weight, measured.inverse))
    shares = np.bincount(arm, inverse, 2)
    counts = [float(len(rows)), float((arm == 1).sum())]
    if not (shares > 0).all():
        return [*counts, *[np.nan] * 4]
    if outcomes is not None:
        scores = arm_scores(y, arm, measured.known_probability[rows], outcomes[rows])
    else:
        # About the group's own means the scores have just these as means, and the spread that these have.
        means = np.bincount(arm, inverse * y, 2) / shares
        chance = weight[:, None] / inverse[:, None] * shares / weight.sum()
        scores = arm_scores(y, arm, chance, np.tile(means, (len(rows), 1)))
    effect, error = mean_and_error(scores[:, 1] - scores[:, 0], weight)
    return [*counts, *(mean_and_error(scores[:, a], weight)[0] for a in (0, 1)), effect, error]
