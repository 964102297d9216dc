"""What each treatment of an uplift model does against the leaving of each customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.alerting import alert_columns as a
from nbo.checks import check_frame, check_one_of
from nbo.errors import InputError

if TYPE_CHECKING:
    from nbo.models import UpliftModel

__all__ = ["uplift_actions"]


def uplift_actions(
    model: UpliftModel,
    X: Any,
    customers: Any,
    costs: Mapping[Any, float],
    *,
    outcome: Literal["stays", "leaves"] = "stays",
    level: float | None = None,
) -> pd.DataFrame:
    """Make the actions of :func:`nbo.alerts` from an uplift model, one row for each customer and treatment.

    Parameters
    ----------
    model : UpliftModel
        Fitted on whether customers stayed, or left, within the horizon.
    X : DataFrame of shape (n, p)
        Features of the customers.
    customers : sequence of n ids
    costs : mapping of treatment to float
        Cost of each treatment, money.
    outcome : {"stays", "leaves"}, default="stays"
        What the model was fitted on.
    level : float, optional
        Take not the prediction but the lower end of :meth:`UpliftModel.interval` of this level, such as 0.9: then an
        alert is raised only where it is rather sure that acting pays.

    Returns
    -------
    DataFrame of n x m rows
        customer_id, action, churn_reduction (difference of probabilities) and cost.

    Raises
    ------
    InputError
        If a treatment has no cost, or the customers are not as many as the rows.

    Examples
    --------
    >>> from nbo.models import UpliftModel
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"complaint": rng.random(8000) < 0.5})
    >>> called = rng.random(8000) < 0.5
    >>> stays = rng.random(8000) < 0.9 - 0.4 * X["complaint"] * ~called
    >>> model = UpliftModel().fit(X, stays, np.where(called, "call", "control"), treatment_probability=0.5)
    >>> actions = uplift_actions(model, pd.DataFrame({"complaint": [True, False]}), ["ann", "bob"], {"call": 20})
    >>> actions["churn_reduction"].round(1).abs().tolist(), actions["action"].tolist()
    ([0.4, 0.0], ['call', 'call'])
    """
    check_one_of(outcome, ("stays", "leaves"), "outcome")
    frame, ids = check_frame(X, "X"), pd.Series(customers).reset_index(drop=True)
    if len(ids) != len(frame):
        raise InputError(f"customers must have one id for each of the {len(frame)} rows of X; got {len(ids)}.")
    names = model.treatments_.tolist()
    missing = [name for name in names if name not in costs]
    if missing:
        raise InputError(
            f"costs must hold each treatment of the model, {', '.join(map(str, names))}; {missing[0]!r} is not there."
        )
    reduction = _reduction(model, frame, outcome == "leaves", level).reshape(len(frame), len(names))
    return pd.DataFrame(
        {
            c.CUSTOMER_ID: pd.concat([ids] * len(names), ignore_index=True),
            a.ACTION: np.repeat([str(name) for name in names], len(ids)),
            a.CHURN_REDUCTION: reduction.T.ravel().clip(-1, 1),
            c.COST: np.repeat([float(costs[name]) for name in names], len(ids)),
        }
    )


def _reduction(model: UpliftModel, X: pd.DataFrame, turned: bool, level: float | None) -> np.ndarray:
    if level is None:
        effect = model.predict(X)
        return -effect if turned else effect
    ends = model.interval(X, level)
    return -ends[..., 1] if turned else np.asarray(ends[..., 0])
