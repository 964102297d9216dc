"""A decision made once more, from its row in the log, and compared bit by bit."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.beliefs import Beliefs
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.decide import decide
from nbo.arbitration.explanation import one_decision
from nbo.arbitration.plan import Plan
from nbo.errors import InputError
from nbo.policies import Control, Policy
from nbo.policies.draws import row_uniforms
from nbo.policies.picks import picked_columns

__all__ = ["Replay", "replay"]

_WAY = (c.CHANNEL, c.CREATIVE, c.PLACEMENT, c.SLOT)
_NEEDED = [c.RUN_ID, c.RNG, c.CANDIDATES, c.ACTION_PROBABILITY]


@dataclass(frozen=True)
class Replay:
    """What came out when a decision was made once more.

    Parameters
    ----------
    decision_id : str
    offer_id : str
        What was drawn now.
    action_probability : float
        With which it was drawn now.
    differences : DataFrame
        Columns `column`, `logged` and `now`, a row for each value that is not the same.
    """

    decision_id: str
    offer_id: str
    action_probability: float
    differences: pd.DataFrame

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return self.differences.empty

    def __str__(self) -> str:
        if self.same:
            return f"{self.decision_id}: {self.offer_id} again, with probability {self.action_probability:.3f}"
        names = ", ".join(self.differences["column"])
        return f"{self.decision_id}: {len(self.differences)} values differ from the log: {names}"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(str(self))}</p>{self.differences.to_html(index=False)}"


def replay(
    decision: Any,
    candidates: Candidates | None = None,
    beliefs: Beliefs | None = None,
    policy: Policy | None = None,
    features: pd.DataFrame | None = None,
    business_as_usual: Policy | None = None,
) -> Replay:
    """Make a decision once more and compare it with the log; nothing is recorded or learnt.

    The draw is keyed by run and customer, so the logged probabilities alone give the same offer again. With the
    candidates, beliefs and policy of the decision, all of it is made again: rules, terms, probabilities and draw.
    What depended on other customers of the run (limits, households) is taken from the log.

    Parameters
    ----------
    decision : Series, dict or DataFrame of one row
        A row of the decisions.
    candidates : Candidates, optional
        Of this customer alone, as of the moment of the decision.
    beliefs : Beliefs, optional
    policy : Policy, optional
        In its state of then.
    features : DataFrame of 1 row, optional
        What the policy reads.
    business_as_usual : Policy, optional
        Decided for that arm of an experiment.

    Returns
    -------
    Replay

    Raises
    ------
    InputError
        If it is not one decision, a column is missing, or it is one offer of a slate.

    Examples
    --------
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> tables = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann", "bob"]}))
    >>> catalog = Catalog([Offer("card", value=40.0), Offer("loan", value=90.0)])
    >>> found = Candidates.of(tables, Spine.at("2026-06-30", ["ann", "bob"]), catalog)
    >>> made = decide(found, np.full((2, 2), 0.1), np.array(["s", "s"]), Uniform(catalog.offer_ids), 7, "run")
    >>> replay(made.iloc[1]).same
    True
    >>> str(replay({**made.iloc[1], "action_probability": 0.9})).split(":")[-1]
    ' action_probability'
    """
    row = one_decision(decision, _NEEDED)
    if not pd.isna(row.get(c.POSITION, np.nan)):
        raise InputError(f"decision {row[c.DECISION_ID]!r} is an offer of a slate, which cannot be replayed alone.")
    if candidates is None or beliefs is None or policy is None:
        again = _drawn_again(row)
    else:
        again = _decided_again(row, in_arm(row, candidates, policy), beliefs, policy, features, business_as_usual)
    names = [name for name in again if name in row and not _equal(row[name], again[name])]
    differences = pd.DataFrame(
        {"column": names, "logged": [row[name] for name in names], "now": [again[name] for name in names]}
    )
    probability = float(again[c.ACTION_PROBABILITY])
    return Replay(str(row[c.DECISION_ID]), str(again[c.OFFER_ID]), probability, differences)


def _drawn_again(row: dict[str, Any]) -> dict[str, Any]:
    probabilities = json.loads(row[c.CANDIDATES])
    stated = np.array([list(probabilities.values())])
    who = pd.DataFrame({c.CUSTOMER_ID: [row[c.CUSTOMER_ID]]})
    column = int(picked_columns(stated, row_uniforms(who, f"{row[c.RUN_ID]}/{row[c.RNG]}"))[0])
    return {c.OFFER_ID: list(probabilities)[column], c.ACTION_PROBABILITY: stated[0, column]}


def _decided_again(
    row: dict[str, Any],
    candidates: Candidates,
    beliefs: Beliefs,
    policy: Policy,
    features: pd.DataFrame | None,
    business_as_usual: Policy | None,
) -> dict[str, Any]:
    logged, dropped = json.loads(row[c.CANDIDATES]), json.loads(row.get(c.DROPPED) or "{}")
    # What the rules of this customer alone do not refuse was refused for the sake of others.
    others = {
        reason: np.array([[[dropped.get(offer) == reason] for offer in candidates.catalog.offer_ids]])
        for reason in dict.fromkeys(dropped.values())
        if reason not in candidates.reasons
    }
    # So was another way of the offer that was made.
    others["another way"] = _other_ways(row, candidates)
    # An experiment adds the action of making no offer, for the holdout.
    actions = [*policy.offers, *([] if candidates.arms is None else [c.NO_OFFER])]
    plan = Plan(
        spine=candidates.spine,
        offer_ids=candidates.catalog.offer_ids,
        taken=tuple(("capacity", reason, mask) for reason, mask in others.items()),
        must=np.array([c.NO_OFFER in actions and c.NO_OFFER not in logged]),
        prices=np.zeros(len(candidates.catalog)),
        arms=candidates.arms,
    )
    segments = np.array([row[c.SEGMENT]], dtype=object)
    arguments = (candidates, beliefs, segments, policy, row[c.RNG], row[c.RUN_ID])
    again = decide(*arguments, features=features, plan=plan, business_as_usual=business_as_usual).iloc[0].to_dict()
    return {str(name): value for name, value in again.items() if name not in (c.PRICE, c.PRICES)}


def _other_ways(row: dict[str, Any], candidates: Candidates) -> np.ndarray:
    """Mark all ways of the logged offer but the logged one."""
    logged = tuple("" if pd.isna(row.get(name)) else str(row.get(name)) for name in _WAY)
    offers = [offer_id == row[c.OFFER_ID] for offer_id in candidates.catalog.offer_ids]
    ways = [way.key != logged for way in candidates.ways]
    return np.array(offers)[None, :, None] & np.array(ways)[None, None, :] & (not all(ways))


def in_arm(row: dict[str, Any], candidates: Candidates, policy: Policy) -> Candidates:
    """Put the customer into the logged arm of an experiment; a `Control` knows its arms itself.

    Parameters
    ----------
    row : dict
        Decision.
    candidates : Candidates
        Of its customer.
    policy : Policy

    Returns
    -------
    Candidates
    """
    arm = row.get(c.ARM)
    if not isinstance(arm, str) or isinstance(policy, Control):
        return candidates
    return replace(candidates, arms=np.array([arm], dtype=object))


def _equal(logged: Any, now: Any) -> bool:
    if isinstance(logged, str) or isinstance(now, str):
        return str(logged) == str(now)
    return bool(logged == now) or (bool(pd.isna(logged)) and bool(pd.isna(now)))
