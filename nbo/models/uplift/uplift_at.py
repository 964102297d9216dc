"""The effect on the customers that a budget reaches."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbo.models.uplift.measured import take_measured, take_uplift
from nbo.models.uplift.ranked import rank
from nbo.numbers import check_number

__all__ = ["uplift_at"]


def uplift_at(
    y: Any,
    treatment: Any,
    uplift: Any,
    share: float,
    treatment_probability: Any = None,
    sample_weight: Any = None,
    control: Any = None,
) -> float:
    """Measure the mean effect on the share of the customers with the highest uplift.

    It is the mean outcome of the treated among them, less that of the others. Where the share ends among customers of
    the same uplift, all of these count in part.

    Parameters
    ----------
    y, treatment, uplift
        As for :func:`nbo.models.qini`.
    share : float
        Of the customers, in (0, 1].
    treatment_probability, sample_weight, control
        As for :func:`nbo.models.qini`.

    Returns
    -------
    float
        In the unit of `y`; NaN where the share holds no one of an arm.

    Raises
    ------
    InputError
        If the share is not in (0, 1], lengths differ, an arm is missing, or a value is missing or not as stated.

    Examples
    --------
    >>> uplift_at([1, 0, 1, 0], [1, 0, 0, 1], [0.4, 0.3, 0.2, 0.1], 0.5)
    1.0
    """
    check_number(share, "share", "in (0, 1]", lambda number: 0 < number <= 1)
    measured = take_measured(y, treatment, treatment_probability, sample_weight, control)
    ranked = rank(measured, take_uplift(uplift, len(measured.y)))
    ends = np.cumsum(ranked.weight)[ranked.ends]
    group = np.searchsorted(ranked.ends, np.arange(len(ranked.y)))
    size = np.diff(ends, prepend=0.0)
    room = np.clip(share * ends[-1] - (ends - size), 0.0, size)
    counted = ranked.inverse * np.divide(room, size, out=np.zeros(len(size)), where=size > 0)[group]
    means = []
    for arm in (ranked.treated, 1 - ranked.treated):
        total = (counted * arm).sum()
        means.append((counted * arm) @ ranked.y / total if total > 0 else np.nan)
    return float(means[0] - means[1])
