"""What each rule and each lever costs."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import special

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.rule import Rule
from nbo.arbitration.simulation.mean_error import mean_error
from nbo.arbitration.simulation.scenario import Scenario
from nbo.numbers import check_number

__all__ = ["rule_costs"]

_ALL_LEVERS = "all levers"
_REFUSES, _WEIGHS, _PULLS = "refuses", "weighs", "pulls"
_NUMBERS = ("cost", "standard_error", "low", "high", "offers", "acceptances", "moved")


def rule_costs(scenario: Scenario, level: float = 0.95) -> pd.DataFrame:
    r"""Measure what each rule and each lever costs: all is settled again without it.

    With :math:`\pi` the chances of the offers under all rules, :math:`\pi_{-r}` those without rule r, and w what
    offers are worth, rule r costs :math:`\sum (\pi_{-r} w_{-r} - \pi w)`. Worth is ``P x C x V - cost``: no lever
    counts, as a lever is a wish and no money, nor the context weight of the rule in question, which is measured as
    if it were 1. What is left of a flexible bundle is a fact and stays.

    Parameters
    ----------
    scenario : Scenario
    level : float, default=0.95
        Of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        A row for each rule, in their order, and for all levers together where there are several: `rule`, `does`
        (refuses, weighs, pulls), `cost` (money of all customers; below 0 the rule earns), its `standard_error` over
        customers, who are taken as a sample, `low`, `high`, `offers` and `acceptances` (expected number lost to the
        rule), and `moved` (expected share of customers who get something else because of it).

    Raises
    ------
    InputError
        If the level is not allowed.

    Notes
    -----
    Costs do not add up: of two rules that refuse the same, neither costs anything beside the other. With limits,
    each row allocates anew, and customers depend on each other, which the standard errors do not know. Beliefs stay as
    they are, also where an offer comes another way without the rule.

    Examples
    --------
    >>> from nbo.arbitration import Candidates, Scenario, When
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> tables = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann", "bob"]}))
    >>> spine, catalog = Spine.at("2026-06-30", ["ann", "bob"]), Catalog([Offer("card", value=50)])
    >>> rules = (When("not ann", refuse="customer_id == 'ann'"),)
    >>> candidates = Candidates.of(tables, spine, catalog, rules, segments=np.array(["s", "s"]))
    >>> scenario = Scenario.of(candidates, np.array([[0.2], [0.1]]), Uniform(["card"]))
    >>> rule_costs(scenario)[["rule", "does", "cost", "offers", "moved"]].values.tolist()
    [['not ann', 'refuses', 10.0, 1.0, 0.5]]
    """
    check_number(level, "level", "in (0, 1)", lambda given: 0 < given < 1)
    rules = [_remembered(rule, scenario.candidates) for rule in scenario.candidates.rules]
    # Of the same rules, remembered: a lever's factor depends on the levers beside it.
    scenario = scenario.with_rules(rules)
    candidates = scenario.candidates
    asked = [(_name(rule), _does(rule, candidates), [*rules[:at], *rules[at + 1 :]]) for at, rule in enumerate(rules)]
    pulls = [bool(rule.levers(candidates)) for rule in rules]
    if sum(pulls) > 1:
        silent = [_silenced(rule) if pull else rule for rule, pull in zip(rules, pulls, strict=True)]
        asked.append((_ALL_LEVERS, _PULLS, silent))
    rows = [{"rule": name, "does": does, **_cost(scenario, fewer, does, level)} for name, does, fewer in asked]
    frame = pd.DataFrame(rows, columns=["rule", "does", *_NUMBERS])
    return frame.astype({"rule": "str", "does": "str", **dict.fromkeys(_NUMBERS, float)})


def _cost(scenario: Scenario, rules: Sequence[Rule], does: str, level: float) -> dict[str, float]:
    without, value, n = scenario.with_rules(rules), scenario.terms.value, len(scenario.context)
    context = scenario.terms.context
    if _WEIGHS in does:
        # The ways in which the offers come, weighed as if the rule were not there.
        context = scenario.left.in_best_way(without.candidates.way_weights)
    gained = _expected(without, without.terms.context, value) - _expected(scenario, context, value)
    change = without.made - scenario.made
    # Making no offer is an action, too: it takes what the offers lose.
    offers = change.sum(axis=1)
    cost, error = float(gained.sum()), n * mean_error(gained)
    reach = float(special.ndtri((1 + level) / 2)) * error
    return {
        "cost": cost,
        "standard_error": error,
        "low": cost - reach,
        "high": cost + reach,
        # Rounding leaves traces where the chances of the offers only change places.
        "offers": round(float(offers.sum()), 9),
        "acceptances": float((change * scenario.beliefs.propensity).sum()),
        "moved": float((np.abs(change).sum(axis=1) + np.abs(offers)).mean() / 2),
    }


def _expected(scenario: Scenario, context: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Give what each customer is expected to bring at these context weights and values, shape (n,)."""
    worth = scenario.terms.chance * context * value - scenario.terms.cost
    return np.asarray((scenario.made * worth).sum(axis=1))


def _name(rule: Rule) -> str:
    return str(getattr(rule, "name", None) or rule)


def _does(rule: Rule, candidates: Candidates) -> str:
    said = {
        _REFUSES: rule.refused(candidates) or rule.competes,
        _WEIGHS: rule.weights(candidates),
        _PULLS: rule.levers(candidates),
    }
    return ", ".join(word for word, answer in said.items() if answer)


def _remembered(rule: Rule, candidates: Candidates) -> Rule:
    """Give a rule that need not be asked again: what it says depends on the customers alone, not on other rules."""
    known = copy.copy(rule)
    for name in ("refused", "weights"):
        answer = getattr(rule, name)(candidates)
        known.__dict__[name] = lambda _, answer=answer: answer
    return known


def _silenced(rule: Rule) -> Rule:
    quiet = copy.copy(rule)
    quiet.__dict__["levers"] = lambda _: {}
    return quiet
