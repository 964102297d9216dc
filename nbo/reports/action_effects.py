"""What actions change against doing nothing, and how often nothing was done."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.evaluation import compare
from nbo.experiments import adjusted_p_values, analyze_experiment, customer_totals
from nbo.experiments.arm_names import HOLDOUT, OUTSIDE
from nbo.reports.answers import ALL, grouped

__all__ = ["action_effects"]

_NUMBERS: Final = ("mean", "base_mean", "difference", "low", "high", "p_value")
_CANNOT_TELL: Final = "cannot tell: who got no action was not chosen by chance"
_NO_OFFER_CHANCE: Final = rf'"{c.NO_OFFER}": ([-+0-9.eE]+)'


def action_effects(
    feedback: Any,
    metric: str = c.REWARD,
    by: str = c.SEGMENT,
    level: float = 0.95,
    *,
    baseline: str = HOLDOUT,
    customers: Any = None,
    arm: str = c.ARM,
    unit: str = c.CUSTOMER_ID,
) -> pd.DataFrame:
    """Count actions and inactions by segment, and tell what actions have changed.

    Where customers were put into arms by chance and one of them gets no action, arms are compared with it,
    customer by customer (:func:`nbo.analyze_experiment`). Else, where the policy drew between an offer and
    none, the decisions of both kinds are weighed by their probabilities (:func:`nbo.evaluation.compare` with
    "snips"). Else nothing can be told, and the table says so.

    An answer can only come to an offer, so the reward of no action is 0. To learn what would have happened anyway,
    name a metric that is measured of everybody, such as the money spent afterwards.

    Parameters
    ----------
    feedback : DataFrame
        Resolved decisions, those that made no offer among them: customer_id, offer_id, the columns `by` and
        `metric`, and arm, or action_probability and candidates. A customer's segment is that of its first decision
        (by decided_at, if there).
    metric : str, default="reward"
        Column of numbers, none missing: of the decisions, added up by customer, or of `customers`.
    by : str, default="segment"
        Column of segments. A missing value counts as "not known".
    level : float, default=0.95
        Of the intervals, in (0, 1).
    baseline : str, default="holdout"
        The arm that gets no action.
    customers : DataFrame, optional
        All customers of the experiment, a row each: customer_id, arm and `by`; `metric` if the decisions lack it. By
        default those of the decisions.
    arm : str, default="arm"
        Column of the arm.
    unit : str, default="customer_id"
        Column of the customer.

    Returns
    -------
    DataFrame
        One row per segment, "all" first, and arm: `by`, arm ("any action" without arms), actions and no_actions
        (decisions of that arm, or of all), no_action_share, n and base_n (customers, or decisions that were drawn
        by chance), mean and base_mean (of the metric, per customer or decision), difference with low and high,
        p_adjusted (after Benjamini and Hochberg), and told_by: "holdout arm", "action probabilities", or why it
        cannot be told.

    Raises
    ------
    InputError
        If a column is missing, a metric is not known, or a customer is in several arms.

    Examples
    --------
    >>> rows = {"customer_id": range(8), "segment": "a", "arm": ["agent", "holdout"] * 4}
    >>> feedback = pd.DataFrame(rows).assign(offer_id=["card", "no_offer"] * 4, spent=[5.0, 1, 7, 2, 6, 1, 5, 2])
    >>> found = action_effects(feedback, "spent")
    >>> found[["segment", "actions", "no_actions", "difference", "told_by"]].values.tolist()
    [['all', 4, 0, 4.25, 'holdout arm'], ['a', 4, 0, 4.25, 'holdout arm']]
    """
    frame = check_frame(feedback, "feedback")
    check_columns(frame, [c.OFFER_ID, by, unit], "feedback")
    rows = frame.assign(**{by: pd.Series(grouped(frame[by], f"feedback.{by}"), index=frame.index).astype("str")})
    people = _people(rows, customers, by, arm, unit)
    arms = set() if people is None else set(people[arm]) - {OUTSIDE}
    if people is not None and baseline in arms and len(arms) > 1:
        found = _of_arms(rows, people, metric, by, level, baseline, arm, unit)
    else:
        found = _of_draws(rows, metric, by, level)
    found["p_adjusted"] = adjusted_p_values(found.pop("p_value").to_numpy(dtype=float))
    counts = _counts(rows, by, arm if "holdout arm" in set(found["told_by"]) else None)
    table = found.merge(counts, on=[by, "arm"], how="left").fillna({"actions": 0, "no_actions": 0})
    table = table.astype({"actions": "int64", "no_actions": "int64", "n": "int64", "base_n": "int64"})
    decided = table["actions"] + table["no_actions"]
    table["no_action_share"] = table["no_actions"] / decided.where(decided > 0)
    numbers = [name for name in _NUMBERS if name != "p_value"]
    return table[
        [by, "arm", "actions", "no_actions", "no_action_share", "n", "base_n", *numbers, "p_adjusted", "told_by"]
    ]


def _people(rows: pd.DataFrame, customers: Any, by: str, arm: str, unit: str) -> pd.DataFrame | None:
    """Give each customer with its arm and first segment, if there are arms."""
    if customers is not None:
        given = check_frame(customers, "customers")
        check_columns(given, [unit, arm, by], "customers")
        return given.assign(**{by: pd.Series(grouped(given[by], f"customers.{by}"), index=given.index).astype("str")})
    if arm not in rows:
        return None
    known = rows[rows[arm].notna()]
    ordered = known.sort_values(c.DECIDED_AT, kind="stable") if c.DECIDED_AT in known else known
    return ordered.drop_duplicates(unit)[[unit, arm, by]].reset_index(drop=True)


def _of_arms(
    rows: pd.DataFrame, people: pd.DataFrame, metric: str, by: str, level: float, baseline: str, arm: str, unit: str
) -> pd.DataFrame:
    rows = rows[rows[arm].notna()] if arm in rows else rows
    if metric in people:
        totals = people
    else:
        check_columns(rows, [metric], "feedback")
        named = [unit, metric, *([arm] if arm in rows else [])]
        totals = customer_totals(rows[named], [metric], people[[unit, arm, by]], arm=arm, unit=unit)
    few = totals[arm].value_counts()
    totals = totals[totals[arm].isin(few.index[few > 1])]
    effects = analyze_experiment(totals, [metric], baseline, by=by, level=level, arm=arm, unit=unit, adjust=None)
    effects = effects.rename(columns={"segment": by, "baseline_n": "base_n", "baseline_mean": "base_mean"})
    return effects[[by, "arm", "n", "base_n", *_NUMBERS]].assign(told_by="holdout arm")


def _of_draws(rows: pd.DataFrame, metric: str, by: str, level: float) -> pd.DataFrame:
    """Weigh the decisions by which a policy drew between an offer and none."""
    chance = _chance_of_none(rows)
    drawn = (chance > 0) & (chance < 1)
    check_columns(rows, [metric], "feedback")
    values = check_numbers(rows[metric], f"feedback.{metric}")
    check_rows(~np.isfinite(values), values, f"feedback.{metric}", "there and finite")
    none = (rows[c.OFFER_ID] == c.NO_OFFER).to_numpy(dtype=bool)
    found = []
    for segment in [ALL, *sorted(rows[by].unique())]:
        some = drawn if segment == ALL else drawn & (rows[by] == segment).to_numpy(dtype=bool)
        row = {by: segment, "arm": "any action", "n": int((some & ~none).sum()), "base_n": int((some & none).sum())}
        row |= dict.fromkeys(_NUMBERS, np.nan) | {"told_by": _CANNOT_TELL}
        if min(row["n"], row["base_n"]) > 1:
            row |= _weighed(rows[some].drop(columns=c.CANDIDATES), chance[some], none[some], metric, level)
        found.append(row)
    return pd.DataFrame(found)


def _chance_of_none(rows: pd.DataFrame) -> np.ndarray:
    """Read with which probability no offer would have been made."""
    if c.CANDIDATES not in rows or c.ACTION_PROBABILITY not in rows:
        return np.full(len(rows), np.nan)
    texts = rows[c.CANDIDATES].astype("str")
    return texts.str.extract(_NO_OFFER_CHANCE, expand=False).astype(float).to_numpy()


def _weighed(rows: pd.DataFrame, chance: np.ndarray, none: np.ndarray, metric: str, level: float) -> dict[str, Any]:
    act = np.where(none, 0.0, rows[c.ACTION_PROBABILITY].to_numpy(dtype=float) / (1 - chance))
    found = compare(np.minimum(act, 1.0), none.astype(float), rows, "snips", metric, level)
    told = {"mean": found.a.value, "base_mean": found.b.value, "difference": found.difference}
    why = "cannot tell: " + "; ".join(found.reasons)
    bounds = {"low": found.low, "high": found.high, "p_value": found.p_value}
    return {**told, **bounds, "told_by": "action probabilities" if found.supported else why}


def _counts(rows: pd.DataFrame, by: str, arm: str | None) -> pd.DataFrame:
    """Count decisions with and without an offer."""
    none = (rows[c.OFFER_ID] == c.NO_OFFER).to_numpy(dtype=bool)
    arms = rows[arm].astype("str") if arm is not None else pd.Series("any action", index=rows.index)
    own = pd.DataFrame({by: rows[by], "arm": arms, "actions": ~none, "no_actions": none}).reset_index(drop=True)
    both = pd.concat([own.assign(**{by: ALL}), own], ignore_index=True)
    return both.groupby([by, "arm"], as_index=False)[["actions", "no_actions"]].sum()
