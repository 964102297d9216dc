"""The action most likely to end well, of each department, for a customer or a segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.policies import SegmentThompson
from nbo.reports.answers import UNKNOWN
from nbo.reports.departments import DEPARTMENT, DEPARTMENTS, departments

__all__ = ["best_actions"]

_PROBABILITY = "probability"


def best_actions(
    feedback: Any,
    by: str = c.SEGMENT,
    k: int | None = 1,
    *,
    catalog: Any = None,
    words: Mapping[str, str] = DEPARTMENTS,
    scores: Any = None,
) -> pd.DataFrame:
    """Rank the actions of marketing, sales and support by how likely each ends well.

    The outcomes of each action are summed for each segment or customer, and the sums say how likely the next one is to
    end well: by the pooled model of :class:`nbo.SegmentThompson`, in which a segment, or a customer, with few answers
    is taken to be like the others, as far as the answers show that they are alike. With `scores`, a model of the
    customers says it instead, and the sums stand beside.

    Parameters
    ----------
    feedback : DataFrame
        Resolved decisions as :meth:`nbo.Ledger.feedback` gives them: `by`, offer_id and reward (1 where it ended
        well: accepted, bought, satisfied; else 0). Rows of making no offer do not count.
    by : str, default="segment"
        Column of whom to rank for, such as "segment" or "customer_id".
    k : int or None, default=1
        How many actions of a department, the likeliest first; None for all.
    catalog : Catalog or DataFrame, optional
        The offers, which tell the departments where the decisions do not; see :func:`nbo.reports.departments`.
    words : mapping of str to str, optional
        Action type -> department.
    scores : DataFrame, optional
        As :meth:`nbo.NextBestOffer.score` gives it: `by`, offer_id, propensity, and eligible if there. What is not
        eligible is left out; of several rows for one action, such as those of a segment's customers, the mean counts.

    Returns
    -------
    DataFrame
        A row for each of `by`, each department and rank: `by`, department, rank (from 1), offer_id, probability, low
        and high (of 95 % that the sums leave possible; missing with `scores`), n (answered decisions of this action)
        and accepted (how many ended well). Actions that were not tried there are ranked as well, with n = 0. Of equal
        probabilities the one with more answers goes first, then the first by name.

    Raises
    ------
    InputError
        If a column is missing, a reward is neither 0 nor 1, a propensity is not in [0, 1], or `k` is below 1.

    Examples
    --------
    >>> from nbo.tables import Catalog, Offer
    >>> kinds = {"card": "discount", "mag": "content", "visit": "service"}
    >>> catalog = Catalog([Offer(name, kind=kind) for name, kind in kinds.items()])
    >>> rows = pd.DataFrame({"segment": "new", "offer_id": ["card", "mag", "visit", "mag"] * 50})
    >>> rows["reward"] = [0.0, 1.0, 1.0, 0.0] * 50
    >>> best_actions(rows, catalog=catalog)[["department", "offer_id", "n", "accepted"]].values.tolist()
    [['marketing', 'mag', 100, 50], ['support', 'visit', 50, 50]]
    """
    if k is not None:
        check_number(k, "k", "a whole number, at least 1", lambda given: given >= 1, whole=True)
    counted = _sums(check_frame(feedback, "feedback"), by, catalog, words)
    keys = [by, DEPARTMENT, c.OFFER_ID]
    if scores is None:
        table = _by_sums(counted, by)
    else:
        table = _by_scores(check_frame(scores, "scores"), by, catalog, words)
        table = table.merge(counted, on=keys, how="left").fillna({"n": 0, "accepted": 0})
    table = table.astype({"n": "int64", "accepted": "int64"})
    order = [by, DEPARTMENT, _PROBABILITY, "n", c.OFFER_ID]
    table = table.sort_values(order, ascending=[True, True, False, False, True], kind="stable", ignore_index=True)
    table["rank"] = table.groupby([by, DEPARTMENT], sort=False, observed=True).cumcount() + 1
    table = table[[by, DEPARTMENT, "rank", c.OFFER_ID, _PROBABILITY, "low", "high", "n", "accepted"]]
    return table if k is None else table[table["rank"] <= k].reset_index(drop=True)


def _sums(rows: pd.DataFrame, by: str, catalog: Any, words: Mapping[str, str]) -> pd.DataFrame:
    """Count the answers and the good ones of each action."""
    check_columns(rows, [by, c.OFFER_ID, c.REWARD], "feedback")
    if by in (c.OFFER_ID, DEPARTMENT):
        raise InputError(f"by must name whom to rank for, such as 'segment' or 'customer_id'; got {by!r}.")
    check_rows(~rows[c.REWARD].isin([0, 1]).to_numpy(), rows[c.REWARD], "feedback.reward", "0 or 1")
    return (
        _actions(rows, by, catalog, words)
        .assign(reward=rows[c.REWARD].astype(float))
        .groupby([by, DEPARTMENT, c.OFFER_ID], sort=True, observed=True)[c.REWARD]
        .agg(n="size", accepted="sum")
        .reset_index()
    )


def _actions(rows: pd.DataFrame, by: str, catalog: Any, words: Mapping[str, str]) -> pd.DataFrame:
    """Give whom each row is about, its department and its offer; a missing group is "not known"."""
    whom = rows[by].astype(object) if isinstance(rows[by].dtype, pd.CategoricalDtype) else rows[by]
    if whom.isna().any():
        whom = whom.astype(object).where(whom.notna(), UNKNOWN)
    frame = pd.DataFrame({by: whom, DEPARTMENT: departments(rows, catalog, words), c.OFFER_ID: rows[c.OFFER_ID]})
    return frame[(rows[c.OFFER_ID] != c.NO_OFFER).to_numpy()].astype({c.OFFER_ID: "str"})


def _by_sums(counted: pd.DataFrame, by: str) -> pd.DataFrame:
    """Give every action of every group with what the pooled sums say of it."""
    if counted.empty:
        return counted.assign(**dict.fromkeys((_PROBABILITY, "low", "high"), np.empty(0)))
    whom, groups = pd.factorize(counted[by])
    what, actions = pd.factorize(pd.MultiIndex.from_frame(counted[[DEPARTMENT, c.OFFER_ID]]))
    told = pd.MultiIndex.from_tuples(actions, names=[DEPARTMENT, c.OFFER_ID]).to_frame(index=False)
    policy = SegmentThompson([str(place) for place in range(len(told))])
    policy.learn(_as_answers(counted, whom, what))
    rates = policy.acceptance_rates()
    group, action = rates[c.SEGMENT].astype("int64").to_numpy(), rates[c.OFFER_ID].astype("int64").to_numpy()
    known = rates.rename(columns={"rate": _PROBABILITY})[[_PROBABILITY, "low", "high", "n", "accepted"]]
    frame = pd.DataFrame({by: groups.take(group), **{name: told[name].to_numpy()[action] for name in told}})
    return pd.concat([frame, known.reset_index(drop=True)], axis=1)


def _as_answers(counted: pd.DataFrame, whom: np.ndarray, what: np.ndarray) -> pd.DataFrame:
    """Set the sums out as answers, one a row."""
    refused = (counted["n"] - counted["accepted"]).to_numpy()
    times = np.concatenate([counted["accepted"].to_numpy(), refused]).astype(np.int64)
    cell = np.repeat(np.tile(np.arange(len(counted)), 2), times)
    reward = np.repeat(np.repeat([1.0, 0.0], len(counted)), times)
    columns = {c.SEGMENT: whom[cell].astype(str), c.OFFER_ID: what[cell].astype(str), c.REWARD: reward}
    return pd.DataFrame({c.DECISION_ID: np.arange(len(cell)), **columns})


def _by_scores(rows: pd.DataFrame, by: str, catalog: Any, words: Mapping[str, str]) -> pd.DataFrame:
    """Give every action that a model has scored and that may be done."""
    check_columns(rows, [by, c.OFFER_ID, c.PROPENSITY], "scores")
    propensity = check_numbers(rows[c.PROPENSITY], "scores.propensity")
    check_rows(~((propensity >= 0) & (propensity <= 1)), rows[c.PROPENSITY], "scores.propensity", "in [0, 1]")
    if "eligible" in rows:
        rows = rows[rows["eligible"].astype(bool).to_numpy()]
    actions = _actions(rows, by, catalog, words).assign(probability=rows[c.PROPENSITY].astype(float))
    mean = actions.groupby([by, DEPARTMENT, c.OFFER_ID], sort=True, observed=True)[_PROBABILITY].mean().reset_index()
    return mean.assign(low=np.nan, high=np.nan)
