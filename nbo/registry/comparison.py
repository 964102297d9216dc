"""Compare two models on the same logged decisions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_rows
from nbo.errors import InputError
from nbo.evaluation.asked import Asked
from nbo.evaluation.compare_logs import compare_logs
from nbo.evaluation.ips import ips
from nbo.evaluation.reading import read_log
from nbo.next_best_offer import NextBestOffer
from nbo.tables import CustomerTables, Spine

__all__ = ["MONEY", "Comparison", "compare", "with_money"]

MONEY = "money"
_NEEDED = (c.CUSTOMER_ID, c.DECIDED_AT, c.OFFER_ID, c.ACTION_PROBABILITY)


@dataclass(frozen=True)
class Comparison:
    """Reward per decision of two models, and of one minus the other with a 95 % interval.

    Parameters
    ----------
    challenger_value, champion_value : float
        Reward per decision, by inverse propensity scoring; NaN where the log does not support it.
    difference, low, high : float
        Challenger minus champion; NaN where the log does not support a verdict, infinite bounds where
        two customers are not there.
    n : int
        Decisions.
    ess : float
        Effective sample size of the challenger's weights.
    no_verdict : str
        Why the log does not support a verdict; empty where it does.
    """

    challenger_value: float
    champion_value: float
    difference: float
    low: float
    high: float
    n: int
    ess: float
    no_verdict: str = ""


def compare(
    challenger: NextBestOffer,
    champion: NextBestOffer,
    feedback: pd.DataFrame,
    tables: CustomerTables | None = None,
    reward: str = c.REWARD,
) -> Comparison:
    """Compare two models on the same logged decisions, as :func:`nbo.compare` compares policies.

    Parameters
    ----------
    challenger, champion : NextBestOffer
    feedback : DataFrame of shape (n, any)
        As for :func:`nbo.evaluate`, with `customer_id` and `decided_at`.
    tables : CustomerTables, optional
        Needed where the decisions were made with other segments than a model's.
    reward : str, default="reward"
        Column to compare.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If columns are missing, or a model's segments are not known.
    """
    check_columns(feedback, (*_NEEDED, reward), "feedback")
    if not len(feedback):
        return Comparison(math.nan, math.nan, math.nan, -math.inf, math.inf, 0, 0.0)
    ours, theirs = (
        read_log(model.policy, _as_seen_by(model, feedback, tables), reward, None, 0)
        for model in (challenger, champion)
    )
    found = compare_logs(("ips", "ips"), (ours, theirs), (ips(ours), ips(theirs)), Asked())
    alone = found.supported and math.isnan(found.low)
    return Comparison(
        challenger_value=found.a.value,
        champion_value=found.b.value,
        difference=found.difference,
        low=-math.inf if alone else found.low,
        high=math.inf if alone else found.high,
        n=found.a.n,
        ess=found.a.effective_sample_size,
        no_verdict="; ".join(_named(reason) for reason in found.reasons),
    )


def _named(reason: str) -> str:
    side, text = reason.split(": ", 1)
    return f"{'challenger' if side == 'a' else 'champion'}: {text}"


def with_money(feedback: pd.DataFrame) -> pd.DataFrame:
    """Add what each decision brought: value if accepted, minus cost.

    Parameters
    ----------
    feedback : DataFrame of n rows
        Columns `offer_id`, `reward` and `value`, and `cost` if there is one.

    Returns
    -------
    DataFrame
        With the column `money`; decisions to make no offer brought 0.

    Raises
    ------
    InputError
        If the value of an offer that was made is missing.

    Examples
    --------
    >>> rows = {"offer_id": ["card", "no_offer"], "reward": [1.0, 0.0], "value": [40.0, None], "cost": [0.5, 0.0]}
    >>> with_money(pd.DataFrame(rows))["money"].tolist()
    [39.5, 0.0]
    """
    check_columns(feedback, (c.OFFER_ID, c.REWARD, c.VALUE), "feedback")
    made = (feedback[c.OFFER_ID] != c.NO_OFFER).to_numpy()
    value = feedback[c.VALUE].to_numpy(dtype=float, na_value=np.nan)
    check_rows(made & np.isnan(value), feedback[c.VALUE], "feedback.value", "a number where an offer was made")
    cost = feedback[c.COST].fillna(0.0).to_numpy(dtype=float) if c.COST in feedback else 0.0
    return feedback.assign(**{MONEY: np.where(made, feedback[c.REWARD] * value - cost, 0.0)})


def _as_seen_by(model: NextBestOffer, feedback: pd.DataFrame, tables: CustomerTables | None) -> pd.DataFrame:
    """Feedback with the model's own segments; those of the log only where they are the same."""
    if tables is not None:
        spine = Spine.of(feedback[[c.CUSTOMER_ID, c.DECIDED_AT]].rename(columns={c.DECIDED_AT: c.AS_OF}))
        segments = model.segmenter.predict(model.features.build(tables, spine))
        return feedback.assign(**{c.SEGMENT: pd.Series(segments, index=feedback.index, dtype="str")})
    if c.SEGMENT_SCHEME in feedback and (others := int((feedback[c.SEGMENT_SCHEME] != model.segmenter.scheme).sum())):
        raise InputError(
            f"{others} of {len(feedback)} decisions were made with other segments than the model's, "
            "so its choice is not known. Give promote(..., tables=tables): the segments are then made anew, "
            "as of each decision."
        )
    return feedback
