"""A survey of a given size or budget, divided among segments."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.experiments.survey_plan import SurveyPlan, invitations
from nbo.experiments.survey_segments import survey_segments
from nbo.numbers import check_number

__all__ = ["allocate_survey"]

# A part that much smaller than the largest has next to nothing.
_TINY = 1e-9


def allocate_survey(
    segments: pd.DataFrame,
    total: int | None = None,
    budget: float | None = None,
    by: str = "neyman",
    *,
    level: float = 0.95,
    rate: float = 0.5,
    sd: float | None = None,
    response_rate: float = 1.0,
    cost: float | None = None,
    at_least: int = 2,
) -> SurveyPlan:
    r"""Divide the answers of a survey, or its budget, among segments.

    The number of a segment's answers is in proportion to its size N, the same for all, or by Neyman in proportion to
    :math:`N S / \sqrt{c}` with the standard deviation S of an answer and the cost c of an answer [1]_ [2]_: this
    makes the margin of all segments together the least for the money, or, where costs are alike, for the answers.

    Parameters
    ----------
    segments : DataFrame of shape (m, any)
        As for :func:`~nbo.experiments.survey_plan`.
    total : int, optional
        Answers wanted. Either this or a budget.
    budget : float, optional
        Money for invitations; needs their `cost`.
    by : {"neyman", "proportional", "equal"}, default="neyman"
        How to divide.
    level : float, default=0.95
        How often an interval shall hold the truth, in (0, 1).
    rate : float, default=0.5
        Share expected to say yes.
    sd : float, optional
        Standard deviation of an answer that is a number.
    response_rate : float, default=1.0
        Share of the invited who answer, in (0, 1].
    cost : float, optional
        Of an invitation, money.
    at_least : int, default=2
        Answers from each segment, or all that it can give.

    Returns
    -------
    SurveyPlan
        A segment never gets more answers than it is expected to give.

    Raises
    ------
    InputError
        If a number is not allowed, or there is not enough for `at_least` in all segments, or not both a budget and a
        cost.

    References
    ----------
    .. [1] Neyman, J. (1934). On the two different aspects of the representative method. Journal of the Royal
       Statistical Society 97, 558-625.
    .. [2] Cochran, W. G. (1977). Sampling techniques, 3rd edition, section 5.5.

    Examples
    --------
    >>> segments = pd.DataFrame({"segment": ["gold", "silver"], "size": [1000, 3000], "sd": [30.0, 10.0]})
    >>> [allocate_survey(segments, 400, by=by).frame["n"].tolist() for by in ("neyman", "proportional", "equal")]
    [[200, 200], [100, 300], [200, 200]]
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    check_number(at_least, "at_least", "0 or more", lambda n: n >= 0, whole=True)
    check_one_of(by, ("neyman", "proportional", "equal"), "by")
    defaults = {"response_rate": response_rate, "cost": cost, "sd": sd, "rate": rate if sd is None else None}
    frame = survey_segments(segments, defaults)
    price, amount = _price(frame, total, budget)
    most = np.floor(frame["size"] * frame["response_rate"] * (1 + 1e-12)).to_numpy(dtype=float)
    part = {"proportional": frame["size"], "equal": frame["size"] * 0.0 + 1.0}.get(by)
    if part is None:
        each = frame["cost"] / frame["response_rate"] if "cost" in frame else frame["size"] * 0.0 + 1.0
        if (each <= 0).any():
            raise InputError("cost must be above 0 where it divides the answers; else give by='proportional'.")
        part = frame["size"] * frame["sd"] / np.sqrt(each)
    frame["n"] = _divided(part.to_numpy(dtype=float), price, amount, np.minimum(at_least, most), most)
    return SurveyPlan(invitations(frame, level), level)


def _price(frame: pd.DataFrame, total: int | None, budget: float | None) -> tuple[np.ndarray, float]:
    """Give what an answer of each segment takes of the amount to be divided, and the amount."""
    if (total is None) == (budget is None):
        raise InputError(f"either total or budget must be given; got total {total!r} and budget {budget!r}.")
    if total is not None:
        check_number(total, "total", "1 or more", lambda n: n >= 1, whole=True)
        return np.ones(len(frame)), float(total)
    check_number(budget, "budget", "finite, above 0", lambda money: 0 < money < np.inf)
    if "cost" not in frame or (frame["cost"] <= 0).any():
        raise InputError("cost of an invitation must be given, and be above 0, where a budget is divided.")
    return (frame["cost"] / frame["response_rate"]).to_numpy(), float(budget or 0.0)


def _divided(part: np.ndarray, price: np.ndarray, amount: float, least: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Divide an amount in proportion to parts, within bounds, into whole numbers."""
    if least @ price > amount * (1 + 1e-9):
        raise InputError(f"the survey is too small: {least @ price:g} are needed for `at_least`; got {amount:g}.")

    # What is divided rises with the scale, in a straight line between the scales at which a segment leaves a bound.
    some = part > _TINY * part.max(initial=0.0)
    part = np.where(some, part, 0.0)
    scales = np.unique([0.0, *(least[some] / part[some]), *(most[some] / part[some])])
    taken = np.clip(scales[:, np.newaxis] * part, least, most) @ price
    exact = np.clip(np.interp(amount, taken, scales) * part, least, most)
    n = np.floor(exact + 1e-9)
    # What is left goes to the largest remainders, as far as it reaches.
    for i in np.argsort(n - exact, kind="stable"):
        if n[i] + 1 <= most[i] and exact[i] > n[i] and (n @ price) + price[i] <= amount * (1 + 1e-9):
            n[i] += 1
    return n.astype(np.int64)
