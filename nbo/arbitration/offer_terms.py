"""Every offer for one customer: what dropped it, until when, and each term of its priority."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.beliefs import Beliefs
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.funnel import offer_codes
from nbo.arbitration.priority import Priority

__all__ = ["offer_terms"]


def offer_terms(candidates: Candidates, beliefs: Beliefs, row: int = 0) -> pd.DataFrame:
    """Tell of every offer for one customer what dropped it, until when, and each term of its priority.

    Parameters
    ----------
    candidates : Candidates
    beliefs : Beliefs
    row : int, default=0
        Which customer.

    Returns
    -------
    DataFrame of k rows
        `offer_id`; `channel` of its best way, missing where none is left; `stage` and `reason` of the refusal,
        missing where it may be made; `resumes`, the first moment at which that refusal ends, missing where not
        known; `propensity`, `uplift`, `context_weight`, `value`, `lever`, `cost`, `priority`; and `weighed_by`, the
        context weights and levers that are not 1, in words.

    Examples
    --------
    >>> from nbo.arbitration import Eligibility
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> catalog = Catalog([Offer("card", value=40.0), Offer("loan", value=90.0, valid_until="2026-01-01")])
    >>> tables = CustomerTables(customers=pd.DataFrame({"customer_id": ["ann"]}))
    >>> found = Candidates.of(tables, Spine.at("2026-06-30", ["ann"]), catalog, (Eligibility(),))
    >>> told = offer_terms(found, Beliefs(np.array([[0.1, 0.2]])))
    >>> told[["offer_id", "priority", "stage", "reason"]].astype(object).fillna("").values.tolist()
    [['card', 4.0, '', ''], ['loan', 18.0, 'eligibility', 'no longer valid']]
    """
    codes = offer_codes(candidates)[row]
    dropped = codes > 0
    names = [np.array([*texts, None], dtype=object) for texts in (candidates.stages, candidates.reasons)]
    priority = Priority.of(candidates, beliefs)
    numbers = {
        c.PROPENSITY: beliefs.propensity,
        c.UPLIFT: np.nan if beliefs.uplift is None else beliefs.uplift,
        c.CONTEXT_WEIGHT: priority.context,
        c.VALUE: priority.value,
        c.LEVER: priority.lever,
        c.COST: priority.cost,
        c.PRIORITY: priority.priority,
    }
    channels = np.array([*candidates.channels, None], dtype=object)
    told: dict[str, Any] = {
        c.OFFER_ID: pd.Series(candidates.catalog.offer_ids, dtype="str"),
        c.CHANNEL: pd.Series(channels[candidates.channel[row]], dtype="str"),
        "stage": pd.Series(names[0][codes - 1], dtype="str"),
        c.REASON: pd.Series(names[1][codes - 1], dtype="str"),
        "resumes": _resumes(candidates, row, np.where(dropped, names[1][codes - 1], "")),
        **{name: np.broadcast_to(term, beliefs.propensity.shape)[row] for name, term in numbers.items()},
        "weighed_by": pd.Series(_weighed_by(candidates, row), dtype="str"),
    }
    return pd.DataFrame(told)


def _resumes(candidates: Candidates, row: int, reasons: np.ndarray) -> np.ndarray:
    """Give the first moment at which the refusal of each offer ends, of its ways the earliest."""
    found = np.full(len(reasons), np.datetime64("NaT"), dtype="datetime64[us]")
    for rule in candidates.rules:
        for reason, moments in rule.resumes(candidates).items():
            # Of the ways that are refused for it; NaT sorts last, so the first is the earliest known.
            code = candidates.reasons.index(reason) + 1 if reason in candidates.reasons else -1
            refused = candidates.codes[row] == code
            own = np.where(refused, np.broadcast_to(moments, candidates.shape)[row], np.datetime64("NaT", "us"))
            earliest = np.sort(own, axis=1)[:, 0]
            mine = reasons == reason
            found[mine] = earliest[mine]
    return found


def _weighed_by(candidates: Candidates, row: int) -> list[str]:
    n, k, m = candidates.shape
    best = np.where(candidates.channel[row] >= 0, candidates.channel[row], 0)
    texts: list[list[str]] = [[] for _ in range(k)]
    for reason, factor in candidates.contexts.items():
        own = np.broadcast_to(factor, (n, k, m))[row][np.arange(k), best]
        _note(texts, reason, own)
    for reason, factor in candidates.levers.items():
        _note(texts, reason, np.broadcast_to(factor, (n, k))[row])
    return ["; ".join(text) for text in texts]


def _note(texts: list[list[str]], reason: str, factors: np.ndarray) -> None:
    for text, factor in zip(texts, factors.tolist(), strict=True):
        if factor != 1:
            text.append(f"{reason} x {factor:g}")
