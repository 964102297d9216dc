"""From beliefs to one offer (or none, or a slate) per customer, drawn last and logged with its probability."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.armed import ByArm
from nbo.arbitration.asking import check_rng, check_run, policy_actions, policy_context
from nbo.arbitration.beliefs import Beliefs
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.decision_terms import with_terms
from nbo.arbitration.drawn import drawn
from nbo.arbitration.funnel import dropped_texts, why_nothing
from nbo.arbitration.plan import Plan
from nbo.arbitration.priority import Priority
from nbo.arbitration.rules.never_together import never_together
from nbo.errors import InputError
from nbo.policies import Policy
from nbo.rng import code_by_key

__all__ = ["decide"]


def decide(
    candidates: Candidates,
    beliefs: Beliefs | np.ndarray,
    segments: np.ndarray,
    policy: Policy,
    rng: int | str,
    run_id: str,
    *,
    features: pd.DataFrame | None = None,
    plan: Plan | None = None,
    slots: int = 1,
    business_as_usual: Policy | None = None,
) -> pd.DataFrame:
    """Decide for each customer which offer is made, if any.

    Rules and the plan take offers away, the policy states its probabilities for what is left, and the draw is
    the last step: nothing changes an offer afterwards, so the logged probability is true.

    Parameters
    ----------
    candidates : Candidates
        n customers, each once; k offers; and the rules.
    beliefs : Beliefs or ndarray of shape (n, k)
        What the models say; a matrix is P(accept) per customer and offer, in the catalog's order.
    segments : ndarray of str, shape (n,)
        Segment of each customer.
    policy : Policy
        Knows the catalog's offers, and perhaps ``no_offer``.
    rng : int or str
        Names the draw, together with `run_id` and the customer.
    run_id : str
        Name of the run.
    features : DataFrame of n rows, optional
        Features of the customers, with the `context_columns` of the policy. These columns are written into the
        decisions, for the policy to learn from.
    plan : Plan, optional
        What is settled for all customers of the run together, of whom these are some; by default made for these.
    slots : int, default=1
        Most offers of a customer. With more than one each offer is a row, with its `position` and the
        `slate_probability` of all of them; its action probability is that given those above it.
    business_as_usual : Policy, optional
        Decides for that arm of an experiment; see :func:`~nbo.arbitration.armed`.

    Returns
    -------
    DataFrame of n rows, or one a customer and offer
        The columns of the table `decisions`; the way (channel, and creative, placement and slot where there are
        any); the terms of the priority: `propensity`, `uplift` where some is known, `context_weight`, `value`,
        `lever`, `cost`, `priority` and `price`, money; `prices` (JSON of what every short offer costs);
        `candidates` (JSON of the probability of every eligible offer); `dropped` (JSON of the reason of every other
        one); the features that the policy reads, and what else it notes of a decision, such as the arm. A customer
        to whom nothing may be offered gets ``no_offer`` with probability 1, and the reason.

    Raises
    ------
    InputError
        If `rng` is no number or text, `slots` are not those of the plan, a customer stands twice, the policy does
        not know an offer of the catalog, the features lack a column that it reads, the shapes differ, or business
        as usual has customers and no policy.

    Examples
    --------
    >>> from nbo.policies import Uniform
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> people = pd.DataFrame({"customer_id": ["ann", "bob"]})
    >>> catalog = Catalog([Offer("card", value=40.0, channels=("email",)), Offer("loan", value=90.0)])
    >>> found = Candidates.of(CustomerTables(customers=people), Spine.at("2026-06-30", people), catalog)
    >>> made = decide(found, np.array([[0.1, 0.2]] * 2), np.array(["all"] * 2), Uniform(catalog.offer_ids), 7, "june")
    >>> made[["customer_id", "offer_id", "action_probability", "priority"]].values.tolist()
    [['ann', 'card', 0.5, 4.0], ['bob', 'loan', 0.5, 18.0]]
    """
    beliefs = Beliefs.given(beliefs)
    check_run(candidates, policy)
    rng = check_rng(rng)
    plan = plan or Plan.make(candidates, beliefs, slots=slots)
    if plan.slots != slots:
        raise InputError(f"slots must be {plan.slots}, for which the plan was made; got {slots!r}.")
    left, must, prices = plan.applied(candidates)
    states: Any = policy
    if left.arms is not None:
        states = ByArm(policy, left.arms, left.spine.frame[c.CUSTOMER_ID], business_as_usual)
    eligible = policy_actions(left, states, must)
    context = policy_context(left, segments, states, features)
    names = np.full(len(context), type(policy).__name__, dtype=object)
    if isinstance(states, ByArm):
        eligible, names = states.narrowed(context, eligible), states.names(context)
    made = drawn(
        states, context, eligible, f"{run_id}/{rng}", slots, never_together(candidates.rules), _most(candidates, slots)
    )
    # A code, not the customer's id: decision ids are kept in policy states, which travel with models.
    codes = f"{run_id}:" + code_by_key(context[c.CUSTOMER_ID], run_id)[made.row].astype(object)
    ids = codes if slots == 1 else codes + "/" + made.position.astype(str).astype(object)
    reasons = "drawn by " + names
    nothing = np.flatnonzero(~left.eligible.any(axis=1))
    reasons[nothing] = "nothing may be offered: " + why_nothing(left, nothing)
    columns: dict[str, Any] = {
        c.DECISION_ID: pd.Series(ids, dtype="str"),
        c.RUN_ID: run_id,
        c.OFFER_ID: pd.Series(made.offer_id, dtype="str"),
        c.ACTION_PROBABILITY: made.probability,
        c.POLICY: pd.Series(names[made.row], dtype="str"),
        c.REASON: pd.Series(reasons[made.row], dtype="str"),
        c.CANDIDATES: pd.Series(made.candidates, dtype="str"),
        c.DROPPED: pd.Series(dropped_texts(left)[made.row], dtype="str"),
        c.RNG: str(rng),
        **made.slate,
        **{name: column[made.row] for name, column in _notes(states, context).items()},
    }
    frame = context.iloc[made.row].reset_index(drop=True).rename(columns={c.AS_OF: c.DECIDED_AT}).assign(**columns)
    return with_terms(frame, made.row, left, beliefs, Priority.of(left, beliefs), prices, plan.priced)


def _most(candidates: Candidates, slots: int) -> np.ndarray | None:
    """Give the most offers of each customer's slate that the rules have room for."""
    told = [room for rule in candidates.rules if slots > 1 and (room := rule.room(candidates)) is not None]
    return np.minimum.reduce(told) if told else None


def _notes(policy: Policy, context: pd.DataFrame) -> dict[str, Any]:
    """Ask the policy what else it notes of each decision."""
    notes = getattr(policy, "decision_columns", None)
    return {} if notes is None else {str(name): column.array for name, column in notes(context).items()}
