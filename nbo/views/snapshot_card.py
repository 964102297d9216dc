"""How the card of a customer looks as text and as HTML."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from nbo.views.card_style import CARD_STYLE
from nbo.views.field import HIDDEN
from nbo.views.formats import label, shown
from nbo.views.headlines import headlines, percent

__all__ = ["card_html", "card_page", "card_text"]

_NO_MODEL = "No model was given: no propensity, churn probability, lifetime value or offers."
_WORDS = {
    "clv": "Lifetime value",
    "contacts_30D": "Offers in 30 days",
    "cross_sell": "Cross-sell",
    "up_sell": "Up-sell",
    "outcome_at": "answered",
    "expected_now": "If they call now",
    "next_stage": "Next stage",
    "interests": "Interested in",
    "pains": "Troubled by",
    "viewed": "Looked at last",
}
# Parts of a line that need no name in front, and those that are points, not money.
_PLAIN = {
    "time", "event", "event_time", "opened_at", "transaction_id", "case_id", "product_id", "category", "channel",
    "status", "topic", "kind", "measure", "offer_id", "name", "outcome", "reason", "event_type", "action", "stage",
}  # fmt: skip
_POINTS = {"satisfaction", "severity", "quantity", "score", "sentiment"}
_SHARES = {"share", "probability", "propensity", "churn_probability"}
_MONEY = {"spent", "returned", "net", "margin", "cost_to_serve", "clv", "amount", "value"}
_PAGE_STYLE = ":root{color-scheme:light dark}body{margin:clamp(.75rem,3vw,2rem)}"
# What the card leaves out where nothing is known.
_IF_KNOWN = {"likely_next", "next_stage", "expected_now", "stage"}
# The flags and what to do come first.
_ORDER = ("action", "current", "flags", "value", "identity", "history")
_TITLES = {"current": "Now", "flags": "Signs", "value": "Worth so far", "identity": "Who", "history": "What was"}


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
    blocks = _named(blocks)
    lines = [_title(blocks, as_of)]
    lines += [] if has_model else [_NO_MODEL]
    lines += ["", "Watch out", *(f"  {what}" for _, what in headlines(blocks, as_of))]
    for block in _ORDER:
        fields = blocks[block]
        lines += ["", label(block)]
        for name, value in _worth_showing(fields).items():
            if not _is_long(value):
                lines.append(f"  {_words(name):<20} {_told(name, value)}")
                continue
            lines.append(f"  {_words(name)}")
            lines += [f"    {_line(entry)}" for entry in value]
    return "\n".join(lines)


def card_html(blocks: dict[str, dict[str, Any]], as_of: pd.Timestamp, has_model: bool) -> str:
    """Write a card as HTML, everything escaped.

    What to watch out for comes first, then what to do, then what is known.

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
    blocks = _named(blocks)
    heads = "".join(f'<li class="{grave}">{escape(what)}</li>' for grave, what in headlines(blocks, as_of))
    sections = "".join(
        f'<section class="{block}"><h3>{title}</h3><dl>{_entries(blocks[block])}</dl></section>'
        for block, title in _TITLES.items()
    )
    return (
        f'<style>{CARD_STYLE}</style><div class="nbo-card">{_header(blocks, as_of)}<ul class="heads">{heads}</ul>'
        f'{_action(blocks["action"], has_model)}<div class="blocks">{sections}</div></div>'
    )


def card_page(card: str, title: str) -> str:
    """Put a card on a page of its own, complete in one file, in light and in dark.

    Parameters
    ----------
    card : str
        As :func:`card_html` gives it.
    title : str
        Of the window.

    Returns
    -------
    str
        A whole HTML document, without scripts.
    """
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>{_PAGE_STYLE}</style>\n</head>\n<body>\n{card}\n</body>\n</html>"
    )


