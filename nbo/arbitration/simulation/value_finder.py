"""Customers without a relevant offer, and where they lost it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.funnel import offer_codes
from nbo.arbitration.simulation.scenario import Scenario
from nbo.numbers import check_number

__all__ = ["relevant_from", "value_finder"]

_NO_SUCH = "no relevant offer in the catalog"


def relevant_from(scenario: Scenario, share: float = 0.2) -> float:
    """Give the propensity from which on an offer counts as relevant.

    Parameters
    ----------
    scenario : Scenario
    share : float, default=0.2
        In [0, 1].

    Returns
    -------
    float
        The quantile `share` of the best propensity that is left to each customer who has any offer left; 0 where
        nobody has.

    Examples
    --------
    >>> from nbo.arbitration import Candidates, Scenario
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> spine, catalog = Spine.at("2026-06-30", ["ann", "bob", "cid"]), Catalog([Offer("card")])
    >>> candidates = Candidates.of(CustomerTables(), spine, catalog, segments=np.array(["s"] * 3))
    >>> relevant_from(Scenario.of(candidates, np.array([[0.1], [0.2], [0.3]]), Uniform(["card"])), share=0.5)
    0.2
    """
    check_number(share, "share", "in [0, 1]", lambda given: 0 <= given <= 1)
    eligible = scenario.left.eligible
    served = eligible.any(axis=1)
    best = np.where(eligible, scenario.beliefs.propensity, -np.inf).max(axis=1)
    return float(np.quantile(best[served], share)) if served.any() else 0.0


def value_finder(scenario: Scenario, low_propensity: float | None = None) -> pd.DataFrame:
    """List customers without any offer, or with unlikely ones only, and where they lost the best relevant one.

    Parameters
    ----------
    scenario : Scenario
    low_propensity : float, optional
        An offer whose propensity is below this is not relevant, in [0, 1]; by default :func:`relevant_from`.

    Returns
    -------
    DataFrame
        A row for each such customer: `customer_id`, `segment`, `status` ("no offer" or "low propensity"),
        `best_propensity` (of what is left; NaN where nothing is), and of the relevant offer of the highest worth
        among those that were dropped `offer_id`, `propensity`, `value` (money, without levers), `stage` and
        `reason`. Where no offer was ever relevant, there is none and the stage is "models". Those who lost most
        come first.

    Raises
    ------
    InputError
        If the propensity is not in [0, 1].

    Examples
    --------
    >>> from nbo.arbitration import Candidates, Scenario, When
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> tables = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann", "bob"]}))
    >>> spine, catalog = Spine.at("2026-06-30", ["ann", "bob"]), Catalog([Offer("card", value=50)])
    >>> rules = (When("not ann", refuse="customer_id == 'ann'"),)
    >>> candidates = Candidates.of(tables, spine, catalog, rules, segments=np.array(["s", "s"]))
    >>> found = value_finder(Scenario.of(candidates, np.array([[0.2], [0.1]]), Uniform(["card"])))
    >>> found[["customer_id", "status", "offer_id", "value", "reason"]].values.tolist()
    [['ann', 'no offer', 'card', 10.0, 'not ann']]
    """
    limit = relevant_from(scenario) if low_propensity is None else low_propensity
    check_number(limit, "low_propensity", "in [0, 1]", lambda given: 0 <= given <= 1)
    left, propensity = scenario.left, scenario.beliefs.propensity
    best = np.where(left.eligible, propensity, -np.inf).max(axis=1)
    rows = np.flatnonzero(best < limit) if limit > 0 else np.flatnonzero(~left.eligible.any(axis=1))
    codes = offer_codes(left)[rows]
    lost = np.where((codes > 0) & (propensity[rows] >= limit), scenario.worth[rows], -np.inf)
    column, here = lost.argmax(axis=1), np.arange(len(rows))
    known = lost[here, column] > -np.inf
    code = np.where(known, codes[here, column], 0)
    offers = np.array(left.catalog.offer_ids, dtype=object)
    stages = np.array(["models", *left.stages], dtype=object)
    reasons = np.array([_NO_SUCH, *left.reasons], dtype=object)
    served = np.isfinite(best[rows])
    found = pd.DataFrame(
        {
            c.CUSTOMER_ID: left.spine.frame[c.CUSTOMER_ID].iloc[rows].array,
            c.SEGMENT: pd.Series(scenario.segments[rows], dtype="str"),
            "status": pd.Series(np.where(served, "low propensity", "no offer"), dtype="str"),
            "best_propensity": np.where(served, best[rows], np.nan),
            c.OFFER_ID: pd.Series(np.where(known, offers[column], None), dtype="str"),
            c.PROPENSITY: np.where(known, propensity[rows, column], np.nan),
            c.VALUE: np.where(known, lost[here, column], np.nan),
            "stage": pd.Series(stages[code], dtype="str"),
            c.REASON: pd.Series(reasons[code], dtype="str"),
        }
    )
    return found.sort_values(c.VALUE, ascending=False, kind="stable", ignore_index=True)
