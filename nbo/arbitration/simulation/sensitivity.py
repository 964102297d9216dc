"""What decides who wins: the terms of the priority, and the offers that stand against each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.priority import Priority
from nbo.arbitration.simulation.mean_error import mean_error
from nbo.arbitration.simulation.scenario import Scenario

__all__ = ["arbitration_sensitivity", "optionality", "win_loss"]

_TERMS = {"P": "chance", "C": "context", "V": "value", "L": "lever"}


def arbitration_sensitivity(scenario: Scenario) -> pd.DataFrame:
    """Tell how many customers would have another best offer, were a term of the priority not told apart.

    Each term in turn is replaced by its mean over all offers that may be made, so that costs keep their weight.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    DataFrame
        `term` (P, C, V, L), `changed` (share of customers with an offer whose best offer changes, in [0, 1]), its
        `standard_error`, and `lost` (mean over these customers of the priority of the best offer less that of the
        offer that would win instead, money).

    Notes
    -----
    The best offer is that of the highest priority less price among those that the rules leave. Whether it is drawn
    is the policy's to say.

    Examples
    --------
    >>> from nbo.arbitration import Candidates, Scenario
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> spine, offers = Spine.at("2026-06-30", ["ann", "bob"]), [Offer("card", value=5), Offer("loan", value=9)]
    >>> candidates = Candidates.of(CustomerTables(), spine, Catalog(offers), segments=np.array(["s", "s"]))
    >>> scenario = Scenario.of(candidates, np.array([[0.3, 0.1], [0.2, 0.1]]), Uniform(["card", "loan"]))
    >>> arbitration_sensitivity(scenario)[["term", "changed"]].values.tolist()
    [['P', 1.0], ['C', 0.0], ['V', 0.0], ['L', 0.0]]
    """
    eligible, terms, prices = _field(scenario)
    served = np.flatnonzero(eligible.any(axis=1))
    net = terms.priority - prices
    best = _best(net, eligible)[served]
    rows = []
    for letter, name in _TERMS.items():
        numbers = np.broadcast_to(getattr(terms, name), eligible.shape)
        level = np.full((1, 1), numbers[eligible].mean() if len(served) else 1.0)
        other = _best(replace(terms, **{name: level}).priority - prices, eligible)[served]
        lost = net[served, best] - net[served, other]
        changed = (best != other).astype(float)
        rows.append((letter, _mean(changed), mean_error(changed), _mean(lost)))
    return pd.DataFrame(rows, columns=["term", "changed", "standard_error", "lost"])


def optionality(scenario: Scenario) -> pd.DataFrame:
    """Count customers by the number of offers that rules and plan leave to the policy.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    DataFrame
        `offers_left` from 0 to k, `customers`, `share`, and the mean `best_propensity` and `best_value` (money,
        without levers) of these customers' best offers; NaN where there are none.

    Examples
    --------
    >>> from nbo.arbitration import Candidates, Scenario
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> spine, catalog = Spine.at("2026-06-30", ["ann", "bob"]), Catalog([Offer("card")])
    >>> candidates = Candidates.of(CustomerTables(), spine, catalog, segments=np.array(["s", "s"]))
    >>> optionality(Scenario.of(candidates, np.full((2, 1), 0.1), Uniform(["card"])))["customers"].tolist()
    [0, 2]
    """
    eligible = scenario.left.eligible
    n, k = eligible.shape
    count = eligible.sum(axis=1)
    customers = np.bincount(count, minlength=k + 1)
    best = {}
    for name, numbers in {"best_propensity": scenario.beliefs.propensity, "best_value": scenario.worth}.items():
        top = np.where(count > 0, np.where(eligible, numbers, -np.inf).max(axis=1), 0.0)
        sums = np.bincount(count, weights=top, minlength=k + 1)
        best[name] = np.where((customers > 0) & (np.arange(k + 1) > 0), sums / np.maximum(customers, 1), np.nan)
    return pd.DataFrame({"offers_left": np.arange(k + 1), "customers": customers, "share": customers / n, **best})


def win_loss(scenario: Scenario) -> pd.DataFrame:
    """Tell how often each offer is the best one, and which offers beat it.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    DataFrame
        `offer_id`, `against` (itself where it wins), `customers` to whom the former may be made and the latter is
        the best one, and `share` of the customers to whom it may be made. Pairs that never meet are left out; most
        frequent ones first within an offer.

    Examples
    --------
    >>> from nbo.arbitration import Candidates, Scenario
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> spine, offers = Spine.at("2026-06-30", ["ann", "bob"]), [Offer("card", value=5), Offer("loan", value=9)]
    >>> candidates = Candidates.of(CustomerTables(), spine, Catalog(offers), segments=np.array(["s", "s"]))
    >>> scenario = Scenario.of(candidates, np.array([[0.3, 0.1], [0.1, 0.1]]), Uniform(["card", "loan"]))
    >>> win_loss(scenario).values.tolist()
    [['card', 'card', 1, 0.5], ['card', 'loan', 1, 0.5], ['loan', 'loan', 1, 0.5], ['loan', 'card', 1, 0.5]]
    """
    eligible, terms, prices = _field(scenario)
    best, k = _best(terms.priority - prices, eligible), eligible.shape[1]
    offers = scenario.left.catalog.offer_ids
    rows = []
    for column, offer_id in enumerate(offers):
        winners = np.bincount(best[eligible[:, column]], minlength=k)
        # The offer itself comes first among those as frequent.
        met = np.flatnonzero(winners)
        order = met[np.lexsort((met, met != column, -winners[met]))].tolist()
        rows += [(offer_id, offers[at], int(winners[at]), winners[at] / winners.sum()) for at in order]
    return pd.DataFrame(rows, columns=[c.OFFER_ID, "against", "customers", "share"])


def _field(scenario: Scenario) -> tuple[np.ndarray, Priority, np.ndarray]:
    """Give what the rules leave before the plan narrows it, with the terms of the priority and the prices."""
    ruled = scenario.candidates
    return ruled.eligible, Priority.of(ruled, scenario.beliefs), scenario.arbitration.prices_of(ruled.catalog)


def _best(net: np.ndarray, eligible: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(eligible, net, -np.inf).argmax(axis=1))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