def _named(blocks: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Call the offers to cross-sell and up-sell by their names, where the best offers tell them."""
    flags, offers = blocks["flags"], blocks["action"]["offers"]
    names = (
        {offer["offer_id"]: offer["name"] for offer in offers if "name" in offer} if isinstance(offers, list) else {}
    )
    told = {name: names.get(flags[name], flags[name]) for name in ("cross_sell", "up_sell")}
    return {**blocks, "flags": {**flags, **told}}


def _header(blocks: dict[str, dict[str, Any]], as_of: pd.Timestamp) -> str:
    who, stage = blocks["identity"], blocks["current"]["stage"]
    name = who["name"] if who["name"] not in (None, HIDDEN) else f"Customer {who['customer_id']}"
    facts = [f"customer {who['customer_id']}"] if who["name"] not in (None, HIDDEN) else []
    facts += [shown(who[field]) for field in ("gender", "age", "location") if who[field] not in (None, HIDDEN)]
    chip = f'<span class="stage">{escape(shown(stage["stage"]))}</span>' if isinstance(stage, dict) else ""
    facts.append(f"as known before {as_of:%Y-%m-%d %H:%M} UTC")
    return (
        f'<header><strong>{escape(shown(name))}</strong>{chip}<p class="note">{escape(" · ".join(facts))}</p></header>'
    )


def _action(fields: dict[str, Any], has_model: bool) -> str:
    """Show the offers as cards of their own, the best one marked, and the rest as a list of facts."""
    offers = fields["offers"]
    shown_offers = f"<ol>{''.join(map(_offer, offers))}</ol>" if isinstance(offers, list) and offers else ""
    if has_model and not shown_offers:
        none = HIDDEN if offers == HIDDEN else "No offer may be made."
        shown_offers = f'<p class="note">{none}</p>'
    note = "" if has_model else f'<p class="note">{escape(_NO_MODEL)}</p>'
    facts = _entries({name: value for name, value in fields.items() if name != "offers"})
    return f'<section class="action"><h3>What to do</h3>{note}{shown_offers}<dl>{facts}</dl></section>'


def _offer(offer: dict[str, Any]) -> str:
    name = shown(offer.get("name", offer["offer_id"]))
    parts = [f"{percent(offer['propensity'])} likely"] if "propensity" in offer else []
    parts += [f"worth {_told('value', offer['value'])}"] if "value" in offer else []
    parts += [f"priority {shown(offer['priority'])}"] if "priority" in offer else []
    parts += [f"by {shown(offer['channel'])}"] if "channel" in offer else []
    told = [offer[name] for name in ("reason",) if name in offer] + offer.get("reasons", [])
    reason = f"<small>{escape('; '.join(map(shown, told)))}</small>" if told else ""
    return f"<li><b>{escape(name)}</b><span>{escape(' · '.join(parts))}</span>{reason}</li>"


def _title(blocks: dict[str, dict[str, Any]], as_of: pd.Timestamp) -> str:
    return f"Customer {blocks['identity']['customer_id']}, as known before {as_of:%Y-%m-%d %H:%M} UTC"


def _entries(fields: dict[str, Any]) -> str:
    return "".join(_entry(name, value) for name, value in _worth_showing(fields).items())


def _entry(name: str, value: Any) -> str:
    if not _is_long(value):
        return f"<dt>{escape(_words(name))}</dt><dd>{escape(_told(name, value))}</dd>"
    items = "".join(f"<li>{escape(_line(entry))}</li>" for entry in value)
    # Who has no mouse can scroll a list once it has the focus.
    return f'<dt class="list">{escape(_words(name))}</dt><dd class="list"><ul tabindex="0">{items}</ul></dd>'


def _is_long(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(entry, dict) and not _is_pair(entry) for entry in value)


def _is_pair(entry: dict[str, Any]) -> bool:
    """Tell whether it is a thing and its share, which stand on a line with others."""
    return len(entry) == 2 and not _SHARES.isdisjoint(entry)


def _worth_showing(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what may come where it is not known."""
    return {name: value for name, value in fields.items() if not (name in _IF_KNOWN and value is None)}


def _line(value: Any) -> str:
    """One value on one line; of a dict, times and events first as they come, then named parts."""
    if isinstance(value, dict) and _is_pair(value):
        return " ".join(_part(name, entry) for name, entry in value.items())
    if isinstance(value, dict):
        parts = [_part(name, entry) for name, entry in value.items() if name != "table"]
        return " · ".join(parts) or "none"
    if isinstance(value, list):
        return ", ".join(map(_line, value)) or "none"
    return shown(value)


def _part(name: str, value: Any) -> str:
    if name in ("event", "event_type", "after"):
        return f"{'after ' if name == 'after' else ''}{shown(value).replace('_', ' ')}"
    if name == "times":
        return f"of {shown(value)} times"
    told = _told(name, value)
    return told if name in _PLAIN or name in _SHARES - {"propensity"} else f"{_words(name).lower()} {told}"


def _told(name: str, value: Any) -> str:
    """One value by what it is: ids are names and no quantities, money has cents."""
    if name in _SHARES:
        return percent(value)
    if name in _POINTS and isinstance(value, float):
        return f"{value:g}"
    if name in _MONEY and isinstance(value, float):
        return f"{value:,.2f}"
    if name == "products_held" and isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value) if name.endswith("_id") and isinstance(value, int) else _line(value)


def _words(name: str) -> str:
    return _WORDS.get(name, label(name))
