"""From scores to one offer (or none) per customer, drawn last and logged with its probability."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.checks import check_columns, check_matrix, check_rows
from nbo.errors import InputError
from nbo.policies import Policy
from nbo.policies.candidate_texts import candidate_texts
from nbo.policies.draws import row_uniforms
from nbo.policies.picks import picked_columns
from nbo.rng import code_by_key

__all__ = ["decide"]


def decide(
    candidates: Candidates,
    propensity: np.ndarray,
    segments: np.ndarray,
    policy: Policy,
    rng: int | str,
    run_id: str,
    uplift: np.ndarray | None = None,
    features: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Decide for each customer which offer is made, if any.

    Rules take offers away, the policy states its probabilities for what is left, and the draw is
    the last step: nothing changes an offer afterwards, so the logged probability is true.

    Parameters
    ----------
    candidates : Candidates
        n customers, each once; k offers; and the rules.
    propensity : ndarray of shape (n, k)
        P(accept) per customer and offer, in the catalog's order.
    segments : ndarray of str, shape (n,)
        Segment of each customer.
    policy : Policy
        Knows the catalog's offers, and perhaps ``no_offer``.
    rng : int or str
        Names the draw, together with `run_id` and the customer.
    run_id : str
        Name of the run.
    uplift : ndarray of shape (n, k), optional
        By how much the offer raises the chance of what it is made for; missing where that is not known. It
        takes the place of the propensity in the priority.
    features : DataFrame of n rows, optional
        Features of the customers, with the `context_columns` of the policy. These columns are written into the
        decisions, for the policy to learn from.

    Returns
    -------
    DataFrame of n rows
        The columns of the table `decisions`, `priority` (propensity, or uplift where it is known, x value - cost,
        money), `uplift` where some is known, `candidates` (JSON of the probability of every eligible offer), the
        features that the policy reads, and what else it notes of a decision, such as the arm. A customer to whom
        nothing may be offered gets ``no_offer`` with probability 1, and the reason.

    Raises
    ------
    InputError
        If a customer stands twice, the policy does not know an offer of the catalog, or the features lack a column
        that it reads.
    """
    _check(candidates, propensity, policy)
    if uplift is not None:
        check_matrix(uplift, np.shape(propensity), "uplift")
    eligible = _for_policy(candidates, policy)
    served: np.ndarray = np.asarray(eligible.any(axis=1))
    context = _context(candidates, segments, policy, features)
    asked, allowed = context.loc[served], eligible[served]
    stated = policy.probabilities(asked, allowed)
    column = picked_columns(stated, row_uniforms(asked, f"{run_id}/{rng}"))
    offers = np.full(len(context), c.NO_OFFER, dtype=object)
    probability = np.ones(len(context))
    offers[served] = np.asarray(list(policy.offers), dtype=object)[column]
    probability[served] = stated[np.arange(len(column)), column]
    texts = np.full(len(context), json.dumps({c.NO_OFFER: 1.0}), dtype=object)
    texts[served] = candidate_texts(list(policy.offers), stated, allowed)
    columns: dict[str, Any] = {
        # A code, not the customer's id: decision ids are kept in policy states, which travel with models.
        c.DECISION_ID: pd.Series(f"{run_id}:" + code_by_key(context[c.CUSTOMER_ID], run_id), dtype="str"),
        c.RUN_ID: run_id,
        c.OFFER_ID: pd.Series(offers, dtype="str"),
        c.ACTION_PROBABILITY: probability,
        c.POLICY: type(policy).__name__,
        c.REASON: _reasons(candidates, served, policy),
        c.CANDIDATES: pd.Series(texts, dtype="str"),
        **_notes(policy, context),
    }
    frame = context.rename(columns={c.AS_OF: c.DECIDED_AT}).assign(**columns)
    return _with_terms(frame, candidates, propensity, uplift)


def _check(candidates: Candidates, propensity: np.ndarray, policy: Policy) -> None:
    n, k, _ = candidates.shape
    check_matrix(propensity, (n, k), "propensity")
    ids = candidates.spine.frame[c.CUSTOMER_ID]
    check_rows(ids.duplicated().to_numpy(), ids, "spine.customer_id", "there once: a run decides once per customer")
    unknown = [offer for offer in candidates.catalog.offer_ids if offer not in list(policy.offers)]
    if unknown:
        raise InputError(
            f"the policy does not know {len(unknown)} of {k} offers of the catalog, first {unknown[0]!r}. "
            "Make it with offers=catalog.offer_ids."
        )


