"""Whether those with a high predicted uplift have a high one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.models.uplift.measured import check_level, take_measured, take_outcomes, take_uplift
from nbo.models.uplift.uplift_by_group import effects_of_groups
from nbo.numbers import check_number

__all__ = ["uplift_by_decile"]


def uplift_by_decile(
    y: Any,
    treatment: Any,
    uplift: Any,
    treatment_probability: Any = None,
    sample_weight: Any = None,
    outcomes: Any = None,
    level: float = 0.95,
    bins: int = 10,
    control: Any = None,
) -> pd.DataFrame:
    """Measure the effect in each tenth of the customers, by predicted uplift.

    Parameters
    ----------
    y, treatment
        As for :func:`nbo.models.qini`.
    uplift : array-like of shape (n,)
        Predicted uplift of rows that the model was not trained on.
    treatment_probability, sample_weight
        As for :func:`nbo.models.qini`.
    outcomes : array-like of shape (n, 2), optional
        As for :func:`nbo.models.uplift_by_group`.
    level : float, default=0.95
        How often an interval shall hold the effect, in (0, 1).
    bins : int, default=10
        Number of groups, as even in size as ties allow.
    control : label, optional
        As for :func:`nbo.models.qini`.

    Returns
    -------
    DataFrame
        ``decile`` (1 has the highest uplift), ``predicted`` (mean uplift), and what :func:`nbo.models.uplift_by_group`
        gives: ``n``, ``treated``, ``outcome_control``, ``outcome_treated``, ``effect``, ``standard_error``, ``low``,
        ``high``.

    Raises
    ------
    InputError
        If lengths differ, an arm is missing, or a value is missing or not as stated.

    Examples
    --------
    >>> table = uplift_by_decile([1, 0, 1, 0, 1, 1, 0, 0], [1, 0] * 4, [0.9] * 4 + [0.1] * 4, bins=2)
    >>> table[["decile", "predicted", "effect"]]
       decile  predicted  effect
    0       1        0.9     1.0
    1       2        0.1     0.0
    """
    check_level(level)
    check_number(bins, "bins", "a whole number, at least 1", lambda n: n >= 1, whole=True)
    measured = take_measured(y, treatment, treatment_probability, sample_weight, control)
    scores = take_uplift(uplift, len(measured.y))
    edges = np.unique(np.quantile(scores, np.arange(1, bins) / bins, method="lower"))
    place = np.searchsorted(edges, scores, side="left")
    found, group = np.unique(-place, return_inverse=True)
    expected = take_outcomes(outcomes, len(scores), 2)
    table = effects_of_groups(measured, group, len(found), expected, level)
    total = np.bincount(group, measured.weight)
    table.insert(0, "decile", np.arange(1, len(found) + 1))
    table.insert(1, "predicted", np.bincount(group, measured.weight * scores) / np.maximum(total, 1e-300))
    return table
