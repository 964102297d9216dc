"""What each part of the decision is worth: the agent against arms that lack one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.errors import InputError
from nbo.experiments import arm_names as names
from nbo.experiments.adjusted_p_values import adjusted_p_values
from nbo.experiments.analyze_experiment import analyze_experiment
from nbo.experiments.arms import Arms
from nbo.experiments.customer_totals import customer_totals
from nbo.experiments.experiment_rows import metric_values
from nbo.experiments.impact_checks import acted_alike, check_assignment, expected_shares
from nbo.experiments.impact_report import ImpactReport
from nbo.experiments.sample_ratio import sample_ratio

__all__ = ["IMPACT_EXPERIMENTS", "impact_experiments"]

# Name, arm and baseline.
IMPACT_EXPERIMENTS: Final = (
    ("agent vs random relevant offer", names.AGENT, names.CONTROL),
    ("agent vs propensity only", names.AGENT, names.PROPENSITY_ONLY),
    ("agent vs no levers", names.AGENT, names.NO_LEVERS),
    ("agent vs eligibility only", names.AGENT, names.ELIGIBILITY_ONLY),
    ("model propensity vs random propensity", names.PROPENSITY_ONLY, names.RANDOM_PROPENSITY),
    ("agent vs business as usual", names.AGENT, names.BUSINESS_AS_USUAL),
    ("agent vs holdout", names.AGENT, names.HOLDOUT),
)
_METRICS: Final[dict[str, str | tuple[str, str]]] = {
    "acceptance per decision": ("accepted", "decisions"),
    "value per decision": ("gain", "decisions"),
    "value per customer": "gain",
}
_WITHHELD = [
    "difference",
    "low",
    "high",
    "relative_difference",
    "relative_low",
    "relative_high",
    "p_value",
    "p_adjusted",
]


def impact_experiments(
    feedback: Any,
    customers: Any = None,
    assignment: Arms | Mapping[str, float] | None = None,
    *,
    value: str | None = None,
    level: float = 0.95,
    adjust: str | None = "bh",
    look: int | None = None,
) -> ImpactReport:
    """Report what the agent, and what parts of its decision, are worth.

    Seven comparisons are made where both arms are there: the agent against a random relevant offer, propensity
    alone, no levers, eligibility alone, business as usual and no contact; and the propensity of the model
    against a random one. The arms are those of :func:`~nbo.experiments.impact_arms` and
    :func:`~nbo.experiments.four_arms`. Customers are the units, and an arm has all its customers, those without
    any offer among them.

    Nothing is reported of arms that cannot be believed: their sizes must be as assigned. A split made after
    deciding, or of customers who all were served alike, would show that nothing differs; arms that decided
    alike are named in a warning.

    Parameters
    ----------
    feedback : DataFrame
        Answered decisions, those that made no offer among them: `customer_id`, `arm` and `reward`, 1 if
        accepted, else 0.
    customers : DataFrame, optional
        All customers of the experiment: `customer_id`, `arm`, `assigned_at` if it is known, and `segment` if
        shares differ by segment. By default those of the decisions, with a warning.
    assignment : Arms or mapping of str to float, optional
        What put the customers into the arms: then each arm is checked. Or the share that each arm should have.
    value : str, optional
        Column of the money that a decision brought. By default the reward times `value`, minus `cost` where
        that is there.
    level : float, default=0.95
        How often an interval shall hold the true difference, in (0, 1).
    adjust : {"bh", "by"} or None, default="bh"
        Of the p-values of all comparisons and metrics, see :func:`~nbo.experiments.adjusted_p_values`.
    look : int, optional
        1, 2, ..., if the report is looked at again and again: see :func:`~nbo.experiments.analyze_experiment`.

    Returns
    -------
    ImpactReport

    Raises
    ------
    InputError
        If a column is missing, a customer is in several arms or in another than assigned, an arm was assigned after a
        decision, a number is not known, or no comparison can be made.

    Examples
    --------
    >>> from nbo.experiments import Arms
    >>> arms = Arms("impact", {"agent": 0.5}, rest="control")
    >>> customers = pd.DataFrame({"customer_id": range(4000)})
    >>> customers["arm"] = arms.assign(customers["customer_id"])
    >>> rate = np.where(customers["arm"] == "agent", 0.3, 0.1)
    >>> answers = customers.assign(reward=np.random.default_rng(0).random(4000) < rate, value=20.0)
    >>> report = impact_experiments(answers, customers, arms)
    >>> report.effects.query("metric == 'acceptance per decision'")["difference"].round(1).tolist()
    [0.2]
    """
    rows = check_frame(feedback, "feedback")
    check_columns(rows, [c.CUSTOMER_ID, "arm", c.REWARD], "feedback")
    accepted = check_numbers(rows[c.REWARD], f"feedback.{c.REWARD}")
    check_rows(~np.isin(accepted, (0, 1)), rows[c.REWARD], f"feedback.{c.REWARD}", "0 or 1")
    taken = rows[[c.CUSTOMER_ID, "arm"]].assign(accepted=accepted, gain=_gain(rows, accepted, value))
    totals = customer_totals(taken, ["accepted", "gain"], None if customers is None else _people(customers))
    check_assignment(rows, customers if customers is not None else totals, assignment)
    shares = expected_shares(totals if customers is None else check_frame(customers, "customers"), assignment)
    check = None if shares is None else sample_ratio(totals["arm"], shares)
    effects = _effects(totals, level, adjust, look)
    alarm = check is not None and (check.alarm if look is None else check.alarm_any_time)
    reasons = (str(check),) if alarm else ()
    if reasons:
        effects[_WITHHELD] = np.nan
    return ImpactReport(effects, check, reasons, _warnings(rows, effects, customers is None, check is None))


def _gain(rows: pd.DataFrame, accepted: np.ndarray, value: str | None) -> np.ndarray:
    """Give the money that each decision brought."""
    if value is not None:
        check_columns(rows, [value], "feedback")
        return metric_values(rows, value, "feedback")
    check_columns(rows, [c.VALUE], "feedback")
    values = check_numbers(rows[c.VALUE], f"feedback.{c.VALUE}")
    check_rows(
        (accepted == 1) & ~np.isfinite(values), values, f"feedback.{c.VALUE}", "there where an offer is accepted"
    )
    worth = np.where(accepted == 1, values, 0.0)
    costs = check_numbers(rows[c.COST], f"feedback.{c.COST}") if c.COST in rows else np.zeros(len(rows))
    return worth - np.nan_to_num(costs, nan=0.0)


def _people(customers: Any) -> pd.DataFrame:
    frame = check_frame(customers, "customers")
    check_columns(frame, [c.CUSTOMER_ID, "arm"], "customers")
    return frame[[c.CUSTOMER_ID, "arm"]]


def _effects(totals: pd.DataFrame, level: float, adjust: str | None, look: int | None) -> pd.DataFrame:
    there, parts = set(totals["arm"]), []
    for name, arm, baseline in IMPACT_EXPERIMENTS:
        if {arm, baseline} <= there:
            both = totals[totals["arm"].isin([arm, baseline])]
            part = analyze_experiment(both, _METRICS, baseline, level=level, adjust=None, look=look)
            part.insert(0, "experiment", name)
            part.insert(4, "baseline", baseline)
            parts.append(part.drop(columns=["segment", "variance_removed"]))
    if not parts:
        known = ", ".join(sorted({f"{arm!r} with {baseline!r}" for _, arm, baseline in IMPACT_EXPERIMENTS}))
        raise InputError(
            f"no comparison can be made of the arms {', '.join(map(repr, sorted(there)))}; known are {known}."
        )
    effects = pd.concat(parts, ignore_index=True)
    if adjust is not None:
        effects["p_adjusted"] = adjusted_p_values(effects["p_value"].to_numpy(), adjust)
    return effects


def _warnings(rows: pd.DataFrame, effects: pd.DataFrame, no_customers: bool, no_shares: bool) -> tuple[str, ...]:
    found = []
    if no_customers:
        found.append("customers without a decision are not counted; give `customers`, all of the experiment.")
    if no_shares:
        found.append("the sizes of the arms are not checked; give `assignment`.")
    pairs = effects[["experiment", "arm", "baseline"]].drop_duplicates()
    found += [
        f"{name}: {arm!r} and {baseline!r} made the same decisions as often. Were the arms split after deciding?"
        for name, arm, baseline in pairs.itertuples(index=False)
        if acted_alike(rows, arm, baseline)
    ]
    return tuple(found)
