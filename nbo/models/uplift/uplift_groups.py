"""Persuadables, sure things, lost causes and sleeping dogs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.models.uplift.measured import check_level, take_measured, take_outcomes, take_uplift
from nbo.models.uplift.uplift_by_group import effects_of_groups
from nbo.numbers import check_number

__all__ = ["uplift_groups"]

_NAMES = ("persuadable", "sure thing", "lost cause", "sleeping dog")


def uplift_groups(
    y: Any,
    treatment: Any,
    uplift: Any,
    baseline: Any,
    margin: float,
    likely: float | None = None,
    treatment_probability: Any = None,
    sample_weight: Any = None,
    outcomes: Any = None,
    level: float = 0.95,
    control: Any = None,
) -> pd.DataFrame:
    """Sort customers into four groups by what treating them changes, and measure each.

    The rule: a customer with a predicted uplift above `margin` is a persuadable, one below -`margin` a sleeping dog.
    Of the others, those whose outcome without treatment is predicted to be `likely` or more are sure things, the rest
    lost causes. The groups are of predictions; whether they hold, the measured outcomes and effects tell.

    Parameters
    ----------
    y, treatment
        As for :func:`nbo.models.qini`.
    uplift : array-like of shape (n,)
        Predicted uplift of rows that the model was not trained on.
    baseline : array-like of shape (n,)
        Predicted outcome without treatment, such as the first column of `predict_outcomes`.
    margin : float
        The uplift that matters, 0 or more, in the unit of `y`: such as what a contact costs over what an acceptance
        is worth.
    likely : float, optional
        The predicted outcome from which it comes anyway. By default the mean of `baseline`.
    treatment_probability, sample_weight
        As for :func:`nbo.models.qini`.
    outcomes : array-like of shape (n, 2), optional
        As for :func:`nbo.models.uplift_by_group`.
    level : float, default=0.95
        How often an interval shall hold the effect, in (0, 1).
    control : label, optional
        As for :func:`nbo.models.qini`.

    Returns
    -------
    DataFrame
        Four rows: ``group``, ``rule``, ``share`` of the customers, and what :func:`nbo.models.uplift_by_group` gives:
        ``n``, ``treated``, ``outcome_control`` and ``outcome_treated`` (mean of `y` if none and if all were treated),
        ``effect``, ``standard_error``, ``low``, ``high``. NaN where a group is empty.

    Raises
    ------
    InputError
        If the margin is below 0, lengths differ, an arm is missing, or a value is missing or not as stated.

    Examples
    --------
    >>> y, treatment = [1, 0, 1, 1, 0, 0, 0, 1], [1, 0] * 4
    >>> uplift, baseline = [0.2, 0.2, 0, 0, 0, 0, -0.2, -0.2], [0.1, 0.1, 0.9, 0.9, 0.1, 0.1, 0.5, 0.5]
    >>> uplift_groups(y, treatment, uplift, baseline, margin=0.05)[["group", "n", "effect"]]
              group  n  effect
    0   persuadable  2     1.0
    1    sure thing  2     0.0
    2    lost cause  2     0.0
    3  sleeping dog  2    -1.0
    """
    check_level(level)
    check_number(margin, "margin", "0 or more", lambda number: number >= 0)
    measured = take_measured(y, treatment, treatment_probability, sample_weight, control)
    scores = take_uplift(uplift, len(measured.y))
    without = take_uplift(baseline, len(scores), "baseline")
    anyway = float(without.mean()) if likely is None else check_number(likely, "likely", "a number", lambda _: True)
    group = np.select([scores > margin, scores < -margin, without >= anyway], [0, 3, 1], 2)
    expected = take_outcomes(outcomes, len(scores), 2)
    table = effects_of_groups(measured, group, len(_NAMES), expected, level)
    between = f"-{margin:.4g} <= uplift <= {margin:.4g}"
    rules = [
        f"uplift > {margin:.4g}",
        f"{between}, baseline >= {anyway:.4g}",
        f"{between}, baseline < {anyway:.4g}",
        f"uplift < -{margin:.4g}",
    ]
    table.insert(0, "group", list(_NAMES))
    table.insert(1, "rule", rules)
    table.insert(2, "share", np.bincount(group, measured.weight, len(_NAMES)) / measured.weight.sum())
    return table
