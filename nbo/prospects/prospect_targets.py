"""Which prospects to win: where their lifetime value pays for winning them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.errors import InputError
from nbo.prospects.invest_or_stop import invest_or_stop
from nbo.prospects.investment import Investment

__all__ = ["ProspectTargets", "prospect_targets"]

_ALL = "all"


@dataclass(frozen=True)
class ProspectTargets:
    """Which prospects to approach, and what they cost against what they are worth.

    Parameters
    ----------
    targets : DataFrame
        Who to approach, the best use of money first: the scores, with value (CLV), cost, profit, rank, reason.
    summary : DataFrame
        For each segment and for all: prospects, targets, customers (expected), spend, cac (spend for each customer
        won), clv (of those won, on average), clv_to_cac, profit, lift (probability of targets over that of all
        prospects); and with what came of it customers_won and lift_realized.
    investment : Investment
        What to do with each prospect who is alike enough, and the curve of profit.
    unlike : int
        Prospects left out because they are too unlike.
    """

    targets: pd.DataFrame = field(repr=False, compare=False)
    summary: pd.DataFrame = field(repr=False, compare=False)
    investment: Investment
    unlike: int

    def _repr_html_(self) -> str:
        return self.summary.to_html(index=False, border=0, float_format="{:,.2f}".format, na_rep="")


def prospect_targets(
    prospects: Any,
    clv: str | float = c.CLV,
    acquisition_cost: str | float = "acquisition_cost",
    *,
    budget: float | None = None,
    by: str | None = None,
    propensity: str = c.PROPENSITY,
    lookalike: str | None = None,
    least_alike: float = 0.0,
    later: Any = None,
    level: float = 0.9,
    converted: str | None = None,
) -> ProspectTargets:
    """List the prospects to approach: those of whom P(convert) x CLV pays for the cost of approaching.

    The cost is that of approaching one prospect, whether he or she becomes a customer or not. What a customer costs
    to win (CAC) is then the cost of all who are approached over the customers expected: a prospect of one in ten
    that costs 20 to approach makes a customer for 200.

    Parameters
    ----------
    prospects : DataFrame of n rows
        One row for each prospect, with the probability to convert if approached.
    clv : str or float, default="clv"
        Lifetime value of the customer that the prospect would be, in money, before the cost of winning: a column, or
        one amount for all.
    acquisition_cost : str or float, default="acquisition_cost"
        Cost of approaching one prospect, in money: a column, or one amount.
    budget : float, optional
        Most money to spend.
    by : str, optional
        Column of a segment, for the summary.
    propensity : str, default="propensity"
        Column of the probability to convert.
    lookalike : str, optional
        Column that says how like a prospect is to the best customers, the higher the more, such as the score of a
        lookalike segmenter.
    least_alike : float, default=0.0
        Whose `lookalike` is below is left out.
    later, level
        For intervals of the probabilities, see :func:`invest_or_stop`.
    converted : str, optional
        For a look back: column of who became a customer, 1 or 0.

    Returns
    -------
    ProspectTargets

    Raises
    ------
    InputError
        If a column is missing, a probability is not in [0, 1], or an amount is missing or below 0.

    Examples
    --------
    >>> prospects = pd.DataFrame({"customer_id": ["ann", "bob", "cem"], "propensity": [0.10, 0.25, 0.02]})
    >>> found = prospect_targets(prospects, clv=1000.0, acquisition_cost=50.0)
    >>> found.targets["customer_id"].tolist()
    ['bob', 'ann']
    >>> found.summary[["customers", "spend", "cac", "clv_to_cac", "profit"]].round(2).values.tolist()
    [[0.35, 100.0, 285.71, 3.5, 250.0]]
    """
    frame = check_frame(prospects, "prospects").reset_index(drop=True)
    check_columns(frame, [name for name in (by, lookalike) if name is not None], "prospects")
    alike = np.ones(len(frame), dtype=bool)
    if lookalike is not None:
        score = check_numbers(frame[lookalike], f"prospects.{lookalike}")
        check_rows(np.isnan(score), score, f"prospects.{lookalike}", "there in every row")
        alike = score >= least_alike
    elif least_alike:
        raise InputError("least_alike needs lookalike, the column of scores.")
    investment = invest_or_stop(
        frame[alike],
        clv,
        acquisition_cost,
        budget=budget,
        level=level,
        propensity=propensity,
        later=later,
        won=converted,
    )
    targets = investment.chosen()
    lines = [_line(_ALL, frame, targets, propensity, converted)]
    if by is not None:
        for name, own in frame.groupby(by, observed=True, dropna=False):
            theirs = targets[targets[by].isna()] if pd.isna(name) else targets[targets[by] == name]
            lines.append(_line(name, own, theirs, propensity, converted))
    summary = pd.DataFrame(lines).rename(columns={c.SEGMENT: by or c.SEGMENT})
    return ProspectTargets(targets, summary, investment, int((~alike).sum()))


def _line(name: Any, everyone: pd.DataFrame, targets: pd.DataFrame, propensity: str, converted: str | None) -> dict:
    p = targets[propensity].to_numpy(dtype=float)
    customers, spend, worth = math.fsum(p), math.fsum(targets[c.COST]), math.fsum(targets["gain"])
    cac, clv = _over(spend, customers), _over(worth, customers)
    line = {c.SEGMENT: name, "prospects": len(everyone), "targets": len(targets), "customers": customers}
    line |= {"spend": spend, "cac": cac, "clv": clv, "clv_to_cac": _over(clv, cac), "profit": worth - spend}
    line["lift"] = _lift(targets[propensity], everyone[propensity])
    if converted is not None:
        line["customers_won"] = int(targets[converted].sum())
        line["lift_realized"] = _lift(targets[converted], everyone[converted])
    return line


def _lift(some: pd.Series, everyone: pd.Series) -> float:
    if not len(some) or not len(everyone):
        return math.nan
    return _over(float(some.mean()), float(everyone.mean()))


def _over(a: float, b: float) -> float:
    return a / b if b else math.nan
