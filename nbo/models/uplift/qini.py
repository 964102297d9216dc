"""How much better a ranking by uplift is than a random one."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo.models.uplift.measured import take_measured, take_uplift
from nbo.models.uplift.ranked import rank

__all__ = ["auuc", "qini", "qini_curve"]


def qini(
    y: Any,
    treatment: Any,
    uplift: Any,
    treatment_probability: Any = None,
    sample_weight: Any = None,
    control: Any = None,
) -> float:
    r"""Measure a ranking by its area above random, per customer.

    With :math:`\bar y_1(s)` and :math:`\bar y_0(s)`, the mean outcomes of the treated and of the others among the
    share s of the customers with the highest uplift,

    .. math:: Q = \int_0^1 s (\bar y_1(s) - \bar y_0(s)) ds - \frac{1}{2} (\bar y_1(1) - \bar y_0(1)).

    The first term is what treating only the share s gains per customer of all, over all s; the second is the same for
    customers in random order. It is in the unit of `y` and is not divided by the best that could be reached, so that
    figures can be compared between models on the same rows, not between data sets. Customers of the same uplift come
    in no order; the curve is straight over them, so a constant has the Qini 0. Where a share holds no one of an arm,
    its gain counts as 0. The idea is Radcliffe's [1]_; other definitions of the name are around.

    Parameters
    ----------
    y : array-like of shape (n,)
        Outcomes of rows that the model was not trained on: 0 or 1, or amounts.
    treatment : array-like of shape (n,)
        1 for who was treated, 0 for who was not; or two labels.
    uplift : array-like of shape (n,)
        Scores; only their order counts.
    treatment_probability : float or array-like of shape (n,), optional
        How probable treatment was, where it differed between rows: means are weighed by one over it. By default the
        same for all.
    sample_weight : array-like of shape (n,), optional
        Weight of each row, 0 or more.
    control : label, optional
        Of those not treated. By default 0, False, "no_offer" or "control".

    Returns
    -------
    float
        Above 0 is better than random.

    Raises
    ------
    InputError
        If lengths differ, an arm is missing, or a value is missing or not as stated.

    References
    ----------
    .. [1] Radcliffe, N. J. (2007). Using control groups to target on predicted lift: building and assessing uplift
       models. Direct Marketing Analytics Journal 1.

    Examples
    --------
    >>> y, treatment = [1, 0, 1, 0, 0, 1], [1, 0, 1, 0, 1, 0]
    >>> round(qini(y, treatment, [0.9, 0.8, 0.7, 0.6, 0.1, 0.0]), 4)
    0.2037
    >>> qini(y, treatment, [0.5] * 6)
    0.0
    """
    measured = take_measured(y, treatment, treatment_probability, sample_weight, control)
    return rank(measured, take_uplift(uplift, len(measured.y))).area_above_random()


def auuc(
    y: Any,
    treatment: Any,
    uplift: Any,
    treatment_probability: Any = None,
    sample_weight: Any = None,
    control: Any = None,
) -> float:
    """Measure a ranking by the area under its uplift curve, per customer.

    It is :func:`qini` and half the mean effect: the gain of treating a share of the customers, best first, averaged
    over all shares.

    Parameters
    ----------
    y, treatment, uplift, treatment_probability, sample_weight, control
        As for :func:`qini`.

    Returns
    -------
    float
        In the unit of `y`.

    Raises
    ------
    InputError
        As :func:`qini`.

    Examples
    --------
    >>> auuc([1, 0], [1, 0], [0.5, 0.5])
    0.5
    """
    measured = take_measured(y, treatment, treatment_probability, sample_weight, control)
    return rank(measured, take_uplift(uplift, len(measured.y))).area()


def qini_curve(
    y: Any,
    treatment: Any,
    uplift: Any,
    treatment_probability: Any = None,
    sample_weight: Any = None,
    control: Any = None,
) -> pd.DataFrame:
    """Give what treating the first ones gains, for every share of the customers.

    Parameters
    ----------
    y, treatment, uplift, treatment_probability, sample_weight, control
        As for :func:`qini`.

    Returns
    -------
    DataFrame
        ``share`` of the customers, best first, from 0 to 1; ``gain`` of treating these, per customer of all, in the
        unit of `y`; ``random``: the gain of as many customers taken at random. One row for each different uplift,
        after one for nobody.

    Raises
    ------
    InputError
        As :func:`qini`.

    Examples
    --------
    >>> qini_curve([1, 0, 1, 0], [1, 0, 0, 1], [0.4, 0.4, 0.1, 0.1])
       share  gain  random
    0    0.0   0.0     0.0
    1    0.5   0.5     0.0
    2    1.0   0.0     0.0
    """
    measured = take_measured(y, treatment, treatment_probability, sample_weight, control)
    share, gain = rank(measured, take_uplift(uplift, len(measured.y))).curve()
    return pd.DataFrame({"share": share, "gain": gain, "random": share * gain[-1]})
