"""Simulate what rules would lead to, before anybody is contacted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.allocation import Limit
from nbo.arbitration.arbitration import Arbitration
from nbo.arbitration.beliefs import Beliefs
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.rule import Rule
from nbo.arbitration.simulation.bias_check import bias_check
from nbo.arbitration.simulation.distribution import offer_distribution
from nbo.arbitration.simulation.funnel_table import decision_funnel
from nbo.arbitration.simulation.mean_error import mean_error
from nbo.arbitration.simulation.rule_costs import rule_costs
from nbo.arbitration.simulation.scenario import Scenario
from nbo.arbitration.simulation.sensitivity import arbitration_sensitivity, optionality, win_loss
from nbo.arbitration.simulation.simulation import Simulation
from nbo.arbitration.simulation.value_finder import relevant_from, value_finder
from nbo.policies import Policy

__all__ = ["simulate"]

_REACH = 1.959963984540054


def simulate(
    candidates: Candidates,
    beliefs: Beliefs | np.ndarray,
    policy: Policy,
    *,
    rules_a: Iterable[Rule] | None = None,
    rules_b: Iterable[Rule] | None = None,
    beliefs_b: Beliefs | np.ndarray | None = None,
    segments: np.ndarray | None = None,
    features: pd.DataFrame | None = None,
    arbitration: Arbitration | None = None,
    limits: Sequence[Limit] = (),
    attributes: Sequence[str] = (),
    low_propensity: float | None = None,
    largest_ratio: float = 1.25,
    largest_index: float = 0.05,
    alpha: float = 0.05,
    costs: bool = True,
) -> Simulation:
    """Simulate what one set of rules, or two, would lead to, before anybody is contacted.

    Nothing is drawn, learnt, recorded or changed: all numbers are expectations by the probabilities that the policy
    states, so two equal sets of rules differ by exactly nothing. Values are what the models say of them, and no
    measurement.

    Parameters
    ----------
    candidates : Candidates
        n customers, each once; k offers; and the rules.
    beliefs : Beliefs or ndarray of shape (n, k)
        What the models say; a matrix is P(accept).
    policy : Policy
        Knows the catalog's offers, and perhaps ``no_offer``.
    rules_a : iterable of Rule, optional
        By default those of the candidates.
    rules_b : iterable of Rule, such as a Playbook, optional
        To compare with; by default A is simulated alone.
    beliefs_b : Beliefs or ndarray of shape (n, k), optional
        Under B, where the models tell ways apart and the rules change them; by default the same.
    segments : ndarray of str, shape (n,), optional
        By default those of the candidates.
    features : DataFrame of n rows, optional
        With what the policy reads; by default those of the candidates.
    arbitration : Arbitration, optional
        How the priority narrows what the policy may draw; by default not at all, and then levers move nothing.
    limits : sequence of Limit, default=()
        For A and B alike; each allocates anew, and so does each row of the costs.
    attributes : sequence of str, default=()
        For the bias check; see :func:`~nbo.arbitration.bias_check`.
    low_propensity : float, optional
        For the value finder, for A and B alike, in [0, 1]; by default the 20th percentile of the best propensities
        that A leaves to its customers.
    largest_ratio, largest_index, alpha : float
        For the bias check.
    costs : bool, default=True
        Whether to measure the cost of each rule and lever, which settles all once more for each.

    Returns
    -------
    Simulation

    Raises
    ------
    InputError
        If there are no customers, rules are none, an attribute is not there, a threshold is not allowed, or the
        policy or a shape does not fit.

    Examples
    --------
    >>> from nbo.arbitration import When
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> tables = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann", "bob"], "age": [30, 17]}))
    >>> spine, catalog = Spine.at("2026-06-30", ["ann", "bob"]), Catalog([Offer("card", value=50)])
    >>> candidates = Candidates.of(tables, spine, catalog, segments=np.array(["s", "s"]))
    >>> adults = When("adults", refuse="age < 18")
    >>> found = simulate(candidates, np.array([[0.2], [0.1]]), Uniform(["card"]), rules_b=[adults])
    >>> found.totals.set_index("measure").loc["value", ["a", "b", "difference"]].tolist()
    [15.0, 10.0, -5.0]
    """
    a = Scenario.of(
        candidates, beliefs, policy, segments=segments, features=features, arbitration=arbitration, limits=limits
    )
    if rules_a is not None:
        a = replace(a.with_rules(rules_a), base=None)
    scenarios = {"A": a}
    if rules_b is not None:
        scenarios["B"] = a.with_rules(rules_b, beliefs_b)
    low = relevant_from(a) if low_propensity is None else low_propensity
    bias = {"largest_ratio": largest_ratio, "largest_index": largest_index, "alpha": alpha}

    def each(ask: Callable[[Scenario], pd.DataFrame]) -> pd.DataFrame:
        found = [ask(scenario).assign(rules=name) for name, scenario in scenarios.items()]
        frame = pd.concat(found, ignore_index=True)
        return frame[["rules", *(column for column in frame if column != "rules")]]

    under = each(lambda scenario: value_finder(scenario, low))
    return Simulation(
        totals=_totals(a, scenarios.get("B")),
        distribution=offer_distribution(a, scenarios.get("B")),
        funnel=each(decision_funnel),
        funnel_by_offer=each(lambda scenario: decision_funnel(scenario, by_offer=True)),
        under_served_customers=under,
        under_served=_counted(under, ["rules", "status", "stage", c.REASON]),
        under_served_by_segment=_by_segment(under, a),
        bias=each(lambda scenario: bias_check(scenario, attributes, **bias)),
        costs=each(lambda scenario: rule_costs(scenario if costs else scenario.with_rules([]))),
        sensitivity=each(arbitration_sensitivity),
        optionality=each(optionality),
        wins=each(win_loss),
        notes=_notes(a, scenarios.get("B"), low),
    )


def _totals(a: Scenario, b: Scenario | None) -> pd.DataFrame:
    mine = a.expected()
    mine.insert(0, "customers", 1.0)
    totals = pd.DataFrame({"measure": list(mine), "a": mine.sum().to_numpy()})
    if b is None:
        return totals
    its = b.expected()
    its.insert(0, "customers", 1.0)
    change = its - mine
    error = np.array([len(change) * mean_error(change[name].to_numpy()) for name in change])
    difference = change.sum().to_numpy()
    return totals.assign(
        b=its.sum().to_numpy(),
        difference=difference,
        standard_error=error,
        low=difference - _REACH * error,
        high=difference + _REACH * error,
    )


def _counted(under: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    groups = under.groupby(by, sort=False, dropna=False)
    found = groups.agg(customers=(c.CUSTOMER_ID, "size"), value=(c.VALUE, "sum")).reset_index()
    return found.sort_values(["rules", "customers"], ascending=[True, False], kind="stable", ignore_index=True)


def _by_segment(under: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    found = _counted(under, ["rules", c.SEGMENT])
    sizes = pd.Series(scenario.segments).value_counts()
    return found.assign(share=found["customers"].to_numpy() / found[c.SEGMENT].map(sizes).to_numpy(dtype=float))


def _notes(a: Scenario, b: Scenario | None, low: float) -> tuple[str, ...]:
    notes = [f"An offer is relevant from a propensity of {low:.4g} on."]
    if a.limits:
        notes.append(
            "With limits each row of the costs allocates anew, and customers depend on each other: the standard "
            "errors take them as independent."
        )
    if b is not None and b.beliefs is a.beliefs:
        other = (a.left.channel != b.left.channel) & a.left.eligible & b.left.eligible
        if other.any():
            notes.append(
                f"Under B {other.sum():,} of the offers left come another way than under A, with the same beliefs. "
                "Give beliefs_b if the models tell ways apart."
            )
    return tuple(notes)