def _context(
    candidates: Candidates, segments: np.ndarray, policy: Policy, features: pd.DataFrame | None
) -> pd.DataFrame:
    """Give what the policy reads: who, when, the segment, and the features that it names."""
    context = candidates.spine.frame.assign(**{c.SEGMENT: pd.Series(segments, dtype="str")})
    names = [name for name in policy.context_columns if name not in context]
    if not names:
        return context
    known = pd.DataFrame(index=context.index) if features is None else features
    check_columns(known, names, f"the frame of features, which {type(policy).__name__} reads,")
    return context.assign(**{name: known[name].array for name in names})


def _notes(policy: Policy, context: pd.DataFrame) -> dict[str, Any]:
    """Ask the policy what else it notes of each decision."""
    notes = getattr(policy, "decision_columns", None)
    return {} if notes is None else {str(name): column for name, column in notes(context).items()}


def _for_policy(candidates: Candidates, policy: Policy) -> np.ndarray:
    """Eligible offers in the policy's order; making no offer is always allowed."""
    position = {offer: i for i, offer in enumerate(candidates.catalog.offer_ids)}
    allowed, n, columns = candidates.eligible, len(candidates.spine), []
    for offer in policy.offers:
        columns.append(allowed[:, position[offer]] if offer in position else np.full(n, offer == c.NO_OFFER))
    return np.column_stack(columns)


def _reasons(candidates: Candidates, served: np.ndarray, policy: Policy) -> pd.Series:
    """Say why: drawn by the policy, or the most frequent reason of the refusals."""
    texts = np.full(len(served), f"drawn by {type(policy).__name__}", dtype=object)
    if not served.all():
        reasons, codes = candidates.reasons, candidates.codes
        refused = codes[~served].reshape(int((~served).sum()), -1)
        # "channel" is no decision of a rule: an offer that does not come by e-mail is not refused there.
        counts = np.stack([(refused == code).sum(axis=1) for code in range(2, len(reasons) + 1)] or [refused[:, 0] * 0])
        names = np.array(reasons[1:] or reasons, dtype=object)
        texts[~served] = "nothing may be offered: " + names[counts.argmax(axis=0)]
    return pd.Series(texts, dtype="str")


def _with_terms(
    frame: pd.DataFrame, candidates: Candidates, propensity: np.ndarray, uplift: np.ndarray | None
) -> pd.DataFrame:
    """Add channel, propensity, value and priority of the offer drawn; missing where none was."""
    ids = pd.Index(candidates.catalog.offer_ids)
    column = ids.get_indexer(pd.Index(frame[c.OFFER_ID]))
    made = column >= 0
    rows = np.arange(len(frame))
    names = np.array([*candidates.channels, None], dtype=object)
    channel = candidates.channel
    chosen = np.where(made, propensity[rows, column], np.nan)
    raised = np.full(len(frame), np.nan) if uplift is None else np.where(made, uplift[rows, column], np.nan)
    value = np.where(made, candidates.catalog.values[column], np.nan)
    cost = np.where(made, candidates.catalog.costs[column], 0.0)
    terms: dict[str, Any] = {
        c.CHANNEL: pd.Series(names[np.where(made, channel[rows, column], -1)], dtype="str"),
        c.PROPENSITY: chosen,
        c.VALUE: value,
        c.COST: cost,
        c.PRIORITY: np.where(np.isnan(raised), chosen, raised) * value - cost,
        **({c.UPLIFT: raised} if uplift is not None and not np.isnan(uplift).all() else {}),
    }
    order = [c.DECISION_ID, c.RUN_ID, c.CUSTOMER_ID, c.DECIDED_AT, c.OFFER_ID, c.CHANNEL, c.ACTION_PROBABILITY]
    return frame.assign(**terms).reindex(columns=[*order, *(n for n in [*frame.columns, *terms] if n not in order)])
