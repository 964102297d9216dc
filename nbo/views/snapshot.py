"""The card of one customer at one moment: six blocks, as objects, text, JSON or HTML."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from nbo.views.snapshot_card import card_html, card_text

__all__ = ["Snapshot"]

# Flags that speak of what may come.
_FUTURE = ("clv", "churn_probability", "cross_sell", "up_sell")


@dataclass(frozen=True)
class Snapshot:
    """All that was known of one customer strictly before a moment.

    Made by :func:`nbo.customer_snapshot`. A field that is not known is None, one that is masked
    is "hidden". Money is in the unit of the tables, times are UTC.

    Parameters
    ----------
    as_of : Timestamp
        The moment; excluded.
    identity : dict
        customer_id, name, gender, birth_date, age, location, postcode, customer_type,
        signed_up_at, tenure_days, consents.
    current : dict
        pending_orders, recent_orders, open_cases: lists of dicts, newest first; stage: where
        the customer stands on the way, since when.
    history : dict
        timeline: what happened, newest first; counts: how often each event has happened;
        campaigns: offers made by what came of them; viewed: what was looked at last.
    value : dict
        spent, returned, net, margin, cost_to_serve, purchases, returns, products_held,
        categories_held, first_purchase, last_purchase, clv.
    flags : dict
        churn_probability, segment, open_complaint, complaints, contacts_30D, mood, last_issue,
        cross_sell, up_sell.
    action : dict
        offers: the best ones with propensity, value, priority and reason; likely_next: what
        the customer has most often done next, None if the past is too thin to say; next_stage;
        expected_now: what it wants if it calls now; interests and pains, the strongest first.
    sources : dict
        "<block>.<field>" -> the table it came from and the time of the newest row used.
    has_model : bool
        Whether a model gave scores.
    """

    as_of: pd.Timestamp
    identity: dict[str, Any]
    current: dict[str, Any]
    history: dict[str, Any]
    value: dict[str, Any]
    flags: dict[str, Any]
    action: dict[str, Any]
    sources: dict[str, dict[str, Any]]
    has_model: bool

    BLOCKS: ClassVar[tuple[str, ...]] = ("identity", "current", "history", "value", "flags", "action")
    # fmt: off
    FIELDS: ClassVar[tuple[str, ...]] = (
        "customer_id", "name", "gender", "birth_date", "age", "location", "postcode", "customer_type", "signed_up_at",
        "tenure_days", "consents", "pending_orders", "recent_orders", "open_cases", "timeline", "counts", "spent",
        "returned", "net", "margin", "cost_to_serve", "purchases", "returns", "products_held", "categories_held",
        "first_purchase", "last_purchase", "clv", "churn_probability", "segment", "open_complaint", "complaints",
        "contacts_30D", "mood", "last_issue", "cross_sell", "up_sell", "offers", "likely_next", "stage", "campaigns",
        "viewed", "next_stage", "expected_now", "interests", "pains",
    )
    # fmt: on

    @property
    def phases(self) -> dict[str, dict[str, Any]]:
        """The same fields by past, present and future: what was, who and where it is, what may come."""
        known = {"past": {**self.history, **self.value}, "present": {**self.identity, **self.current, **self.flags}}
        now = {when: {n: entry for n, entry in fields.items() if n not in _FUTURE} for when, fields in known.items()}
        future = {name: entry for fields in known.values() for name, entry in fields.items() if name in _FUTURE}
        return {**now, "future": {**self.action, **future}}

    def __repr__(self) -> str:
        return f"Snapshot(customer {self.identity['customer_id']}, as of {self.as_of})"

    def _repr_html_(self) -> str:
        return card_html(self._blocks(), self.as_of, self.has_model)

    def to_text(self) -> str:
        """Write the card as plain text, a line a field.

        Returns
        -------
        str
        """
        return card_text(self._blocks(), self.as_of, self.has_model)

    def to_dict(self) -> dict[str, Any]:
        """Give the card as plain values that JSON can hold; times as ISO 8601 text, UTC.

        Returns
        -------
        dict
            as_of, has_model, the six blocks, and sources.
        """
        parts = {"as_of": self.as_of, "has_model": self.has_model, **self._blocks(), "sources": self.sources}
        return {name: _jsonable(part) for name, part in parts.items()}

    def to_json(self, indent: int | None = 2) -> str:
        """Write the card as JSON.

        Parameters
        ----------
        indent : int or None, default=2
            Spaces per level; None for one line.

        Returns
        -------
        str
        """
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False, allow_nan=False)

    def _blocks(self) -> dict[str, dict[str, Any]]:
        return {block: getattr(self, block) for block in self.BLOCKS}


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _jsonable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | np.ndarray):
        return [_jsonable(entry) for entry in value]
    if isinstance(value, pd.Timestamp):
        return f"{value.isoformat()}Z"
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, str | bool | int):
        return value
    # Infinity and NaN have no JSON.
    return (value if np.isfinite(value) else None) if isinstance(value, float) else str(value)
