"""How the card of a customer looks as text and as HTML."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from nbo.views.formats import label, shown

__all__ = ["card_html", "card_text"]

_NO_MODEL = "No model was given: no propensity, churn probability, lifetime value or offers."
_WORDS = {
    "clv": "Lifetime value",
    "contacts_30D": "Offers in 30 days",
    "cross_sell": "Cross-sell",
    "up_sell": "Up-sell",
    "outcome_at": "answered",
}
# Parts of a line that need no name in front, and those that are points, not money.
_PLAIN = {
    "time", "event", "event_time", "opened_at", "transaction_id", "case_id", "product_id", "category", "channel",
    "status", "topic", "kind", "measure", "offer_id", "name", "outcome", "reason",
}  # fmt: skip
_POINTS = {"satisfaction", "severity", "quantity", "score", "sentiment"}
# Colors and type come from the page around it, so that the card is right in light and dark.
_STYLE = (
    ".nbo-card{font:14px/1.45 system-ui,sans-serif;max-width:64rem;"
    "container-type:inline-size}"
    ".nbo-card header{margin:0 0 .75rem}.nbo-card header strong{font-size:1.25rem}"
    ".nbo-card .note{opacity:.75;margin:.15rem 0 0}"
    ".nbo-card .blocks{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(19rem,100%),1fr));gap:.75rem;"
    "grid-auto-flow:dense}"
    ".nbo-card section{border:1px solid rgba(128,128,128,.35);border-radius:8px;padding:.75rem .9rem;min-width:0}"
    ".nbo-card .history{grid-column:1/-1}"
    "@container (min-width:60rem){.nbo-card .action{grid-column:span 2}}"
    ".nbo-card h3{font-size:.8rem;letter-spacing:.06em;text-transform:uppercase;margin:0 0 .5rem;opacity:.75}"
    ".nbo-card dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.2rem .9rem;margin:0}"
    ".nbo-card dt{opacity:.75;font-weight:400}"
    ".nbo-card dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}"
    ".nbo-card .list{grid-column:1/-1}.nbo-card dt.list{margin-top:.35rem}"
    ".nbo-card ul{list-style:none;margin:0;padding:0;max-height:16rem;overflow:auto}"
    ".nbo-card li{padding:.1rem 0}.nbo-card li+li{border-top:1px solid rgba(128,128,128,.2)}"
)


def card_text(blocks: dict[str, dict[str, Any]], as_of: pd.Timestamp, has_model: bool) -> str:
    """Write a card as plain text.

    Parameters
    ----------
    blocks : dict
        Block -> field -> value.
    as_of : Timestamp
    has_model : bool

    Returns
    -------
    str
        Ends without a line break.
    """
    lines = [_title(blocks, as_of)]
    lines += [] if has_model else [_NO_MODEL]
    for block, fields in blocks.items():
        lines += ["", label(block)]
        for name, value in _worth_showing(fields).items():
            if not _is_long(value):
                lines.append(f"  {_words(name):<20} {_line(value)}")
                continue
            lines.append(f"  {_words(name)}")
            lines += [f"    {_line(entry)}" for entry in value]
    return "\n".join(lines)


def card_html(blocks: dict[str, dict[str, Any]], as_of: pd.Timestamp, has_model: bool) -> str:
    """Write a card as HTML, everything escaped.

    Parameters
    ----------
    blocks : dict
        Block -> field -> value.
    as_of : Timestamp
    has_model : bool

    Returns
    -------
    str
        One ``div`` with its style.
    """
    note = "" if has_model else f'<p class="note">{escape(_NO_MODEL)}</p>'
    sections = "".join(
        f'<section class="{escape(block)}"><h3>{escape(label(block))}</h3><dl>{_entries(fields)}</dl></section>'
        for block, fields in blocks.items()
    )
    title = f"<header><strong>{escape(_title(blocks, as_of))}</strong>{note}</header>"
    return f'<style>{_STYLE}</style><div class="nbo-card">{title}<div class="blocks">{sections}</div></div>'


def _title(blocks: dict[str, dict[str, Any]], as_of: pd.Timestamp) -> str:
    return f"Customer {blocks['identity']['customer_id']}, as known before {as_of:%Y-%m-%d %H:%M} UTC"


def _entries(fields: dict[str, Any]) -> str:
    return "".join(_entry(name, value) for name, value in _worth_showing(fields).items())


def _entry(name: str, value: Any) -> str:
    if not _is_long(value):
        return f"<dt>{escape(_words(name))}</dt><dd>{escape(_line(value))}</dd>"
    items = "".join(f"<li>{escape(_line(entry))}</li>" for entry in value)
    # Who has no mouse can scroll a list once it has the focus.
    return f'<dt class="list">{escape(_words(name))}</dt><dd class="list"><ul tabindex="0">{items}</ul></dd>'


def _is_long(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(entry, dict) for entry in value)


def _worth_showing(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the customer is likely to do next where the past is too thin to say."""
    return {name: value for name, value in fields.items() if not (name == "likely_next" and value is None)}


def _line(value: Any) -> str:
    """One value on one line; of a dict, times and events first as they come, then named parts."""
    if isinstance(value, dict):
        parts = [_part(name, entry) for name, entry in value.items() if name != "table"]
        return " · ".join(parts) or "none"
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "none"
    return shown(value)


def _part(name: str, value: Any) -> str:
    if name == "event":
        return shown(value).replace("_", " ")
    if name in _POINTS and isinstance(value, float):
        return f"{_words(name).lower()} {value:g}"
    return shown(value) if name in _PLAIN else f"{_words(name).lower()} {shown(value)}"


def _words(name: str) -> str:
    return _WORDS.get(name, label(name))
