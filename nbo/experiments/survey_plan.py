"""How many customers of each segment a survey must ask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from nbo import columns as c
from nbo.errors import InputError
from nbo.experiments.survey_segments import survey_segments
from nbo.numbers import check_number

__all__ = ["SurveyPlan", "invitations", "survey_plan"]


@dataclass(frozen=True)
class SurveyPlan:
    """Whom a survey asks, segment by segment.

    Parameters
    ----------
    frame : DataFrame
        A row for each segment: `segment`, `size`, `sd`, `response_rate`, `n` (answers wanted), `invited`,
        `expected_answers`, `reachable_margin` (half the width of the interval that they give) and `enough`
        (whether as many answers are expected as are wanted); `rate`, `margin` and `expected_cost` where they are known.
    level : float
        How often an interval shall hold the truth, in (0, 1).
    """

    frame: pd.DataFrame
    level: float

    @property
    def total(self) -> pd.Series:
        """Sums over the segments, and the margin of what is estimated of all of them together."""
        names = [name for name in ("size", "n", "invited", "expected_answers", "expected_cost") if name in self.frame]
        share = self.frame["size"] / max(self.frame["size"].sum(), 1)
        margin = float(np.sqrt(((share * self.frame["reachable_margin"]) ** 2).sum(skipna=False)))
        return pd.Series({**self.frame[names].sum().to_dict(), "reachable_margin": margin})

    def _repr_html_(self) -> str:
        row = pd.DataFrame([{c.SEGMENT: "all", **self.total}])
        table = pd.concat([self.frame.astype({c.SEGMENT: object}), row], ignore_index=True)
        return f"<p>Survey, intervals of {100 * self.level:g} %</p>" + table.to_html(index=False, na_rep="")


def survey_plan(
    segments: pd.DataFrame,
    margin: float = 0.05,
    level: float = 0.95,
    *,
    rate: float = 0.5,
    sd: float | None = None,
    response_rate: float = 1.0,
    cost: float | None = None,
    strict: bool = False,
) -> SurveyPlan:
    r"""Say how many customers of each segment to ask, so that each segment's answer is exact enough.

    With the quantile z of the normal distribution, the variance :math:`S^2` between the N customers of a segment and
    the margin e, the answers wanted are [1]_

    .. math:: n = \frac{z^2 S^2}{e^2 + z^2 S^2 / N},

    which for rates is Cochran's :math:`n_0 / (1 + (n_0 - 1) / N)` with :math:`n_0 = z^2 p (1 - p) / e^2`.

    Parameters
    ----------
    segments : DataFrame of shape (m, any)
        Columns `segment` and `size`, the customers in it; and, where they differ by segment, any of `rate`, `sd`,
        `margin`, `response_rate` and `cost`.
    margin : float, default=0.05
        Half the width of the interval of a segment's answer, in the unit of the answer.
    level : float, default=0.95
        How often an interval shall hold the truth, in (0, 1).
    rate : float, default=0.5
        Share expected to say yes; 0.5 asks for most answers.
    sd : float, optional
        Standard deviation of an answer that is a number. Then there is no rate.
    response_rate : float, default=1.0
        Share of the invited who answer, in (0, 1].
    cost : float, optional
        Of an invitation, money.
    strict : bool, default=False
        Whether a segment that is too small is an error. Else all its customers are invited, `enough` is False, and
        `reachable_margin` says what margin that gives.

    Returns
    -------
    SurveyPlan

    Raises
    ------
    InputError
        If a number is not allowed, or a segment is too small and `strict` is set.

    References
    ----------
    .. [1] Cochran, W. G. (1977). Sampling techniques, 3rd edition, chapter 4.

    Examples
    --------
    >>> segments = pd.DataFrame({"segment": ["gold", "silver", "all"], "size": [300, 1000, 10_000_000]})
    >>> plan = survey_plan(segments, response_rate=0.4)
    >>> plan.frame[["segment", "n", "invited", "enough", "reachable_margin"]].round(3).values.tolist()
    [['gold', 169, 300, False, 0.069], ['silver', 278, 695, True, 0.05], ['all', 385, 963, True, 0.05]]
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    defaults = {"margin": margin, "response_rate": response_rate, "cost": cost, "sd": sd}
    frame = survey_segments(segments, {**defaults, "rate": rate if sd is None else None})
    spread = (special.ndtri((1 + level) / 2) * frame["sd"]) ** 2
    wanted = spread / (frame["margin"] ** 2 + spread / frame["size"])
    # A hair less, so that rounding errors ask for nobody.
    frame["n"] = np.clip(np.ceil(wanted * (1 - 1e-12)), 1, frame["size"]).astype(np.int64)
    plan = SurveyPlan(invitations(frame, level), level)
    short = plan.frame[~plan.frame["enough"]]
    if strict and len(short):
        first = short.iloc[0]
        raise InputError(
            f"segments must be large enough; {len(short)} of {len(frame)} are not, first {first[c.SEGMENT]!r}: of "
            f"{first['size']} customers {first['expected_answers']:.0f} will answer, {first['n']} are wanted. "
            f"Widen its margin to {first['reachable_margin']:.3g}, or merge it with another."
        )
    return plan


def invitations(frame: pd.DataFrame, level: float) -> pd.DataFrame:
    """Add whom to invite for the answers wanted, and what these will tell.

    Parameters
    ----------
    frame : DataFrame of shape (m, any)
        Columns `size`, `sd`, `response_rate`, `n`, and perhaps `cost`.
    level : float
        Of the intervals, in (0, 1).

    Returns
    -------
    DataFrame of shape (m, any)
        With `invited`, `expected_answers`, `reachable_margin`, `enough`, and perhaps `expected_cost`.
    """
    invited = np.ceil(frame["n"] / frame["response_rate"] * (1 - 1e-12))
    invited = np.minimum(invited, frame["size"]).astype(np.int64)
    answers = invited * frame["response_rate"]
    left = np.maximum(1 - answers / frame["size"], 0)
    margin = special.ndtri((1 + level) / 2) * frame["sd"] * np.sqrt(left / answers)
    frame = frame.assign(
        invited=invited,
        expected_answers=answers,
        reachable_margin=margin.where(answers >= 1),
        enough=answers >= frame["n"] * (1 - 1e-12),
    )
    return frame.assign(expected_cost=invited * frame["cost"]).drop(columns="cost") if "cost" in frame else frame
