"""What treating some customers and not others is worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo.checks import check_matrix, check_numbers
from nbo.errors import InputError
from nbo.models.uplift.arms import codes_of_arms
from nbo.models.uplift.means import mean_and_error
from nbo.models.uplift.measured import Measured, check_level, take_measured, take_outcomes
from nbo.models.uplift.scores import arm_scores
from nbo.numbers import check_number

__all__ = ["policy_value"]


def policy_value(
    y: Any,
    treatment: Any,
    decision: Any,
    cost: Any = 0.0,
    value: float = 1.0,
    treatment_probability: Any = None,
    sample_weight: Any = None,
    outcomes: Any = None,
    level: float = 0.95,
    control: Any = None,
) -> pd.DataFrame:
    r"""Measure what a decision for each customer would have brought, next to treating all and treating none.

    With the score :math:`\psi_{ia}` of each row in each arm (see References), a decision d is worth the mean of
    :math:`value \cdot \psi_{i d(i)} - cost_{d(i)}` per customer. Without `outcomes` the score is inverse probability
    weighting about the mean of each arm, with them it is doubly robust [1]_.

    Parameters
    ----------
    y : array-like of shape (n,)
        Outcomes of rows that the model was not trained on.
    treatment : array-like of shape (n,)
        1 for who was treated, 0 for who was not; or labels of several treatments and the control.
    decision : array-like of shape (n,) or (n, m)
        Flags or labels as in `treatment`: what the policy does. Or the predicted uplift as floats, one column a
        treatment in the order of the labels: the treatment with the highest value x uplift - cost is taken, if that is
        above 0.
    cost : float or array-like of shape (m,), default=0
        Money for each customer treated.
    value : float, default=1
        Money for one unit of `y`.
    treatment_probability : float or array-like of shape (n,), (m,), (n, m) or (n, m + 1), optional
        How probable each treatment was. By default its share of the rows.
    sample_weight : array-like of shape (n,), optional
        Weight of each row, 0 or more.
    outcomes : array-like of shape (n, m + 1), optional
        What a model that has not seen these rows expects in each arm (`predict_outcomes`).
    level : float, default=0.95
        How often an interval shall hold, in (0, 1).
    control : label, optional
        As for :func:`nbo.models.qini`.

    Returns
    -------
    DataFrame
        Rows ``policy`` (the decision), ``nobody``, and ``everyone`` (with several treatments one row each). Columns
        ``policy``, ``value`` (money per customer), ``standard_error``, ``low``, ``high``, ``treated`` (share), and
        ``gain``, ``gain_error``, ``gain_low``, ``gain_high``: what the policy brings more than this row, paired.

    Raises
    ------
    InputError
        If lengths differ, an arm is missing, or a value is missing or not as stated.

    References
    ----------
    .. [1] Dudik, M., Langford, J. and Li, L. (2011). Doubly robust policy evaluation and learning. ICML 28.

    Examples
    --------
    >>> y, treatment, decision = [1, 0, 1, 1], [1, 0, 1, 0], [True, True, False, False]
    >>> table = policy_value(y, treatment, decision, cost=0.25, treatment_probability=0.5)
    >>> table[["policy", "value", "treated"]]
         policy  value  treated
    0    policy  0.875      0.5
    1    nobody  0.500      0.0
    2  everyone  0.750      1.0
    """
    check_level(level)
    check_number(value, "value", "a number", lambda _: True)
    measured = take_measured(y, treatment, treatment_probability, sample_weight, control, one=False)
    n_rows, n_arms = len(measured.y), len(measured.labels)
    spent = _costs(cost, n_arms - 1)
    brought = value * _scores(measured, take_outcomes(outcomes, n_rows, n_arms)) - spent
    chosen = _decisions(decision, measured, spent, value)
    several = [f"everyone: {label}" for label in measured.labels.tolist()[1:]]
    names = ["policy", "nobody", *(["everyone"] if n_arms == 2 else several)]
    choices = [chosen, *(np.full(n_rows, a) for a in range(n_arms))]
    reach = special.ndtri((1 + level) / 2)
    own, rows = brought[np.arange(n_rows), chosen], []
    for name, choice in zip(names, choices, strict=True):
        scores = brought[np.arange(n_rows), choice]
        mean, error = mean_and_error(scores, measured.weight)
        gain, gain_error = mean_and_error(own - scores, measured.weight)
        treated = float(np.average(choice > 0, weights=measured.weight))
        ends = mean - reach * error, mean + reach * error, treated
        rows.append([name, mean, error, *ends, gain, gain_error, gain - reach * gain_error, gain + reach * gain_error])
    columns = ["policy", "value", "standard_error", "low", "high", "treated"]
    return pd.DataFrame(rows, columns=[*columns, "gain", "gain_error", "gain_low", "gain_high"])


def _costs(cost: Any, m: int) -> np.ndarray:
    costs = check_numbers(np.atleast_1d(np.asarray(cost)), "cost")
    if len(costs) not in (1, m) or not np.isfinite(costs).all():
        raise InputError(f"cost must be a number, or one for each of the {m} treatments, finite; got {cost!r}.")
    return np.append(0.0, np.broadcast_to(costs, m))


def _scores(measured: Measured, outcomes: np.ndarray | None) -> np.ndarray:
    arm, inverse, n_arms = measured.arm, measured.inverse, len(measured.labels)
    if outcomes is None:
        totals = np.maximum(np.bincount(arm, inverse, n_arms), 1e-300)
        outcomes = np.tile(np.bincount(arm, inverse * measured.y, n_arms) / totals, (len(arm), 1))
    return arm_scores(measured.y, arm, measured.known_probability, outcomes)


def _decisions(decision: Any, measured: Measured, cost: np.ndarray, value: float) -> np.ndarray:
    given, n_rows, m = np.asarray(decision), len(measured.y), len(cost) - 1
    if given.dtype.kind != "f":
        flags = given.dtype.kind == "b" and m == 1
        return codes_of_arms(measured.labels[given.astype(int)] if flags else given, n_rows, measured.labels)
    uplift = check_matrix(given[:, None] if given.ndim == 1 and m == 1 else given, (n_rows, m), "decision")
    if not np.isfinite(uplift).all():
        raise InputError("decision must be finite where it is an uplift; it is not in every row.")
    worth = np.column_stack([np.zeros(n_rows), value * uplift - cost[1:]])
    # The first of equals: without a gain nobody is treated.
    return worth.argmax(axis=1)
