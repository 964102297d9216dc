"""Alert on customers whom to lose costs more than to act."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.alerting import alert_columns as a
from nbo.alerting.actions import best_actions, read_actions
from nbo.alerting.cause_model import CauseModel
from nbo.alerting.causes.find import CAUSES, UNKNOWN, find_causes
from nbo.alerting.episodes import HELD_BACK, OPEN, continued, past_episodes
from nbo.alerting.learn_causes import learn_causes
from nbo.alerting.matching import rows_of
from nbo.alerting.result import Alerts, Unpaid
from nbo.alerting.risk import customer_risk, retention_actions, scored
from nbo.alerting.routing import Budget, check_budget, find_owners, within_budget
from nbo.alerting.told import held_causes, main_causes, reasons
from nbo.errors import InputError
from nbo.features import known_customers
from nbo.numbers import check_number
from nbo.rng import code_by_key
from nbo.tables import CustomerTables, Spine
from nbo.times import check_duration, check_time

__all__ = ["alerts"]

logger = logging.getLogger(__name__)
_HORIZON = "90D"


def alerts(
    model: Any,
    tables: CustomerTables,
    as_of: Any,
    *,
    actions: Any = None,
    value: Any = "clv",
    customers: Any = None,
    past: Any = None,
    owners: Any = None,
    budget: Budget = None,
    period: str = "7D",
    cost: float = 0.0,
    threshold: float = 0.0,
    rearm: float = 0.8,
    horizon: str | None = None,
    assumed: float | None = 0.1,
    causes: CauseModel | Literal["learn"] | None = "learn",
    contract_end: str = "contract_end",
) -> Alerts:
    r"""Alert on customers whom to lose costs more than to act: why, what is at stake, what to do, who does it.

    Doing nothing loses p v on average, the churn probability times the value at stake; with an action that takes
    :math:`\Delta` off the probability, at a cost k, it is (p - :math:`\Delta`) v + k. A customer is alerted where the
    best action, the one that gains most, gains more than it costs: :math:`\Delta v > k`, and p is at least the
    threshold.

    An episode begins with that, and has one alert, however often this is called with its `past`. It ends when the
    risk is seen below `rearm` times the threshold, or no action avoids `rearm` times what it costs any more, when the
    horizon is over, or when the complaint that caused it is closed; in the last case only another complaint begins a
    new one while the risk stays and the horizon lasts. So risk that goes up and down a little does not ring again and
    again, nor an action that may not be taken for some days.

    Parameters
    ----------
    model : NextBestOffer, CauseModel or DataFrame
        Anything with ``score(tables, spine)`` that gives customer_id and churn_probability, such as a fitted
        NextBestOffer with churn and CLV model; or such scores, made before.
    tables : CustomerTables
        Where the causes are looked for.
    as_of : Timestamp or str
        Only what was known before it counts, UTC.
    actions : DataFrame, optional
        What can be done: `action` (its name), `cost` (money), and either `churn_reduction` (what it takes off the
        churn probability, at most all of it) or `relative_reduction` (the share that it takes off, such as 0.5). May
        have `cause` (only customers with that cause get it), `campaign` (name of the list for customers without an
        owner; by default the action) and `customer_id` (effects of single customers, as
        :func:`~nbo.alerting.uplift_actions` gives them). By default the model's offers of kind "retention" whose
        uplift it knows, the effect on the chance to stay; where it knows none, all of them, with what is `assumed`;
        and where the catalog has none, a "personal contact" with that effect, at the cost of the dearest offer.
    value : str, float or DataFrame, default="clv"
        Value at stake, money: a column of the scores, one number for all, or a frame with customer_id and value.
    customers : sequence or DataFrame, optional
        Whom to look at; by default all customers known then, or all who were scored where there is no such table.
    past : Alerts, DataFrame, path or sequence of them, optional
        What earlier runs gave; :meth:`Alerts.write` writes the folder that a path names.
    owners : DataFrame, optional
        customer_id and owner; by default the column `owner` of customers as of then. Customers without an owner go
        to the list of the action's campaign.
    budget : int or mapping of str to int, optional
        Most alerts of each owner in a period, those with the highest net gain; a mapping gives owners, and lists
        as "campaign:<name>", a number of their own, and others none. By default no limit.
    period : str, default="7D"
        Of the budget; alerts of `past` within it count.
    cost : float, default=0.0
        Cost of handling any alert, added to that of the action.
    threshold : float, default=0.0
        Least churn probability of an alert, in [0, 1].
    rearm : float, default=0.8
        Share of the threshold, and of the cost of acting, below which an episode ends, in (0, 1].
    horizon : str, optional
        Of the churn probability; by default that of the model, or "90D".
    assumed : float or None, default=0.1
        Without `actions`: share of the risk that retention offers are taken to remove where no uplift is known, in
        (0, 1]; each reason says so. It is a guess: measure it in an experiment. None refuses to guess.
    causes : CauseModel, "learn" or None, default="learn"
        Weighs the causes. "learn" fits one on the past in the tables, see
        :func:`~nbo.alerting.learn_causes.learn_causes`; without one the cause is the first of
        `nbo.alerting.causes.find.CAUSES` that holds.
    contract_end : str, default="contract_end"
        Column of customers with the end of the contract.

    Returns
    -------
    Alerts
        `frame`, `held_back` and `episodes`, the `past` of the next call; and `unpaid`, for whom acting does not pay.

    Raises
    ------
    InputError
        If a setting, the scores or another frame are not as stated, or no action is known.
    TypeError
        If the tables are no CustomerTables, or the model is none of the above.

    Examples
    --------
    >>> scores = pd.DataFrame(
    ...     {"customer_id": ["ann", "bob", "cy"], "churn_probability": [0.4, 0.4, 0.02], "clv": [900.0, 30.0, 900.0]}
    ... )
    >>> case = {"customer_id": "ann", "opened_at": "2026-06-20", "kind": "complaint", "topic": "billing"}
    >>> actions = pd.DataFrame({"action": ["call", "letter"], "cost": [20.0, 2.0], "relative_reduction": [0.5, 0.1]})
    >>> tables = CustomerTables(cases=pd.DataFrame([case]))
    >>> found = alerts(scores, tables, "2026-06-30", actions=actions)
    >>> found.frame[["customer_id", "cause", "expected_loss", "action", "net_gain"]].values.tolist()
    [['ann', 'open complaint', 360.0, 'call', 160.0]]
    >>> len(alerts(scores, tables, "2026-07-01", actions=actions, past=found))
    0
    """
    moment = check_time(as_of)
    if not isinstance(tables, CustomerTables):
        raise TypeError(f"tables must be CustomerTables; got {type(tables).__name__}.")
    if not (hasattr(model, "score") or hasattr(model, "columns")):
        raise TypeError(
            f"model must be a NextBestOffer, a CauseModel or a frame of scores; got {type(model).__name__}."
        )
    _check_settings(budget, cost, threshold, rearm, assumed, causes)
    window, ahead = check_duration(period, "period"), _horizon(model, horizon)
    spine = _asked(model, tables, customers, moment)
    scores = scored(model, tables, spine, moment)
    risk = customer_risk(model, scores, spine, value)
    offered = read_actions(retention_actions(model, scores, assumed) if actions is None else actions)
    _check_causes(offered)
    guess = assumed if actions is None and offered[a.CHURN_REDUCTION].isna().all() else None
    run = _Run(tables, moment, ahead, offered, cost, contract_end, guess)
    # As if every cause held: whom no action could pay for needs no look at the tables.
    every = np.full(len(risk), f"|{'|'.join((*CAUSES, UNKNOWN))}|", dtype=object)
    could = best_actions(risk, every, offered, cost, rearm)
    p = risk[c.CHURN_PROBABILITY]
    known = (p.notna() & risk[a.VALUE_AT_STAKE].notna()).to_numpy()
    calm = pd.Index(risk.loc[known & ((p < rearm * threshold) | (could["worth"] == 0)).to_numpy(), c.CUSTOMER_ID])
    earlier = past_episodes(past, moment)
    rows_of(risk[c.CUSTOMER_ID], earlier[c.CUSTOMER_ID].drop_duplicates(), "past.customer_id")
    episodes, holds = continued(earlier, tables, moment, calm, ahead)
    busy = episodes.loc[holds & (episodes[a.STATE] != HELD_BACK), c.CUSTOMER_ID]
    rings = known & (p >= threshold).to_numpy() & (could[a.NET_GAIN] > 0).to_numpy()
    rings &= ~risk[c.CUSTOMER_ID].isin(busy).to_numpy()
    weights = learn_causes(tables, moment, ahead, contract_end) if causes == "learn" and rings.any() else causes
    ranked = run.ranked(risk[rings], owners, weights if isinstance(weights, CauseModel) else None)
    ranked = _named(ranked, episodes[holds], moment)
    fits, limit, used = within_budget(ranked, episodes, budget, moment - window)
    quiet = known & (p >= threshold).to_numpy() & ~(rings & risk[c.CUSTOMER_ID].isin(ranked[c.CUSTOMER_ID]).to_numpy())
    unpaid = Unpaid.of(could[quiet & ~risk[c.CUSTOMER_ID].isin(busy).to_numpy()])
    if not len(ranked) and unpaid is not None:
        logger.warning("no customer is alerted: %s", unpaid.told)
    return _result(ranked, (fits, limit, used), episodes, moment, (len(risk), int((~known).sum()), unpaid))


@dataclass(frozen=True)
class _Run:
    """What all alerts of a call share."""

    tables: CustomerTables
    moment: pd.Timestamp
    horizon: pd.Timedelta
    offered: pd.DataFrame
    cost: float
    contract_end: str
    guess: float | None

    def ranked(self, risk: pd.DataFrame, owners: Any, weights: CauseModel | None) -> pd.DataFrame:
        """Give causes, actions, reasons and routes of those for whom it pays to act, the highest net gain first."""
        risk = risk.reset_index(drop=True)
        spine = Spine.of(risk[[c.CUSTOMER_ID]].assign(**{c.AS_OF: self.moment}))
        signals = find_causes(self.tables, spine, self.contract_end)
        causes, evidence = main_causes(signals, len(risk), weights)
        best = best_actions(risk, held_causes(signals, len(risk)), self.offered, self.cost)
        rows = risk.assign(**{a.CAUSE: causes, a.EVIDENCE: evidence}).join(best)
        rows[a.EXPECTED_LOSS] = rows[c.CHURN_PROBABILITY] * rows[a.VALUE_AT_STAKE]
        rows[a.OWNER] = find_owners(self.tables, spine, owners)
        rows[a.ROUTE] = np.where(rows[a.OWNER].notna(), a.TO_OWNER, a.TO_CAMPAIGN + rows[a.CAMPAIGN].astype("str"))
        rows = rows[rows[a.NET_GAIN] > 0].reset_index(drop=True)
        return rows.assign(**{c.REASON: reasons(rows, self.horizon, self.guess)})


def _check_settings(budget: Any, cost: Any, threshold: Any, rearm: Any, assumed: Any, causes: Any) -> None:
    check_budget(budget)
    check_number(cost, "cost", "0 or more", lambda money: 0 <= money < np.inf)
    check_number(threshold, "threshold", "in [0, 1]", lambda level: 0 <= level <= 1)
    check_number(rearm, "rearm", "in (0, 1]", lambda share: 0 < share <= 1)
    if assumed is not None:
        check_number(assumed, "assumed", "in (0, 1], or None", lambda share: 0 < share <= 1)
    if causes is not None and causes != "learn" and not isinstance(causes, CauseModel):
        raise InputError(f"causes must be a CauseModel, 'learn' or None; got {causes!r:.100}.")


def _check_causes(offered: pd.DataFrame) -> None:
    wrong = sorted(set(offered[a.CAUSE]) - {"", UNKNOWN, *CAUSES})
    if wrong:
        raise InputError(f"actions.cause must be one of {', '.join(map(repr, (*CAUSES, UNKNOWN)))}; got {wrong[0]!r}.")


def _horizon(model: Any, horizon: str | None) -> pd.Timedelta:
    own = getattr(getattr(model, "churn", None) or model, "horizon", None)
    return check_duration(horizon or (own if isinstance(own, str | pd.Timedelta) else _HORIZON), "horizon")


def _asked(model: Any, tables: CustomerTables, customers: Any, moment: pd.Timestamp) -> Spine:
    if customers is not None:
        return Spine.at(moment, customers)
    if tables.has("customers") or hasattr(model, "score"):
        return known_customers(tables, moment)
    return Spine.at(moment, model)


def _named(rows: pd.DataFrame, running: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    """Give alerts their ids and starts; those held back before keep theirs. Sort them."""
    now: Any = pd.DataFrame(
        {
            a.ALERT_ID: pd.Series(code_by_key(rows[c.CUSTOMER_ID], f"alert {moment}"), index=rows.index, dtype="str"),
            a.STARTED_AT: pd.Series(moment, index=rows.index, dtype="datetime64[us]"),
        }
    )
    waiting = running[running[a.STATE] == HELD_BACK].drop_duplicates(c.CUSTOMER_ID)
    place = rows_of(rows[c.CUSTOMER_ID], waiting[c.CUSTOMER_ID], "past.customer_id")
    for name in now:
        if len(waiting):
            now[name] = now[name].where(place < 0, waiting[name].iloc[np.maximum(place, 0)].to_numpy())
    raised: dict[str, Any] = {a.RAISED_AT: moment}
    rows = rows.assign(**now, **raised).astype({a.RAISED_AT: "datetime64[us]"})
    return rows.sort_values([a.NET_GAIN, a.ALERT_ID], ascending=[False, True], kind="stable", ignore_index=True)


def _result(
    ranked: pd.DataFrame,
    told: tuple[np.ndarray, np.ndarray, np.ndarray],
    episodes: pd.DataFrame,
    moment: pd.Timestamp,
    counts: tuple[int, int, Unpaid | None],
) -> Alerts:
    fits, limit, used = told
    why = [
        f"The budget of {most:.0f} alerts is used: {before} raised in the period before, and others gain more. {reason}"
        for most, before, reason in zip(limit[~fits], used[~fits], ranked.loc[~fits, c.REASON], strict=True)
    ]
    frame = ranked.loc[fits, list(a.ALERT_TYPES)].reset_index(drop=True)
    not_yet: dict[str, Any] = {a.RAISED_AT: pd.NaT, c.REASON: why}
    waiting = ranked.loc[~fits, list(a.ALERT_TYPES)].assign(**not_yet)
    states: dict[str, Any] = {a.STATE: np.where(fits, OPEN, HELD_BACK), a.ENDED_AT: pd.NaT}
    new = ranked.assign(**states, **{a.RAISED_AT: ranked[a.RAISED_AT].where(fits)})
    kept = episodes[~episodes[a.ALERT_ID].isin(new[a.ALERT_ID])]
    every = [part[list(a.EPISODE_TYPES)] for part in (kept, new) if len(part)]
    return Alerts(
        _typed(frame, a.ALERT_TYPES),
        _typed(waiting.reset_index(drop=True), a.ALERT_TYPES),
        _typed(pd.concat(every, ignore_index=True) if every else kept, a.EPISODE_TYPES),
        moment,
        *counts,
    )


def _typed(frame: pd.DataFrame, types: dict[str, str]) -> pd.DataFrame:
    kinds = {name: kind for name, kind in types.items() if name != c.CUSTOMER_ID}
    return frame[list(types)].astype(kinds)
