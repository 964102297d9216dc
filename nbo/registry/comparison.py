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
from nbo.evaluation.estimate import Estimate
from nbo.evaluation.ips import ips
from nbo.evaluation.log import Log
from nbo.evaluation.reading import read_log
from nbo.next_best_offer import NextBestOffer
from nbo.registry.bar import Bar
from nbo.tables import CustomerTables, Spine

__all__ = ["MONEY", "Comparison", "compare", "features_at", "with_money"]

MONEY = "money"
_NEEDED = (c.CUSTOMER_ID, c.DECIDED_AT, c.OFFER_ID, c.ACTION_PROBABILITY)


@dataclass(frozen=True)
class Comparison:
    """Reward per decision of two models, and of one minus the other with its interval.

    Parameters
    ----------
    difference, standard_error : float
        Challenger minus champion; NaN where the log does not support a verdict.
    low, high : float
        Its interval, the lower bound without the reserve; NaN where the log does not support a verdict, infinite
        where two customers are not there.
    n : int
        Decisions.
    reserve : float, default=0.0
        What was taken off the lower bound for offers that nobody has accepted yet.
    challenger, champion : Estimate, optional
        Each by itself, by inverse propensity scoring; missing where there is no decision.
    no_verdict : str
        Why the log does not support a verdict; empty where it does.
    """

    difference: float
    standard_error: float
    low: float
    high: float
    n: int
    reserve: float = 0.0
    challenger: Estimate | None = None
    champion: Estimate | None = None
    no_verdict: str = ""


def compare(
    challenger: NextBestOffer,
    champion: NextBestOffer,
    feedback: pd.DataFrame,
    tables: CustomerTables | None = None,
    reward: str = c.REWARD,
    bar: Bar = Bar(),  # noqa: B008 -- frozen
) -> Comparison:
    r"""Compare two models on the same logged decisions, as :func:`nbo.compare` compares policies.

    The interval is the difference, as many standard errors to each side as the bar says. A standard error knows only
    what has come: an offer that is seldom made, and whose rare acceptances bring much, looks worthless until
    the first one. So offers that were made and that nobody has accepted yet count against the challenger as if they
    had been as often as the log may hide, :math:`-\ln(1 - confidence)` times [1]_, which is 3 at 95 %: the
    lower bound is reduced by what that would take from the gain at the one of them where it takes most.

    Parameters
    ----------
    challenger, champion : NextBestOffer
    feedback : DataFrame of shape (n, any)
        As for :func:`nbo.evaluate`, with `customer_id` and `decided_at`.
    tables : CustomerTables, optional
        Needed where the decisions were made with other segments than a model's.
    reward : str, default="reward"
        Column to compare.
    bar : Bar, optional
        Kind and confidence of the interval.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If columns are missing, or a model's segments are not known.

    References
    ----------
    .. [1] Hanley, J. A. and Lippman-Hand, A. (1983). If nothing goes wrong, is everything all right? Interpreting
       zero numerators. JAMA 249, 1743-1745.
    """
    check_columns(feedback, (*_NEEDED, reward), "feedback")
    if not len(feedback):
        return Comparison(math.nan, math.nan, -math.inf, math.inf, 0)
    ours, theirs = (
        read_log(model.policy, _as_seen_by(model, feedback, tables), reward, None, 0)
        for model in (challenger, champion)
    )
    found = compare_logs(("ips", "ips"), (ours, theirs), (ips(ours), ips(theirs)), Asked(level=bar.confidence))
    alone = found.supported and math.isnan(found.standard_error)
    units = found.a.n if ours.customer is None else len(np.unique(ours.customer))
    half = math.inf if alone else bar.reach(units) * found.standard_error
    reserve = _reserve(feedback, ours, theirs, reward, bar.confidence)
    return Comparison(
        difference=found.difference,
        standard_error=found.standard_error,
        low=found.difference - half - reserve,
        high=found.difference + half,
        n=found.a.n,
        reserve=reserve,
        challenger=found.a,
        champion=found.b,
        no_verdict="; ".join(_named(reason) for reason in found.reasons),
    )


def _reserve(feedback: pd.DataFrame, ours: Log, theirs: Log, reward: str, confidence: float) -> float:
    """Say what offers that nobody has accepted yet may take from the difference, if the log hides acceptances."""
    rows = feedback if ours.usable is None else feedback[ours.usable]
    accepted = rows[c.REWARD if c.REWARD in rows else reward] > 0
    most = {MONEY: rows.get(c.VALUE), c.REWARD: 1.0}.get(reward, max(float(rows[reward].max()), 0.0))
    pull = (ours.weights - theirs.weights) * most
    by_offer = pd.DataFrame({"accepted": accepted, "pull": pull}).groupby(rows[c.OFFER_ID].astype("str"))
    never = (by_offer["accepted"].sum() == 0).drop(c.NO_OFFER, errors="ignore")
    worst = by_offer["pull"].mean()[never[never].index].min()
    return -math.log(1 - confidence) * max(0.0, -worst) / len(rows) if never.any() else 0.0


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


def features_at(model: NextBestOffer, feedback: pd.DataFrame, tables: CustomerTables) -> pd.DataFrame:
    """Build a model's features as of each decision.

    Parameters
    ----------
    model : NextBestOffer
    feedback : DataFrame of n rows
    tables : CustomerTables

    Returns
    -------
    DataFrame of n rows
        In the order of the feedback.
    """
    spine = Spine.of(feedback[[c.CUSTOMER_ID, c.DECIDED_AT]].rename(columns={c.DECIDED_AT: c.AS_OF}))
    X: pd.DataFrame = model.features.build(tables, spine)
    return X


def _as_seen_by(model: NextBestOffer, feedback: pd.DataFrame, tables: CustomerTables | None) -> pd.DataFrame:
    """Feedback with the model's own segments; those of the log only where they are the same."""
    if tables is not None:
        segments = model.segmenter.predict(features_at(model, feedback, tables))
        return feedback.assign(**{c.SEGMENT: pd.Series(segments, index=feedback.index, dtype="str")})
    if c.SEGMENT_SCHEME in feedback and (others := int((feedback[c.SEGMENT_SCHEME] != model.segmenter.scheme).sum())):
        raise InputError(
            f"{others} of {len(feedback)} decisions were made with other segments than the model's, "
            "so its choice is not known. Give promote(..., tables=tables): the segments are then made anew, "
            "as of each decision."
        )
    return feedback
